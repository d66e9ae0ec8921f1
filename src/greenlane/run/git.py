"""Git as the runner calls it: on one slot, below the supervisor, untouched by anyone's settings."""

from __future__ import annotations

import os
import zlib

from greenlane.run import child
from greenlane.run.supervise import Supervisor

_SECONDS = 3600.0  # a first checkout of 100k files on a slow disk takes minutes
_SETTINGS = {
    "core.autocrlf": "false",
    "core.bare": "false",
    "core.fileMode": "true",
    "core.fsmonitor": "false",
    "core.hooksPath": "/dev/null",
    "core.ignoreCase": "false",
    "core.preloadIndex": "true",
    "core.quotePath": "false",
    "core.sparseCheckout": "false",
    "core.splitIndex": "false",
    "core.symlinks": "true",
    "core.trustCTime": "true",
    "core.untrackedCache": "false",
    "gc.auto": "0",
    "index.sparse": "false",
    "maintenance.auto": "false",
    "safe.directory": "*",
    "submodule.recurse": "false",
}


class GitError(Exception):
    """A git command failed; the message is what it said."""


class Running:
    """A git command that was started."""

    __slots__ = ("name", "output", "pid")

    def __init__(self, name: str, pid: int, output: int) -> None:
        self.name = name
        self.pid = pid
        self.output = output


class Git:
    """Runs git in a working tree; its children end with the runner."""

    def __init__(self, work_tree: str, supervisor: Supervisor, *, env: dict[str, str]) -> None:
        self._work_tree = work_tree
        self._supervisor = supervisor
        self._env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
            **_settings(),
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C.UTF-8",
            **env,
        }

    def run(self, *arguments: str, expected: tuple[int, ...] = (0,)) -> tuple[int, bytes]:
        """Run git to its end; give its exit code and output.

        Raises:
            GitError: the exit code is none of the expected ones.
        """
        return self.finish(self.start(*arguments), expected=expected)

    def start(self, *arguments: str) -> Running:
        """Start git without waiting for it."""
        output = os.memfd_create("git")
        try:
            pid = child.spawn(
                ["git", *arguments],
                cwd=self._work_tree,
                env=self._env,
                output=output,
            )
        except BaseException:
            os.close(output)
            raise
        return Running(arguments[0], pid, output)

    def finish(self, running: Running, expected: tuple[int, ...] = (0,)) -> tuple[int, bytes]:
        """Wait for a command that was started; as `run`."""
        with open(running.output, "rb") as file:
            code = self._supervisor.collect(running.pid, seconds=_SECONDS)
            file.seek(0)
            said = file.read()
        if code is None:
            raise GitError(f"git {running.name} took longer than {_SECONDS:.0f} s")
        if code not in expected:
            reason = said.decode(errors="replace").strip()[-1000:]
            raise GitError(f"git {running.name} failed: {reason or f'exit code {code}'}")
        return code, said

    def tree_of(self, repository: str, commit: str) -> str:
        """Give the tree of a commit, without a process where the commit is a loose object.

        Raises:
            GitError: there is no such commit.
        """
        path = os.path.join(repository, "objects", commit[:2], commit[2:])
        try:
            with open(path, "rb") as file:
                head, _, body = zlib.decompress(file.read()).partition(b"\0")
        except (OSError, zlib.error):
            return self.run("rev-parse", "--verify", f"{commit}^{{tree}}")[1].decode().strip()
        if not head.startswith(b"commit ") or not body.startswith(b"tree "):
            raise GitError(f"'{commit}' is not a commit")
        return body.split(None, 2)[1].decode()


def _settings() -> dict[str, str]:
    """Give the environment that puts `_SETTINGS` above every settings file."""
    env = {"GIT_CONFIG_COUNT": str(len(_SETTINGS))}
    for number, (key, value) in enumerate(_SETTINGS.items()):
        env[f"GIT_CONFIG_KEY_{number}"] = key
        env[f"GIT_CONFIG_VALUE_{number}"] = value
    return env
