from calc import add


def check_add():
    assert add(1, 2) == 3
