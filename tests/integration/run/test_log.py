"""The log stays below its limit whatever the command writes, and says what it lacks."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from greenlane.run import log as log_module
from greenlane.run.follow import LogFollower
from greenlane.run.log import Log

from .conftest import Site, wait_until

LIMIT = 2_000_000
MARKER = re.compile(
    rb"\n\xe2\x80\xa6 \[greenlane: (\d+) bytes of output dropped here\] \xe2\x80\xa6\n"
)
FLOOD = """
import os
block = b"".join(b"%07d\\n" % number for number in range(125_000))
for _ in range(60):
    os.write(1, block)
os.write(1, b"the end\\n")
"""


def test_flood_is_cut_in_the_middle(site: Site) -> None:
    result = site.python(FLOOD, log_limit_bytes=LIMIT)
    assert result.exit_code == 0
    assert result.is_log_truncated
    content = site.file("log").read_bytes()
    assert len(content) == result.log_bytes <= LIMIT + 100
    assert content.startswith(b"0000000\n0000001\n")
    assert content.endswith(b"0124999\nthe end\n")
    (dropped,) = MARKER.findall(content)
    written = 60 * 125_000 * 8 + len("the end\n")
    assert int(dropped) + len(MARKER.sub(b"", content)) == written
    assert b"\0" not in content


def test_log_below_its_limit_is_left_alone(site: Site) -> None:
    result = site.python("print('x' * 1_000_000)", log_limit_bytes=LIMIT)
    assert not result.is_log_truncated
    assert result.log_bytes == 1_000_001


def test_disk_is_given_back_while_the_run_goes_on(site: Site) -> None:
    code = FLOOD + "import time; time.sleep(60)"
    run_id = site.start("python3", "-c", code, log_limit_bytes=LIMIT)
    path = site.runs_dir / run_id / "log"
    wait_until(lambda: path.exists() and path.stat().st_size > 59_000_000)
    wait_until(lambda: path.stat().st_blocks * 512 < 2 * LIMIT)
    site.place.stop(run_id)
    site.wait(run_id)


@pytest.fixture
def make_log(tmp_path: Path) -> Callable[[], Log]:
    return lambda: Log(str(tmp_path), 16 * 4096)


def follow_all(follower: LogFollower) -> bytes:
    return b"".join(iter(lambda: follower.read(3000), b""))


def test_follower_never_sees_a_hole(make_log: Callable[[], Log], tmp_path: Path) -> None:
    log = make_log()
    follower = LogFollower(str(tmp_path))
    seen = b""
    for number in range(400):
        log.note(f"{number:05d} " + "x" * 1000)
        if number == 10:
            seen += follow_all(follower)
        log.trim()
    seen += follow_all(follower)
    log.finish()
    seen += follow_all(follower)
    assert b"\0" not in seen
    assert MARKER.search(seen)
    assert seen.startswith(b"00000 x")
    assert seen.endswith(b"x\n")
    assert b"\n00399 x" in seen
    assert follow_all(LogFollower(str(tmp_path))) == (tmp_path / "log").read_bytes()


def test_file_system_without_holes(
    make_log: Callable[[], Log], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: int) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(log_module, "punch_hole", refuse)
    log = make_log()
    follower = LogFollower(str(tmp_path))
    seen = b""
    for number in range(400):
        log.note(f"{number:05d} " + "x" * 1000)
        log.trim()
        seen += follow_all(follower)
    assert log.finish() <= 19 * 4096
    content = (tmp_path / "log").read_bytes()
    assert content.startswith(b"00000 x")
    assert content.endswith(b"00399 " + b"x" * 1000 + b"\n")
    assert log.dropped_bytes > 0
    assert b"\n00399 x" in seen


def test_follower_waits_for_a_log_that_is_not_there_yet(tmp_path: Path) -> None:
    follower = LogFollower(str(tmp_path))
    assert follower.read() == b""
    (tmp_path / "log").write_bytes(b"first")
    assert follower.read() == b"first"
    assert follower.read() == b""
    follower.close()
