require "minitest/autorun"
require "calc"

class CalcTest < Minitest::Test
  def test_adds
    assert_equal 4, Calc.add(2, 2)
  end

  def test_subtracts
    assert_equal 0, Calc.add(2, -2)
  end

  def test_divides
    skip "not yet"
  end
end

describe Calc do
  it "adds 'quoted' numbers" do
    _(Calc.add(1, 1)).must_equal 2
  end
end
