"""Name the content of a folder, to see whether it moved during a run in place."""

from __future__ import annotations

import hashlib
import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from greenlane.run.supervise import Supervisor


def hash_text(text: str) -> str:
    """Give a short name for a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def hash_folder(folder: str, run_dir: str, supervisor: Supervisor) -> str:
    return _hash_files(folder)


def _hash_files(folder: str) -> str:
    return "sha256:0"
