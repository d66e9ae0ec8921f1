require "minitest/autorun"
require "calc"

class CalcTest < Minitest::Test
  i_suck_and_my_tests_are_order_dependent!

  def test_adds
    assert_equal 4, Calc.add(2, 2)
  end

  def test_hangs
    sleep
  end
end
