"""Which Python runs a project's tests, and how the code under test gets imported from the slot.

A slot is another folder than the submitter's worktree, and a `.venv`, being ignored, is not in
it. The order, the first that there is:

1. the `.venv` that a set-up step of the suite makes in the slot, such as `uv sync`;
2. `VIRTUAL_ENV` of the submitter;
3. `.venv` or `venv` in the folder of the run: the suite's folder, then the root;
4. the same in the submitter's worktree and in the repository's main one, where they are known:
   `git worktree add` brings no `.venv` along;
5. `python3` on the submitter's PATH.

An environment of the submitter often has the project installed as editable, so that `import app`
would take the worktree's files, which have moved on since. Such folders are mapped into the slot
and put first on PYTHONPATH, which comes before every editable hook. Which folders: all that lie
in a git worktree; one of another project leads to nothing, or to code that is the slot's own.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

NAMES = (".venv", "venv")
_FILE_LIMIT_BYTES = 1_000_000
_MAKES_ENVIRONMENT = re.compile(r"\b(?:uv sync|uv venv|-m venv|virtualenv)\b")


class Interpreter(msgspec.Struct, frozen=True, kw_only=True):
    """The Python of a run; `environment` is its virtual environment, "" where there is none."""

    python: str
    environment: str = ""
    import_paths: list[str] = []  # what editable installs point to, as folders of the slot

    def activated(self, env: Mapping[str, str]) -> dict[str, str]:
        """Give an environment in which this Python is the one that is activated."""
        changed = dict(env)
        changed.pop("PYTHONHOME", None)
        changed.pop("VIRTUAL_ENV", None)
        if self.environment:
            changed["VIRTUAL_ENV"] = self.environment
            changed["PATH"] = _joined([f"{self.environment}/bin"], env.get("PATH", os.defpath))
        return changed

    def with_imports(self, env: Mapping[str, str]) -> dict[str, str]:
        """Give an environment in which the slot's code comes before the submitter's."""
        if not self.import_paths:
            return dict(env)
        return {**env, "PYTHONPATH": _joined(self.import_paths, env.get("PYTHONPATH", ""))}


def find_interpreter(
    *,
    root: str,
    cwd: str,
    inherited: Mapping[str, str],
    steps: Iterable[Sequence[str]] = (),
    worktrees: Sequence[str] = (),
) -> Interpreter:
    """Find the Python of a suite; see the head of this module for the order.

    `root` is the slot or the folder of the run, `cwd` the suite's folder in it, `worktrees` the
    submitter's worktree and the repository's main one. All but `cwd` are absolute.
    """
    if any(_MAKES_ENVIRONMENT.search(" ".join(step)) for step in steps):
        made = os.path.normpath(f"{root}/{cwd}/{NAMES[0]}")
        return Interpreter(python=f"{made}/bin/python", environment=made)
    homes = [place for folder in (root, *worktrees) for place in (f"{folder}/{cwd}", folder)]
    environments = [f"{os.path.normpath(home)}/{name}" for home in homes for name in NAMES]
    for environment in (inherited.get("VIRTUAL_ENV", ""), *environments):
        python = f"{environment}/bin/python"
        if environment and os.access(python, os.X_OK):
            paths = list(_mapped(editable_folders(environment), root))
            return Interpreter(python=python, environment=environment, import_paths=paths)
    found = shutil.which("python3", path=inherited.get("PATH"))
    return Interpreter(python=found or "python3")


def editable_folders(environment: str) -> list[str]:
    """Give the folders that an environment imports from beside its own packages."""
    found: dict[str, None] = {}
    for packages in sorted(Path(environment).glob("lib*/python3*/site-packages")):
        for file in sorted(packages.glob("*.pth")):
            found |= dict.fromkeys(_pth_lines(_text(file)))
        for file in sorted(packages.glob("__editable__*_finder.py")):
            found |= dict.fromkeys(_finder_folders(_text(file)))
    return list(found)


def _mapped(folders: Iterable[str], root: str) -> Iterator[str]:
    """Move folders of a git worktree to the same place below the root of the run."""
    for folder in folders:
        home = next((str(up) for up in (Path(folder), *Path(folder).parents) if _is_top(up)), "")
        if home and os.path.realpath(home) != os.path.realpath(root):
            yield root + folder.removeprefix(home)


def _is_top(folder: Path) -> bool:
    return (folder / ".git").exists()


def _pth_lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if line.startswith("/"):
            yield os.path.normpath(line.strip())


def _finder_folders(text: str) -> Iterator[str]:
    """Read the MAPPING of setuptools' editable finder: package to the folder that it lies in."""
    found = re.search(r"^MAPPING[^=\n]*= (\{.*\})$", text, re.MULTILINE)
    try:
        mapping = ast.literal_eval(found[1]) if found else {}
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return
    for path in mapping.values():
        if isinstance(path, str) and path.startswith("/"):
            yield os.path.normpath(f"{path}/..")


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > _FILE_LIMIT_BYTES:
            return ""
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _joined(first: Iterable[str], rest: str) -> str:
    return ":".join([*first, rest] if rest else first)
