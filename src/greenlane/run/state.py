"""What is remembered beside a slot from one run to the next."""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any

from greenlane.run.spec import Spec, write_atomically


def state_path(spec: Spec) -> str:
    """Name the file in which a slot, or a folder that runs in place, is remembered."""
    if spec.checkout is not None:
        return f"{spec.checkout.slot}.state"
    state_dir = os.path.dirname(os.path.dirname(spec.run_dir))
    return os.path.join(state_dir, "in_place", f"{short_name(spec.root)}.state")


def short_name(path: str) -> str:
    """Give a short name that stands for a whole path."""
    return hashlib.sha256(os.fsencode(os.path.abspath(path))).hexdigest()[:20]


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
