"""How fast huge reports are read, and in how much memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Row, Table, megabytes, times

AIM_SECONDS = 10.0  # for a report of 500 MB
AIM_BYTES = 100_000_000
_AIM_OF_BYTES = 500_000_000

_OURS = """
import sys
from pathlib import Path
from greenlane.config.catalogue import Catalogue
from greenlane.report.collect import Leavings, open_files, read_leavings
path = Path(sys.argv[1])
leavings = Leavings(preset=Catalogue().get(sys.argv[2]), exit_code=0, reports=open_files([path]))
summary = read_leavings(leavings, path.with_name("tests.jsonl"))
sys.exit(0 if summary.status in {"passed", "failed"} else summary.because)
"""
_FLOOR_XML = """
import sys
from lxml.etree import iterparse
for _, element in iterparse(sys.argv[1], huge_tree=True):
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]
"""
_FLOOR_JSON = """
import sys, msgspec
decode = msgspec.json.Decoder().decode
for line in open(sys.argv[1], "rb"):
    decode(line)
"""
_FLOOR_TEXT = """
import re, sys
match = re.compile(rb"(not )?ok \\d+").match
for line in open(sys.argv[1], "rb"):
    match(line)
"""
_PEER_XML = """
import sys
from junitparser import JUnitXml
sum(1 for suite in JUnitXml.fromfile(sys.argv[1]) for case in suite)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    what: str
    preset: str
    pieces: Callable[[], Iterator[str]]
    end: str
    floor: str
    peer: str = ""


def _junit_with_output() -> Iterator[str]:
    yield '<?xml version="1.0"?>\n<testsuites><testsuite name="s">\n'
    output = "a line that the test printed &amp; one more\n" * 100
    for number in range(10**9):
        yield (
            f'<testcase classname="pkg.mod.Class" name="test_{number}" time="0.001">'
            f"<system-out>{output}</system-out></testcase>\n"
        )


def _junit_of_small_tests() -> Iterator[str]:
    yield '<?xml version="1.0"?>\n<testsuites><testsuite name="s">\n'
    for number in range(10**9):
        yield f'<testcase classname="pkg.mod.Class" name="test_{number}" time="0.001"/>\n'


def _junit_of_small_suites() -> Iterator[str]:
    yield '<?xml version="1.0"?>\n<testsuites><testsuite name="pkg.mod0.Class" tests="50">\n'
    for number in range(1, 10**9):
        suite, place = divmod(number, 50)
        name = f"pkg.mod{suite}.Class"
        border = "" if place else f'</testsuite>\n<testsuite name="{name}" tests="50">\n'
        children = {
            20: '<failure message="1 &lt; 2" type="AssertionError">at test.py:3</failure>',
            30: "<skipped/>",
            40: "<system-out><![CDATA[it was said]]></system-out>",
        }.get(place, "")
        yield (
            f'{border}<testcase classname="{name}" name="test_{place}" time="0.001">'
            f"{children}</testcase>\n"
        )


def _tap() -> Iterator[str]:
    yield "TAP version 13\n"
    for number in range(1, 10**9):
        yield f"ok {number} - the module does its thing number {number}\n# it took a while\n"


def _go() -> Iterator[str]:
    yield _line({"Action": "start", "Package": "example.org/shop"})
    for number in range(10**9):
        place = {"Package": "example.org/shop", "Test": f"Test{number}"}
        said = [f"    shop_test.go:{line}: something was seen {number}\n" for line in range(3)]
        yield "".join(
            [
                _line({"Action": "run", **place}),
                *(_line({"Action": "output", **place, "Output": text}) for text in said),
                _line({"Action": "pass", **place, "Elapsed": 0.01}),
            ]
        )


def _stream() -> Iterator[str]:
    yield '{"e":"begin","framework":"bench","root":"/"}\n'
    for number in range(10**9):
        place = {"id": f"the module does its thing number {number}", "file": "/a.js"}
        result = {"e": "result", **place, "outcome": "passed", "seconds": 0.1}
        yield _line({"e": "start", **place}) + _line(result)


def _line(event: Mapping[str, object]) -> str:
    return json.dumps(event, separators=(",", ":")) + "\n"


_XML_END = "</testsuite></testsuites>\n"
_KINDS = (
    _Kind(
        what="JUnit, tests that print much",
        preset="custom",
        pieces=_junit_with_output,
        end=_XML_END,
        floor=_FLOOR_XML,
        peer=_PEER_XML,
    ),
    _Kind(
        what="JUnit, nothing but small tests",
        preset="custom",
        pieces=_junit_of_small_tests,
        end=_XML_END,
        floor=_FLOOR_XML,
        peer=_PEER_XML,
    ),
    _Kind(
        what="JUnit, suites of 50 small tests, some of them red",
        preset="custom",
        pieces=_junit_of_small_suites,
        end=_XML_END,
        floor=_FLOOR_XML,
        peer=_PEER_XML,
    ),
    _Kind(what="TAP", preset="custom", pieces=_tap, end="1..{tests}\n", floor=_FLOOR_TEXT),
    _Kind(
        what="`go test -json`",
        preset="go",
        pieces=_go,
        end='{"Action":"pass","Package":"example.org/shop"}\n',
        floor=_FLOOR_JSON,
    ),
    _Kind(
        what="the stream of our reporters",
        preset="custom",
        pieces=_stream,
        end='{"e":"finish","ok":true}\n',
        floor=_FLOOR_JSON,
    ),
)


def measure(folder: Path, *, size_mb: int) -> Table:
    """Read a report of each kind once, and do the least that reads the same file."""
    return Table(
        title=f"Reports of {size_mb:,} MB",
        floor="its parser alone, in Python",
        peer="`junitparser`",
        rows=[_row(folder, kind, size_mb * 1_000_000) for kind in _KINDS],
        note="Once each; in brackets peak memory, of which the least is that of the bench itself. "
        "`junitparser` is measured where `pip install junitparser` was done.",
        has_peer=True,
    )


def _row(folder: Path, kind: _Kind, size: int) -> Row:
    path = folder / "report"
    tests = _write(path, kind, size)
    ours, memory = _run(_OURS, str(path), kind.preset)
    floor, floor_memory = _run(kind.floor, str(path))
    peer = "-"
    if kind.peer and _has_junitparser():
        seconds, peer_memory = _run(kind.peer, str(path))
        peer = _show(seconds, peer_memory)
    path.unlink()
    has_aim = size == _AIM_OF_BYTES
    return Row(
        what=f"{kind.what} ({tests:,} tests)",
        figure=_show(ours, memory),
        floor=_show(floor, floor_memory),
        peer=peer,
        ratio=times(ours, floor),
        aim=f"{AIM_SECONDS:.0f} s, {megabytes(AIM_BYTES)}" if has_aim else "-",
        is_met=ours <= AIM_SECONDS and memory <= AIM_BYTES if has_aim else None,
    )


def _write(path: Path, kind: _Kind, size: int) -> int:
    """Write a report of about so many bytes; give how many tests it has.

    The first piece is the head of the report, each other one is a test.
    """
    written, tests = 0, -1
    with path.open("w") as file:
        for piece in kind.pieces():
            written += file.write(piece)
            tests += 1
            if written >= size:
                break
        file.write(kind.end.replace("{tests}", str(tests)))
    return tests


def _run(script: str, *words: str) -> tuple[float, int]:
    """Run a script in a Python of its own; give seconds and peak memory in bytes."""
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", script, *words])
    _, status, usage = os.wait4(process.pid, 0)
    took = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"reading went wrong: exit status {process.returncode}")
    return took, usage.ru_maxrss * 1024


def _has_junitparser() -> bool:
    words = [sys.executable, "-c", "import junitparser"]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def _show(seconds: float, memory: int) -> str:
    return f"{seconds:.1f} s ({megabytes(memory)})"
