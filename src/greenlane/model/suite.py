"""A preset (how a framework is run and read) and a suite (one test command of a project)."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from greenlane.model.run import Prepare


class Mode(StrEnum):
    """Where a suite runs."""

    SNAPSHOT = "snapshot"  # in a slot, on exactly the tree that was submitted
    IN_PLACE = "in_place"  # in the submitter's own folder, hashed before and after


class Detect(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which files of a project speak for a preset.

    All of `all` and `all_contain`, and where there are such, one of `any` and `contains`.
    """

    all: list[str] = []  # globs that must all match
    all_contain: dict[str, str] = {}  # as `contains`, and each must be found
    any: list[str] = []  # globs
    contains: dict[str, str] = {}  # glob -> regular expression, found in a file that it matches
    runs: list[str] = []  # regular expressions of commands that run it: "pytest", "cargo test"
    priority: int = 0  # the highest that matches wins; equal and different is a question


class ReportSource(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place where a framework leaves a report, tried in the order of the preset."""

    format: str  # a key of report.formats.READERS
    path: str = ""  # glob relative to cwd, or below {out}; "" with stream
    stream: str = ""  # "stdout": the run's log is the report
    clean_before: bool = True


class OutcomeRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How exit codes and output of this framework are read."""

    passed: list[int] = msgspec.field(default_factory=lambda: [0])
    failed: list[int] = msgspec.field(default_factory=lambda: [1])
    no_tests: list[int] = []
    usage_error: list[int] = []
    build_error: list[int] = []
    crashed: list[int] = []
    timeout: list[int] = []
    build_error_patterns: list[str] = []  # regular expressions, searched in the output, multi-line
    usage_error_patterns: list[str] = []
    no_tests_patterns: list[str] = []
    crashed_patterns: list[str] = []
    timeout_patterns: list[str] = []  # a limit of the framework's own ended the run
    listed_patterns: list[str] = []


class Select(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How "only these tests" is put on the command line.

    A test gives `{id}`, `{file}` and `{line}`, where they are known, and the named groups of
    `like`. Nothing is said twice.
    """

    like: str = ""  # regular expression that the whole of an id must match; "": any
    before: list[str] = []  # once, before the ids
    ids: list[str] = []  # for each test
    filter: list[str] = []  # once; used where there are no `ids`, or a test lacks what they need
    item: str = "{id}"  # what of a test `filter` looks for: `{regex}`, anchored, or `{list}`
    join: str = ","  # between the items of `{list}`
    gap: str = " "  # regular expression that a blank of an item stands for in `{regex}`
    files: list[str] = []  # after `filter`, where all files are known; `{file}` for each
    affected: list[str] = []  # the tests that a change reaches; `{file}` for each changed file,
    affected_by: str = ""  # with "go" or "cargo" `{package}` for each package that depends on one
    affected_replaces: list[str] = []  # words of the command that `affected` takes the place of


class Preset(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Data that says how a framework is detected, run, selected and read."""

    name: str
    summary: str = ""
    extends: str = ""
    needs: list[str] = []  # programs that must be on PATH
    install_hint: str = ""
    detect: Detect | None = None
    command: list[str] = []
    cwd: str = "."
    env: dict[str, str] = {}  # {out} and {inject} are filled in; {NAME} keeps an inherited value
    prepare: list[Prepare] = []
    timeout_seconds: float = 1800.0
    idle_timeout_seconds: float | None = None
    report: list[ReportSource] = []
    outcome: OutcomeRules = OutcomeRules()
    select: Select = Select()


class Suite(msgspec.Struct, frozen=True, kw_only=True):
    """One test command of a project, resolved: nothing is left to look up at run time."""

    name: str
    preset: str  # name of the preset that reads it; "" : judged by exit status alone
    command: list[str]
    cwd: str = "."
    env: dict[str, str] = {}
    prepare: list[Prepare] = []
    timeout_seconds: float = 1800.0
    idle_timeout_seconds: float | None = None
    mode: Mode = Mode.SNAPSHOT
    resources: list[str] = []
    because: str = ""  # which files or settings led to it
    partial: str = ""  # what of the suite runs, where that is not all of it: for people
