"""The reporters of RSpec, Minitest and ExUnit in real runs: what the samples do not show."""

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
from greenlane.config.fill import fill_env
from greenlane.model.report import ReportSummary, RunStatus, TestCase
from greenlane.report import reporters
from greenlane.report.collect import Leavings, open_files, read_leavings

pytestmark = pytest.mark.slow

INJECT = Path(reporters.__file__).parent
MINITEST = """
require "minitest/autorun"

class ATest < Minitest::Test
  parallelize_me!

  def test_one; assert true; end
  def test_two; assert_equal "", ENV.to_h.slice("GREENLANE_STREAM", "RUBYOPT").values.join; end
  def test_red; assert false; end
end
"""
MIX = """
defmodule A.MixProject do
  use Mix.Project
  def project, do: [app: :a, version: "1.0.0"]
end
"""
EXUNIT = """
defmodule ATest do
  use ExUnit.Case, async: true

  for number <- 1..3 do
    test "in a loop #{number}" do
      assert unquote(number) != 2
    end
  end
end
"""


class Run:
    """A run of a preset in a folder, with its channels open."""

    def __init__(self, preset: str, folder: Path) -> None:
        self.preset = Catalogue().get(preset)
        self._folder = folder
        self._out = folder / "out"
        self._out.mkdir(exist_ok=True)
        values = {"out": str(self._out), "inject": str(INJECT), "python": "python3"}
        clean = {key: text for key, text in os.environ.items() if not key.startswith("GREENLANE")}
        self._env = clean | fill_env(self.preset.env, values, clean)
        self.tests: dict[str, str] = {}

    def judge(self, *argv: str, until: str = "") -> ReportSummary:
        """Run a command, to its end or until the stream holds a text, and read what it left."""
        for old in self._out.iterdir():
            old.unlink()
        log = self._folder / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                argv, cwd=self._folder, env=self._env, stdout=output, stderr=output
            )
        deadline = time.monotonic() + 60
        while process.poll() is None:
            assert time.monotonic() < deadline
            if until and any(until in one.read_text() for one in self._out.iterdir()):
                process.send_signal(signal.SIGTERM)
            time.sleep(0.05)
        left = Leavings(
            preset=self.preset,
            exit_code=process.returncode,
            timed_out=bool(until),
            outputs=open_files([log]),
            reports=open_files(sorted(self._out.iterdir())),
            root=str(self._folder),
        )
        found = self._folder / "tests.jsonl"
        summary = read_leavings(left, found)
        cases = [msgspec.json.decode(one, type=TestCase) for one in found.read_bytes().splitlines()]
        self.tests = {one.id: one.outcome.value for one in cases}
        return summary


def _needs(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not here")


def test_rspec_that_is_stopped_names_what_ran(tmp_path: Path) -> None:
    _needs("rspec")
    (tmp_path / "a_spec.rb").write_text(
        'RSpec.describe("a") { it("is quick") {}; it("hangs") { sleep }; it("waits") {} }\n'
    )
    run = Run("rspec", tmp_path)
    summary = run.judge("rspec", "a_spec.rb", until='"start", "id": "a hangs"')
    assert summary.status is RunStatus.TIMEOUT, summary.because
    assert run.tests == {"a is quick": "passed", "a hangs": "error"}
    assert summary.totals.not_run == 1


@pytest.mark.parametrize(
    ("body", "argv", "status"),
    [
        ('it("a") {}', ["--dry-run"], RunStatus.LISTED),
        ('it("a") { exit(0) }; it("b") {}', [], RunStatus.CRASHED),
        ("after(:all) { raise 'x' }; it('a') {}", [], RunStatus.FAILED),
    ],
)
def test_rspec_is_not_green_by_mistake(
    tmp_path: Path, body: str, argv: list[str], status: RunStatus
) -> None:
    _needs("rspec")
    (tmp_path / "a_spec.rb").write_text(f'RSpec.describe("a") {{ {body} }}\n')
    summary = Run("rspec", tmp_path).judge("rspec", "a_spec.rb", *argv)
    assert summary.status is status, summary.because


def test_minitest_runs_what_is_selected_and_hides_from_the_tests(tmp_path: Path) -> None:
    _needs("ruby")
    (tmp_path / "a_test.rb").write_text(MINITEST)
    run = Run("minitest", tmp_path)
    summary = run.judge("ruby", "a_test.rb")
    assert run.tests == {
        "ATest#test_one": "passed",
        "ATest#test_two": "passed",
        "ATest#test_red": "failed",
    }
    assert summary.status is RunStatus.FAILED
    run.judge("ruby", "a_test.rb", "GREENLANE_SELECT=^(?:ATest#test_one|ATest#test_red)$")
    assert run.tests == {"ATest#test_one": "passed", "ATest#test_red": "failed"}


@pytest.mark.parametrize(
    ("argv", "status"),
    [
        (["-n", "nothing"], RunStatus.NO_TESTS),
        (["--no-such-option"], RunStatus.USAGE_ERROR),
    ],
)
def test_minitest_that_runs_nothing(tmp_path: Path, argv: list[str], status: RunStatus) -> None:
    _needs("ruby")
    (tmp_path / "a_test.rb").write_text(MINITEST)
    summary = Run("minitest", tmp_path).judge("ruby", "a_test.rb", *argv)
    assert summary.status is status, summary.because


@pytest.fixture
def mix(tmp_path: Path) -> Run:
    _needs("mix")
    (tmp_path / "test").mkdir()
    (tmp_path / "mix.exs").write_text(MIX)
    (tmp_path / "test" / "a_test.exs").write_text(EXUNIT)
    helper = "ExUnit.start(formatters: [ExUnit.CLIFormatter])\n"
    (tmp_path / "test" / "test_helper.exs").write_text(helper)
    return Run("exunit", tmp_path)


def test_exunit_with_formatters_of_its_own(mix: Run) -> None:
    summary = mix.judge("mix", "test")
    assert mix.tests == {
        "ATest.test in a loop 1": "passed",
        "ATest.test in a loop 2": "failed",
        "ATest.test in a loop 3": "passed",
    }
    assert summary.status is RunStatus.FAILED
    mix.judge("mix", "test", "--include", "greenlane:ATest.test in a loop 2", "test/a_test.exs")
    assert mix.tests == {"ATest.test in a loop 2": "failed"}


def test_exunit_whose_last_file_does_not_compile(mix: Run, tmp_path: Path) -> None:
    (tmp_path / "test" / "b_test.exs").write_text("Process.sleep(500)\nraise ArgumentError\n")
    summary = mix.judge("mix", "test")
    assert summary.status is RunStatus.BUILD_ERROR, summary.because
