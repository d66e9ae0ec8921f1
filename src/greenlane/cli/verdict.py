"""What a result means for the caller: its exit code, and the object of `--json`."""

from __future__ import annotations

from greenlane.model.errors import GreenlaneError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from greenlane.client.answers import Results, Status

NOT_GREEN = 3
OPEN_STATUSES = ("queued", "running")

#: The words are those of `greenlane.model.job.Outcome`, which takes 20 ms to import.
EXIT_CODE_OF_RESULT = {
    "passed": 0,
    "failed": 1,
    "usage_error": 2,
    "no_tests": 3,
    "build_error": 3,
    "crashed": 3,
    "setup_failed": 3,
    "tree_changed": 3,
    "lost": 3,
    "timed_out": 4,
    "cancelled": 5,
    "superseded": 5,
}

VERDICT_KEYS = (
    "job_id",
    "project",
    "suite",
    "agent",
    "tree",
    "partial",
    "status",
    "result",
    "because",
    "totals",
    "failures",
    "queued_seconds",
    "run_seconds",
)


class JobGoesOnError(GreenlaneError):
    """This command ends before its job does."""

    code = "job_goes_on"
    exit_code = 75

    def __init__(self, job_id: str, why: str) -> None:
        super().__init__(
            f"{why}; job {job_id} goes on",
            hint=f"`greenlane wait {job_id}` waits for its verdict, "
            f"`greenlane cancel {job_id}` ends it",
        )
        self.job_id = job_id


def exit_code_of(status: Status) -> int:
    """Give the exit code for a job that has ended; a result this client does not know is 3."""
    return EXIT_CODE_OF_RESULT.get(status["result"] or "", NOT_GREEN)


def has_ended(status: Status) -> bool:
    """Say whether a job is over."""
    return status["status"] not in OPEN_STATUSES


def verdict_object(results: Results) -> dict[str, Any]:
    """Pick the stable keys of `greenlane test --json`."""
    return {key: results.get(key) for key in VERDICT_KEYS}
