# mypy: ignore-errors
"""Runs when a Python starts that has this folder on `PYTHONPATH`: opens the stream in unittest.

Python has no variable that loads a plugin into unittest. This module is the one that Python itself
imports before anything else, so that the stream is there whoever runs the tests: `python -m
unittest`, `manage.py test`, a script with `unittest.main()`, under make, tox or nox. It costs a
process that never imports unittest less than a millisecond, and opens nothing without
`GREENLANE_UNITTEST_DIR`. The `sitecustomize` that would have been imported without us, such as
Debian's, is imported then. Standard library only, Python 3.8 and newer.
"""

import os
import sys
from importlib.machinery import PathFinder

_HERE = os.path.dirname(os.path.abspath(__file__))


class _SuiteFinder:
    """Finds `unittest.suite` where it is, and has the stream opened in it once it is loaded."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name != "unittest.suite":
            return None
        sys.meta_path.remove(cls)
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None:
            load = spec.loader.exec_module

            def load_and_open(module):
                load(module)
                _open_stream(module)

            spec.loader.exec_module = load_and_open
        return spec


def _open_stream(module):
    try:
        from greenlane_unittest import open_in  # noqa: PLC0415 - only where unittest is used

        open_in(module)
    except Exception:  # noqa: BLE001, S110 - the run goes on, and is read from its output
        pass


def _import_next():
    """Import the `sitecustomize` that this one hides, in its own name."""
    others = [entry for entry in sys.path if os.path.abspath(entry) != _HERE]
    spec = PathFinder.find_spec(__name__, others)
    if spec is None or spec.loader is None:
        return
    from importlib.util import module_from_spec  # noqa: PLC0415 - few machines have another

    module = module_from_spec(spec)
    sys.modules[__name__] = module
    spec.loader.exec_module(module)


if os.environ.get("GREENLANE_UNITTEST_DIR"):
    sys.meta_path.insert(0, _SuiteFinder)
_import_next()
