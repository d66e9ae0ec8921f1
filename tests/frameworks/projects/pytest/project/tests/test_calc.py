import pytest

from calc import add


class TestAdd:
    def test_numbers(self):
        assert add(1, 2) == 3

    @pytest.mark.parametrize("other", [0, 5], ids=["nothing", "five or more"])
    def test_zero(self, other):
        assert add(0, other) == other


@pytest.mark.skip(reason="not today")
def test_skipped():
    raise AssertionError
