"""Start one child process with exactly the surroundings that it is given."""

from __future__ import annotations

import os
import resource
import signal

from greenlane.run import linux

_CANNOT_START = 127
_MAY_BE_IGNORED = (
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
    dies_with_parent: bool = False,
    memory_limit_bytes: int = 0,
) -> int:
    """Start a program in a session of its own; give its process id.

    Standard input is empty, standard output and error both go to the descriptor `output`.
    Nothing else is inherited.

    Raises:
        StartError: it cannot be started; no process is left.
    """
    path = find_program(argv[0], cwd=cwd, env=env)
    failure, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        _become(path, argv, cwd, env, output, tell, dies_with_parent, memory_limit_bytes)
    os.close(tell)
    with open(failure, "rb") as file:
        message = file.read()
    if message:
        os.waitpid(pid, 0)
        raise StartError(f"the program '{argv[0]}' cannot be started: {message.decode()}")
    return pid


def _become(  # noqa: PLR0913, PLR0917 - the child's side of spawn, called once
    path: str,
    argv: list[str],
    cwd: str,
    env: dict[str, str],
    output: int,
    tell: int,
    dies_with_parent: bool,
    memory_limit_bytes: int,
) -> None:
    try:
        os.setsid()
        if dies_with_parent:
            linux.die_with_parent(signal.SIGKILL)
        if memory_limit_bytes:
            resource.setrlimit(resource.RLIMIT_AS, (memory_limit_bytes, memory_limit_bytes))
        _reset_signals()
        os.chdir(cwd)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.execve(path, argv, env)  # noqa: S606 - no shell, on purpose
    except BaseException as error:  # noqa: BLE001 - whatever it is, the parent is told
        os.write(tell, str(error).encode())
    finally:
        os._exit(_CANNOT_START)


def _reset_signals() -> None:
    """Undo what Python, nohup and the runner changed: a program expects the defaults."""
    for number in _MAY_BE_IGNORED:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
