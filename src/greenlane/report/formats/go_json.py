"""The events of `go test -json` (`go doc test2json`), and those of the build from Go 1.24 on."""

from __future__ import annotations

from typing import Any

import msgspec

from greenlane.model.report import TestOutcome
from greenlane.report.formats.go_run import GoRun
from greenlane.report.formats.json_lines import number_of, text_of

EVENT_PATTERN = r'\{"(?:Time|ImportPath|Action)":"'
_OUTCOMES = {
    "pass": TestOutcome.PASSED,
    "bench": TestOutcome.PASSED,
    "fail": TestOutcome.FAILED,
    "skip": TestOutcome.SKIPPED,
}
_BUILD_MARKS = ("[build failed]", "[setup failed]")
_NO_TESTS_MARK = "[no tests to run]"


class GoEvents:
    """Pass the events on to a run; a package's last output says why it failed."""

    def __init__(self, run: GoRun) -> None:
        self._run = run
        self._is_unbuilt: set[str] = set()
        self._is_empty: set[str] = set()

    def take(self, raw: bytes) -> bool:
        """Take a line; return whether it was an event."""
        try:
            event = msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return False
        if not isinstance(event, dict) or not (action := text_of(event, "Action")):
            return False
        package, test = text_of(event, "Package"), text_of(event, "Test")
        if target := text_of(event, "ImportPath"):
            if action == "build-output":
                self._run.add_build_output(target, text_of(event, "Output").rstrip("\n"))
        elif test:
            self._take_test(action, package, test, event)
        else:
            self._take_package(action, package, event)
        return True

    def _take_test(self, action: str, package: str, test: str, event: dict[str, Any]) -> None:
        if action in ("run", "cont"):
            self._run.start_test(package, test)
        elif action == "pause":
            self._run.pause_test(package, test)
        elif action == "output":
            self._run.add_output(package, test, text_of(event, "Output").rstrip("\n"))
        elif outcome := _OUTCOMES.get(action):
            self._run.end_test(package, test, outcome, number_of(event, "Elapsed"))

    def _take_package(self, action: str, package: str, event: dict[str, Any]) -> None:
        if action == "start":
            self._run.start_package(package)
        elif action == "output":
            self._take_output(package, text_of(event, "Output").rstrip("\n"))
        elif action == "pass":
            self._run.pass_package(package, has_tests=False)
        elif action == "skip":
            self._run.skip_package(package)
        elif action == "fail":
            target = text_of(event, "FailedBuild")
            if target or package in self._is_unbuilt:
                self._run.fail_build(package, target)
            else:
                self._run.fail_package(package)

    def _take_output(self, package: str, line: str) -> None:
        if line.startswith("FAIL\t") and line.endswith(_BUILD_MARKS):
            self._is_unbuilt.add(package)
        self._run.add_output(package, "", line)
