"""Follow one job from the queue to its end, whatever happens to the server meanwhile."""

from __future__ import annotations

import sys

from greenlane.cli.output import say
from greenlane.cli.verdict import JobGoesOnError, has_ended
from greenlane.client.session import BROKEN
from greenlane.model.errors import ConflictError, ConnectionLostError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from greenlane.cli.progress import Progress
    from greenlane.client.answers import Results, Status
    from greenlane.client.session import Session

FIRST_LOOK_SECONDS = 0.3  # a job that starts within this says nothing about its wait
LONG_LOOK_SECONDS = 30.0
MOST_BROKEN_STREAMS = 50  # in a row, with no byte between them


class LogSink:
    """The log on stdout, byte for byte as the tests wrote it."""

    def __init__(self) -> None:
        self._last = b"\n"

    def write(self, piece: bytes) -> None:
        """Write one piece at once."""
        sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        self._last = piece[-1:]

    def finish(self) -> None:
        """End the last line, and on a terminal whatever colour a test left behind."""
        if sys.stdout.isatty():
            self.write(b"\x1b[0m")
        elif self._last == b"\n":
            return
        if self._last != b"\n":
            self.write(b"\n")


class Watch:
    """One job that somebody waits for."""

    def __init__(
        self, session: Session, job_id: str, *, progress: Progress, sink: LogSink | None
    ) -> None:
        self._session = session
        self._client = session.client
        self._job_id = job_id
        self._progress = progress
        self._sink = sink
        self._attempt = 0
        self._offset = 0
        self._broken_streams = 0
        self._is_last_look = False

    def follow(self) -> Results:
        """Wait for the end and give the results; shows the queue and the log on the way.

        Raises:
            JobGoesOnError: no server came back in time.
        """
        try:
            return self._follow()
        except ConnectionLostError as error:
            raise JobGoesOnError(self._job_id, error.message) from error
        finally:
            self._progress.clear()

    def _follow(self) -> Results:
        while True:
            status = self._wait_until_started()
            if self._sink is not None:
                if not self._stream(status, self._sink):
                    continue
            elif not has_ended(status) and not has_ended(self._wait("running", LONG_LOOK_SECONDS)):
                continue
            try:
                results = self._session.insist(lambda: self._client.results(self._job_id))
            except ConflictError:
                continue  # the run was lost and its job is queued again, or it still runs
            if not self._lacks_log(results):
                return results

    def _lacks_log(self, results: Results) -> bool:
        """Say, once, whether a part of the log is still to be fetched.

        A server that stops ends its streams without an error, and the next one may have the
        results before this client asks again.
        """
        if self._sink is None or self._is_last_look:
            return False
        self._is_last_look = True
        return (results["log_bytes"] or 0) > self._offset

    def _wait_until_started(self) -> Status:
        status = self._wait("queued", FIRST_LOOK_SECONDS)
        while status["status"] == "queued":
            self._progress.show(status)
            status = self._wait("queued", self._progress.poll_seconds)
        self._progress.clear()
        return status

    def _wait(self, since: str, wait_seconds: float) -> Status:
        return self._session.look(self._job_id, wait_seconds=wait_seconds, since=since)

    def _stream(self, status: Status, sink: LogSink) -> bool:
        """Show the log from where it broke off last; False when it breaks off again."""
        if status["attempts"] != self._attempt:
            if self._attempt:
                say(f"the run was lost; attempt {status['attempts']} starts")
            self._attempt = status["attempts"]
            self._offset = 0
        try:
            for piece in self._client.logs(self._job_id, offset=self._offset, follow=True):
                self._offset += len(piece)
                self._broken_streams = 0
                sink.write(piece)
        except BROKEN:
            self._broken_streams += 1
            if self._broken_streams > MOST_BROKEN_STREAMS:
                raise
            self._client.close()
            return False
        return True
