"""The Unix socket: made so that only its owner reaches it, and each peer is known by its uid."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from pathlib import Path
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from greenlane.model.errors import GreenlaneError

_BACKLOG: Final = 1024
_MAX_PATH_BYTES: Final = 107  # sun_path, less its closing zero


class SocketError(GreenlaneError):
    """The server cannot listen where it should."""

    code = "cannot_listen"
    exit_code = 69


class PeerProtocol(HttpToolsProtocol):
    """Puts the peer's (uid, pid) into the request's state, as the kernel vouches for them."""

    def connection_made(  # type: ignore[override]
        self, transport: asyncio.Transport
    ) -> None:
        """Ask the kernel who is at the other end."""
        super().connection_made(transport)
        peer = transport.get_extra_info("socket")
        if peer is not None and peer.family == socket.AF_UNIX:
            size = struct.calcsize("3i")
            raw = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
            pid, uid, _ = struct.unpack("3i", raw)
            self.app_state = self.app_state | {"peer": (uid, pid)}


def listen(path: str) -> socket.socket:
    """Listen on a Unix socket in a folder that only the owner may enter.

    A socket that is left from a server that died is replaced; the caller holds the lock that
    says that there is no other. A path too long for the kernel is reached through its folder.

    Raises:
        SocketError: the folder belongs to somebody else or is open to others.
    """
    folder, name = os.path.split(path)
    Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    _require_private(folder)
    Path(path).unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    if len(os.fsencode(path)) <= _MAX_PATH_BYTES:
        listener.bind(path)
    else:
        descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            listener.bind(f"/proc/self/fd/{descriptor}/{name}")
        finally:
            os.close(descriptor)
    Path(path).chmod(0o600)
    listener.listen(_BACKLOG)
    listener.setblocking(False)
    return listener


def _require_private(folder: str) -> None:
    found = Path(folder).stat()
    if found.st_uid != os.getuid():
        raise SocketError(
            f"the socket's folder {folder} belongs to user {found.st_uid}",
            hint="set GREENLANE_SOCKET to a path in a folder of your own",
        )
    if found.st_mode & 0o022:
        raise SocketError(
            f"others may write to the socket's folder {folder}",
            hint=f"chmod 700 {folder}, or set GREENLANE_SOCKET to a path elsewhere",
        )
