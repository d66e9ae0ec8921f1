"""Fuzz the report readers, guided by coverage: `python -m tests.fuzz [SECONDS [FORMAT…]]`.

The first byte of an input chooses the reader, the rest is the report. A reader must never raise,
never be slow (an input that takes seconds is a finding), and keep every text of a test bounded.
An input that breaks one is left in the working folder as `crash-…`, `timeout-…` or `oom-…`; give
its path as the only argument to run it again.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["greenlane.report"]):
    from greenlane.model.report import TestCase
    from greenlane.report.formats import READERS
    from greenlane.report.formats.base import TEXT_LIMIT, Format, ReadContext

    FORMATS: list[tuple[str, Format]] = [(name, READERS[name]) for name in READERS]

CORPUS = Path(__file__).parents[1] / "corpus"
DEFAULT_SECONDS = 60
MAX_BYTES = 20_000
_ID_LIMIT = 3000
_SLACK = 200  # what says that a text was cut


def check(data: bytes) -> None:
    """Read an input and look at what comes out."""
    if not data:
        return
    name, one = FORMATS[data[0] % len(FORMATS)]
    context = ReadContext(root="/src", exit_code=1, output=lambda: "")
    findings = one.read(io.BytesIO(data[1:]), _check_test, context)
    assert not any(count < 0 for count in findings.unnamed.values()), name
    assert findings.unnamed_not_run >= 0, name


def _check_test(test: TestCase) -> None:
    assert test.id and len(test.id) < _ID_LIMIT
    assert test.line >= 0
    assert max(map(len, (test.message, test.traceback, test.output))) <= TEXT_LIMIT + _SLACK


def write_seeds(folder: Path) -> None:
    """Write the captured reports that a reader knows as its own, cut to size; and nothing."""
    (folder / "nothing").write_bytes(bytes([0]))
    paths = [path for path in sorted(CORPUS.glob("*/*/*")) if path.is_file()]
    for number, path in enumerate(paths):
        content = path.read_bytes()[: MAX_BYTES - 1]
        for index, (_, one) in enumerate(FORMATS):
            if one.pattern.search(content):
                (folder / f"{index}-{number}").write_bytes(bytes([index]) + content)


def main(arguments: list[str]) -> None:
    """Fuzz for some seconds, or run one input again."""
    with tempfile.TemporaryDirectory(prefix="greenlane-fuzz-") as folder:
        if not arguments[0].isdigit():
            words = [arguments[0]]
        else:
            if chosen := [(name, READERS[name]) for name in arguments[1:]]:
                FORMATS[:] = chosen
            write_seeds(Path(folder))
            seconds = arguments[0]
            words = [f"-max_total_time={seconds}", f"-max_len={MAX_BYTES}", folder]
        limits = ["-timeout=10", "-rss_limit_mb=1500", "-print_final_stats=1"]
        atheris.Setup([sys.argv[0], *limits, *words], check)
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:] or [str(DEFAULT_SECONDS)])
