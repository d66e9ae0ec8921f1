"""The last lines of test frameworks that leave no better report: a table, one entry for each.

Each pattern is of one line. Its named groups are counts (`total`, `passed`, `failed`, `error`,
`skipped`, `xfail`; `failable` is what passed and failed together; `one` passed) or, in `red`, the
`name` of a red test with its `file` and `line`. The formats are those of each framework's own
source or documentation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_SBT = r"(?:\[\w+\] )?"  # sbt puts the level before each line


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How a framework counts and names its tests; its counts may stand on several lines."""

    name: str
    hints: tuple[str, ...]  # one of them stands in each line of counts
    counts: tuple[re.Pattern[str], ...]  # with the last of them the text is complete
    red_hint: str = ""  # stands in each line that names a red test
    red: re.Pattern[str] | None = None

    @property
    def all_hints(self) -> tuple[str, ...]:
        """Give the words of which one stands in each line of interest."""
        return (*self.hints, self.red_hint) if self.red_hint else self.hints

    @property
    def counts_no_red(self) -> bool:
        """Tell whether nothing counts the red tests: only their names tell how many there are."""
        return not any({"failed", "error"} & one.groupindex.keys() for one in self.counts)


def _kind(name: str, hints: list[str], *counts: str, red_hint: str = "", red: str = "") -> Kind:
    return Kind(
        name=name,
        hints=tuple(hints),
        counts=tuple(re.compile(one) for one in counts),
        red_hint=red_hint,
        red=re.compile(red) if red else None,
    )


KINDS = (
    _kind(
        "Catch2",
        ["test case"],
        r"^(?:All tests passed|test cases: +)"
        r"(?: \((?:\d+ assertions? in )(?P<passed>\d+) test cases?\)$|(?P<total>\d+)"
        r"(?: \| +\d+ passed)?(?: \| +(?P<failed>\d+) failed)?(?: \| +(?P<skipped>\d+) skipped)?"
        r"(?: \| +(?P<xfail>\d+) failed as expected)?$)",
    ),
    _kind(
        "doctest",
        ["[doctest]"],
        r"^\[doctest\] test cases: +(?P<total>\d+) \| +(?P<passed>\d+) passed"
        r" \| +(?P<failed>\d+) failed \|",
        red_hint="TEST CASE:",
        red=r"^TEST CASE:  (?P<name>\S.*)$",
    ),
    _kind(
        "Boost.Test",
        ["test case", "*** "],
        r"^Running (?P<total>\d+) test cases?\.\.\.$",
        r"^\*\*\* (?:No errors detected|\d+ failures? (?:is|are) detected)\b",
        red_hint="error: in ",
        red=r"^(?P<file>\S.*?)\((?P<line>\d+)\): (?:fatal )?error: in \"(?P<name>[^\"]+)\": ",
    ),
    _kind(
        "CppUTest",
        [" checks, "],
        r"^(?:OK|Errors) \((?:(?P<failed>\d+) failures?, )?\d+ tests?, (?P<total>\d+) ran, "
        r"\d+ checks?, \d+ ignored, \d+ filtered out, \d+ ms\)",
        red_hint="Failure in ",
        red=r"^(?P<file>\S.*?):(?P<line>\d+): error: Failure in \w*TEST\((?P<name>[^)]+)\)",
    ),
    _kind(
        "Unity",
        [" Failures "],
        r"^(?P<total>\d+) Tests (?P<failed>\d+) Failures (?P<skipped>\d+) Ignored ?$",
        red_hint=":FAIL",
        red=r"^(?P<file>\S.*?):(?P<line>\d+):(?P<name>\w+):FAIL\b",
    ),
    _kind(
        "Check",
        ["%: Checks"],
        r"^\d+%: Checks: (?P<total>\d+), Failures: (?P<failed>\d+), Errors: (?P<error>\d+)$",
        red_hint=":0: ",
        red=r"^(?P<file>\S.*?\.c\w*):(?P<line>\d+):(?P<kind>[FE]):[^:]*:(?P<name>\w+):\d+: ",
    ),
    _kind(
        "CUnit",
        [" tests "],
        r"^ +tests +\d+ +(?P<total>\d+) +(?P<passed>\d+) +(?P<failed>\d+) +\d+$",
    ),
    _kind(
        "HUnit",
        ["Cases: "],
        r"^Cases: (?P<total>\d+)  Tried: (?P=total)  Errors: (?P<error>\d+)"
        r"  Failures: (?P<failed>\d+)$",
        red_hint="### ",
        red=r"^### (?P<kind>Failure|Error) in: (?P<name>\S.*)$",
    ),
    _kind(
        "tasty",
        [" tests "],
        r"^(?:All (?P<passed>\d+) tests passed|(?P<failed>\d+) out of (?P<total>\d+) tests failed)"
        r" \(\d+\.\d+s\)$",
    ),
    _kind(
        "EUnit",
        [" passed.", "Passed: "],
        r"^  (?:(?:All )?(?P<passed>\d+) tests passed\.$|(?P<one>Test passed\.)$|"
        r"Failed: (?P<failed>\d+)\.  Skipped: (?P<skipped>\d+)\."
        r"  Passed: (?P<passed_of_all>\d+)\.$)",
        red_hint="*failed*",
        red=r"^(?P<name>\w+(?:: |:\d+: )\S.*?)\.\.\.(?:\[\d+\.\d+ s\] )?\*failed\*$",
    ),
    _kind(
        "Common Test",
        ["TEST COMPLETE"],
        r"^Testing .+: TEST COMPLETE, (?P<passed>\d+) ok, (?P<failed>\d+) failed"
        r"(?:, (?P<skipped>\d+) skipped)? of (?P<total>\d+) test cases",
    ),
    _kind(
        "ScalaTest",
        ["Tests: succeeded"],
        rf"^{_SBT}Tests: succeeded (?P<passed>\d+), failed (?P<failed>\d+), canceled \d+,"
        r" ignored \d+, pending \d+$",
        red_hint="*** FAILED",
        red=rf"^{_SBT}\s*- (?P<name>\S.*?) \*\*\* FAILED \*\*\*",
    ),
    _kind(
        "sbt",
        [": Total "],
        r"^\[\w+\] (?:Passed|Failed): Total (?P<total>\d+), Failed (?P<failed>\d+), Errors "
        r"(?P<error>\d+), Passed (?P<passed>\d+)(?:, (?:Ignored|Skipped) (?P<skipped>\d+))?",
        red_hint="==> X ",
        red=r"^(?:\[error\] )?==> X (?P<name>\S+?\.\S.*?)(?:  \d+(?:\.\d+)?m?s\b.*)?$",
    ),
    _kind(
        "rackunit",
        [" success(es) "],
        r"^(?P<passed>\d+) success\(es\) (?P<failed>\d+) failure\(s\) (?P<error>\d+) error\(s\)"
        r" (?P<total>\d+) test\(s\) run$",
    ),
    _kind("Octave", ["PASSES "], r"^PASSES (?P<passed>\d+) out of (?P<failable>\d+) tests?\b"),
    _kind(
        "tcltest",
        ["\tTotal\t"],
        r"^\S+:\tTotal\t(?P<total>\d+)\tPassed\t(?P<passed>\d+)\tSkipped\t(?P<skipped>\d+)"
        r"\tFailed\t(?P<failed>\d+)$",
        red_hint=" FAILED",
        red=r"^==== (?P<name>\S+) (?:\S.* )?FAILED$",
    ),
    _kind(
        "LuaUnit",
        [" tests in "],
        r"^Ran (?P<total>\d+) tests in \d+\.\d+ seconds, (?P<passed>\d+) success(?:es)?"
        r"(?:, (?P<failed>\d+) failures?)?(?:, (?P<error>\d+) errors?)?"
        r"(?:, (?P<skipped>\d+) skipped)?(?:, \d+ non-selected)?$",
        red_hint=") ",
        red=r"^\d+\) (?P<name>\w+(?:\.\w+)?)$",
    ),
    _kind(
        "FiveAM",
        [" Did ", "Skip: ", "Fail: "],
        r"^ +Did (?P<total>\d+) checks?\.$",
        r"^ +Skip: (?P<skipped>\d+) \( ?\d+%\)$",
        r"^ +Fail: (?P<failed>\d+) \( ?\d+%\)$",
    ),
    _kind(
        "FPCUnit",
        ["Number of "],
        r"^Number of run tests: (?P<total>\d+)$",
        r"^Number of errors: +(?P<error>\d+)$",
        r"^Number of failures: +(?P<failed>\d+)$",
    ),
    _kind(
        "AUnit",
        ["Total Tests Run", "Assertions: ", "Errors: "],
        r"^Total Tests Run: +(?P<total>\d+)$",
        r"^ *Failed Assertions: +(?P<failed>\d+)$",
        r"^ *Unexpected Errors: +(?P<error>\d+)$",
    ),
    _kind(
        "unit-threaded",
        [" test(s) run, "],
        r"^(?P<total>\d+) test\(s\) run, (?P<failed>\d+) failed",
    ),
    _kind(
        "silly",
        ["Summary: "],
        r"^Summary: (?P<passed>\d+) passed, (?P<failed>\d+) failed in \d+ \w+$",
        red_hint=" ✗ ",
        red=r"^ ✗ (?P<name>\S.*)$",
    ),
    _kind(
        "Crystal spec",
        [" examples, "],
        r"^(?P<total>\d+) examples, (?P<failed>\d+) failures, (?P<error>\d+) errors,"
        r" (?P<skipped>\d+) pending$",
        red_hint="crystal spec ",
        red=r"^crystal spec \S+ # (?P<name>\S.*)$",
    ),
    _kind(
        "behave",
        [" passed, "],
        r"^(?P<passed>\d+) scenarios? passed, (?P<failed>\d+) failed(?:, (?P<error>\d+) error)?,"
        r" (?P<skipped>\d+) skipped",
        red_hint=".feature:",
        red=r"^  (?P<file>\S+\.feature):(?P<line>\d+)  (?P<name>\S.*)$",
    ),
    _kind(
        "Pester",
        ["Tests Passed: "],
        r"^Tests Passed: (?P<passed>\d+), Failed: (?P<failed>\d+), Skipped: (?P<skipped>\d+)\b",
        red_hint="[-] ",
        red=r"^ *\[-\] (?P<name>\S.*?)(?: \d+(?:\.\d+)?m?s(?: \(.*\))?)?$",
    ),
    _kind(
        "Automake",
        ["# TOTAL: ", "# PASS: ", "# SKIP: ", "# XFAIL: ", "# FAIL: ", "# XPASS: ", "# ERROR: "],
        r"^# TOTAL: +(?P<total>\d+)$",
        r"^# SKIP: +(?P<skipped>\d+)$",
        r"^# XFAIL: +(?P<xfail>\d+)$",
        r"^# FAIL: +(?P<failed>\d+)$",
        r"^# XPASS: +(?P<failed>\d+)$",
        r"^# ERROR: +(?P<error>\d+)$",
        red_hint=": ",
        red=r"^(?P<kind>FAIL|XPASS|ERROR): (?P<name>\S.*)$",
    ),
    _kind(
        "JUnit 4 and CppUnit",
        ["OK (", "Tests run: ", "Run: "],
        r"^(?:OK \((?P<passed>\d+) tests?\)|Tests run: (?P<total>\d+),  Failures: (?P<failed>\d+)|"
        r"Run: +(?P<total_of_all>\d+) +Failures: (?P<failed_of_all>\d+) +Errors: (?P<error>\d+))$",
        red_hint=") ",
        red=r"^\d+\) (?:test: )?(?P<name>\w+\([\w.$]+\)$|\S+(?= \([FE]\)))"
        r"(?: \((?P<kind>[FE])\)(?: line: (?P<line>\d+) (?P<file>\S+))?)?",
    ),
    _kind(
        "JUnit's console launcher",
        [" tests "],
        r"^\[ +(?P<total>\d+) tests found +\]$",
        r"^\[ +(?P<skipped>\d+) tests (?:skipped|aborted) +\]$",
        r"^\[ +(?P<failed>\d+) tests failed +\]$",
        red_hint="  JUnit ",
        red=r"^  JUnit (?:Jupiter|Vintage|Platform Suite):(?P<name>\S.*)$",
    ),
    _kind(
        "TestNG",
        ["Total tests run: "],
        r"^Total tests run: (?P<total>\d+),(?: Passes: \d+,)? Failures: (?P<failed>\d+),"
        r" Skips: (?P<skipped>\d+)$",
        red_hint="FAILED: ",
        red=r"^FAILED: (?P<name>\S.*)$",
    ),
    _kind(
        "busted",
        [" pending : "],
        r"^(?P<passed>\d+) success(?:es)? / (?P<failed>\d+) failures? / (?P<error>\d+) errors? /"
        r" (?P<skipped>\d+) pending : \d",
    ),
)
