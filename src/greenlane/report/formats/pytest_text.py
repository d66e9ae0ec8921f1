"""What pytest prints, for runs where nothing better is left: `-v`, plain and `-q`."""

from __future__ import annotations

import re
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
_COLLECTED = re.compile(r"collected (\d+) items?(.*)$")
_SELECTED = re.compile(r"/ (\d+) selected")
_SUMMARY = re.compile(rf"^{_WORD} (?!\[\d+\])(\S.*?)(?: - (.*))?$")
_FINAL = re.compile(
    r"^(?:=+ )?((?:\d+ [a-z]+(?:, )?)+|no tests ran) in [\d.]+s?(?: \([\d:, day]+\))?(?: =+)?$"
)
_LISTED = re.compile(
    r"^(?:=+ )?(?:(\d+)(?:/\d+)? tests? collected|no tests collected)\b.* in [\d.]+s"
)
_COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed)")
_TITLE = re.compile(r"^_{3,} (.+?) _{3,}$")
_RULE = re.compile(r"^=+ (.+?) =+$")
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


class _Session:
    """Follow the output of one or more sessions."""

    def __init__(self, emit: Emit, context: ReadContext) -> None:
        self._emit = emit
        self._context = context
        self._bare: dict[str, None] = {}  # ids without a word yet: running, or a list
        self._held: dict[str, tuple[TestOutcome, str]] = {}
        self._texts: dict[str, list[str]] = {}
        self._text: list[str] | None = None
        self._part = ""
        self._collected: int | None = None
        self._named = dict.fromkeys(TestOutcome, 0)
        self._broken_teardowns = 0
        self._unnamed: dict[TestOutcome, int] = {}
        self._executed = self._uncollected = 0
        self._problems: list[str] = []
        self._is_seen = self._is_over = self._is_list = self._is_interrupted = False

    def feed(self, line: str) -> None:
        """Take the next line."""
        may_be_rule = line.startswith(("=", "!")) or (" in " in line and line[:1].isalnum())
        if may_be_rule and self._take_rule(line):
            return
        if self._part in {"FAILURES", "ERRORS"}:
            self._take_text(line)
        elif self._part == "short test summary info":
            self._summarise(line)
        elif "::" in line or " [" in line or line.endswith(_WORDS):
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
        elif self._bare and (alone := _WORD_ALONE.match(line)):
            self._note(next(reversed(self._bare)), alone[1], alone[2] or "")
        elif bare := _BARE.match(line):
            self._take_bare(bare[1])

    def finish(self) -> Findings:
        """Say what the output was; name the tests that were running."""
        running = [] if self._is_over else list(self._bare)[:20]
        word = "timeout" if self._context.timed_out else "crash"
        for name in running:
            self._held[name] = (TestOutcome.ERROR, word)
        self._flush()
        lost = 0
        if not self._is_over and self._collected is not None:
            lost = max(0, self._collected - sum(self._named.values()))
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
        self._part = title

    def _interrupt(self, text: str) -> None:
        if "KeyboardInterrupt" in text or "_pytest.outcomes.Exit" in text:
            self._is_interrupted = True
        if "Interrupted" in text or "KeyboardInterrupt" in text or "Exit" in text:
            self._problems.append(bound(text, 500))

    def _count_collected(self, collected: re.Match[str]) -> None:
        selected = _SELECTED.search(collected[2])
        self._is_seen = self._is_seen or self._part == "test session starts"
        self._collected = int((selected or collected)[1][:9])

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
        old = self._held.get(name)
        if old is not None and old[0] is TestOutcome.FAILED:
            outcome, reason = old[0], reason or old[1]
        self._held[name] = (outcome, reason or (old[1] if old else ""))
        if len(self._held) > _MAX_HELD:
            oldest = next((one for one in self._held if self._held[one][0] not in RED), "")
            self._release(oldest or next(iter(self._held)))

    def _summarise(self, line: str) -> None:
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
            self._broken_teardowns += title[1].startswith(_TEARDOWN)
            self._text = None
            if len(self._texts) < _MAX_HELD:
                self._text = self._texts.setdefault(_subject(title[1]), [])
        elif self._text is not None and len(self._text) < _MAX_LINES:
            self._text.append(line)

    def _end_list(self, count: int) -> None:
        self._is_seen = self._is_over = self._is_list = True
        names, self._bare = list(self._bare), {}
        for name in names:
            self._held[name] = (TestOutcome.NOT_RUN, "")
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
        self._flush()
        if self._broken_teardowns and TestOutcome.PASSED in said:
            said[TestOutcome.PASSED] = max(0, said[TestOutcome.PASSED] - self._broken_teardowns)
        for outcome, count in said.items():
            missing = count - self._named[outcome]
            if missing > 0:
                self._unnamed[outcome] = self._unnamed.get(outcome, 0) + missing
                self._executed += missing if outcome in EXECUTED else 0
        self._is_seen = self._is_over = True
        self._part = ""
        self._bare.clear()
        self._texts.clear()
        self._broken_teardowns = 0
        self._named = dict.fromkeys(TestOutcome, 0)

    def _flush(self) -> None:
        for name in list(self._held):
            self._release(name)

    def _release(self, name: str) -> None:
        outcome, reason = self._held.pop(name)
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
        r"^=+ test session starts =+"
        r"|^(?:=+ )?(?:\d+ (?:passed|failed|errors?|skipped|deselected|xfailed|xpassed)\b.*"
        r"|no tests ran) in [\d.]+s"
        r"|^(?:\d+(?:/\d+)? tests|no tests) collected.* in [\d.]+s"
        r"|^\S+\.py::\S.* (?:PASSED|FAILED|ERROR|SKIPPED)\b"
    ),
    is_text=True,
)
