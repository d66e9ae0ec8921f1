import pytest
from basket import Basket


@pytest.fixture
def basket() -> Basket:
    return Basket()


def test_an_empty_basket_costs_nothing(basket):
    assert basket.total_cents == 0


def test_lines_add_up(basket):
    basket.put("apple", 40, quantity=3)
    basket.put("bread", 310)
    assert basket.total_cents == 430


@pytest.mark.parametrize(("quantity", "total_cents"), [(1, 100), (9, 900), (11, 990)])
def test_the_price_follows_the_quantity(basket, quantity, total_cents):
    basket.put("nail", 100, quantity)
    assert basket.total_cents == total_cents


def test_ten_of_a_kind_are_cheaper(basket):
    basket.put("egg", 30, quantity=10)
    assert basket.total_cents == 270


def test_less_than_one_is_refused(basket):
    with pytest.raises(ValueError, match="cannot put 0 of air"):
        basket.put("air", 0, quantity=0)
