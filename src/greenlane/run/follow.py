"""Read the log of a run while it grows, without ever taking a dropped part for output."""

from __future__ import annotations

import json
import os

from greenlane.run.log import marker


class LogFollower:
    """A reader of one log that goes on where it stopped.

    Keep one follower for as long as one follows: it holds on to the file it began with, which
    stays whole to its end even when the log is replaced by a shorter copy.
    """

    def __init__(self, run_dir: str, offset: int = 0) -> None:
        self._path = os.path.join(run_dir, "log")
        self._gap_path = os.path.join(run_dir, "log.gap")
        self._fd = -1
        self.offset = offset

    def read(self, limit_bytes: int = 65536) -> bytes:
        """Give the next bytes; none when there is nothing new at this moment.

        Where output was dropped there is one line that says so, as in the finished log.
        """
        if self._fd < 0 and not self._open():
            return b""
        chunk = os.pread(self._fd, limit_bytes, self.offset)
        start, end = self._gap()  # only now: the gap is published before it is made
        if start <= self.offset < end:
            dropped, self.offset = end - self.offset, end
            return marker(dropped)
        if self.offset < start < end:
            chunk = chunk[: start - self.offset]
        if not chunk and os.fstat(self._fd).st_size < self.offset:
            self.offset = start  # cut, on a file system without holes
            return self.read(limit_bytes)
        self.offset += len(chunk)
        return chunk

    def close(self) -> None:
        """Let go of the file."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _open(self) -> bool:
        try:
            self._fd = os.open(self._path, os.O_RDONLY)
        except FileNotFoundError:
            return False
        return True

    def _gap(self) -> tuple[int, int]:
        try:
            with open(self._gap_path, "rb") as file:
                gap = json.load(file)
        except FileNotFoundError:
            return 0, 0
        if gap["inode"] != os.fstat(self._fd).st_ino:
            return 0, 0
        return gap["start"], gap["end"]
