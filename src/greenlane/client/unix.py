"""Reach a server's Unix socket, and tell apart the ways in which that fails."""

from __future__ import annotations

import os
import socket
import struct

from greenlane.model.errors import ServerUnavailableError

MAX_PATH_BYTES = 107  # sun_path of unix(7), less its final zero
CONNECT_TIMEOUT_SECONDS = 10


class NobodyListensError(ServerUnavailableError):
    """The socket does not exist, or nobody holds it: a server may be started there."""


def connect(path: str) -> socket.socket:
    """Connect to a Unix socket whose path may be longer than the kernel's 107 bytes.

    Blocks while the server's backlog is full, up to 10 s: a non-blocking connect would fail at
    once there (unix(7), EAGAIN).

    Raises:
        NobodyListensError: no server is there.
        ServerUnavailableError: it cannot be reached for another reason.
    """
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    timeout = struct.pack("ll", CONNECT_TIMEOUT_SECONDS, 0)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, timeout)
    try:
        _connect_to(client, path)
    except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError) as error:
        client.close()
        raise NobodyListensError(f"no server answers on {path}") from error
    except PermissionError as error:
        client.close()
        raise ServerUnavailableError(
            f"the socket {path} may not be used: it belongs to another user",
            hint="set GREENLANE_SOCKET or GREENLANE_STATE_DIR to a server of your own",
        ) from error
    except OSError as error:
        client.close()
        raise ServerUnavailableError(f"cannot connect to {path}: {error}") from error
    return client


def _connect_to(client: socket.socket, path: str) -> None:
    if len(os.fsencode(path)) <= MAX_PATH_BYTES:
        client.connect(path)
        return
    folder, name = os.path.split(path)
    handle = os.open(folder or ".", os.O_PATH | os.O_DIRECTORY)
    try:
        client.connect(f"/proc/self/fd/{handle}/{name}")
    finally:
        os.close(handle)
