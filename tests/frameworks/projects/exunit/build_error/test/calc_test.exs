defmodule CalcTest do
  use ExUnit.Case

  test "adds" do
    assert Calc.add(2, 2 == 4
  end
end
