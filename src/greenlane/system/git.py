"""Run git. The one place that knows git's environment and how its failures read.

Standard library only: the command line imports this on its fast path.
"""

from __future__ import annotations

import os
import subprocess
from typing import IO, TYPE_CHECKING

from greenlane.model.errors import SnapshotError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Settings of the user that would fire hooks and daemons, or write beside the copied index.
_ALWAYS = (
    "-c", "core.hooksPath=/dev/null",
    "-c", "core.fsmonitor=false",
    "-c", "gc.auto=0",
    "-c", "maintenance.auto=false",
)  # fmt: skip

#: Kept from the caller's environment: they say where git and the user's settings are. The rest
#: of GIT_* describes some other command (a hook, a rebase) that happens to be our parent:
#: GIT_DIR, GIT_INDEX_FILE and friends would make us work on the wrong repository.
_KEPT = frozenset(
    {
        "GIT_EXEC_PATH",
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_SYSTEM",
        "GIT_CONFIG_NOSYSTEM",
        "GIT_CONFIG_COUNT",
    }
)
_KEPT_PREFIXES = ("GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_")


class GitError(SnapshotError):
    """A git command failed; `stderr` holds what it said."""

    code = "git_failed"

    def __init__(self, arguments: Sequence[str], returncode: int | None, stderr: str) -> None:
        reason = _reason(stderr) or f"exit code {returncode}"
        super().__init__(f"git {_verb(arguments)} failed: {reason}", hint=_hint(returncode, stderr))
        self.stderr = stderr


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Give the environment in which git runs: no inherited GIT_*, English messages, no prompts."""
    env = {name: value for name, value in os.environ.items() if _is_kept(name)}
    env["LC_ALL"] = "C.UTF-8"
    env["GIT_OPTIONAL_LOCKS"] = "0"
    env["GIT_TERMINAL_PROMPT"] = "0"
    env["GIT_NO_LAZY_FETCH"] = "1"
    env["GIT_NO_REPLACE_OBJECTS"] = "1"
    env["GIT_LITERAL_PATHSPECS"] = "1"
    env.update(extra or {})
    return env


def server_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Give the environment for the server's own repositories: nobody's settings apply."""
    env = environment()
    for name in [name for name in env if name.startswith("GIT_CONFIG_")]:
        del env[name]
    env["GIT_CONFIG_GLOBAL"] = os.devnull
    env["GIT_CONFIG_NOSYSTEM"] = "1"
    env.update(extra or {})
    return env


def start(
    arguments: Sequence[str],
    *,
    env: Mapping[str, str],
    stdin: int | IO[bytes] = subprocess.DEVNULL,
    stdout: int | IO[bytes] = subprocess.PIPE,
    stderr: int | IO[bytes] = subprocess.PIPE,
) -> subprocess.Popen[bytes]:
    """Start git; the caller reads its output and waits for it, best through `finish`.

    Raises:
        GitError: git is not installed.
    """
    command = ["git", *_ALWAYS, *arguments]
    try:
        return subprocess.Popen(command, env=env, stdin=stdin, stdout=stdout, stderr=stderr)
    except FileNotFoundError as error:
        raise GitError(arguments, None, "git is not installed, or not on PATH") from error


def finish(
    process: subprocess.Popen[bytes], arguments: Sequence[str], stdin: bytes | None = None
) -> tuple[bytes, str]:
    """Wait for a started git and give its output and its messages.

    Raises:
        GitError: it exited with anything but 0.
    """
    try:
        output, messages = process.communicate(stdin)
    except BaseException:  # an interrupt: nobody would wait for it any more
        process.kill()
        process.wait()
        raise
    text = (messages or b"").decode("utf-8", "backslashreplace")
    if process.returncode != 0:
        raise GitError(arguments, process.returncode, text)
    return output or b"", text


def run(arguments: Sequence[str], *, env: Mapping[str, str], stdin: bytes | None = None) -> bytes:
    """Run git to its end and give its output.

    Raises:
        GitError: it exited with anything but 0.
    """
    source = subprocess.DEVNULL if stdin is None else subprocess.PIPE
    return finish(start(arguments, env=env, stdin=source), arguments, stdin)[0]


def _is_kept(name: str) -> bool:
    if name.startswith(_KEPT_PREFIXES):
        return True
    return name in _KEPT or not name.startswith(("GIT_", "LC_", "LANGUAGE"))


def _verb(arguments: Sequence[str]) -> str:
    words = iter(arguments)
    for word in words:
        if word in {"-C", "-c", "--git-dir"}:
            next(words, None)
        elif not word.startswith("-"):
            return word
    return ""


def _reason(stderr: str) -> str:
    """Give the first message and the last: the cause, and what it happened to."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    told = [line for line in lines if line.startswith(("error:", "fatal:"))] or lines
    ends = dict.fromkeys(told[:1] + told[-1:])
    return "; ".join(line.removeprefix("error: ").removeprefix("fatal: ") for line in ends)


def _hint(returncode: int | None, stderr: str) -> str:
    if returncode is None:
        return "install git, for example: apt install git"
    if "dubious ownership" in stderr:
        return "run this as the owner of the repository"
    if "ermission denied" in stderr:
        return "make the file readable, or list it in .gitignore"
    return ""
