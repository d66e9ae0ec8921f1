"""What is remembered beside a slot from one run to the next."""

from __future__ import annotations

import json
import os
from typing import Any

from greenlane.run.spec import write_atomically


class State:
    """The last switch of a slot and the set-up steps that hold for it."""

    def __init__(self, path: str) -> None:
        self._path = path
        raw = _load(path)
        self.tree: str = raw.get("tree", "")
        self.switched_at: float = raw.get("switched_at", 0.0)
        self.run_ended_at: float = raw.get("run_ended_at", 0.0)  # 0: unknown
        self.prepared: dict[str, str] = raw.get("prepared", {})  # argv -> hash of its inputs
        self.prepared_paths: list[str] = raw.get("prepared_paths", [])  # not ignored by git

    def save(self) -> None:
        """Write it all down."""
        os.makedirs(os.path.dirname(self._path), mode=0o700, exist_ok=True)
        kept = {name: value for name, value in vars(self).items() if name != "_path"}
        write_atomically(self._path, kept)

    def forget(self) -> None:
        """Start anew: the slot was made afresh."""
        self.tree = ""
        self.switched_at = self.run_ended_at = 0.0
        self.prepared = {}
        self.prepared_paths = []


def _load(path: str) -> dict[str, Any]:
    try:
        with open(path, "rb") as file:
            raw = json.load(file)
    except (OSError, ValueError):
        return {}
    return raw if isinstance(raw, dict) else {}
