def add(one, other:
