import pytest

from calc import add


@pytest.fixture
def broken():
    raise RuntimeError("no database")


@pytest.fixture
def broken_end():
    yield
    raise RuntimeError("the file is still open")


class TestAdd:
    def test_numbers(self):
        assert add(1, 2) == 4

    @pytest.mark.parametrize("other", [0, 5], ids=["nothing", "five or more"])
    def test_zero(self, other):
        assert add(0, other) == 0


@pytest.mark.xfail(reason="known")
def test_known():
    assert add(1, 1) == 3


def test_broken_fixture(broken):
    pass


def test_broken_end(broken_end):
    pass
