"""Who asks: what the transport knows about the other end."""

from __future__ import annotations

import os

import msgspec

from greenlane.model.errors import ForbiddenError


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """The peer of a connection; `uid` is None where the transport cannot prove it."""

    uid: int | None = None
    pid: int | None = None

    @property
    def is_owner(self) -> bool:
        """Say whether this is, beyond doubt, the user that the server runs as."""
        return self.uid is not None and self.uid == os.getuid()

    def require_owner(self, what: str) -> None:
        """Refuse anybody but the server's own user.

        Raises:
            ForbiddenError: the caller is somebody else, or did not come over the Unix socket.
        """
        if not self.is_owner:
            raise ForbiddenError(
                f"{what} is for the server's own user over the Unix socket only",
                hint="submit a suite of the project instead, or ask from that account",
            )
