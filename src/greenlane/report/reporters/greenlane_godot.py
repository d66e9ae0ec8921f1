# mypy: ignore-errors
"""Find Godot, run a project's tests in it without a window, and stream what happens.

    greenlane_godot.py tests OUT [TEST_ID…]   our own runner, over the scripts `test_*.gd`
    greenlane_godot.py tests OUT ARGUMENT…    the project's own: Godot with these arguments
    greenlane_godot.py gut OUT [ARGUMENT…]    the addon GUT
    greenlane_godot.py gdunit4 OUT [ARGUMENT…]  the addon gdUnit4

The program is `$GODOT`, `$GODOT_BIN` or the first on PATH that is of the project's version. Godot
prints script errors and goes on, waits for ever after some, and exits with 0 all the same: they
are read from its error output, and a run that is silent after a parse error is ended.

Exit status of `tests`: 0 passed, 1 failed, 3 cut short, 4 a script does not parse, 5 no tests;
127: there is no Godot, 2: there is no project. Standard library only, Python 3.8 and newer.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

_HERE = os.path.dirname(os.path.abspath(__file__))
_NAMES = {
    3: ("godot3-server", "godot3-headless", "godot3", "godot-server", "godot-headless", "godot"),
    4: ("godot4", "godot", "godot-4", "Godot", "godot4-headless"),
}
_HINT = {
    3: "apt-get install godot3-server, or set GODOT to the program",
    4: "get Godot 4 from https://godotengine.org/download, or set GODOT to the program",
}
_TEST_ID = re.compile(r"res://.+\.gd\.\w+")
_SCRIPT_ERROR = re.compile(r"SCRIPT ERROR: (.*)")
_PARSE = re.compile(r"(?:GDScript::reload: )?(?:Parse|Compile) Error: ")
_PLACE = re.compile(r"\s+[Aa]t: (?:.*\()?(res://.+?):(\d+)\)?\.?$")
_GUT_VERSION = re.compile(r"GUT version: +(\d+)\.(\d+)")
_TRACKS_ERRORS = (9, 5)  # from here on GUT itself fails a test that prints a script error
_STALL_SECONDS = 15.0
_LIMIT = 20000  # characters of one text


class Stream:
    """The file of events; silent where it cannot be written."""

    def __init__(self, folder):
        self._file = None
        try:
            os.makedirs(folder, exist_ok=True)
            path = os.path.join(folder, "stream-%d.jsonl" % os.getpid())
            self._file = open(path, "a", encoding="ascii")  # noqa: SIM115
        except OSError:
            pass

    def write(self, **event):
        if self._file is None:
            return
        try:
            self._file.write(json.dumps(event) + "\n")
            self._file.flush()
        except (OSError, ValueError):
            pass


class Errors:
    """The script errors on Godot's error output, each with the place on its next line."""

    def __init__(self, tell):
        self._tell = tell  # called with message, path, line, is_parse
        self._message = None

    def feed(self, text):
        place = _PLACE.match(text) if self._message is not None else None
        if place:
            self._end(place[1], int(place[2]))
        elif text[:1] not in " \t":
            self.flush()
        found = _SCRIPT_ERROR.match(text)
        if found:
            self._message = found[1]

    def flush(self):
        self._end("", 0)

    def _end(self, path, line):
        message, self._message = self._message, None
        if message is not None:
            parse = _PARSE.match(message)
            self._tell(message[parse.end() :] if parse else message, path, line, bool(parse))


class Run:
    """A run of Godot whose output is passed on and followed."""

    def __init__(self, stream, mark, is_watched):
        self._stream = stream
        self._mark = mark
        self._is_watched = is_watched  # for the wait after a parse error
        self._errors = Errors(self._error)
        self._said = {}  # parse errors, by file
        self._loading = ""
        self._running = ""
        self._hurt = []  # what went wrong in the running test
        self._last = time.monotonic()
        self.gut = None  # the version of GUT, where it is one
        self.tracks_errors = False
        self.red = self.ended = 0
        self.is_broken = self.is_finished = self.is_stalled = False

    def go(self, words, env):
        """Run Godot to its end; give its exit status."""
        child = subprocess.Popen(
            words, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        signal.signal(signal.SIGTERM, lambda *_: (child.terminate(), sys.exit(143)))
        reader = threading.Thread(target=self._pass_on, args=(child.stdout,), daemon=True)
        reader.start()
        over = threading.Event()
        if self._is_watched:
            threading.Thread(target=self._watch, args=(child, over), daemon=True).start()
        for raw in child.stderr:
            self._last = time.monotonic()
            text = raw.decode("utf-8", "replace").rstrip("\r\n")
            if self._mark and text.startswith(self._mark):
                self._errors.flush()
                self._event(text[len(self._mark) :])
                continue
            _put(sys.stderr, raw)
            self._errors.feed(text)
        self._errors.flush()
        code = child.wait()
        over.set()
        reader.join(5)
        return code

    def _pass_on(self, source):
        for raw in source:
            self._last = time.monotonic()
            _put(sys.stdout, raw)
            if self.gut is None and raw.startswith(b"GUT version"):
                version = _GUT_VERSION.match(raw.decode("utf-8", "replace"))
                self.gut = (int(version[1]), int(version[2])) if version else None
                self.tracks_errors = bool(self.gut and self.gut >= _TRACKS_ERRORS)

    def _watch(self, child, over):
        while not over.wait(1.0):
            if self.is_broken and time.monotonic() - self._last > _STALL_SECONDS:
                self.is_stalled = True
                text = "greenlane: nothing happened for %d s after a parse error: Godot is ended\n"
                _put(sys.stderr, (text % _STALL_SECONDS).encode())
                child.kill()
                return

    def _event(self, text):
        try:
            event = json.loads(text)
        except ValueError:
            return
        kind = event.get("e")
        if kind == "load":
            self._loading = event["path"]
        elif kind == "broken":
            self._break(event["path"])
        elif kind == "plan":
            self._loading = ""
            self._stream.write(e="plan", ids=event["ids"])
        elif kind == "start":
            self._running, self._hurt = event["id"], []
            file, line = _place_of(event["id"])
            self._stream.write(e="start", id=event["id"], file=file, line=line)
        elif kind == "result":
            self._result(event)
        elif kind == "finish":
            self.is_finished = True

    def _break(self, path):
        """Tell of a test script that cannot be used; why stands in the errors before."""
        where, message = self._said.get(path) or next(iter(self._said.values()), (path, ""))
        message = message or "the script cannot be loaded"
        self.is_broken = True
        self.ended += 1
        self.red += 1
        file = path[len("res://") :]
        self._stream.write(
            e="result", id=path, outcome="error", file=file, message="%s: %s" % (where, message)
        )
        self._problem("%s: %s" % (where, message))
        _put(sys.stdout, ("error   %s  %s: %s\n" % (path, where, message)).encode())

    def _result(self, event):
        told, hurt = event.get("told"), self._hurt
        if hurt:
            is_assert = any("Assertion failed" in one for one in hurt)
            outcome = "failed" if is_assert else "error"
        elif told is False or isinstance(told, str):
            outcome = "failed"
            hurt = [told or "it returned a text" if isinstance(told, str) else "it returned false"]
        else:
            outcome = "passed"
        self._running = ""
        self.ended += 1
        self.red += outcome != "passed"
        message = hurt[0] if hurt else ""
        self._stream.write(
            e="result",
            id=event["id"],
            outcome=outcome,
            seconds=event.get("seconds"),
            message=message[:_LIMIT],
            traceback="\n".join(hurt)[:_LIMIT] if len(hurt) > 1 else "",
        )
        line = "%-7s %s%s\n" % (outcome, event["id"], "  " + message if message else "")
        _put(sys.stdout, line.encode("utf-8", "replace"))

    def _error(self, message, path, line, is_parse):
        where = "%s:%d" % (path, line) if path else ""
        if is_parse:
            self._said.setdefault(path or self._loading, (where or self._loading, message))
            if not self._mark:
                self.is_broken = True
                self._problem("%s: %s" % (where, message))
            elif self._running:
                self._hurt.append("%s (%s)" % (message, where))
        elif self._running:
            self._hurt.append("%s (%s)" % (message, where) if where else message)
        elif not self.tracks_errors and not self._loading:
            self._stream.write(e="problem", text="SCRIPT ERROR: %s (%s)" % (message, where))

    def _problem(self, text):
        self._stream.write(e="problem", text=text, status="build_error")


def _put(target, raw):
    try:
        target.buffer.write(raw)
        target.flush()
    except (OSError, ValueError):
        pass


def _place_of(test_id):
    """Give the file of a test and the line of its method, by a look into the script."""
    path, _, method = test_id.rpartition(".")
    file = path[len("res://") :]
    try:
        with open(file, encoding="utf-8", errors="replace") as source:
            for number, text in enumerate(source, 1):
                if re.match(r"\s*(?:static\s+)?func\s+%s\b" % re.escape(method), text):
                    return file, number
    except OSError:
        pass
    return file, 0


def project_version():
    """Give the major version of Godot that the project is for; None: there is no project."""
    try:
        with open("project.godot", encoding="utf-8", errors="replace") as file:
            version = re.search(r"^config_version\s*=\s*(\d+)", file.read(), re.MULTILINE)
    except OSError:
        return None
    return 4 if version and int(version[1]) >= 5 else 3


def find_godot(major):
    """Give the program of a major version; None: there is none."""
    named = [os.environ.get(name, "") for name in ("GODOT", "GODOT_BIN", "GODOT%d" % major)]
    for name in [one for one in named if one] or _NAMES[major]:
        path = shutil.which(name)
        says_it = name.startswith("godot%d" % major)  # and need not be asked, which takes time
        if path and (says_it or version_of(path)[0] == major):
            return path
    return None


def version_of(path):
    """Ask a Godot program for its major and minor version; zeros: it does not say."""
    try:
        told = subprocess.run(
            [path, "--version"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=60,
            check=False,
        ).stdout.decode("utf-8", "replace")
    except (OSError, subprocess.SubprocessError):
        return 0, 0
    version = re.search(r"^v?(\d+)\.(\d+)", told, re.MULTILINE)
    return (int(version[1]), int(version[2])) if version else (0, 0)


def without_window(path, major):
    """Give the words that keep Godot from opening a window or a sound device."""
    if major >= 4:
        return ["--headless"]
    is_server = "server" in os.path.basename(path) or "headless" in os.path.basename(path)
    return [] if is_server else ["--no-window", "--audio-driver", "Dummy"]


def import_once(program):
    """Have Godot 4 learn the names of the project's classes, where no editor ever did."""
    if os.path.exists(".godot/global_script_class_cache.cfg"):
        return
    words = ["--import"] if version_of(program) >= (4, 3) else ["--editor", "--quit-after", "200"]
    subprocess.run([program, "--headless", *words], stdin=subprocess.DEVNULL, check=False)


def gut_words(out, rest):
    """Give GUT's words, and where to look for tests where the project says nothing."""
    words = ["-s", "addons/gut/gut_cmdln.gd", "-gexit", "-gjunit_xml_file=%s/gut.xml" % out]
    is_told = os.path.exists(".gutconfig.json") or any(
        word.startswith(("-gdir", "-gtest", "-gconfig")) for word in rest
    )
    if not is_told:
        words += ["-gdir=res://%s" % name for name in test_folders()] + ["-ginclude_subdirs"]
    return words + rest


def gdunit4_words(rest):
    """Give gdUnit4's words: all tests, and on after a failure."""
    tool = "addons/gdUnit4/bin/GdUnitCmdTool.gd"
    words = ["-s", "res://" + tool]
    if not {"-a", "--add", "-conf", "--config"}.intersection(rest):
        for name in test_folders():
            words += ["-a", "res://" + name]
    try:
        with open(tool, encoding="utf-8", errors="replace") as file:
            text = file.read()
    except OSError:
        text = ""
    core = "addons/gdUnit4/src/core/runners/GdUnitTestCIRunner.gd"
    if "ignoreHeadlessMode" in text or os.path.exists(core):
        words.append("--ignoreHeadlessMode")
    return [*words, "-c", *rest]


def test_folders():
    """Give the folders of tests that the project has; the whole of it where there is none."""
    return [name for name in ("test", "tests") if os.path.isdir(name)] or [""]


def conclude(run, code):
    """Turn what our own runner told into an exit status."""
    if code or not run.is_finished:
        return 128 - code if code < 0 else 3
    if run.is_broken:
        return 4
    if not run.ended:
        _put(sys.stdout, b"no tests were found\n")
        return 5
    return 1 if run.red else 0


def main(mode, out, rest):
    """Run the tests; give the exit status."""
    major = project_version()
    if major is None:
        sys.stderr.write("greenlane: there is no project.godot in %s\n" % os.getcwd())
        return 2
    program = find_godot(major)
    if program is None:
        sys.stderr.write("greenlane: Godot %d was not found: %s\n" % (major, _HINT[major]))
        return 127
    if major >= 4:
        import_once(program)
    stream = Stream(out)
    stream.write(e="begin", framework="godot", root=os.getcwd())
    env = dict(os.environ)
    is_own = mode == "tests" and all(_TEST_ID.fullmatch(word) for word in rest)
    words = [program] + [word for word in without_window(program, major) if word not in rest]
    mark = ""
    if is_own:
        mark = env["GREENLANE_GODOT_MARK"] = "@greenlane-%s " % os.urandom(6).hex()
        if rest:
            env["GREENLANE_GODOT_ONLY"] = os.path.join(out, "godot-only.json")
            with open(env["GREENLANE_GODOT_ONLY"], "w", encoding="utf-8") as file:
                json.dump(rest, file)
        words += ["-s", os.path.join(_HERE, "greenlane_godot%d.gd" % major)]
    else:
        builders = {"gut": lambda: gut_words(out, rest), "gdunit4": lambda: gdunit4_words(rest)}
        words += builders.get(mode, lambda: rest)()
    run = Run(stream, mark, is_watched=not is_own)
    run.tracks_errors = mode == "gdunit4"
    code = run.go(words, env)
    if not is_own:
        stream.write(e="finish", ok=None)
        code = 4 if run.is_stalled else code
        return 128 - code if code < 0 else code
    code = conclude(run, code)
    if run.is_finished:
        stream.write(e="finish", ok=code == 0)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
