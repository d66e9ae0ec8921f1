"""The command of a run: how it is started, how it ends, what is noted about it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from greenlane.model.run import RunEnd

from .conftest import PATH, Site, wait_until


def test_exit_code_and_output(site: Site) -> None:
    result = site.run("sh", "-c", "echo out; echo err >&2; exit 3")
    assert (result.end, result.exit_code) == (RunEnd.EXITED, 3)
    assert site.log() == "out\nerr\n"
    assert result.log_bytes == 8
    assert result.command_started_at is not None
    assert result.command_ended_at is not None
    assert result.started_at <= result.command_started_at <= result.command_ended_at
    assert result.command_ended_at <= result.ended_at


def test_death_by_signal_is_a_negative_exit_code(site: Site) -> None:
    result = site.run("sh", "-c", "kill -9 $$")
    assert (result.end, result.exit_code) == (RunEnd.EXITED, -9)


def test_environment_is_exactly_the_given_one(site: Site) -> None:
    site.run("env", env={"COLOUR": "green"})
    assert sorted(site.log().splitlines()) == [
        "COLOUR=green",
        "GREENLANE_JOB_ID=job1",
        f"GREENLANE_RUN_ID={site.ends[-1][0]}",
        f"PATH={PATH}",
    ]


def test_standard_input_is_empty_and_nothing_else_is_open(site: Site) -> None:
    code = "import os, sys; print(repr(sys.stdin.read()), sorted(os.listdir('/proc/self/fd')))"
    site.python(code)
    said, _, descriptors = site.log().partition(" ")
    assert said == "''"
    assert descriptors.strip() == "['0', '1', '2', '3']"  # 3 is the listing itself


def test_signals_have_their_defaults(site: Site) -> None:
    site.run("grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status")
    below_real_time = (1 << 31) - 1  # the C library has uses of its own for those
    for line in site.log().splitlines():
        assert int(line.split()[1], 16) & below_real_time == 0, line


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["no-such-program"], "'no-such-program' was not found on PATH"),
        (["./missing"], "'./missing' does not exist"),
        (["./plain"], "'./plain' is not executable"),
        (["./broken"], "'./broken' cannot be started"),
    ],
)
def test_program_that_cannot_be_started(site: Site, argv: list[str], words: str) -> None:
    folder = site.folder / "place"
    folder.mkdir()
    (folder / "plain").write_text("#!/bin/sh\n")
    (folder / "broken").write_text("#!/no/such/interpreter\n")
    (folder / "broken").chmod(0o755)
    result = site.run(*argv, in_place=str(folder))
    assert result.end is RunEnd.SETUP_FAILED
    assert words in result.because
    assert result.command_started_at is None


def test_wall_time_out_ends_politely(site: Site) -> None:
    script = "trap 'echo asked; exit 7' TERM; echo up; while :; do sleep 0.05; done"
    result = site.run("sh", "-c", script, timeout_seconds=0.5)
    assert (result.end, result.exit_code) == (RunEnd.TIMED_OUT, 7)
    assert "longer than 0.5 s" in result.because
    assert "asked" in site.log()


def test_idle_time_out_counts_from_the_last_output(site: Site) -> None:
    script = "for i in 1 2 3 4; do echo $i; sleep 0.3; done; sleep 60"
    result = site.run("sh", "-c", script, idle_timeout_seconds=0.8)
    assert result.end is RunEnd.IDLE_TIMED_OUT
    assert site.log() == "1\n2\n3\n4\n"


def test_whole_tree_is_accounted_for(site: Site) -> None:
    burn = "import time\nwhile time.process_time() < 0.2: pass"
    code = f"""
import os, subprocess, sys
for _ in range(2):
    subprocess.run([sys.executable, "-c", {burn!r}])
if os.fork() == 0:
    os.setsid()
    block = bytearray(100_000_000)
    os._exit(0)
os.wait()
"""
    result = site.python(code)
    assert result.cpu_seconds >= 0.4
    assert result.peak_memory_bytes >= 100_000_000


def test_memory_of_processes_side_by_side_is_summed(site: Site) -> None:
    code = """
import os, time
for _ in range(2):
    if os.fork() == 0:
        block = bytearray(os.urandom(1) * 60_000_000)
        time.sleep(1.5)
        os._exit(0)
os.wait(); os.wait()
"""
    assert site.python(code).peak_memory_bytes >= 110_000_000


def test_working_folder_may_not_leave_the_root(site: Site) -> None:
    root = site.folder / "root"
    (root / "inside").mkdir(parents=True)
    (root / "way_out").symlink_to(site.folder)
    (root / "way_in").symlink_to("inside")
    for cwd in ("..", "way_out", "inside/../..", "/"):
        result = site.run("pwd", in_place=str(root), cwd=cwd)
        assert result.end is RunEnd.SETUP_FAILED, cwd
        assert "lies outside" in result.because
    assert site.run("pwd", in_place=str(root), cwd="missing").because.endswith("does not exist")
    site.run("pwd", in_place=str(root), cwd="way_in")
    assert site.log().strip() == str(root / "inside")


def test_symlinked_root_is_fine(site: Site) -> None:
    (site.folder / "real").mkdir()
    (site.folder / "link").symlink_to("real")
    assert site.run("true", in_place=str(site.folder / "link")).exit_code == 0


def test_report_reader_is_told_how_it_ended(site: Site) -> None:
    seen = site.folder / "seen"
    reader = [
        "python3",
        "-c",
        f"import sys; open({str(seen)!r}, 'w').write(' '.join(sys.argv[1:]))",
    ]
    result = site.run("sh", "-c", "exit 4", read_argv=reader)
    assert seen.read_text() == "--exit-code 4"
    assert "read" in result.phase_seconds
    site.run("sleep", "9", timeout_seconds=0.2, read_argv=reader)
    assert seen.read_text() == "--exit-code -15 --timed-out"


def test_broken_report_reader_is_noted(site: Site) -> None:
    reader = ["python3", "-c", "raise SystemExit('cannot read this')"]
    result = site.run("true", read_argv=reader)
    assert (result.end, result.exit_code) == (RunEnd.EXITED, 0)
    assert "report reader ended with exit code 1" in result.because
    assert "cannot read this" in result.because
    assert "was not found" in site.run("true", read_argv=["no-such-reader"]).because


def test_report_reader_may_not_take_all_memory(site: Site) -> None:
    result = site.run("true", read_argv=["python3", "-c", "bytearray(2 << 30)"])
    assert "MemoryError" in result.because


def test_unreadable_spec_is_a_result(site: Site) -> None:
    spec = site.spec("true")
    site.place.warm_up()
    site.place.start(spec)
    site.wait(spec.run_id)
    broken = site.spec("true", env={}, prepare=[])
    result_of = site.runs_dir / broken.run_id
    result_of.mkdir()
    (result_of / "spec.json").symlink_to("/dev/null")
    site.place._forks.start_runner(result_of, os.open(result_of / "lock", os.O_CREAT | os.O_RDWR))
    text = wait_until(lambda: (result_of / "result.json").exists() and result_of / "result.json")
    assert "the runner broke" in Path(text).read_text()
