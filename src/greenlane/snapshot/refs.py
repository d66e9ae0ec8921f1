"""The refs of the server's bare repositories, read and made without starting git.

Greenlane makes these repositories itself, with loose and packed ref files. A ref here never
changes its value: `snapshots/<commit>` and `bases/<commit>` hold the commit they are named after,
so two writers of one ref write the same bytes.
"""

from __future__ import annotations

import os

SNAPSHOTS = "refs/greenlane/snapshots/"
BASES = "refs/greenlane/bases/"


def has_ref(repository: str, name: str) -> bool:
    """Say whether a ref exists, loose or packed."""
    return os.path.exists(os.path.join(repository, name)) or name in _packed(repository)


def list_refs(repository: str, prefix: str) -> list[str]:
    """List the commits under a prefix; the one used last comes first."""
    try:
        with os.scandir(os.path.join(repository, prefix)) as entries:
            loose = {e.name: e.stat().st_mtime for e in entries if "." not in e.name}
    except FileNotFoundError:
        loose = {}
    newest_first = sorted(loose, key=lambda name: loose[name], reverse=True)
    packed = (name.removeprefix(prefix) for name in _packed(repository) if name.startswith(prefix))
    return [*newest_first, *(name for name in packed if name not in loose)]


def list_used_since(repository: str, prefix: str, instant: float) -> set[str]:
    """List the commits whose ref was made or used after an instant, in UNIX seconds."""
    try:
        with os.scandir(os.path.join(repository, prefix)) as entries:
            return {e.name for e in entries if e.stat().st_mtime > instant}
    except FileNotFoundError:
        return set()


def write_ref(repository: str, prefix: str, commit: str) -> None:
    """Make the ref of a commit, or mark it as used now. Atomic, and safe beside others."""
    path = os.path.join(repository, prefix, commit)
    try:
        os.utime(path)
    except FileNotFoundError:
        _create(path, commit)


def _create(path: str, commit: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    draft = f"{path}.{os.getpid()}.{os.urandom(4).hex()}.lock"  # git skips *.lock
    with open(draft, "x", encoding="ascii") as file:
        file.write(commit + "\n")
    os.replace(draft, path)


def _packed(repository: str) -> list[str]:
    try:
        with open(os.path.join(repository, "packed-refs"), encoding="utf-8") as file:
            return [line.split(" ", 1)[1].rstrip("\n") for line in file if line[0] not in "#^"]
    except FileNotFoundError:
        return []
