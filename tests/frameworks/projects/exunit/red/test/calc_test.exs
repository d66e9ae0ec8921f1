defmodule CalcTest do
  use ExUnit.Case
  doctest Calc

  test "adds" do
    assert Calc.add(2, 2) == 5
  end

  describe "with \"quotes\"" do
    test "raises" do
      raise ArgumentError, "boom"
    end

    test "passes" do
      assert Calc.add(1, 1) == 2
    end
  end
end

defmodule BrokenTest do
  use ExUnit.Case

  setup_all do
    raise "no database"
  end

  test "never runs" do
    assert true
  end
end
