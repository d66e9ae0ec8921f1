"""The Vitest reporter without Vitest: both ways in which Vitest tells what it does."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest

from greenlane.config.catalogue import Catalogue
from greenlane.model.report import ReportSummary, RunStatus, TestCase
from greenlane.report import reporters
from greenlane.report.collect import Leavings, open_files, read_leavings

REPORTER = Path(reporters.__file__).parent / "greenlane-vitest.mjs"
DEADLINE_SECONDS = 60

#: The tasks of a file as Vitest's runner has them, and their end in packs (up to Vitest 2) or one
#: by one (from 3 on). `process.argv[3]` is a way, and where the run ends.
DRIVER = """
const { default: Reporter } = await import(process.argv[2]);
const [way, end] = process.argv[3].split(' ');
const file = { id: 'f', type: 'suite', name: 'a.test.js', filepath: '/r/a.test.js', mode: 'run' };
file.file = file;
const suite = { id: 's', type: 'suite', name: 'add', suite: file, file, mode: 'run' };
const make = (id, name, mode = 'run', parent = suite) =>
  ({ id, type: 'test', name, mode, suite: parent, file, location: { line: Number(id) } });
const passes = make('1', 'passes');
const fails = make('2', 'fails');
const later = make('3', 'later', 'skip');
const flaky = make('4', 'flaky', 'run', file);
const left = make('5', 'left out', 'skip', file);
const never = make('6', 'never', 'run', file);
const hooked = { ...suite, id: 'h', name: 'hooked' };
const inner = make('7', 'add inner', 'run', hooked);
hooked.tasks = [inner];
suite.tasks = [passes, fails, later];
file.tasks = [suite, flaky, left, never, hooked];
const all = [passes, fails, later, flaky, left, never, inner, hooked, suite, file];
const vitest = {
  config: { root: '/r', testNamePattern: /add|flaky|never/ },
  projects: [],
  state: { idMap: new Map(all.map((task) => [task.id, task])) },
};
const reporter = new Reporter();
reporter.onInit(vitest);
const isNew = way === 'new';
if (isNew) reporter.onTestRunStart([{ moduleId: '/r/a.test.js' }]);
if (isNew) reporter.onTestModuleCollected({ task: file });
else reporter.onCollected([file]);
const tell = (task, result) => {
  task.result = result;
  if (!isNew) reporter.onTaskUpdate([[task.id, result, {}]]);
  else if (result.state === 'run') reporter.onTestCaseReady({ task });
  else if (result.duration !== undefined) reporter.onTestCaseResult({ task });
};
tell(passes, { state: 'run', startTime: 1 });
reporter.onUserConsoleLog({ taskId: '2', content: 'said\\n', type: 'stdout' });
tell(passes, { state: 'pass', startTime: 1, duration: 5 });
const stack = 'Error: no\\n at /r/a.test.js:9:1';
const error = { name: 'Error', message: 'no', stack, diff: '- 1' };
tell(fails, { state: 'fail', startTime: 1, duration: 7, errors: [error] });
tell(flaky, { state: 'run', startTime: 1 });
if (end === 'killed') process.exit(1);
tell(flaky, { state: 'fail', startTime: 1, errors: [error] });
tell(flaky, { state: 'pass', startTime: 1, duration: 9, retryCount: 1 });
suite.result = { state: 'fail', errors: [{ message: 'hook' }], duration: 1 };
hooked.result = suite.result;
never.result = { state: 'skip' };
never.mode = 'skip';
vitest.isCancelling = true;
file.result = { state: 'fail' };
const late = { type: 'Unhandled Rejection', name: 'Error', message: 'late' };
const errors = end === 'unhandled' ? [late] : [];
if (isNew) reporter.onTestRunEnd([{ task: file }], errors, 'failed');
else reporter.onFinished([file], errors);
"""


def run(tmp_path: Path, words: str) -> tuple[ReportSummary, dict[str, TestCase]]:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not here")
    driver, out = tmp_path / "driver.mjs", tmp_path / "out"
    driver.write_text(DRIVER)
    out.mkdir()
    subprocess.run(
        [node, str(driver), str(REPORTER), words],
        env={**os.environ, "GREENLANE_VITEST_DIR": str(out)},
        timeout=DEADLINE_SECONDS,
        check="killed" not in words,
    )
    leavings = Leavings(
        preset=Catalogue().get("vitest"),
        exit_code=1,
        reports=open_files(sorted(out.iterdir())),
        root="/r",
    )
    summary = read_leavings(leavings, tmp_path / "tests.jsonl")
    lines = (tmp_path / "tests.jsonl").read_bytes().splitlines()
    tests = [msgspec.json.decode(line, type=TestCase) for line in lines]
    return summary, {test.id: test for test in tests}


@pytest.mark.parametrize("way", ["old", "new"])
def test_vitest_reporter(tmp_path: Path, way: str) -> None:
    summary, tests = run(tmp_path, f"{way} over")
    assert summary.status is RunStatus.FAILED
    assert summary.is_complete
    assert {name: test.outcome.value for name, test in tests.items()} == {
        "add passes": "passed",
        "add fails": "failed",
        "add later": "skipped",
        "add": "error",  # a hook after its tests
        "hooked add inner": "error",  # a hook before it
        "flaky": "passed",
        "never": "not_run",
    }
    red = tests["add fails"]
    assert (red.file, red.line, red.duration_seconds) == ("a.test.js", 2, 0.007)
    assert (red.message, red.output) == ("Error: no\n\n- 1", "said\n")


@pytest.mark.parametrize("way", ["old", "new"])
def test_a_vitest_that_dies_names_what_was_running(tmp_path: Path, way: str) -> None:
    summary, tests = run(tmp_path, f"{way} killed")
    assert summary.status is RunStatus.CRASHED
    assert {name: test.outcome.value for name, test in tests.items()} == {
        "add passes": "passed",
        "add fails": "failed",
        "flaky": "error",
        "add later": "skipped",
        "never": "not_run",
        "hooked add inner": "not_run",
    }


@pytest.mark.parametrize("way", ["old", "new"])
def test_an_error_outside_of_the_tests_is_told(tmp_path: Path, way: str) -> None:
    run(tmp_path, f"{way} unhandled")
    [stream] = (tmp_path / "out").iterdir()
    events = [msgspec.json.decode(line) for line in stream.read_bytes().splitlines()]
    [problem] = [event for event in events if event["e"] == "problem"]
    assert problem["text"].startswith("Unhandled Rejection: Error: late")
    assert events[-1] == {"e": "finish", "ok": False}
