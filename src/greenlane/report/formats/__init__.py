"""The formats that reports are read in, best source first: streams, files, text.

The order is the rank: where one run left several kinds of report, the first that says something
about tests is believed, and the others may only contradict it.
"""

from __future__ import annotations

from greenlane.report.formats import tap
from greenlane.report.formats.base import Format

READERS: dict[str, Format] = {
    "tap": tap.FORMAT,
}
