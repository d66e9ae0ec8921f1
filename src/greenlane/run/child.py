"""Start one child process with exactly the surroundings that it is given.

posix_spawn, because it does not copy the runner: a fork costs 2 to 3 ms, this less than one. What
it cannot do is left to others: that a child does not outlive a killed runner is the fork server's
business, and the run stays locked until it is true.
"""

from __future__ import annotations

import os
import resource
import signal

#: Python, nohup or the runner may ignore or block these; a program expects the defaults.
_RESET = (
    signal.SIGPIPE,
    signal.SIGXFSZ,
    signal.SIGHUP,
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGTERM,
    signal.SIGCHLD,
)


class StartError(Exception):
    """A program could not be started; the message says why."""


def find_program(name: str, *, cwd: str, env: dict[str, str]) -> str:
    """Give the path of a program as the child would find it.

    Raises:
        StartError: there is none.
    """
    if "/" in name:
        path = os.path.join(cwd, name)
        if not os.path.isfile(path):
            raise StartError(f"the program '{name}' does not exist in '{cwd}'")
        if not os.access(path, os.X_OK):
            raise StartError(f"the program '{name}' is not executable")
        return path
    for folder in env.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(cwd, folder, name)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    raise StartError(f"the program '{name}' was not found on PATH")


def spawn(
    argv: list[str],
    *,
    cwd: str,
    env: dict[str, str],
    output: int,
    memory_limit_bytes: int = 0,
) -> int:
    """Start a program in a session of its own; give its process id.

    Standard input is empty, standard output and error both go to the descriptor `output`.
    Nothing else is inherited.

    Raises:
        StartError: it cannot be started; no process is left.
    """
    if not argv or any("\0" in word for word in argv):
        raise StartError(f"{argv!r} is not a command")
    path = find_program(argv[0], cwd=cwd, env=env)
    before = os.open(".", os.O_PATH | os.O_DIRECTORY)
    try:
        os.chdir(cwd)
        pid = os.posix_spawn(
            path,
            argv,
            env,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, output, 1),
                (os.POSIX_SPAWN_DUP2, output, 2),
            ],
            setsid=True,
            setsigmask=(),
            setsigdef=_RESET,
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise StartError(f"the program '{argv[0]}' cannot be started: {reason}") from error
    finally:
        os.fchdir(before)
        os.close(before)
    if memory_limit_bytes:
        resource.prlimit(pid, resource.RLIMIT_AS, (memory_limit_bytes, memory_limit_bytes))
    return pid
