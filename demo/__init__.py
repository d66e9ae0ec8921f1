"""The main job on real input: many agents, four projects, one server, and proof from outside.

Uses Greenlane as anybody would: through its command line. Imports nothing of it.
"""
