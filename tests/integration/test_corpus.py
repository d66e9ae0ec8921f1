"""Every captured case of the corpus, read as `greenlane parse` reads it, against the truth.

The figures are printed with `-s`, and when a floor is missed.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from greenlane.config.catalogue import Catalogue
from greenlane.model.report import ReportSummary, RunStatus, TestCase
from greenlane.report.collect import Leavings, open_files, read_leavings

CORPUS = Path(__file__).parents[1] / "corpus"

#: The preset that reads a folder of the corpus; all others are read by `custom`.
PRESETS = {
    "angular": "angular",
    "cargo": "rust",
    "ctest": "ctest",
    "cucumber-js": "cucumber-js",
    "deno": "deno",
    "django": "django",
    "flask": "pytest",
    "exunit": "exunit",
    "go": "go",
    "godot3-gut": "godot-gut",
    "godot3-mini": "godot",
    "gradle": "gradle",
    "jest": "jest",
    "jest-stream": "jest",
    "maven": "java-maven",
    "meson": "meson",
    "minitest": "minitest",
    "mocha": "mocha",
    "nextest": "nextest",
    "nodetest": "node-test",
    "phpunit": "phpunit",
    "playwright": "playwright",
    "pytest": "pytest",
    "pytest-stream": "pytest",
    "rails": "rails",
    "react-jest": "jest",
    "rspec": "rspec",
    "unittest": "unittest",
    "vitest": "vitest",
    "vue": "vitest",
}

_UNSAID = "names of tests that the output only counts"
_NEVER_RAN = "names of tests that never ran stand nowhere in the output"

#: What the leavings of a run cannot tell, though it is true: framework/case, what is missed, why.
#: A test compares: nothing else is wrong, and nothing here is right.
UNKNOWABLE = {
    "cargo/crash_abort": ("tests", _NEVER_RAN),
    "cargo/crash_abort_json": ("tests", _NEVER_RAN),
    "cargo/timeout_kill": ("tests", "libtest names a running test only after 60 seconds"),
    "clojure-test/text": ("tests", _UNSAID),
    "exunit/ansi": ("tests", _UNSAID),
    "exunit/stream": ("tests", _UNSAID),
    "exunit/text": ("tests", _UNSAID),
    "go/os_exit": ("totals tests", "nothing names or counts the tests after the exit"),
    "go/panic": ("totals tests", "nothing names or counts the tests after the panic"),
    "godot3-gut/runtime_error_crash": ("totals tests", "GUT never says which tests it has"),
    "gradle/up_to_date": (
        "status totals tests",
        "no report: the preset has the task cleaned first",
    ),
    "jest-stream/mixed": ("tests", _UNSAID),
    "nextest/mixed": ("tests", _UNSAID),
    "nextest/timeout": ("tests", "killed before nextest named the test as slow"),
    "nodetest/test_timeout": ("tests", "Node 20 names the file whose time ran out, not the test"),
    "phpunit/testdox_ansi": ("tests", "testdox prints sentences, and no names of tests"),
    "prove/archive_raw_tap": ("tests", "the raw TAP of one file does not say which file it is of"),
    "prove/bail": ("totals tests", "after a bail-out prove does not say which files it left out"),
    "pytest/crash_segv": ("tests", _NEVER_RAN),
    "pytest/reportlog_crash": ("totals tests", "the log has no list of what was collected"),
    "rails/stream": ("tests", _UNSAID),
    "shunit2/text": ("tests", _UNSAID),
    "vitest/list": ("tests", "`vitest list` leaves out what is skipped"),
}

#: At least so many of the cases read by `custom` have the right status and the right totals.
CUSTOM_FLOOR = {"status": 0.97, "totals": 0.92}

#: JUnit, TAP and texts through `custom`: these folders are right in every status and every total.
WHOLLY_RIGHT = (
    "ant-junit", "bats", "behave", "boost", "busted", "check", "cmocka", "gtest", "nox", "robot",
    "tox", "clojure-test", "ert", "nim-unittest", "shunit2",
)  # fmt: skip

COLOURS = {"failed": "red", "error": "red"}


@dataclass
class Score:
    """How many cases of a framework are right."""

    cases: int = 0
    right: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    wrong: list[str] = field(default_factory=list)

    def note(self, what: str, name: str, *, is_right: bool, detail: str) -> None:
        self.right[what] += is_right
        if not is_right:
            self.wrong.append(f"{name}: {what}: {detail}")


@dataclass
class Case:
    """One case, with what was read of it."""

    name: str
    truth: dict[str, Any]
    summary: ReportSummary
    tests: dict[str, str]


def folders() -> list[Path]:
    return sorted(path.parent for path in CORPUS.glob("[!_]*/*/expected.json"))


@cache
def catalogue() -> Catalogue:
    return Catalogue()


def read_case(folder: Path, scratch: Path, preset: str | None = None) -> Case:
    meta = json.loads((folder / "meta.json").read_text())
    name = preset or PRESETS.get(folder.parent.name, "custom")
    outputs = [folder / one for one in ("stdout.log", "stderr.log", "pty.log")]
    reports = [folder / Path(one).name for one in meta["reports"]]
    summary = read_leavings(
        Leavings(
            preset=catalogue().get(name),
            exit_code=meta["exit_code"],
            timed_out=meta["timed_out"],
            outputs=open_files([one for one in outputs if one.exists()]),
            reports=open_files([one for one in reports if one.exists()]),
            root=meta["cwd"],
        ),
        scratch / "tests.jsonl",
    )
    lines = (scratch / "tests.jsonl").read_bytes().splitlines()
    tests = [msgspec.json.decode(line, type=TestCase) for line in lines]
    assert list(scratch.iterdir()) == [scratch / "tests.jsonl"], "a spool was left behind"
    return Case(
        name=f"{folder.parent.name}/{folder.name}",
        truth=json.loads((folder / "expected.json").read_text()),
        summary=summary,
        tests={one.id: one.outcome.value for one in tests},
    )


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    return [read_case(folder, tmp_path_factory.mktemp("case")) for folder in folders()]


def coloured(outcomes: dict[str, Any]) -> dict[str, Any]:
    return {name: COLOURS.get(outcome, outcome) for name, outcome in outcomes.items()}


def colour_counts(totals: dict[str, int]) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for outcome, count in totals.items():
        counts[COLOURS.get(outcome, outcome)] += count
    return counts


def judge(case: Case, score: Score) -> None:
    truth, summary = case.truth, case.summary
    score.cases += 1
    detail = f"{summary.status} ({summary.because}), not {truth['run_status']}"
    is_right = summary.status == truth["run_status"]
    score.note("status", case.name, is_right=is_right, detail=detail)
    totals = msgspec.to_builtins(summary.totals)
    is_known = truth["totals"] is not None and truth["per_test"] != "ids"
    for what, shape in (("colours", colour_counts), ("totals", dict)):
        is_right = not is_known or shape(totals) == shape(truth["totals"])
        score.note(what, case.name, is_right=is_right, detail=f"{totals}, not {truth['totals']}")
    if truth["tests"] is None or truth["per_test"] == "unavailable":
        truth_of_tests = case.tests
    else:
        truth_of_tests = {one["id"]: one["outcome"] for one in truth["tests"]}
    if truth["per_test"] == "ids":
        is_right = set(case.tests) == set(truth_of_tests)
        score.note("tests by colour", case.name, is_right=is_right, detail="")
        score.note("tests", case.name, is_right=is_right, detail="")
        return
    is_right = coloured(case.tests) == coloured(truth_of_tests)
    score.note("tests by colour", case.name, is_right=is_right, detail="")
    score.note("tests", case.name, is_right=case.tests == truth_of_tests, detail="")


@pytest.fixture(scope="module")
def scores(cases: list[Case]) -> dict[str, Score]:
    scores: dict[str, Score] = defaultdict(Score)
    for case in cases:
        judge(case, scores[case.name.partition("/")[0]])
    return scores


def table(scores: dict[str, Score]) -> str:
    columns = ("status", "colours", "totals", "tests by colour", "tests")
    lines = [
        f"{'framework':16}{'preset':>11}{'cases':>7}" + "".join(f"{one:>17}" for one in columns)
    ]
    for name, score in sorted(scores.items()):
        shares = "".join(f"{score.right[one]:>12} /{score.cases:>3}" for one in columns)
        lines.append(f"{name:16}{PRESETS.get(name, 'custom'):>11}{score.cases:>7}{shares}")
    return "\n".join(lines)


def wrong_cases(scores: dict[str, Score]) -> dict[str, set[str]]:
    """Give for each case that is wrong anywhere which of status, totals and tests it is."""
    wrong: dict[str, set[str]] = defaultdict(set)
    for score in scores.values():
        for line in score.wrong:
            name, what, _ = line.split(": ", 2)
            if what in {"status", "totals", "tests"}:
                wrong[name].add(what)
    return wrong


def test_nothing_is_wrong_but_what_cannot_be_known(scores: dict[str, Score]) -> None:
    print("\n" + table(scores))
    for name, (what, why) in UNKNOWABLE.items():
        print(f"{name}: {what}: {why}")
    known = {name: set(what.split()) for name, (what, _) in UNKNOWABLE.items()}
    details = "\n".join(line for score in scores.values() for line in score.wrong)
    assert wrong_cases(scores) == known, details


def test_enough_is_right(scores: dict[str, Score]) -> None:
    cases = sum(score.cases for score in scores.values())
    for what, least in (("status", 0.99), ("totals", 0.97), ("tests", 0.89)):
        right = sum(score.right[what] for score in scores.values())
        print(f"{what}: {right} of {cases} right, {right / cases:.1%}")
        assert right / cases >= least


def test_pytest_and_django_are_right_about_each_test(scores: dict[str, Score]) -> None:
    for name in ("pytest-stream", "flask", "django", "unittest"):
        assert scores[name].right["tests"] == scores[name].cases, scores[name].wrong


def test_junit_and_tap_through_custom(scores: dict[str, Score]) -> None:
    for name in WHOLLY_RIGHT:
        score = scores[name]
        assert (score.right["status"], score.right["totals"]) == (score.cases, score.cases), (
            score.wrong
        )


def test_custom_does_not_fall_behind(scores: dict[str, Score]) -> None:
    read_by_custom = [score for name, score in scores.items() if name not in PRESETS]
    total = sum(score.cases for score in read_by_custom)
    for what, floor in CUSTOM_FLOOR.items():
        share = sum(score.right[what] for score in read_by_custom) / total
        wrong = [line for score in read_by_custom for line in score.wrong if f": {what}: " in line]
        assert share >= floor, "\n".join([f"{what}: {share:.3f} of {total}", *wrong])


@pytest.mark.parametrize(
    "name",
    [
        "ctest/text", "exunit/text", "meson/mixed", "minitest/text_v", "mocha/json",
        "mocha/spec_text", "phpunit/teamcity", "playwright/mixed", "rspec/json",
    ],
)  # fmt: skip
def test_custom_knows_the_formats_of_other_presets(name: str, tmp_path: Path) -> None:
    case = read_case(CORPUS / name, tmp_path, "custom")
    assert case.summary.status == case.truth["run_status"], case.summary.because
    assert msgspec.to_builtins(case.summary.totals) == case.truth["totals"]


def test_nothing_is_green_that_was_not(cases: list[Case]) -> None:
    green = [one for one in cases if one.summary.status is RunStatus.PASSED]
    assert [one.name for one in green if one.truth["run_status"] != "passed"] == []
    assert len(green) > 10


FOREIGN = (
    "pytest", "django", "unittest", "rust", "go", "node-test", "jest", "vitest", "mocha",
    "playwright", "rspec", "minitest", "exunit", "phpunit", "maven", "gradle", "ctest", "meson",
)  # fmt: skip


@pytest.mark.parametrize("preset", FOREIGN)
def test_a_foreign_report_is_never_green(preset: str, tmp_path: Path) -> None:
    """The leavings of a green run of another framework say nothing to this preset."""
    own = {name for name, reader in PRESETS.items() if reader == preset}
    own |= {"rails"} if preset == "minitest" else set()
    python = {"pytest", "pytest-stream", "flask", "django", "unittest"}
    own |= python if preset in {"pytest", "django", "unittest"} else set()
    own |= (
        {"jest", "react-jest", "jest-stream", "vitest", "vue", "nodetest"}
        if preset in {"jest", "node-test", "vitest"}
        else set()
    )
    for folder in folders():
        truth = json.loads((folder / "expected.json").read_text())
        if truth["run_status"] != "passed" or folder.parent.name in own:
            continue
        is_neutral = any(one.suffix == ".xml" for one in folder.iterdir())
        if is_neutral and any(one.format == "junit" for one in catalogue().get(preset).report):
            continue  # JUnit is JUnit, whoever wrote it
        summary = read_case(folder, tmp_path, preset).summary
        assert summary.status is not RunStatus.PASSED, folder
