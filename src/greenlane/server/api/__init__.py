"""HTTP: one face of the operations. `table.py` is the one list of what can be asked."""
