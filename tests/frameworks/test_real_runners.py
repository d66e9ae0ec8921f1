"""The reporters of Mocha and Jasmine in a real Node, driven by what stands for their runners."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from greenlane.report import reporters
from greenlane.report.formats.base import Findings
from tests.unit.report.reading import outcomes, read

INJECT = Path(reporters.__file__).parent
DEADLINE_SECONDS = 60

MOCHA = """
const { EventEmitter } = require('node:events');
const { execFileSync } = require('node:child_process');
class Runner extends EventEmitter {
  constructor(tests) {
    super();
    this.suite = { eachTest: (action) => tests.forEach(action) };
    this.failures = 0;
    this._grep = /.*/;
    this.on('test end', () => {});
  }
  runTests() {}
}
const make = (title, type = 'test') => (
  { type, title, file: '/r/t/add.js', duration: 5, fullTitle: () => `add ${title}` });
const names = ['works', 'breaks', 'is retried', 'after a bad hook', 'never runs'];
const [works, breaks, retried, late, never] = names.map((name) => make(name));
const runner = new Runner([works, breaks, retried, late, never]);
const inner = new Runner([make('inner')]);
const stack = 'Error: boom\\n    at x (/r/t/add.js:7:3)';
const error = Object.assign(new Error('boom'), { stack });
runner.emit('start');
runner.emit('test', works);
inner.emit('start');
inner.emit('fail', make('inner'), error);
inner.emit('end');
runner.emit('pass', works);
runner.emit('test', breaks);
runner.emit('fail', breaks, error);
runner.emit('pending', make('skipped'));
runner.emit('test', retried);
runner.emit('retry', retried, error);
runner.emit('test', retried);
if (process.argv[2]) process.exit(1);
runner.emit('pass', retried);
runner.emit('test', late);
runner.failures = 2;
runner.emit('fail', make('"before each" hook for "after a bad hook"', 'hook'), 'no error');
runner.emit('end');
process.stdout.write(JSON.stringify([process.env.NODE_OPTIONS, process.env.GREENLANE_MOCHA_DIR]));
"""

JASMINE = """
const told = [];
let before = () => {};
const env = {
  reporters: [],
  addReporter(one) { this.reporters.push(one); },
  clearReporters() { this.reporters = []; },
  beforeEach(action) { before = action; },
};
globalThis.jasmine = { getEnv: () => env };
jasmine.getEnv().clearReporters(); // as many a project's helper does
const tell = (event, value) => env.reporters.forEach((one) => one[event](value));
const spec = (name, more = {}) => ({ fullName: `add ${name}`, failedExpectations: [], ...more });
const run = (name, status, more = {}) => {
  tell('specStarted', spec(name));
  if (status !== 'excluded' && status !== 'pending') before();
  tell('specDone', spec(name, { status, ...more }));
};
tell('jasmineStarted', {});
run('works', 'passed', { duration: 5 });
run('breaks', 'failed', { failedExpectations: [{ message: 'boom', stack: 'at x' }] });
run('later', 'pending', { pendingReason: 'why' });
run('is left out', 'excluded');
tell('suiteDone', spec('hook', { failedExpectations: [{ message: 'no database' }] }));
if (process.argv[2]) {
  tell('specStarted', spec('hangs'));
  before();
  process.exit(1);
}
tell('jasmineDone', { overallStatus: 'failed' });
"""


def drive(
    tmp_path: Path, name: str, driver: str, *words: str
) -> tuple[Findings, dict[str, str], str]:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not here")
    script, out = tmp_path / "driver.cjs", tmp_path / "out put"
    script.write_text(driver)
    out.mkdir()
    options = f'--no-warnings --require "{INJECT}/greenlane-{name}.cjs"'
    env = {**os.environ, "NODE_OPTIONS": options, f"GREENLANE_{name.upper()}_DIR": str(out)}
    done = subprocess.run(
        [node, str(script), *words],
        env=env,
        timeout=DEADLINE_SECONDS,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == (1 if words else 0), done.stderr
    [stream] = out.iterdir()
    findings, tests = read("stream", stream.read_bytes(), root="/r")
    return findings, outcomes(tests), done.stdout


def test_mocha(tmp_path: Path) -> None:
    findings, tests, printed = drive(tmp_path, "mocha", MOCHA)
    assert tests == {
        "add works": "passed",
        "add breaks": "failed",
        "add skipped": "skipped",
        "add is retried": "passed",
        'add "before each" hook for "after a bad hook"': "error",
        "add after a bad hook": "not_run",
        "add never runs": "not_run",
    }
    assert (findings.is_complete, findings.says_success, findings.running) == (True, False, [])
    assert printed == '["--no-warnings",null]'


def test_mocha_that_dies_names_what_was_running(tmp_path: Path) -> None:
    findings, tests, _ = drive(tmp_path, "mocha", MOCHA, "die")
    assert findings.running == ["add is retried"]
    assert (tests["add is retried"], tests["add never runs"]) == ("error", "not_run")


def test_jasmine(tmp_path: Path) -> None:
    findings, tests, _ = drive(tmp_path, "jasmine", JASMINE)
    assert tests == {
        "add works": "passed",
        "add breaks": "failed",
        "add later": "skipped",
        "add hook": "error",
    }
    assert (findings.is_complete, findings.says_success) == (True, False)


def test_jasmine_that_dies_names_what_was_running(tmp_path: Path) -> None:
    findings, _, _ = drive(tmp_path, "jasmine", JASMINE, "die")
    assert findings.running == ["add hangs"]
