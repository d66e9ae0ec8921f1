"""The message of a Python exception is what it says, and not the last line of it."""

from __future__ import annotations

import json

import pytest

from greenlane.report.formats.python_error import error_message
from tests.unit.report.reading import read

HEAD = 'Traceback (most recent call last):\n  File "/src/test_a.py", line 9, in test_doc\n    f()\n'
DIFF = "AssertionError: 'x' != 'Momo'\n- x\n+ Momo"


@pytest.mark.parametrize(
    ("traceback", "message"),
    [
        (f"{HEAD}{DIFF}\n\n", DIFF),
        (f"{HEAD}ValueError: a\n\nDuring handling:\n\n{HEAD}KeyError: 'b'\n", "KeyError: 'b'"),
        (f"{HEAD}    ^^^\nSyntaxError: no\n", "SyntaxError: no"),
        (HEAD, "    f()"),
        ("just text\nlast", "last"),
        ("", ""),
    ],
)
def test_error_message(traceback: str, message: str) -> None:
    assert error_message(traceback) == message


def test_unittest_tells_what_differs() -> None:
    rule, line = "=" * 70, "-" * 70
    text = (
        f"F\n{rule}\nFAIL: test_doc (test_a.A.test_doc)\n{line}\n{HEAD}{DIFF}\n\n"
        f"{line}\nRan 1 test in 0.001s\n\nFAILED (failures=1)\n"
    )
    _, [red] = read("unittest-text", text)
    assert red.message == DIFF


def test_django_tells_what_differs() -> None:
    events = [
        {"e": "start", "id": "test_a.A.test_doc", "file": "/src/test_a.py", "line": 8},
        {"e": "result", "id": "test_a.A.test_doc", "outcome": "failed", "tb": HEAD + DIFF},
    ]
    _, [red] = read("django-stream", "\n".join(json.dumps(one) for one in events))
    assert red.message == DIFF
