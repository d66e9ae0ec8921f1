"""What is remembered beside a slot from one run to the next."""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any

from greenlane.run.spec import Spec


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
        self.commit: str = raw.get("commit", "")  # known to have this tree
        self.switched_at: float = raw.get("switched_at", 0.0)
        self.run_ended_at: float = raw.get("run_ended_at", 0.0)  # 0: unknown
        self.prepared: dict[str, str] = raw.get(
            "prepared", {}
        )  # cwd and argv -> hash of its inputs
        self.prepared_paths: list[str] = raw.get("prepared_paths", [])  # not ignored by git

    def save(self) -> None:
        """Write it all down.

        In place and in one call, which a kill does not cut in two: what a longer line before it
        left stands behind the end of the line. A rename over the file would flush it to the
        disk, which takes milliseconds, twice a run.
        """
        kept = {name: value for name, value in vars(self).items() if name != "_path"}
        line = f"{json.dumps(kept)}\n".encode()
        if not os.path.exists(self._path):
            os.makedirs(os.path.dirname(self._path), mode=0o700, exist_ok=True)
        fd = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.pwrite(fd, line, 0)
        finally:
            os.close(fd)

    def forget(self) -> None:
        """Start anew: the slot was made afresh."""
        self.tree = self.commit = ""
        self.switched_at = self.run_ended_at = 0.0
        self.prepared = {}
        self.prepared_paths = []


def _load(path: str) -> dict[str, Any]:
    try:
        with open(path, "rb") as file:
            raw = json.loads(file.readline())
    except (OSError, ValueError):
        return {}
    return raw if isinstance(raw, dict) else {}
