"""`greenlane serve`: one process, one instance, from the lock to the last goodbye."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

import uvicorn

from greenlane.config.locations import Locations
from greenlane.config.server import ServerSettings, load_server
from greenlane.model.errors import GreenlaneError
from greenlane.server.bootstrap import Parts, build
from greenlane.server.journal import set_up_logging
from greenlane.server.peer import PeerProtocol, listen

_log = logging.getLogger(__name__)
_GRACE_SECONDS: Final = 5
_IDLE_CHECK_SECONDS: Final = 1.0
_FIRST_SWEEP_SECONDS: Final = 60.0
_SWEEP_SECONDS: Final = 3600.0


class AlreadyRunningError(GreenlaneError):
    """Another server holds the instance."""

    code = "already_running"
    exit_code = 69


def serve(locations: Locations, *, is_on_demand: bool = False, is_verbose: bool = False) -> int:
    """Run the server of an instance until it is told to stop; give the exit code.

    One that was started on demand ends by itself when nothing happened for a while, and says
    nothing when another was faster.

    Raises:
        AlreadyRunningError: another server holds the instance.
        SettingsError: the server file cannot be used.
    """
    set_up_logging(is_verbose=is_verbose)
    settings = load_server(locations.config)
    os.umask(0o077)
    Path(locations.state_dir).mkdir(parents=True, exist_ok=True)
    try:
        lock = _take_lock(locations.server_lock)
    except AlreadyRunningError:
        if is_on_demand:
            return 0
        raise
    try:
        with _listening(locations.socket) as listener:
            serving = _serve(locations, settings, listener, lock, is_on_demand=is_on_demand)
            asyncio.run(serving)
    finally:
        os.close(lock)
    return 0


class Server(uvicorn.Server):
    """uvicorn, told to say goodbye to those who listen before it waits for them."""

    def __init__(self, config: uvicorn.Config, parts: Parts) -> None:
        super().__init__(config)
        self._parts = parts

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGTERM and SIGINT, and call that a clean end: the exit code is 0."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End the streams, so that their connections close at once."""
        self._parts.hub.close()
        super().handle_exit(sig, frame)

    def ask_to_exit(self) -> None:
        """Stop as if by a signal."""
        self.handle_exit(signal.SIGTERM, None)


@contextmanager
def _listening(path: str) -> Iterator[socket.socket]:
    """Listen at a path; in the end take away our socket, and not that of a later server."""
    with listen(path) as listener:
        bound = Path(path).stat()
        try:
            yield listener
        finally:
            if _is_at(path, bound):
                Path(path).unlink(missing_ok=True)


async def _serve(
    locations: Locations,
    settings: ServerSettings,
    listener: socket.socket,
    lock: int,
    *,
    is_on_demand: bool,
) -> None:
    parts = build(locations, settings, asyncio.get_running_loop())
    config = uvicorn.Config(
        parts.app,
        http=PeerProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    server = Server(config, parts)
    parts.place.warm_up()
    parts.coordinator.start()
    _log.info("serving", extra={"socket": locations.socket, "pid": os.getpid()})
    tasks = [
        asyncio.create_task(_sweep_now_and_then(parts)),
        asyncio.create_task(_stop_when_displaced(server, locations.server_lock, os.fstat(lock))),
    ]
    if is_on_demand:
        idle = _stop_when_idle(server, parts, settings.idle_exit_seconds)
        tasks.append(asyncio.create_task(idle))
    try:
        await server.serve(sockets=[listener])
    finally:
        for task in tasks:
            task.cancel()
        parts.hub.close()
        parts.place.close()
        parts.coordinator.stop()
        parts.webhooks.close()
        parts.reader.close()
        _log.info("stopped")


async def _sweep_now_and_then(parts: Parts) -> None:
    """Drop what is too old, first when the server has settled, then every hour."""
    pause = _FIRST_SWEEP_SECONDS
    while True:
        await asyncio.sleep(pause)
        pause = _SWEEP_SECONDS
        try:
            await parts.reader.run(parts.retention.sweep)
        except Exception:  # noqa: BLE001  # the edge of the loop: the next sweep may do better
            _log.exception("old runs could not be dropped")


async def _stop_when_idle(server: Server, parts: Parts, limit_seconds: float) -> None:
    """Stop once nobody asked for anything and nothing waited or ran for so long."""
    loop = asyncio.get_running_loop()
    since, seen = loop.time(), -1
    while loop.time() - since < limit_seconds:
        await asyncio.sleep(_IDLE_CHECK_SECONDS)
        queued, running, _ = await asyncio.wrap_future(
            parts.coordinator.call(parts.coordinator.count)
        )
        asked = server.server_state.total_requests
        if queued or running or asked != seen or server.server_state.connections:
            since, seen = loop.time(), asked
    _log.info("idle for %.0f s: stopping", limit_seconds)
    server.ask_to_exit()


async def _stop_when_displaced(server: Server, path: str, held: os.stat_result) -> None:
    """Stop once our lock is no longer in the state folder: somebody deleted or moved that.

    The next server makes a new one, and two must not answer for one instance.
    """
    while _is_at(path, held):  # noqa: ASYNC110  # a deletion tells nobody
        await asyncio.sleep(_IDLE_CHECK_SECONDS)
    _log.error("the state folder was deleted or moved: stopping", extra={"lock": path})
    server.ask_to_exit()


def _is_at(path: str, file: os.stat_result) -> bool:
    """Say whether a path leads to this very file."""
    try:
        return os.path.samestat(Path(path).stat(), file)
    except FileNotFoundError:
        return False


def _take_lock(path: str) -> int:
    """Hold the instance: the lock goes with the process, however it ends."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip()
        os.close(descriptor)
        raise AlreadyRunningError(
            f"another server (process {holder or 'unknown'}) holds {path}",
            hint="use that one, or set GREENLANE_STATE_DIR for a private instance",
        ) from None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return descriptor
