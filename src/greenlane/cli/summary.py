"""The short text after a run: the verdict in a line, then what failed. Values in, lines out."""

from __future__ import annotations

from greenlane.cli.output import clean, clip, format_seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from greenlane.client.answers import Results, Test, Totals

    Paint = Callable[[str, str], str]

MOST_LINES = 40
MOST_MESSAGE_LINES = 3
MOST_COLUMNS = 200
OUTCOMES = ("failed", "error", "passed", "skipped", "xfail", "not_run")


def describe_totals(totals: Totals) -> str:
    """Count in words: `2 failed, 29 passed, 1 skipped`; empty without tests."""
    counts: dict[str, int] = {name: totals.get(name, 0) for name in OUTCOMES}  # type: ignore[misc]
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items() if count)


def headline(results: Results) -> str:
    """Give the verdict in a line."""
    result = results["result"] or results["status"]
    parts = [result.replace("_", " ").upper()]
    if partial := results.get("partial"):
        parts.append(f"only {partial}")
    if totals := describe_totals(results["totals"]):
        parts.append(totals)
    parts.append(f"ran {format_seconds(results['run_seconds'])}")
    if (results["queued_seconds"] or 0) >= 0.5:
        parts.append(f"waited {format_seconds(results['queued_seconds'])}")
    if results["tree"]:
        parts.append(f"tree {results['tree'][:12]}")
    parts.append(f"job {results['job_id']}")
    return " · ".join(clean(part) for part in parts)


def format_summary(results: Results, paint: Paint) -> list[str]:
    """Give the lines that end a test run: at most 40, with the way to the rest."""
    is_green = results["result"] == "passed"
    lines = [paint(headline(results), "green" if is_green else "red")]
    failures = results["failures"]
    if not is_green and not failures and results["because"]:
        lines += _indent(results["because"], 2)
    room = MOST_LINES - len(lines) - 1
    shown = 0
    for failure in failures:
        block = format_failure(failure)
        if len(block) > room:
            break
        room -= len(block)
        shown += 1
        lines += block
    if more := _count_red(results) - shown:
        lines.append(f"  … and {more} more: greenlane results {results['job_id']}")
    return lines


def format_failure(failure: Test) -> list[str]:
    """Give the lines for one red test: its id, where it is, what it said."""
    where = place_of(failure)
    name = clean(failure["id"]).replace("\n", " ")
    lines = [clip(f"  {name}" + (f"  ({where})" if where else ""), MOST_COLUMNS)]
    message = clean(failure.get("message", "")).strip().splitlines()[:MOST_MESSAGE_LINES]
    lines += [clip(f"      {line}", MOST_COLUMNS) for line in message]
    return lines


def format_failure_in_full(failure: Test) -> list[str]:
    """Give all that is known about one red test."""
    lines = format_failure(failure)[:1]
    for text in (failure.get("traceback") or failure.get("message", ""), failure.get("output", "")):
        if text.strip():
            lines += ["", *_indent(text.rstrip(), 4)]
    return [*lines, ""]


def place_of(failure: Test) -> str:
    """Give `file:line` as far as the framework said it."""
    file, line = clean(failure.get("file", "")), failure.get("line", 0)
    return f"{file}:{line}" if file and line else file


def describe_use(results: Results) -> str:
    """Say what a run used: `1.2 s of CPU, 48 MB at the most`; empty when it never ran."""
    if results["cpu_seconds"] is None or results["peak_memory_bytes"] is None:
        return ""
    megabytes = results["peak_memory_bytes"] / 1e6
    return f"{format_seconds(results['cpu_seconds'])} of CPU, {megabytes:.0f} MB at the most"


def _indent(text: str, width: int) -> list[str]:
    return [" " * width + line for line in clean(text).splitlines()]


def _count_red(results: Results) -> int:
    totals = results["totals"]
    return max(len(results["failures"]), totals["failed"] + totals["error"])
