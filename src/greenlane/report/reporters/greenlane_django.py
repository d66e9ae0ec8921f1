# mypy: ignore-errors
"""A Django test runner that streams results while they happen, one JSON object a line.

Given by `manage.py test --testrunner=greenlane_django.Runner` with this folder on `PYTHONPATH`;
it is a subclass of whatever runner the project has. Writes to a file of its own in the folder
`GREENLANE_DJANGO_DIR`. Standard library and Django only, Python 3.8 and newer.
"""

import inspect
import json
import os
import tempfile
import time
import unittest

from django.conf import settings
from django.test.utils import get_runner

_LIMIT = 20000  # characters of one text

Base = get_runner(settings)


class _Stream:
    """The file of events; silent where it cannot be written."""

    def __init__(self):
        self._file = None
        self._pid = os.getpid()
        folder = os.environ.pop("GREENLANE_DJANGO_DIR", "")
        if folder:
            try:
                os.makedirs(folder, exist_ok=True)
                handle, _ = tempfile.mkstemp(".jsonl", "django-%d-" % os.getpid(), folder)
                self._file = os.fdopen(handle, "w", encoding="ascii")
            except OSError:
                pass

    def write(self, **event):
        if self._file is None or self._pid != os.getpid():
            return
        try:
            self._file.write(json.dumps(event) + "\n")
            self._file.flush()
        except (OSError, ValueError):
            pass


class Runner(Base):
    """The project's own runner, with a stream beside its output."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._stream = _Stream()

    def run_suite(self, suite, **kwargs):
        self._stream.write(e="run_start", t=time.time(), root=os.getcwd(), n=suite.countTestCases())
        result = super().run_suite(suite, **kwargs)
        ok = getattr(result, "wasSuccessful", lambda: None)()
        self._stream.write(e="run_end", ok=ok, n=getattr(result, "testsRun", None))
        return result

    def get_resultclass(self):
        base = super().get_resultclass() or unittest.TextTestResult
        return _with_stream(base, self._stream)


def _with_stream(base, stream):
    """Make a result class that tells the stream what it is told."""

    class StreamResult(base):
        _greenlane_started = None

        def startTest(self, test):
            super().startTest(test)
            self._greenlane_started = time.perf_counter()
            file, line = _place(test)
            stream.write(e="start", id=test.id(), file=file, line=line)

        def stopTest(self, test):
            super().stopTest(test)
            self._greenlane_started = None
            stream.write(e="stop", id=test.id())

        def _greenlane_tell(self, test, outcome, err=None, msg=None):
            started = self._greenlane_started
            seconds = 0 if started is None else round(time.perf_counter() - started, 6)
            text = _text(self._exc_info_to_string(err, test)) if err else None
            stream.write(e="result", id=test.id(), outcome=outcome, dur=seconds, tb=text, msg=msg)

        def addSuccess(self, test):
            super().addSuccess(test)
            self._greenlane_tell(test, "passed")

        def addFailure(self, test, err):
            super().addFailure(test, err)
            self._greenlane_tell(test, "failed", err)

        def addError(self, test, err):
            super().addError(test, err)
            self._greenlane_tell(test, "error", err)

        def addSkip(self, test, reason):
            super().addSkip(test, reason)
            self._greenlane_tell(test, "skipped", msg=_text(reason))

        def addExpectedFailure(self, test, err):
            super().addExpectedFailure(test, err)
            self._greenlane_tell(test, "xfail", err)

        def addUnexpectedSuccess(self, test):
            super().addUnexpectedSuccess(test)
            self._greenlane_tell(test, "failed", msg="unexpected success")

        def addSubTest(self, test, subtest, err):
            super().addSubTest(test, subtest, err)
            if err is not None:
                is_failure = issubclass(err[0], test.failureException)
                outcome = "failed" if is_failure else "error"
                text = _text(self._exc_info_to_string(err, test))
                stream.write(e="sub", id=test.id(), sub=str(subtest), outcome=outcome, tb=text)

    return StreamResult


def _place(test):
    """Return the file and line of a test method; (None, None) where they cannot be found."""
    try:
        method = inspect.unwrap(getattr(test, test._testMethodName))
        return inspect.getsourcefile(method), inspect.getsourcelines(method)[1]
    except Exception:  # noqa: BLE001 - objects under test may do anything
        return None, None


def _text(value):
    """Bound a text from the middle: the head says what, the tail says why."""
    text = str(value)
    if len(text) <= _LIMIT:
        return text
    return text[: _LIMIT // 2] + "\n[...]\n" + text[-_LIMIT // 2 :]
