# mypy: ignore-errors
"""A pytest plugin that streams results while they happen, one JSON object a line.

Loaded by `PYTEST_PLUGINS=greenlane_pytest` with this folder on `PYTHONPATH`; writes to a file of
its own in the folder `GREENLANE_PYTEST_DIR`. Standard library and pytest only, Python 3.8 and
newer, any pytest since 6. What was written before a crash or a kill stays, so that the finished
tests and the one that was running are known. The variables are taken out of the environment:
programs under test that run pytest themselves must not report as if they were the run.
"""

import json
import os
import tempfile
import time

import pytest

_LIMIT = 20000  # characters of one text
_BATCH = 500  # collected ids in one line


def pytest_configure(config):
    """Start a stream in the process that speaks for the session, not in xdist's workers."""
    folder = os.environ.pop("GREENLANE_PYTEST_DIR", "")
    os.environ.pop("GREENLANE_UNITTEST_DIR", None)  # a suite that a test runs is not the run
    names = [name for name in os.environ.get("PYTEST_PLUGINS", "").split(",") if name]
    if "greenlane_pytest" in names:
        names.remove("greenlane_pytest")
        os.environ.pop("PYTEST_PLUGINS")
        if names:
            os.environ["PYTEST_PLUGINS"] = ",".join(names)
    if folder and not hasattr(config, "workerinput"):
        try:
            stream = Stream(folder, config)
        except OSError:
            return
        config.pluginmanager.register(stream, "greenlane-stream")


class Stream:
    """The hooks of one session and the file that they write to."""

    def __init__(self, folder, config):
        os.makedirs(folder, exist_ok=True)
        handle, _ = tempfile.mkstemp(".jsonl", "pytest-%d-" % os.getpid(), folder)
        self._file = os.fdopen(handle, "w", encoding="ascii")
        self._pid = os.getpid()
        self._collected = set()
        is_list = bool(config.getoption("collectonly", False))
        self._write(e="start", t=time.time(), root=str(config.rootdir), list=is_list)

    def _write(self, **event):
        if self._pid != os.getpid():  # a fork of the session: what it says is not the run's
            return
        try:
            self._file.write(json.dumps(event) + "\n")
            self._file.flush()
        except (OSError, ValueError):
            pass

    def _write_collected(self, ids):
        new = [one for one in ids if one not in self._collected]
        self._collected.update(new)
        for start in range(0, len(new), _BATCH):
            batch = new[start : start + _BATCH]
            self._write(e="collected", n=len(batch), ids=batch)

    def pytest_collection_finish(self, session):
        self._write_collected([item.nodeid for item in getattr(session, "items", [])])

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids):
        self._write_collected(ids)

    def pytest_collectreport(self, report):
        if report.failed:
            self._write(e="collect_error", id=report.nodeid, msg=_text(report.longrepr))
        elif report.skipped:
            self._write(e="collect_skip", id=report.nodeid, msg=_reason(report.longrepr))

    def pytest_runtest_logstart(self, nodeid, location):
        line = (location[1] if location[1] is not None else -1) + 1
        self._write(e="test_start", id=nodeid, file=location[0], line=line, dom=location[2])

    def pytest_runtest_logreport(self, report):
        event = {"e": "report", "id": report.nodeid, "when": report.when}
        event["outcome"] = report.outcome
        event["dur"] = getattr(report, "duration", 0)
        if hasattr(report, "wasxfail"):
            event["wasxfail"] = _text(report.wasxfail)
        if report.longrepr is not None:
            event["longrepr"] = (
                _reason(report.longrepr) if report.skipped else _text(report.longrepr)
            )
            crash = getattr(report.longrepr, "reprcrash", None)
            if crash is not None:
                event["crash"] = {
                    "path": str(crash.path),
                    "line": crash.lineno,
                    "msg": _text(crash.message),
                }
        if report.failed:
            event["stdout"] = _text(report.capstdout)
            event["stderr"] = _text(report.capstderr)
        self._write(**event)

    def pytest_runtest_logfinish(self, nodeid):
        self._write(e="test_end", id=nodeid)

    def pytest_internalerror(self, excrepr):
        self._write(e="internal_error", msg=_text(excrepr))

    def pytest_keyboard_interrupt(self, excinfo):
        self._write(e="interrupted", msg=_text(excinfo.typename))

    def pytest_sessionfinish(self, exitstatus):
        self._exit = int(exitstatus)

    def pytest_unconfigure(self):
        self._write(e="end", exit=getattr(self, "_exit", -1))
        if self._pid == os.getpid():
            self._file.close()


def _text(value):
    """Bound a text from the middle: the head says what, the tail says why."""
    text = str(value)
    if len(text) <= _LIMIT:
        return text
    return text[: _LIMIT // 2] + "\n[...]\n" + text[-_LIMIT // 2 :]


def _reason(longrepr):
    """Return why a test was skipped; pytest keeps it as (file, line, reason)."""
    if isinstance(longrepr, tuple) and len(longrepr) == 3:
        return _text(longrepr[2])
    return _text(longrepr)
