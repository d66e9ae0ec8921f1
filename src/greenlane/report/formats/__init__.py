"""The formats that reports are read in, best source first: streams, files, text.

The order is the rank: where one run left several kinds of report, the first that says something
about tests is believed, and the others may only contradict it.
"""

from __future__ import annotations

from greenlane.report.formats import (
    django_stream,
    json_file,
    junit,
    pytest_reportlog,
    pytest_stream,
    pytest_text,
    tap,
    unittest_text,
)
from greenlane.report.formats.base import Format

READERS: dict[str, Format] = {
    "pytest-stream": pytest_stream.FORMAT,
    "django-stream": django_stream.FORMAT,
    "pytest-reportlog": pytest_reportlog.FORMAT,
    "pytest-json": json_file.PYTEST,
    "junit": junit.FORMAT,
    "tap": tap.FORMAT,
    "tox": json_file.TOX,
    "nox": json_file.NOX,
    "pytest-text": pytest_text.FORMAT,
    "unittest-text": unittest_text.FORMAT,
}
