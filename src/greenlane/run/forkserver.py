"""The warm fork server: starts a runner in about a millisecond, and cleans up behind lost ones.

It talks over one inherited socket (SOCK_SEQPACKET): a request is `{"run_dir": …}` with the
descriptor of the run folder's lock, the answer `{"pid": …}` or `{"error": …}`. It keeps its copy
of the lock until the runner has ended and nothing of the run is left; a runner that ends as it
should unlocks for both. So a free lock means that no process of the run lives, unless the fork
server was killed as well.

When the server is gone it stays until its last runner has ended.
"""

from __future__ import annotations

import array
import gc
import json
import os
import select
import signal
import socket
import traceback

from greenlane.run import linux, runner
from greenlane.run.tree import Tree

_MESSAGE_BYTES = 65536
_BROKEN = 70
_PATIENCE_SECONDS = 3.0  # no run can be started meanwhile


def main(socket_fd: int) -> None:
    """Serve until the other end of the socket is closed and the last runner has ended."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT})
    os.chdir(os.sep)
    linux.become_subreaper()
    linux.set_process_name("greenlane-forks")
    gc.collect()
    gc.freeze()  # what is loaded now is shared with every runner
    ForkServer(socket.socket(fileno=socket_fd)).serve()


class ForkServer:
    """The runners that live, each with its copy of the run's lock."""

    def __init__(self, requests: socket.socket) -> None:
        self._requests = requests
        self._poll = select.poll()
        self._runners: dict[int, tuple[int, int]] = {}  # pidfd -> pid, lock
        self._tree = Tree(_PATIENCE_SECONDS)

    def serve(self) -> None:
        """Answer requests, collect runners."""
        requests_fd = self._requests.fileno()
        self._poll.register(requests_fd, select.POLLIN)
        is_open = True
        while is_open or self._runners:
            for fd, _ in self._poll.poll():
                if fd != requests_fd:
                    self._collect(fd)
                elif not self._answer():
                    self._poll.unregister(requests_fd)
                    is_open = False

    def _answer(self) -> bool:
        """Do one request; give False when there will be no more."""
        try:
            message, descriptors = _receive(self._requests)
        except ConnectionError:
            return False
        if not message:
            return False
        try:
            answer: dict[str, int | str] = {
                "pid": self._start(json.loads(message)["run_dir"], descriptors[0])
            }
        except (OSError, ValueError, KeyError, IndexError) as error:
            for fd in descriptors:
                os.close(fd)
            answer = {"error": f"{type(error).__name__}: {error}"}
        try:
            self._requests.send(json.dumps(answer).encode())
        except OSError:
            return False  # the server is gone; its run goes on
        return True

    def _start(self, run_dir: str, lock_fd: int) -> int:
        pid = os.fork()
        if pid == 0:
            _be_runner(run_dir, lock_fd)
        pidfd = os.pidfd_open(pid)
        self._runners[pidfd] = (pid, lock_fd)
        self._tree.spared.add(pid)
        self._poll.register(pidfd, select.POLLIN)
        return pid

    def _collect(self, pidfd: int) -> None:
        """Take note of a runner's end, end what it left behind, then let go of its lock."""
        pid, lock_fd = self._runners.pop(pidfd)
        self._poll.unregister(pidfd)
        os.close(pidfd)
        os.waitpid(pid, 0)
        self._tree.spared.discard(pid)
        self._tree.kill()
        self._tree.exit_codes.clear()
        os.close(lock_fd)


def _be_runner(run_dir: str, lock_fd: int) -> None:
    try:
        runner.main(run_dir, lock_fd)
        os._exit(0)
    except BaseException:  # noqa: BLE001 - never return into the fork server's loop
        traceback.print_exc()
    finally:
        os._exit(_BROKEN)


def _receive(requests: socket.socket) -> tuple[bytes, array.array[int]]:
    descriptors = array.array("i")
    message, ancillary, _, _ = requests.recvmsg(
        _MESSAGE_BYTES, socket.CMSG_LEN(descriptors.itemsize), socket.MSG_CMSG_CLOEXEC
    )
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            descriptors.frombytes(data)
    return message, descriptors
