"""What pytest prints, for runs where nothing better is left: `-v`, plain and `-q`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import BinaryIO

from greenlane.model.report import EXECUTED, RED, RunStatus, TestCase, TestOutcome
from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, bound
from greenlane.report.formats.text import clean_lines

_WORD = r"(PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS|RERUN)"
_ID = r"((?:[^\s:\[]|(?<=\w) (?=[\w.]))+\.\w+(?:::\S.*?)?)"
_RESULT = re.compile(rf"^{_ID} {_WORD}(?: \((.*)\))?\s*(?:\[ *\d+%\])?\s*$")
_XDIST = re.compile(rf"^\[gw\d+\] (?:\[ *\d+%\] )?{_WORD} (\S.*?)\s*$")
_BARE = re.compile(r"^(\S+\.\w+::\S.*?) *$")
_WORD_ALONE = re.compile(rf"^{_WORD}(?: \((.*)\))?\s*(?:\[ *\d+%\])?\s*$")
#: A subtest, by pytest 9 itself or by the plugin before it: `SUBFAILED(i=1)`, `(i=1) SUBFAIL`.
_SUBTEST = re.compile(
    r"^(?:\[gw\d+\] (?:\[ *\d+%\] )?)?(?P<before>\S+\.\w+::\S+ )?(?:[\[(].*[\])] )?"
    r"[, ]*SUB(?P<word>PASS|FAIL|SKIP|XFAIL|XPASS)(?:ED|PED)?(?:\[.*?\])? ?(?:\(.*?\))?"
    r"(?: (?P<after>\S+\.\w+::\S.*?))?(?: - (?P<reason>.*))?\s*(?:\[ *\d+%\])?$"
)
_COLLECTED = re.compile(r"collected (\d+) items?(.*)$")
_DESELECTED = re.compile(r"/ (\d+) deselected")  # pytest 6 miscounts what it calls selected
_NOT_ITEMS = re.compile(r"/ (\d+) (?:skipped|errors?)")
_SUMMARY = re.compile(rf"^{_WORD} (?!\[\d+\])(\S.*?)(?: - (.*))?$")
_FINAL = re.compile(
    r"^(?:=+ )?((?:\d+ (?:subtests )?[a-z]+(?:, )?)+|no tests ran)"
    r" in [\d.]+s?(?: \([\d:, day]+\))?(?: =+)?$"
)
_LISTED = re.compile(
    r"^(?:=+ )?(?:(\d+)(?:/\d+)? tests? collected|no tests collected)\b.* in [\d.]+s"
)
_COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed)")
_TITLE = re.compile(r"^_{3,} (.+?) _{3,}$")
_RULE = re.compile(r"^=+ (.+?) =+$")
_PARTS = re.compile(
    r"test session starts$|FAILURES$|ERRORS$|PASSES$|X?(?:FAILURES|PASSES)$|warnings summary"
    r"|(?:short|rerun) test summary info$|slowest .*durations$"
)
_PROGRESS = frozenset({"", "test session starts"})
_TEARDOWN = "ERROR at teardown of "
_WORDS = ("PASSED", "FAILED", "ERROR", "SKIPPED", "XFAIL", "XPASS", "RERUN", ")")
_MAX_HELD = 2000
_MAX_LINES = 300

_OUTCOMES = {
    "PASSED": TestOutcome.PASSED,
    "FAILED": TestOutcome.FAILED,
    "ERROR": TestOutcome.ERROR,
    "SKIPPED": TestOutcome.SKIPPED,
    "XFAIL": TestOutcome.XFAIL,
    "XPASS": TestOutcome.PASSED,
}


@dataclass
class _Held:
    """A test that a later line may say more of."""

    outcome: TestOutcome
    reason: str = ""
    told: set[TestOutcome] = field(default_factory=set)  # each counts once in the last line


class _Session:
    """Follow the output of one or more sessions."""

    def __init__(self, emit: Emit, context: ReadContext) -> None:
        self._emit = emit
        self._context = context
        self._bare: dict[str, None] = {}  # ids without a word yet: running, or a list
        self._held: dict[str, _Held] = {}
        self._texts: dict[str, list[str]] = {}
        self._text: list[str] | None = None
        self._part = ""
        self._collected: int | None = None
        self._named = dict.fromkeys(TestOutcome, 0)
        self._told = dict.fromkeys(TestOutcome, 0)
        self._broken_teardowns: list[str] = []
        self._failed_bodies: set[str] = set()
        self._lost = 0
        self._subfailed: dict[str, int] = {}  # by the part of the output that names them
        self._unnamed: dict[TestOutcome, int] = {}
        self._executed = self._uncollected = 0
        self._problems: list[str] = []
        self._is_seen = self._is_over = self._is_list = self._is_interrupted = False
        self._is_stopped = False

    def feed(self, line: str) -> None:
        """Take the next line."""
        may_be_rule = line.startswith(("=", "!")) or (" in " in line and line[:1].isalnum())
        if may_be_rule and self._take_rule(line):
            return
        if self._part in {"FAILURES", "ERRORS"}:
            self._take_text(line)
        elif self._part == "short test summary info":
            self._summarise(line)
        elif self._part in _PROGRESS and ("::" in line or " [" in line or line.endswith(_WORDS)):
            self._take_progress(line)
        elif line.startswith("collect") and (collected := _COLLECTED.search(line)):
            self._count_collected(collected)

    def _take_rule(self, line: str) -> bool:
        """Take a line that ends one part of the output and begins another."""
        if final := _FINAL.match(line):
            self._end(final[1])
        elif listed := _LISTED.match(line):
            self._end_list(int((listed[1] or "0")[:9]))
        elif rule := _RULE.match(line):
            if self._part not in _PROGRESS or _PARTS.match(rule[1]):
                self._begin_part(rule[1])
        elif line.startswith("!!!"):
            self._interrupt(line.strip("! "))
        else:
            return False
        return True

    def _take_progress(self, line: str) -> None:
        """Take a line of `-v`: an id, a word, or both."""
        if result := _RESULT.match(line):
            self._note(result[1], result[2], result[3] or "")
        elif result := _XDIST.match(line):
            self._note(result[2], result[1], "")
        elif "SUB" in line and (subtest := _SUBTEST.match(line)):
            self._note_subtest(subtest)
        elif self._bare and (alone := _WORD_ALONE.match(line)):
            self._note(next(reversed(self._bare)), alone[1], alone[2] or "")
        elif bare := _BARE.match(line):
            self._take_bare(bare[1])

    def finish(self) -> Findings:
        """Say what the output was; name the tests that were running."""
        running = [] if self._is_over else list(self._bare)[:20]
        word = "timeout" if self._context.timed_out else "crash"
        for name in running:
            self._held[name] = _Held(TestOutcome.ERROR, word)
        self._flush()
        lost = self._lost
        if not self._is_over and self._collected is not None:
            lost += max(0, self._collected - sum(self._named.values()))
        return Findings(
            is_recognised=self._is_seen,
            is_complete=self._is_over,
            status=self._status(),
            problems=self._problems[:20],
            running=running,
            unnamed=self._unnamed,
            unnamed_not_run=lost,
        )

    def _status(self) -> RunStatus | None:
        if self._is_list and not self._executed:
            return RunStatus.BUILD_ERROR if self._uncollected else RunStatus.LISTED
        if self._uncollected and self._executed <= self._uncollected:
            return RunStatus.BUILD_ERROR
        return RunStatus.CRASHED if self._is_interrupted else None

    def _begin_part(self, title: str) -> None:
        self._text = None
        if title == "test session starts":
            self._is_seen, self._is_over, self._collected = True, False, None
        elif title == "short test summary info":
            self._is_seen = True
        self._part = title

    def _interrupt(self, text: str) -> None:
        if "KeyboardInterrupt" in text or "_pytest.outcomes.Exit" in text:
            self._is_interrupted = True
        self._is_stopped = text.startswith("stopping after")
        if "Interrupted" in text or "KeyboardInterrupt" in text or "Exit" in text:
            self._problems.append(bound(text, 500))

    def _count_collected(self, collected: re.Match[str]) -> None:
        self._is_seen = self._is_seen or self._part == "test session starts"
        left_out = sum(int(count[:9]) for count in _DESELECTED.findall(collected[2]))
        beside = sum(int(count[:9]) for count in _NOT_ITEMS.findall(collected[2]))
        self._collected = max(0, int(collected[1][:9]) - left_out) + beside

    def _take_bare(self, name: str) -> None:
        if len(self._bare) < _MAX_HELD:
            self._bare[name] = None
        elif not self._executed:
            self._emit(TestCase(id=bound(name, 1000), outcome=TestOutcome.NOT_RUN))
            self._named[TestOutcome.NOT_RUN] += 1

    def _note(self, name: str, word: str, reason: str) -> None:
        self._is_seen = True
        self._bare.pop(name, None)
        if word == "RERUN":
            return
        outcome = _OUTCOMES[word]
        held = self._held.setdefault(name, _Held(outcome))
        held.told.add(outcome)
        if held.outcome is not TestOutcome.FAILED:
            held.outcome = outcome
        held.reason = reason or held.reason
        if len(self._held) > _MAX_HELD:
            oldest = next((one for one in self._held if self._held[one].outcome not in RED), "")
            self._release(oldest or next(iter(self._held)))

    def _note_subtest(self, subtest: re.Match[str]) -> None:
        """Take a subtest: one that failed makes its test red, whatever is said of that itself."""
        name = (subtest["before"] or subtest["after"] or "").strip()
        name = name or next(reversed(self._bare), "")
        if not name:
            return
        if subtest["word"] == "FAIL":
            self._subfailed[self._part] = self._subfailed.get(self._part, 0) + 1
            held = self._held.setdefault(name, _Held(TestOutcome.FAILED))
            held.outcome, held.reason = TestOutcome.FAILED, subtest["reason"] or held.reason
            self._is_seen = True
        elif name not in self._held:
            self._bare[name] = None

    def _summarise(self, line: str) -> None:
        if "SUBFAIL" in line and (subtest := _SUBTEST.match(line)):
            self._note_subtest(subtest)
            return
        summary = _SUMMARY.match(line)
        if summary is None:
            return
        word, name, reason = summary[1], summary[2], summary[3] or ""
        if word == "ERROR" and "::" not in name:
            self._uncollected += name not in self._held
        if word in {"FAILED", "ERROR"} or name in self._held:
            self._note(name, word, reason)

    def _take_text(self, line: str) -> None:
        if title := _TITLE.match(line):
            subject, self._text = _subject(title[1]), None
            if len(self._texts) < _MAX_HELD:
                if title[1].startswith(_TEARDOWN):
                    self._broken_teardowns.append(subject)
                elif self._part == "FAILURES":
                    self._failed_bodies.add(subject)
                self._text = self._texts.setdefault(subject, [])
        elif self._text is not None and len(self._text) < _MAX_LINES:
            self._text.append(line)

    def _end_list(self, count: int) -> None:
        self._is_seen = self._is_over = self._is_list = True
        names, self._bare = list(self._bare), {}
        for name in names:
            self._held[name] = _Held(TestOutcome.NOT_RUN)
        self._flush()
        missing = count - self._named[TestOutcome.NOT_RUN]
        if missing > 0:
            self._unnamed[TestOutcome.NOT_RUN] = missing
        self._part = ""

    def _end(self, text: str) -> None:
        """Count what the last line says and no line named."""
        said: dict[TestOutcome, int] = {}
        for number, word in _COUNT.findall(text):
            outcome = _COUNTED[word.removesuffix("s") if word.startswith("error") else word]
            said[outcome] = said.get(outcome, 0) + int(number[:9])
        self._leave_out_the_hidden(said)
        self._flush()
        self._told[TestOutcome.FAILED] += max(self._subfailed.values(), default=0)
        missing = {outcome: max(0, count - self._told[outcome]) for outcome, count in said.items()}
        if self._collected is not None and missing.get(TestOutcome.PASSED):
            spare = sum(self._named.values()) + sum(missing.values()) - self._collected
            missing[TestOutcome.PASSED] -= min(missing[TestOutcome.PASSED], max(0, spare))
        for outcome, count in missing.items():
            if count:
                self._unnamed[outcome] = self._unnamed.get(outcome, 0) + count
                self._named[outcome] += count
                self._executed += count if outcome in EXECUTED else 0
        if self._is_stopped and self._collected is not None:
            self._lost += max(0, self._collected - sum(self._named.values()))
        self._is_seen = self._is_over = True
        self._part = ""
        self._bare.clear()
        self._texts.clear()
        self._broken_teardowns.clear()
        self._failed_bodies.clear()
        self._subfailed.clear()
        self._is_stopped = False
        self._named = dict.fromkeys(TestOutcome, 0)
        self._told = dict.fromkeys(TestOutcome, 0)

    def _leave_out_the_hidden(self, said: dict[TestOutcome, int]) -> None:
        """Take from the last line's counts what is said of a test beside its true outcome.

        A test whose teardown broke counts there as passed (or failed) and as an error, and one
        with failed subtests as passed and as failed.
        """
        told = {
            name.partition("::")[2].replace("::", "."): held.told
            for name, held in self._held.items()
        }
        for subject in self._broken_teardowns:
            words = told.get(subject, set())
            if words <= {TestOutcome.ERROR}:
                is_double = subject in self._failed_bodies and not words
                outcome = TestOutcome.ERROR if is_double else TestOutcome.PASSED
                said[outcome] = max(0, said.get(outcome, 0) - 1)
        subfailed = sum(not held.told for held in self._held.values() if held.outcome in RED)
        said[TestOutcome.PASSED] = max(0, said.get(TestOutcome.PASSED, 0) - subfailed)

    def _flush(self) -> None:
        for name in list(self._held):
            self._release(name)

    def _release(self, name: str) -> None:
        held = self._held.pop(name)
        outcome, reason = held.outcome, held.reason
        for told in held.told:
            self._told[told] += 1
        self._named[outcome] += 1
        self._executed += outcome in EXECUTED
        file, _, inner = name.partition("::")
        text = self._texts.get(inner.replace("::", ".") or file, []) if outcome in RED else []
        self._emit(
            TestCase(
                id=bound(name, 1000),
                outcome=outcome,
                file=file,
                line=_last_line(text, file),
                message=bound(reason or _error_line(text)),
                traceback=bound("\n".join(text).strip()),
            )
        )


_COUNTED = {
    "passed": TestOutcome.PASSED,
    "xpassed": TestOutcome.PASSED,
    "failed": TestOutcome.FAILED,
    "error": TestOutcome.ERROR,
    "skipped": TestOutcome.SKIPPED,
    "xfailed": TestOutcome.XFAIL,
}


def _subject(title: str) -> str:
    """Return what a section is about: `TestAdd.test_fail`, or a file that was collected."""
    for prefix in ("ERROR at setup of ", _TEARDOWN, "ERROR collecting "):
        title = title.removeprefix(prefix)
    return title


def _error_line(text: list[str]) -> str:
    return next((line[1:].strip() for line in text if line.startswith("E  ")), "")


def _last_line(text: list[str], file: str) -> int:
    """Return the last line of the test's own file that its traceback names."""
    lines = [
        line.removeprefix(f"{file}:").partition(":")[0]
        for line in text
        if line.startswith(f"{file}:")
    ]
    return next((int(one[:9]) for one in reversed(lines) if one.isdecimal()), 0)


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read what pytest printed."""
    session = _Session(emit, context)
    for line in clean_lines(source):
        session.feed(line)
    return session.finish()


FORMAT = Format(
    read=read,
    signature=(
        r"^=+ (?:test session starts|short test summary info) =+"
        r"|^(?:=+ )?(?:\d+ (?:passed|failed|errors?|skipped|deselected|xfailed|xpassed)\b.*"
        r"|no tests ran) in [\d.]+s"
        r"|^(?:\d+(?:/\d+)? tests|no tests) collected.* in [\d.]+s"
        r"|^\S+\.py::\S.* (?:PASSED|FAILED|ERROR|SKIPPED)\b"
    ),
    is_text=True,
)
