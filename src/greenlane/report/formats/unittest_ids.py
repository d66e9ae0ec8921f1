"""Names and load errors as the standard library's unittest gives them."""

from __future__ import annotations

import re

from greenlane.model.report import RED, RunStatus, TestOutcome

_FAILED_PREFIX = "unittest.loader._FailedTest."
_SKIPPED_PREFIX = "unittest.loader.ModuleSkipped."
_NO_SUCH = re.compile(
    r"^AttributeError: (?:module|type object|class) .*has no attribute"
    r"|^ModuleNotFoundError: No module named '[\w.]+'\s*\Z",
    re.MULTILINE,
)
FRAME = re.compile(r'^ +File "([^"]+)", line (\d+), in ', re.MULTILINE)
_FIXTURE = re.compile(r"^((?:setUp|tearDown)(?:Class|Module)) \(([\w.]+)\)$")
_IMPORT_FAILED = "Failed to import test module"


def full_name(method: str, owner: str) -> str:
    """Return the dotted name of `method (owner)`; since 3.11 the owner ends with the method."""
    return owner if owner.endswith(f".{method}") else f"{owner}.{method}"


def name_test(name: str) -> str:
    """Return the id of a test; of a module that was not loaded or is skipped, its name."""
    if fixture := _FIXTURE.match(name):
        return f"{fixture[2]}.{fixture[1]}"
    return name.removeprefix(_FAILED_PREFIX).removeprefix(_SKIPPED_PREFIX)


class LoadErrors:
    """Tell a run in which nothing could be loaded from one in which tests ran.

    unittest makes a red test of each module or name that it cannot load.
    """

    def __init__(self) -> None:
        self._executed = 0
        self._unloadable = 0
        self._unknown = 0
        self.problems: list[str] = []

    def take(self, name: str, outcome: TestOutcome, traceback: str) -> None:
        """Take one result, by unittest's own id."""
        if outcome is TestOutcome.SKIPPED:
            return
        if not (name.startswith(_FAILED_PREFIX) and outcome in RED):
            self._executed += 1
            return
        is_unknown = _IMPORT_FAILED not in traceback and _NO_SUCH.search(traceback)
        self._unknown += bool(is_unknown)
        self._unloadable += not is_unknown
        last = traceback.rstrip().rpartition("\n")[2]
        if len(self.problems) < 20:
            self.problems.append(f"{name_test(name)} cannot be loaded: {last}"[:500])

    def status(self) -> RunStatus | None:
        """Name a run in which no test could be loaded."""
        if self._executed or not (self._unloadable or self._unknown):
            return None
        return RunStatus.BUILD_ERROR if self._unloadable else RunStatus.USAGE_ERROR
