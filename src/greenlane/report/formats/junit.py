"""JUnit XML in all its dialects."""

from __future__ import annotations

from greenlane.report.formats.base import Format
from greenlane.report.formats.junit_events import Suites
from greenlane.report.formats.xml_documents import xml_reader

_BULK = (
    "system-out",
    "system-err",
    "failure",
    "error",
    "skipped",
    "warning",
    "output",
    "stackTrace",
)

FORMAT = Format(
    read=xml_reader(Suites, ("testsuites", "testsuite"), _BULK),
    signature=r"<(?:[\w.-]+:)?testsuites?[\s/>]|<\0t\0e\0s\0t\0s\0u\0i\0t\0e\0",
    is_neutral=True,
)
