"""The runner: one small process per run. Standard library only, and few modules of it."""
