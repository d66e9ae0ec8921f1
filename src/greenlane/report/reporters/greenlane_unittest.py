# mypy: ignore-errors
"""Streams what unittest runs while it happens, one JSON object a line (see `formats/stream.py`).

`sitecustomize` beside it opens it in `unittest.suite`. Every runner calls a suite with a result:
unittest's own, Django's, also in parallel, and those that write XML. The outermost call is a run,
and the result that it was given tells the stream what it is told. A run inside of a test is none,
and neither is one of a process that a test starts: the variables are taken out of the environment.

Writes to a file of its process in the folder `GREENLANE_UNITTEST_DIR`. What was written before a
crash or a kill stays. Standard library only, Python 3.8 and newer.
"""

import atexit
import functools
import inspect
import itertools
import json
import os
import re
import time
import traceback

_LIMIT = 20000  # characters of one text
_BATCH = 500  # planned ids in one line
_MAX_PLANNED = 100000
_RANK = {"passed": 0, "skipped": 1, "xfail": 2, "failed": 3, "error": 4}
_FIXTURE = re.compile(r"((?:setUp|tearDown)(?:Class|Module)) \((.+)\)")
_STAND_INS = re.compile(r"unittest\.loader\.(?:_FailedTest|ModuleSkipped)\.")
_NO_SUCH = re.compile(
    r"^AttributeError: (?:module|type object|class) .*has no attribute"
    r"|^ModuleNotFoundError: No module named '[\w.]+'\s*\Z",
    re.MULTILINE,
)


def open_in(module):
    """Have the outermost call of a suite of `unittest.suite` streamed."""
    plain_call = module.BaseTestSuite.__call__
    process = _Process()

    def call(self, *args, **kwargs):
        run = process.begin(self, args)
        if run is None:
            return plain_call(self, *args, **kwargs)
        try:
            answer = plain_call(self, *args, **kwargs)
            run.finish(args[0])
        finally:
            process.is_running = False
        return answer

    module.BaseTestSuite.__call__ = call


class _Process:
    """What this process knows: where to write, and whether a suite is being run."""

    def __init__(self):
        self.is_running = False
        self._stream = None
        self._runs = []

    def begin(self, suite, args):
        """Begin a run; None for a suite that is part of one, or cannot be told of."""
        if self.is_running or not args:
            return None
        try:
            self._stream = self._stream or _opened_stream()
            if self._stream is None or not self._stream.is_ours():
                return None
            run = _Run(self._stream)
            args[0].__class__ = _with_stream(type(args[0]), run)
        except Exception:  # noqa: BLE001 - suites and results may be anything
            return None
        if not self._runs:
            atexit.register(self._end)
        self._runs.append(run)
        self.is_running = True
        run.begin(suite)
        return run

    def _end(self):
        """Say so where none of the runs had a test: what wraps them may call that a success."""
        if all(run.is_empty for run in self._runs):
            self._stream.write(e="problem", status="no_tests", text="no tests ran")


def _opened_stream():
    folder = os.environ.pop("GREENLANE_UNITTEST_DIR", "")
    os.environ.pop("GREENLANE_PYTEST_DIR", None)
    return _Stream(folder) if folder else None


class _Stream:
    """The file of events; silent where it cannot be written."""

    def __init__(self, folder):
        os.makedirs(folder, exist_ok=True)
        self._pid = os.getpid()
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0)
        self._fd = os.open(os.path.join(folder, "stream-%d.jsonl" % self._pid), flags, 0o644)

    def is_ours(self):
        return self._pid == os.getpid()

    def write(self, **event):
        if not self.is_ours():  # a fork of the run: what it says is not the run's
            return
        try:
            os.write(self._fd, (json.dumps(event) + "\n").encode("ascii"))
        except (OSError, ValueError, TypeError):
            pass


class _Test:
    """A test between its start and its end."""

    def __init__(self, test):
        self.began = time.perf_counter()
        self.is_stand_in = str(test.id()).startswith("unittest.loader.")
        self.file, self.line = (None, 0) if self.is_stand_in else _place(test)
        self.seconds = None
        self.told = {}


def _quiet(method):
    """Make a method that says nothing instead of failing: objects under test may do anything."""

    @functools.wraps(method)
    def quiet_method(*args, **kwargs):
        try:
            method(*args, **kwargs)
        except Exception:  # noqa: BLE001, S110
            pass

    return quiet_method


class _Run:
    """The tests of one run."""

    def __init__(self, stream):
        self.is_empty = True
        self._stream = stream
        self._is_timed = True
        self._open = {}
        self._planned = {}
        self._executed = 0
        self._load_errors = []

    @_quiet
    def begin(self, suite):
        self._is_timed = not hasattr(suite, "processes")  # Django's workers are told of late
        self._stream.write(e="begin", framework="unittest", root=os.getcwd())
        for test in itertools.islice(_flat(suite), _MAX_PLANNED):
            self._planned[_name(test)] = None
        ids = list(self._planned)
        for start in range(0, len(ids), _BATCH):
            self._stream.write(e="plan", ids=ids[start : start + _BATCH])

    @_quiet
    def finish(self, result):
        if self._load_errors and not self._executed:
            is_build = any(not is_unknown for is_unknown, _ in self._load_errors)
            status = "build_error" if is_build else "usage_error"
            for _, text in self._load_errors[:20]:
                self._stream.write(e="problem", status=status, text=text)
        successful = getattr(result, "wasSuccessful", None)
        self._stream.write(e="finish", ok=bool(successful()) if successful else None)

    @_quiet
    def start(self, test):
        name = _name(test)
        found = self._open[name] = _Test(test)
        self._stream.write(e="start", id=name, file=found.file, line=found.line)

    @_quiet
    def stop(self, test):
        name = _name(test)
        found = self._open.pop(name)
        if not found.told:
            return
        if found.seconds is None and self._is_timed:
            found.seconds = round(time.perf_counter() - found.began, 6)
        self._executed += not found.is_stand_in and found.told["outcome"] != "skipped"
        self._write(name, file=found.file, line=found.line, seconds=found.seconds, **found.told)

    @_quiet
    def time(self, test, seconds):
        self._open[_name(test)].seconds = round(seconds, 6)

    @_quiet
    def note(self, test, outcome, message="", text="", err=None):
        """Take what was said of a test; the worst that was said of it and its subtests counts."""
        name = _name(test)
        found = self._open.get(name)
        if found is None:  # a fixture; in Python 3.12.1 also a test of a class that is skipped
            is_fixture = _FIXTURE.fullmatch(str(test.id())) is not None
            self._note_outside(name, outcome, message, text, is_fixture)
            return
        told = found.told
        if outcome in ("failed", "error"):
            told["traceback"] = _bound(told.get("traceback", "") + text)
        if _RANK[outcome] <= _RANK.get(told.get("outcome"), -1):
            return
        if found.is_stand_in and outcome == "error":
            message = text.rstrip().rpartition("\n")[2]
            is_unknown = "Failed to import test module" not in text and _NO_SUCH.search(text)
            problem = "%s cannot be loaded: %s" % (name, message)
            self._load_errors.append((bool(is_unknown), problem[:500]))
        told["outcome"], told["message"] = outcome, _bound(message)
        found.line = _failing_line(err, found.file) or found.line

    def _note_outside(self, name, outcome, message, text, is_fixture):
        """Take what was said of no test that runs; a fixture's skip is one of all its tests."""
        scope = name.rpartition(".")[0] + "."
        is_skip_of_all = is_fixture and outcome == "skipped"
        inside = [one for one in self._planned if is_skip_of_all and one.startswith(scope)]
        self._executed += outcome != "skipped"
        for one in inside or [name]:
            self._write(one, outcome=outcome, message=_bound(message), traceback=_bound(text))

    def _write(self, name, **told):
        self.is_empty = False
        self._planned.pop(name, None)
        known = {key: value for key, value in told.items() if value}
        self._stream.write(e="result", id=name, **known)


def _with_stream(base, run):
    """Make a result class that tells the run what it is told."""

    class StreamResult(base):
        def startTest(self, test):
            super().startTest(test)
            run.start(test)

        def stopTest(self, test):
            super().stopTest(test)
            run.stop(test)

        def addDuration(self, test, elapsed):
            super().addDuration(test, elapsed)
            run.time(test, elapsed)

        def addSuccess(self, test):
            super().addSuccess(test)
            run.note(test, "passed")

        def addFailure(self, test, err):
            super().addFailure(test, err)
            run.note(test, "failed", *_told(self, test, err))

        def addError(self, test, err):
            super().addError(test, err)
            run.note(test, "error", *_told(self, test, err))

        def addSkip(self, test, reason):
            super().addSkip(test, reason)
            run.note(getattr(test, "test_case", test), "skipped", str(reason))

        def addExpectedFailure(self, test, err):
            super().addExpectedFailure(test, err)
            run.note(test, "xfail", *_told(self, test, err))

        def addUnexpectedSuccess(self, test):
            super().addUnexpectedSuccess(test)
            run.note(test, "failed", "unexpected success")

        def addSubTest(self, test, subtest, err):
            super().addSubTest(test, subtest, err)
            if err is not None:
                is_failure = issubclass(err[0], test.failureException)
                message, text, _ = _told(self, test, err)
                shown = "%s: %s" % (_subtest(subtest), message)
                run.note(test, "failed" if is_failure else "error", shown, text, err)

    if not hasattr(base, "addDuration"):  # Python 3.12 has brought it
        del StreamResult.addDuration
    StreamResult.__name__, StreamResult.__qualname__ = base.__name__, base.__qualname__
    StreamResult.__module__ = base.__module__
    return StreamResult


def _told(result, test, err):
    """Return message, traceback and the error itself, as the result would show it."""
    try:
        text = result._exc_info_to_string(err, test)
    except Exception:  # noqa: BLE001 - the result is not unittest's own
        text = "".join(traceback.format_exception(*err))
    try:
        message = "".join(traceback.format_exception_only(err[0], err[1])).strip()
    except Exception:  # noqa: BLE001 - exceptions under test may do anything
        message = str(err[0])
    return message, text, err


def _subtest(subtest):
    describe = getattr(subtest, "_subDescription", None)
    return describe() if describe else str(subtest)


def _flat(suite):
    """Yield the tests of a suite in their order."""
    for one in suite:
        if hasattr(one, "__iter__"):
            yield from _flat(one)
        elif one is not None:
            yield one


def _name(test):
    """Return the id of a test; of a fixture `Class.setUpClass`, of a broken module its name."""
    name = str(test.id())
    fixture = _FIXTURE.fullmatch(name)
    if fixture:
        return "%s.%s" % (fixture.group(2), fixture.group(1))
    return _STAND_INS.sub("", name, count=1) if name.startswith("unittest.loader.") else name


def _place(test):
    """Return the file and line of a test method; (None, 0) where they cannot be found."""
    try:
        code = inspect.unwrap(getattr(test, test._testMethodName)).__code__
        return os.path.abspath(code.co_filename), code.co_firstlineno
    except Exception:  # noqa: BLE001 - objects under test may do anything
        return None, 0


def _failing_line(err, file):
    """Return the innermost line of the test's own file that the error went through."""
    line = 0
    frame = err[2] if err and file else None
    while frame is not None:
        if os.path.abspath(frame.tb_frame.f_code.co_filename) == file:
            line = frame.tb_lineno
        frame = getattr(frame, "tb_next", None)
    return line


def _bound(text):
    """Cut the middle out of a long text: the head says what, the tail says why."""
    if len(text) <= _LIMIT:
        return text
    return text[: _LIMIT // 2] + "\n[...]\n" + text[-_LIMIT // 2 :]
