defmodule CalcTest do
  use ExUnit.Case, async: true

  test "adds" do
    assert Calc.add(2, 2) == 4
  end
end

defmodule SlowTest do
  use ExUnit.Case

  test "hangs" do
    Process.sleep(:infinity)
  end
end
