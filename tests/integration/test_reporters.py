"""The injected reporters in real runs of Python tests, with no change in the project."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import msgspec
import pytest

import greenlane.report.reporters
from greenlane.config.catalogue import Catalogue
from greenlane.config.fill import fill_env
from greenlane.config.selection import SelectedTest, selection_words
from greenlane.model.report import ReportSummary, RunStatus, TestCase
from greenlane.report.reader import read_run

INJECT = Path(greenlane.report.reporters.__file__).parent
DEADLINE_SECONDS = 60

MIXED = """
    import pytest

    def test_pass(): pass
    def test_fail(): assert 1 + 1 == 3, "sum"
    @pytest.mark.skip(reason="not today")
    def test_skip(): pass
    @pytest.mark.xfail(reason="known")
    def test_xfail(): assert False
    @pytest.fixture
    def broken(): raise RuntimeError("setup broke")
    def test_error(broken): pass
    @pytest.fixture
    def leaky():
        yield
        raise RuntimeError("teardown broke")
    def test_teardown(leaky): pass
    @pytest.mark.parametrize("n", ["a b", "c::d"])
    def test_param(n): pass
"""
MIXED_TRUTH = {
    "test_it.py::test_pass": "passed",
    "test_it.py::test_fail": "failed",
    "test_it.py::test_skip": "skipped",
    "test_it.py::test_xfail": "xfail",
    "test_it.py::test_error": "error",
    "test_it.py::test_teardown": "error",
    "test_it.py::test_param[a b]": "passed",
    "test_it.py::test_param[c::d]": "passed",
}


@dataclass
class Run:
    """A folder of a run, and the project that runs in it."""

    folder: Path
    preset: str = "pytest"

    def __post_init__(self) -> None:
        self.project = self.folder / "project"
        self.out = self.folder / "out"
        for folder in (self.project, self.out):
            folder.mkdir(parents=True)
        self.started_at = time.time()

    def write(self, files: dict[str, str] | None = None, **modules: str) -> Run:
        for name, text in {**(files or {}), **modules}.items():
            path = self.project / f"{name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text))
        return self

    def environment(self, **extra: str) -> dict[str, str]:
        """Fill the preset's variables in, as the server does."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "COV"))}
        kept.pop("PYTHONPATH", None)
        places = {"out": str(self.out), "cache": str(self.folder / "cache")}
        values = {"inject": str(INJECT), "python": sys.executable, **places}
        kept |= fill_env(Catalogue().get(self.preset).env, values, kept)
        return kept | extra

    def start(self, *command: str, **extra: str) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, *command],
                cwd=self.project,
                env=self.environment(**extra),
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def read(self, exit_code: int, *, timed_out: bool = False) -> ReportSummary:
        order = {
            "preset": msgspec.to_builtins(Catalogue().get(self.preset)),
            "cwd": str(self.project),
            "root": str(self.project),
            "out": str(self.out),
            "log": str(self.folder / "log"),
            "started_at": self.started_at,
        }
        (self.folder / "read.json").write_bytes(msgspec.json.encode(order))
        return read_run(self.folder, exit_code=exit_code, timed_out=timed_out)

    def run(self, *command: str, **extra: str) -> ReportSummary:
        process = self.start(*command, **extra)
        return self.read(process.wait(DEADLINE_SECONDS))

    def tests(self) -> dict[str, str]:
        lines = (self.folder / "tests.jsonl").read_bytes().splitlines()
        cases = [msgspec.json.decode(line, type=TestCase) for line in lines]
        return {case.id: case.outcome.value for case in cases}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path / "run")


@pytest.mark.parametrize(
    ("arguments", "extra"),
    [
        ((), {}),
        (("-n2",), {}),
        (("-qq", "--tb=no", "--no-header"), {}),
        ((), {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}),
        (("--junitxml=own.xml",), {"PYTEST_ADDOPTS": "-q"}),
    ],
    ids=["plain", "xdist", "silent", "no-autoload", "own-junit"],
)
def test_pytest_streams_every_test(
    run: Run, arguments: tuple[str, ...], extra: dict[str, str]
) -> None:
    run.write(test_it=MIXED)
    summary = run.run("-m", "pytest", *arguments, **extra)
    assert (summary.status, summary.is_complete) == (RunStatus.FAILED, True)
    assert run.tests() == MIXED_TRUTH
    failed = next(one for one in summary.failures if one.id.endswith("test_fail"))
    assert (failed.file, failed.line) == ("test_it.py", 5)
    assert "sum" in failed.message


def test_pytest_through_make_and_a_nested_pytest(run: Run) -> None:
    run.write(
        test_it="""
            import subprocess, sys

            def test_runs_pytest_itself(tmp_path):
                (tmp_path / "test_inner.py").write_text("def test_red(): assert False")
                done = subprocess.run([sys.executable, "-m", "pytest", str(tmp_path)])
                assert done.returncode == 1
        """,
        wrapper=f"""
            import subprocess
            subprocess.run(["{sys.executable}", "-m", "pytest", "test_it.py"], check=True)
        """,
    )
    summary = run.run("wrapper.py")
    assert summary.status is RunStatus.PASSED
    assert run.tests() == {"test_it.py::test_runs_pytest_itself": "passed"}


def test_pytest_without_tests_is_not_green(run: Run) -> None:
    run.write(test_it="import pytest\n@pytest.mark.skip\ndef test_a(): pass\n")
    assert run.run("-m", "pytest").status is RunStatus.NO_TESTS
    assert Run(run.folder / "empty").run("-m", "pytest").status is RunStatus.NO_TESTS


def test_pytest_that_cannot_import_is_a_build_error(run: Run) -> None:
    run.write(test_it="import no_such_module_xyz\n")
    summary = run.run("-m", "pytest")
    assert summary.status is RunStatus.BUILD_ERROR
    assert run.tests() == {"test_it.py": "error"}


def test_pytest_usage_error(run: Run) -> None:
    assert run.run("-m", "pytest", "--no-such-flag").status is RunStatus.USAGE_ERROR


def test_pytest_list_is_not_green(run: Run) -> None:
    run.write(test_it=MIXED)
    assert run.run("-m", "pytest", "--collect-only").status is RunStatus.LISTED
    assert set(run.tests().values()) == {"not_run"}


SLOW = """
    import time, pathlib
    def test_quick(): pass
    def test_hang():
        pathlib.Path("hanging").touch()
        time.sleep(600)
    def test_after(): pass
"""


def test_pytest_killed_keeps_what_was_finished(run: Run) -> None:
    run.write(test_it=SLOW)
    process = run.start("-m", "pytest", "-p", "no:randomly")
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (run.project / "hanging").exists():
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    code = process.wait(DEADLINE_SECONDS)
    assert run.read(code, timed_out=True).status is RunStatus.TIMEOUT
    summary = run.read(code)
    assert summary.status is RunStatus.CRASHED
    assert "test_it.py::test_hang" in summary.because
    assert run.tests() == {
        "test_it.py::test_quick": "passed",
        "test_it.py::test_hang": "error",
        "test_it.py::test_after": "not_run",
    }


CRASH = """
    import ctypes
    def test_before(): pass
    def test_segv(): ctypes.string_at(0)
    def test_after(): pass
"""


def test_pytest_segfault(run: Run) -> None:
    summary = run.write(test_it=CRASH).run("-m", "pytest", "-p", "no:randomly")
    assert summary.status is RunStatus.CRASHED
    assert run.tests() == {
        "test_it.py::test_before": "passed",
        "test_it.py::test_segv": "error",
        "test_it.py::test_after": "not_run",
    }


def test_pytest_under_xdist_killed(run: Run) -> None:
    run.write(
        test_it=SLOW.replace("time.sleep(600)", "os.kill(os.getppid(), 9)").replace("time,", "os,")
    )
    code = run.start("-m", "pytest", "-n1", "-p", "no:randomly").wait(DEADLINE_SECONDS)
    assert run.read(code).status is RunStatus.CRASHED
    assert run.tests()["test_it.py::test_after"] == "not_run"


def test_pytest_segfault_of_an_xdist_worker(run: Run) -> None:
    summary = run.write(test_it=CRASH).run("-m", "pytest", "-p", "no:randomly", "-n2")
    assert summary.status is RunStatus.FAILED
    assert run.tests()["test_it.py::test_segv"] == "error"
    assert run.tests()["test_it.py::test_after"] == "passed"


def test_pytest_that_exits_in_the_middle_is_not_green(run: Run) -> None:
    run.write(test_it="import os\ndef test_a(): pass\ndef test_b(): os._exit(0)\n")
    summary = run.run("-m", "pytest", "-p", "no:randomly")
    assert summary.status is RunStatus.CRASHED
    assert run.tests()["test_it.py::test_b"] == "error"


MANAGE = """
    import os, sys
    os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
    from django.core.management import execute_from_command_line
    execute_from_command_line(sys.argv)
"""
SETTINGS = """
    SECRET_KEY = "x"
    INSTALLED_APPS = ["app"]
    USE_TZ = True
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
"""
DJANGO_TESTS = """
    import unittest
    from django.test import SimpleTestCase

    class Simple(SimpleTestCase):
        def test_pass(self): pass
        def test_fail(self): self.assertEqual(1, 2, "differs")
        def test_error(self): raise KeyError("boom")
        @unittest.skip("not today")
        def test_skip(self): pass
        @unittest.expectedFailure
        def test_xfail(self): self.fail("known")
        @unittest.expectedFailure
        def test_unexpected(self): pass
        def test_sub(self):
            for i in range(3):
                with self.subTest(i=i):
                    self.assertNotEqual(i, 1)
        def test_good_sub(self):
            with self.subTest(i=0): pass

    class Broken(SimpleTestCase):
        @classmethod
        def setUpClass(cls): raise RuntimeError("class broke")
        def test_never(self): pass
"""
DJANGO_TRUTH = {
    "app.tests.Simple.test_pass": "passed",
    "app.tests.Simple.test_fail": "failed",
    "app.tests.Simple.test_error": "error",
    "app.tests.Simple.test_skip": "skipped",
    "app.tests.Simple.test_xfail": "xfail",
    "app.tests.Simple.test_unexpected": "failed",
    "app.tests.Simple.test_sub": "failed",
    "app.tests.Simple.test_good_sub": "passed",
    "app.tests.Broken.setUpClass": "error",
    "app.tests.Broken.test_never": "not_run",
}
#: What is printed names no test that never ran.
TEXT_TRUTH = {name: said for name, said in DJANGO_TRUTH.items() if said != "not_run"}


@pytest.fixture
def django_run(tmp_path: Path) -> Run:
    files = {"app/__init__": "", "app/tests": DJANGO_TESTS}
    return Run(tmp_path / "run", "django").write(files, manage=MANAGE, settings=SETTINGS)


@pytest.mark.parametrize("arguments", [(), ("-v", "2"), ("--buffer",)])
def test_django_streams_every_test(django_run: Run, arguments: tuple[str, ...]) -> None:
    summary = django_run.run("manage.py", "test", *arguments)
    assert (summary.status, summary.is_complete) == (RunStatus.FAILED, True)
    assert django_run.tests() == DJANGO_TRUTH
    failed = next(one for one in summary.failures if one.id.endswith("test_fail"))
    assert (failed.file, failed.line) == ("app/tests.py", 7)


def test_django_in_parallel(django_run: Run) -> None:
    django_run.write(
        {
            "app/tests": """
            from django.test import SimpleTestCase
            class One(SimpleTestCase):
                def test_a(self): pass
            class Two(SimpleTestCase):
                def test_b(self): self.skipTest("not today")
        """
        }
    )
    assert django_run.run("manage.py", "test", "--parallel", "2").status is RunStatus.PASSED
    assert django_run.tests() == {
        "app.tests.One.test_a": "passed",
        "app.tests.Two.test_b": "skipped",
    }


def test_django_text_without_the_stream(django_run: Run) -> None:
    summary = django_run.run("manage.py", "test", "-v", "2", GREENLANE_UNITTEST_DIR="")
    assert summary.status is RunStatus.FAILED
    assert django_run.tests() == TEXT_TRUTH


def test_django_keeps_the_projects_own_runner(django_run: Run) -> None:
    django_run.write(
        settings=dedent(SETTINGS) + 'TEST_RUNNER = "own.Runner"\n',
        own="""
            from django.test.runner import DiscoverRunner
            class Runner(DiscoverRunner):
                def setup_test_environment(self, **kwargs):
                    super().setup_test_environment(**kwargs)
                    print("own runner speaks", flush=True)
        """,
    )
    command = ("manage.py", "test", "app.tests.Simple.test_pass")
    assert django_run.run(*command).status is RunStatus.PASSED
    assert django_run.tests() == {"app.tests.Simple.test_pass": "passed"}
    assert "own runner speaks" in (django_run.folder / "log").read_text()


def test_django_killed_keeps_what_was_finished(django_run: Run) -> None:
    django_run.write(
        {
            "app/tests": """
            import os
            from django.test import SimpleTestCase
            class Simple(SimpleTestCase):
                def test_a(self): pass
                def test_b(self): os.kill(os.getpid(), 9)
                def test_c(self): pass
        """
        }
    )
    summary = django_run.run("manage.py", "test")
    assert summary.status is RunStatus.CRASHED
    assert django_run.tests() == {
        "app.tests.Simple.test_a": "passed",
        "app.tests.Simple.test_b": "error",
        "app.tests.Simple.test_c": "not_run",
    }


UNITTEST_TESTS = DJANGO_TESTS.replace("from django.test import SimpleTestCase", "").replace(
    "SimpleTestCase", "unittest.TestCase"
)


@pytest.fixture
def unittest_run(tmp_path: Path) -> Run:
    return Run(tmp_path / "run", "unittest").write(
        {"app/tests": UNITTEST_TESTS, "app/__init__": ""}
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("app.tests",),
        ("discover", "-v", "-p", "tests.py"),
        ("-b", "app.tests"),
        ("app.tests", "-k", "app.tests.*"),
    ],
    ids=["names", "discover", "buffer", "filter"],
)
def test_unittest_streams_every_test(unittest_run: Run, arguments: tuple[str, ...]) -> None:
    summary = unittest_run.run("-m", "unittest", *arguments)
    assert (summary.status, summary.is_complete) == (RunStatus.FAILED, True)
    assert unittest_run.tests() == DJANGO_TRUTH
    failed = next(one for one in summary.failures if one.id.endswith("test_fail"))
    assert (failed.file, failed.line) == ("app/tests.py", 7)
    assert failed.message == "AssertionError: 1 != 2 : differs"
    subtest = next(one for one in summary.failures if one.id.endswith("test_sub"))
    assert subtest.message.startswith("(i=1): AssertionError")


def test_unittest_selects_exactly(unittest_run: Run) -> None:
    unittest_run.write(
        {
            "app/test_a": """
            import unittest
            class One(unittest.TestCase):
                def test_a(self): pass
                def test_ab(self): pass
            class Two(unittest.TestCase):
                def test_a(self): pass
        """
        }
    )
    preset = Catalogue().get("unittest")
    chosen = ["app.test_a.One.test_a", "app.test_a.Two.setUpClass"]
    words = selection_words(preset, [SelectedTest(id=name) for name in chosen])
    for command in (("-m", "unittest"), ("-m", "unittest", "discover", "-s", "app", "-t", ".")):
        assert unittest_run.run(*command, *words).status is RunStatus.PASSED
        names = {"app.test_a.One.test_a": "passed", "app.test_a.Two.test_a": "passed"}
        assert unittest_run.tests() == names
        for stream in unittest_run.out.iterdir():
            stream.unlink()


def test_unittest_killed_names_what_ran_and_what_never_did(tmp_path: Path) -> None:
    run = Run(tmp_path / "run", "unittest").write(
        test_it="""
            import os, unittest
            class Simple(unittest.TestCase):
                def test_a(self): pass
                def test_b(self): os.kill(os.getpid(), 9)
                def test_c(self): pass
        """
    )
    summary = run.run("-m", "unittest")
    assert summary.status is RunStatus.CRASHED
    assert run.tests() == {
        "test_it.Simple.test_a": "passed",
        "test_it.Simple.test_b": "error",
        "test_it.Simple.test_c": "not_run",
    }


def test_unittest_in_unittest_and_in_its_children_is_none_of_the_run(tmp_path: Path) -> None:
    run = Run(tmp_path / "run", "unittest").write(
        test_it="""
            import io, os, subprocess, sys, unittest
            class Inner(unittest.TestCase):
                def runTest(self): self.fail()
            def load_tests(loader, tests, pattern):
                return loader.loadTestsFromTestCase(Outer)
            class Outer(unittest.TestCase):
                def test_same_process(self):
                    unittest.TextTestRunner(io.StringIO()).run(unittest.TestSuite([Inner()]))
                def test_child(self):
                    command = [sys.executable, "-m", "unittest", "test_it.Inner"]
                    self.assertEqual(subprocess.run(command).returncode, 1)
                def test_fork(self):
                    child = os.fork()
                    if not child:
                        unittest.TextTestRunner(io.StringIO()).run(unittest.TestSuite([Inner()]))
                        os._exit(0)
                    os.waitpid(child, 0)
        """
    )
    assert run.run("-m", "unittest").status is RunStatus.PASSED
    names = ("same_process", "child", "fork")
    assert run.tests() == {f"test_it.Outer.test_{name}": "passed" for name in names}


def test_unittest_through_a_script_of_the_project(tmp_path: Path) -> None:
    run = Run(tmp_path / "run", "unittest").write(
        wrapper="""
            import subprocess, sys
            sys.exit(subprocess.run([sys.executable, "own.py"]).returncode)
        """,
        own="""
            import unittest
            class One(unittest.TestCase):
                def test_a(self): pass
            unittest.main()
        """,
    )
    assert run.run("wrapper.py").status is RunStatus.PASSED
    assert run.tests() == {"__main__.One.test_a": "passed"}


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("test_broken",), RunStatus.BUILD_ERROR),
        (("app.tests.NoSuch",), RunStatus.USAGE_ERROR),
        (("--no-such-flag",), RunStatus.USAGE_ERROR),
        (("-k", "nothing", "app.tests"), RunStatus.NO_TESTS),
    ],
)
def test_unittest_that_runs_no_test(
    unittest_run: Run, arguments: tuple[str, ...], status: RunStatus
) -> None:
    unittest_run.write(test_broken="import no_such_module_xyz\n")
    assert unittest_run.run("-m", "unittest", *arguments).status is status


def test_pytest_runs_a_suite_of_unittest_inside_of_a_test(run: Run) -> None:
    run.preset = "unittest"
    run.write(
        test_it="""
            import io, unittest
            class Inner(unittest.TestCase):
                def runTest(self): self.fail()
            def test_outer():
                unittest.TextTestRunner(io.StringIO()).run(unittest.TestSuite([Inner()]))
        """
    )
    assert run.run("-m", "pytest", "test_it.py::test_outer").status is RunStatus.PASSED


def test_a_sitecustomize_that_ours_hides_is_imported(tmp_path: Path) -> None:
    run = Run(tmp_path / "run", "unittest").write(
        {"own/sitecustomize": "import builtins\nbuiltins.hidden_was_imported = True\n"},
        test_it="""
            import unittest
            class One(unittest.TestCase):
                def test_a(self): self.assertTrue(hidden_was_imported)
        """,
    )
    path = f"{INJECT}:{run.project / 'own'}"
    assert run.run("-m", "unittest", PYTHONPATH=path).status is RunStatus.PASSED
    assert run.tests() == {"test_it.One.test_a": "passed"}


def test_unittest_text(unittest_run: Run) -> None:
    command = ("-m", "unittest", "app.tests")
    summary = unittest_run.run(*command, "-v", GREENLANE_UNITTEST_DIR="")
    assert summary.status is RunStatus.FAILED
    assert unittest_run.tests() == TEXT_TRUTH
    summary = unittest_run.run(*command, GREENLANE_UNITTEST_DIR="")
    assert summary.status is RunStatus.FAILED
    totals = summary.totals
    assert (totals.passed, totals.failed, totals.error) == (2, 3, 2)
    assert (totals.skipped, totals.xfail, totals.total) == (1, 1, 9)


def test_affected_tests_of_pytest_need_testmon(run: Run) -> None:
    run.write(test_it="def test_a(): pass\n")
    words = Catalogue().get("pytest").select.affected
    assert run.run("-m", "pytest", *words, "-p", "no:testmon").status is RunStatus.USAGE_ERROR
