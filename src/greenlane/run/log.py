"""The log of a run: written by the command itself, kept below its limit from beside.

Over the limit the middle is dropped: the head stays where it is, the tail moves on. While the run
goes on the dropped part is a hole in the file, published in `log.gap` BEFORE it is made, so that
a follower that reads first and looks at `log.gap` second never takes the hole's zeros for output
(`greenlane.run.follow` does it). At the end the hole is closed in a copy that takes the log's
name; who has the old file open can read it to its end.
"""

from __future__ import annotations

import os

from greenlane.run.linux import punch_hole
from greenlane.run.spec import write_atomically

_BLOCK = 4096
_COPY_BYTES = 1 << 20


class Log:
    """The log of one run, and how much of it was dropped."""

    def __init__(self, run_dir: str, limit_bytes: int) -> None:
        self.path = os.path.join(run_dir, "log")
        self.fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self.dropped_bytes = 0
        self._gap_path = os.path.join(run_dir, "log.gap")
        self._limit_bytes = max(limit_bytes, 2 * _BLOCK)
        self._head_bytes = _aligned(self._limit_bytes // 2)
        self._tail_bytes = self._limit_bytes - self._head_bytes
        self._gap_end = self._head_bytes
        self._can_punch = True

    def size(self) -> int:
        """Give the end of the file, holes included: it grows whenever output comes."""
        return os.fstat(self.fd).st_size

    def note(self, line: str) -> None:
        """Add a line of the runner's own."""
        os.write(self.fd, f"{line}\n".encode())

    def trim(self) -> None:
        """Drop the middle when the log has outgrown its limit by an eighth."""
        size = self.size()
        kept = size - (self._gap_end - self._head_bytes)
        if kept > self._limit_bytes + self._limit_bytes // 8:
            self._drop_middle(size)

    def finish(self) -> int:
        """Close the gap, with a line in its place that says what was dropped; give the size.

        To be called when no process of the run is left.
        """
        if self.size() - (self._gap_end - self._head_bytes) > self._limit_bytes:
            self._drop_middle(self.size())
        if self.dropped_bytes and self._can_punch:
            self._compact()
        return os.stat(self.path).st_size

    def last_lines(self, count: int = 5, reach: int = 2000) -> str:
        """Give the end of what was written."""
        start = max(0, self.size() - reach)
        text = os.pread(self.fd, reach, start).decode(errors="replace")
        return "\n".join(text.strip().splitlines()[-count:])

    def _drop_middle(self, size: int) -> None:
        end = _aligned(size - self._tail_bytes + _BLOCK - 1)
        if end <= self._gap_end:
            return
        self._publish(end)
        if self._can_punch:
            try:
                punch_hole(self.fd, self._gap_end, end)
            except OSError:
                self._can_punch = False
        if self._can_punch:
            self.dropped_bytes += end - self._gap_end
            self._gap_end = end
        else:
            self._cut(size)

    def _cut(self, size: int) -> None:
        """Do without holes: drop all behind the head but the last lines, and write on there."""
        tail = os.pread(self.fd, _COPY_BYTES, max(self._head_bytes, size - self._tail_bytes // 2))
        self.dropped_bytes += size - self._head_bytes - len(tail)
        os.ftruncate(self.fd, self._head_bytes)
        os.write(self.fd, marker(self.dropped_bytes) + tail)
        self._publish(self._head_bytes)

    def _publish(self, end: int) -> None:
        inode = os.fstat(self.fd).st_ino
        write_atomically(self._gap_path, {"inode": inode, "start": self._head_bytes, "end": end})

    def _compact(self) -> None:
        passing = f"{self.path}.tmp"
        target = os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            _copy(self.fd, target, 0, self._head_bytes)
            os.write(target, marker(self.dropped_bytes))
            _copy(self.fd, target, self._gap_end, self.size())
        finally:
            os.close(target)
        os.rename(passing, self.path)


def marker(dropped_bytes: int) -> bytes:
    """Give the line that stands for what was dropped."""
    return f"\n… [greenlane: {dropped_bytes} bytes of output dropped here] …\n".encode()


def _aligned(offset: int) -> int:
    return offset // _BLOCK * _BLOCK


def _copy(source: int, target: int, start: int, end: int) -> None:
    while start < end:
        chunk = os.pread(source, min(_COPY_BYTES, end - start), start)
        if not chunk:
            return
        os.write(target, chunk)
        start += len(chunk)
