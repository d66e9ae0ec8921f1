# mypy: ignore-errors
"""Runs a project's Python tests: by pytest where it is installed, else by unittest.

`python -m greenlane_python WORDS…` is `python -m pytest WORDS…` or `python -m unittest WORDS…`,
with the same exit codes. Standard library only, Python 3.8 and newer.
"""

import runpy
import sys
from importlib.util import find_spec

if __name__ == "__main__":
    name = "pytest" if find_spec("pytest") else "unittest"
    sys.stderr.write("greenlane: running %s\n" % name)
    runpy.run_module(name, run_name="__main__", alter_sys=True)
