"""The log of pytest-reportlog (`--report-log`): the same story as our stream, in other words."""

from __future__ import annotations

from typing import Any, BinaryIO

from greenlane.report.formats.base import Emit, Findings, Format, ReadContext, bound
from greenlane.report.formats.json_lines import json_lines, number_of, text_of
from greenlane.report.formats.pytest_stream import Session

_FOLDERS = frozenset({"Class", "Module", "Dir", "Package"})


def read(source: BinaryIO, emit: Emit, context: ReadContext) -> Findings:
    """Read the log of pytest-reportlog (`--report-log`)."""
    session = Session(emit, context)
    for event in json_lines(source):
        for translated in _translate(event):
            session.take(translated)
    return session.finish()


def _translate(event: dict[str, Any]) -> list[dict[str, Any]]:
    """Translate one line of pytest-reportlog into events of our stream."""
    name = text_of(event, "nodeid")
    match text_of(event, "$report_type"):
        case "SessionStart":
            return [{"e": "start", "root": ""}]
        case "CollectReport" if event.get("outcome") == "failed":
            return [{"e": "collect_error", "id": name, "msg": _long_text(event)}]
        case "CollectReport":
            return [{"e": "collected", "ids": _collected(event.get("result"))}]
        case "TestReport":
            return _translate_test(name, event)
        case "SessionFinish":
            return [{"e": "end", "exit": number_of(event, "exitstatus")}]
    return []


def _collected(result: Any) -> list[str]:
    nodes = result if isinstance(result, list) else []
    return [
        text_of(node, "nodeid")
        for node in nodes
        if isinstance(node, dict) and text_of(node, "type") not in _FOLDERS
    ]


def _translate_test(name: str, event: dict[str, Any]) -> list[dict[str, Any]]:
    location = event.get("location")
    place = location if isinstance(location, list) and len(location) == 3 else ["", 0, ""]
    line = place[1] + 1 if isinstance(place[1], int) else 0
    report = {
        "e": "report",
        "id": name,
        "when": text_of(event, "when"),
        "outcome": text_of(event, "outcome"),
        "dur": number_of(event, "duration"),
        "longrepr": _long_text(event),
    }
    if "wasxfail" in event:
        report["wasxfail"] = text_of(event, "wasxfail")
    longrepr = event.get("longrepr")
    if isinstance(longrepr, dict) and isinstance(crash := longrepr.get("reprcrash"), dict):
        report["crash"] = {
            "path": text_of(crash, "path"),
            "line": number_of(crash, "lineno"),
            "msg": text_of(crash, "message"),
        }
    if report["when"] != "setup":
        return [report]
    start = {"e": "test_start", "id": name, "file": str(place[0]), "line": line}
    return [start, report]


def _long_text(event: dict[str, Any]) -> str:
    longrepr = event.get("longrepr")
    if isinstance(longrepr, list) and len(longrepr) == 3:
        return str(longrepr[2])
    if isinstance(longrepr, dict):
        longrepr = longrepr.get("longrepr") or longrepr.get("reprcrash") or ""
    return bound(str(longrepr or ""), 20_000)


FORMAT = Format(read=read, signature=r'^\{.*"\$report_type": ?"SessionStart"')
