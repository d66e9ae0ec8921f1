"""A real Node, run as the preset runs it, and the Jest reporter without Jest."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import msgspec
import pytest

from greenlane.config.catalogue import Catalogue
from greenlane.model.report import ReportSummary, RunStatus, TestCase
from greenlane.report import reporters
from greenlane.report.collect import Leavings, open_files, read_leavings

INJECT = Path(reporters.__file__).parent
DEADLINE_SECONDS = 60

MIXED = """
import { describe, it, test } from 'node:test';
import assert from 'node:assert';
describe('sums', () => {
  it('adds', () => {});
  it('fails', () => { assert.equal(1, 2, 'it is red'); });
  it.skip('later', () => {});
  it('known', { todo: true }, () => { throw new Error('x'); });
});
test('parent', async (t) => { await t.test('child', () => {}); });
"""
HANGING = """
import { describe, it } from 'node:test';
describe('s', () => {
  it('quick', () => {});
  it('hangs', () => new Promise((resolve) => setTimeout(resolve, 600000)));
});
"""
DRIVER = """
const Reporter = require(process.argv[2]);
const reporter = new Reporter({ testNamePattern: 'grp' }, {});
const test = { path: '/r/a.test.js' };
const passed = { fullName: 'grp ok', status: 'passed', duration: 2, invocations: 1 };
const failed = { fullName: 'grp flaky', status: 'failed', invocations: 1, failureMessages: ['no'] };
const again = { fullName: 'grp flaky', status: 'passed', invocations: 2, failureMessages: [] };
const skipped = { fullName: 'other', status: 'pending', failureMessages: [] };
reporter.onRunStart({ numTotalTestSuites: 1 });
reporter.onTestFileStart(test);
reporter.onTestCaseStart(test, { fullName: 'grp ok' });
reporter.onTestCaseResult(test, passed);
reporter.onTestCaseResult(test, failed);
reporter.onTestCaseResult(test, again);
reporter.onTestFileResult(test, { testResults: [passed, again, skipped] });
if (process.argv[3]) process.exit(1);
const broken = { testResults: [], testExecError: { message: 'x' }, failureMessage: 'gone' };
reporter.onTestFileResult({ path: '/r/b.test.js' }, broken);
reporter.onRunComplete(new Set(), {});
"""


@pytest.fixture
def node() -> str:
    found = shutil.which("node")
    if found is None:
        pytest.skip("node is not here")
    return found


def environment(out: Path, preset: str) -> dict[str, str]:
    out.mkdir(exist_ok=True)
    inherited = {name: value for name, value in os.environ.items() if name != "NODE_OPTIONS"}
    filled = {
        name: value.replace("{out}", str(out))
        .replace("{inject}", str(INJECT))
        .replace("{NODE_OPTIONS}", "")
        for name, value in Catalogue().get(preset).env.items()
    }
    return {**inherited, **filled}


def judge(
    root: Path, preset: str, exit_code: int, *, timed_out: bool = False
) -> tuple[ReportSummary, dict[str, TestCase]]:
    leavings = Leavings(
        preset=Catalogue().get(preset),
        exit_code=exit_code,
        timed_out=timed_out,
        outputs=open_files([path for path in [root / "log"] if path.exists()]),
        reports=open_files(sorted((root / "out").iterdir())),
        root=str(root),
    )
    summary = read_leavings(leavings, root / "tests.jsonl")
    lines = (root / "tests.jsonl").read_bytes().splitlines()
    tests = [msgspec.json.decode(line, type=TestCase) for line in lines]
    return summary, {test.id: test for test in tests}


def start(node: str, root: Path, *words: str) -> subprocess.Popen[bytes]:
    with (root / "log").open("wb") as log:
        return subprocess.Popen(
            [node, *words],
            cwd=root,
            env=environment(root / "out", "node-test"),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def test_node(node: str, tmp_path: Path) -> None:
    root = tmp_path / "with a blank"
    root.mkdir()
    (root / "a.test.mjs").write_text(MIXED)
    (root / "b.test.mjs").write_text("import './nowhere.mjs';")
    code = start(node, root, "--test").wait(DEADLINE_SECONDS)
    summary, tests = judge(root, "node-test", code)
    assert summary.status is RunStatus.FAILED
    assert {name: test.outcome.value for name, test in tests.items()} == {
        "sums > adds": "passed",
        "sums > fails": "failed",
        "sums > later": "skipped",
        "sums > known": "xfail",
        "parent > child": "passed",
        "b.test.mjs": "error",
    }
    red = tests["sums > fails"]
    assert (red.file, red.line, red.message) == ("a.test.mjs", 6, "it is red")
    assert "sums" in (root / "log").read_text()


def test_node_green(node: str, tmp_path: Path) -> None:
    (tmp_path / "a.test.mjs").write_text("import test from 'node:test'; test('fine', () => {});")
    code = start(node, tmp_path, "--test").wait(DEADLINE_SECONDS)
    summary, tests = judge(tmp_path, "node-test", code)
    assert summary.status is RunStatus.PASSED
    assert list(tests) == ["fine"]


def test_node_killed_names_what_was_running(node: str, tmp_path: Path) -> None:
    (tmp_path / "a.test.mjs").write_text(HANGING)
    process = start(node, tmp_path, "--test")
    try:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not any(b'"hangs"' in path.read_bytes() for path in (tmp_path / "out").iterdir()):
            assert time.monotonic() < deadline, (tmp_path / "log").read_text()
            time.sleep(0.02)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    summary, tests = judge(tmp_path, "node-test", -9, timed_out=True)
    assert summary.status is RunStatus.TIMEOUT
    assert tests["s > hangs"].message == "timeout"
    assert tests["s > quick"].outcome.value == "passed"


def test_two_runs_do_not_overwrite_each_other(node: str, tmp_path: Path) -> None:
    (tmp_path / "a.test.mjs").write_text("import test from 'node:test'; test('one', () => {});")
    (tmp_path / "b.test.mjs").write_text(
        "import test from 'node:test'; test('two', () => { throw new Error('red'); });"
    )
    start(node, tmp_path, "--test", "b.test.mjs").wait(DEADLINE_SECONDS)
    code = start(node, tmp_path, "--test", "a.test.mjs").wait(DEADLINE_SECONDS)
    summary, tests = judge(tmp_path, "node-test", code)
    assert set(tests) == {"one", "two"}
    assert summary.status is RunStatus.FAILED


@pytest.mark.parametrize(
    ("is_cut", "status"), [(True, RunStatus.CRASHED), (False, RunStatus.FAILED)]
)
def test_jest_reporter(node: str, tmp_path: Path, is_cut: bool, status: RunStatus) -> None:
    driver = tmp_path / "driver.cjs"
    driver.write_text(DRIVER)
    words = [str(INJECT / "greenlane-jest.cjs"), *(["cut"] if is_cut else [])]
    done = subprocess.run(
        [node, str(driver), *words],
        env=environment(tmp_path / "out", "jest"),
        timeout=DEADLINE_SECONDS,
        check=False,
    )
    assert done.returncode == int(is_cut)
    summary, tests = judge(tmp_path, "jest", 1)
    assert summary.status is status
    outcomes = {name: test.outcome.value for name, test in tests.items()}
    broken = {} if is_cut else {"b.test.js": "error"}
    assert outcomes == {"grp ok": "passed", "grp flaky": "passed", **broken}


ENDS_ITSELF = """
import { test } from 'node:test';
{before}
test('exits', async () => {{ process.exit(0); }});
test('red', () => {{ throw new Error('red'); }});
"""
WAIT = "await new Promise((resolve) => setTimeout(resolve, 50));"


@pytest.mark.parametrize(
    ("before", "red"),
    [
        ("", "a.test.mjs"),
        (f"test('first', async () => {{ {WAIT} }});", "exits"),
    ],
)
def test_a_file_that_ends_itself_is_not_green(
    node: str, tmp_path: Path, before: str, red: str
) -> None:
    """Node itself counts the file as passed."""
    source = ENDS_ITSELF.replace("{before}", before).replace("{{", "{").replace("}}", "}")
    if before:
        source = source.replace("process.exit", f"{WAIT} process.exit")
    (tmp_path / "a.test.mjs").write_text(source)
    (tmp_path / "b.test.mjs").write_text("import test from 'node:test'; test('fine', () => {});")
    code = start(node, tmp_path, "--test").wait(DEADLINE_SECONDS)
    summary, tests = judge(tmp_path, "node-test", code)
    assert summary.status is RunStatus.FAILED
    assert tests[red].outcome.value == "error"
    assert tests["fine"].outcome.value == "passed"
    assert "red" not in tests


def test_a_file_that_needs_no_runner_may_end_itself(node: str, tmp_path: Path) -> None:
    (tmp_path / "a.test.mjs").write_text("process.exit(0);")
    code = start(node, tmp_path, "--test").wait(DEADLINE_SECONDS)
    summary, tests = judge(tmp_path, "node-test", code)
    assert summary.status is RunStatus.PASSED
    assert list(tests) == ["a.test.mjs"]
