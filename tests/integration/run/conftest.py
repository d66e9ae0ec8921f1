"""A place of its own for each test, and repositories whose snapshots it can run."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from greenlane.model.job import CommitId, JobId, RunId, TreeId
from greenlane.model.run import Checkout, RunResult, RunSpec
from greenlane.place.local import LocalPlace

PATH = f"{Path(sys.executable).parent}:/usr/bin:/bin"
HOSTILE = Path(__file__).parent / "hostile_tree.py"


def wait_until(condition: Callable[[], Any], seconds: float = 20.0) -> Any:
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.005)
    return value


class Site:
    """A place and the ends of its runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.runs_dir = folder / "state" / "runs"
        self.ends: list[tuple[RunId, RunResult | None]] = []
        self._changed = threading.Condition()
        self.place = self.new_place()

    def new_place(self) -> LocalPlace:
        return LocalPlace(self.runs_dir, self._take)

    def _take(self, run_id: RunId, result: RunResult | None) -> None:
        with self._changed:
            self.ends.append((run_id, result))
            self._changed.notify_all()

    def spec(self, *argv: str, **more: Any) -> RunSpec:
        run_id = RunId(more.pop("run_id", uuid.uuid4().hex))  # strays are found by it
        env = {"PATH": PATH, **more.pop("env", {})}
        more = {"timeout_seconds": 60.0, **more}
        return RunSpec(
            run_id=run_id,
            job_id=JobId("job1"),
            run_dir=str(self.runs_dir / run_id),
            argv=list(argv),
            env=env,
            **more,
        )

    def start(self, *argv: str, **more: Any) -> RunId:
        spec = self.spec(*argv, **more)
        self.place.start(spec)
        return spec.run_id

    def wait(self, run_id: RunId, seconds: float = 30.0) -> RunResult | None:
        """Wait for the end of a run; None: it was lost."""
        with self._changed:
            ended = self._changed.wait_for(lambda: run_id in dict(self.ends), seconds)
            assert ended, f"{run_id} did not end in time"
            return dict(self.ends)[run_id]

    def run(self, *argv: str, **more: Any) -> RunResult:
        result = self.wait(self.start(*argv, **more))
        assert result is not None, "lost"
        return result

    def python(self, code: str, **more: Any) -> RunResult:
        return self.run("python3", "-c", code, **more)

    def log(self, run_id: RunId | None = None) -> str:
        """Give the log of a run, of the last one that ended by default."""
        return self.file("log", run_id).read_text(errors="replace")

    def file(self, name: str, run_id: RunId | None = None) -> Path:
        return self.runs_dir / (run_id or self.ends[-1][0]) / name

    def runner_pid(self, run_id: RunId) -> int:
        lock = self.runs_dir / run_id / "lock"
        return int(wait_until(lambda: lock.exists() and lock.read_text()).split()[0])


class Repository:
    """A work tree, and the bare repository that its snapshots go to."""

    def __init__(self, folder: Path) -> None:
        self.work = folder / "work"
        self.bare = folder / "state" / "repository.git"
        self.slot = folder / "state" / "slots" / "project" / "1"
        self.work.mkdir(parents=True)
        self.git("init", "-q", "--bare", str(self.bare))
        self.git("init", "-q")
        self._count = 0

    def git(self, *arguments: str, cwd: Path | None = None) -> str:
        return subprocess.check_output(
            ["git", *arguments], cwd=cwd or self.work, text=True, stderr=subprocess.STDOUT
        ).strip()

    def write(self, files: Mapping[str, str | None]) -> None:
        """Write files; None removes one."""
        for name, content in files.items():
            path = self.work / name
            if content is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)

    def snapshot(self, files: Mapping[str, str | None] | None = None) -> Checkout:
        self.write(files or {})
        self._count += 1
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", f"snapshot {self._count}")
        self.git("push", "-q", str(self.bare), f"HEAD:refs/greenlane/{self._count}")
        return Checkout(
            slot=str(self.slot),
            repository=str(self.bare),
            commit=CommitId(self.git("rev-parse", "HEAD")),
            tree=TreeId(self.git("rev-parse", "HEAD^{tree}")),
        )

    def shared(self) -> tuple[str, str]:
        """Give what all slots share and no run may change: refs and settings."""
        refs = self.git("for-each-ref", cwd=self.bare)
        return refs, (self.bare / "config").read_text()

    def status_of_slot(self) -> str:
        return self.git("status", "--porcelain", cwd=self.slot)

    def tree_of_slot(self) -> str:
        """Give the tree that the files of the slot make up, looked at afresh."""
        index = self.slot.parent / "fresh-index"
        index.unlink(missing_ok=True)
        env = {"GIT_INDEX_FILE": str(index), "PATH": PATH, "HOME": "/nonexistent"}
        for arguments in (["add", "-A"], ["write-tree"]):
            said = subprocess.check_output(["git", *arguments], cwd=self.slot, env=env, text=True)
        return said.strip()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.place.close()


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)
