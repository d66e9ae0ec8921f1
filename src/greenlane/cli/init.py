"""`greenlane init`: look at a project and write its `greenlane.toml`."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from greenlane.cli.options import Subparsers
    from greenlane.config.detect import Detection
    from greenlane.config.markers import Marked
    from greenlane.config.tree import FolderFiles


def add_parser(subparsers: Subparsers) -> None:
    """Add the parser of this command."""
    from greenlane.cli.options import add_json_option

    parser = subparsers.add_parser(
        "init",
        description="Look at the project of this folder, say which test suites were found and why, "
        "and write them to greenlane.toml at its root. Starts no server and runs nothing.",
    )
    parser.add_argument(
        "--force", action="store_true", help="replace a greenlane.toml that is there already"
    )
    parser.add_argument("--framework", metavar="PRESET", help="write this one, whatever is found")
    add_json_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Detect, write, show."""
    from greenlane.cli.catalogue import users_catalogue
    from greenlane.config.detect import detect
    from greenlane.config.project import FILE_NAME, parse_project
    from greenlane.config.write import render_project
    from greenlane.model.errors import SettingsError

    root, files = look_here(os.getcwd())
    path = f"{root}/{FILE_NAME}"
    if os.path.lexists(path) and not arguments.force:
        raise _already_there(path)
    catalogue = users_catalogue()
    found = detect(files, catalogue, preset=arguments.framework or "")
    try:
        content = render_project(found.suites, catalogue).encode()
    except UnicodeEncodeError as error:
        raise SettingsError(
            f"a folder of the project has a name that is not UTF-8: {error}"
        ) from error
    parse_project(content)
    _write(path, content, is_forced=arguments.force)
    _show(path, found, as_json=arguments.json)
    return 0


def look_here(folder: str) -> tuple[str, FolderFiles]:
    """Give the root of the project that a folder is in, and its files.

    In git: the worktree's root with what is tracked or could be; else the folder itself, walked.
    """
    from greenlane.config.tree import FolderFiles
    from greenlane.snapshot.worktree import find_worktree
    from greenlane.system import git

    here = os.path.realpath(folder)
    worktree = find_worktree(here)
    if worktree is None:
        return here, FolderFiles(here)
    words = ["-C", worktree.root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = git.run(words, env=git.environment()).split(b"\0")
    paths = {os.fsdecode(path) for path in listed if path}
    there = [path for path in paths if os.path.lexists(f"{worktree.root}/{path}")]
    return worktree.root, FolderFiles(worktree.root, there)


def _already_there(path: str) -> Exception:
    from greenlane.model.errors import ConflictError

    return ConflictError(f"{path} is there already", hint="`greenlane init --force` replaces it")


def _write(path: str, content: bytes, *, is_forced: bool) -> None:
    """Write a new file whole or not at all; one that has come up meanwhile is kept."""
    from greenlane.model.errors import ForbiddenError

    fresh = f"{path}.{os.getpid()}"
    try:
        with open(fresh, "xb") as file:
            file.write(content)
        if is_forced:
            os.replace(fresh, path)
            return
        try:
            os.link(fresh, path)
        finally:
            os.unlink(fresh)
    except FileExistsError as error:
        raise _already_there(path) from error
    except OSError as error:
        raise ForbiddenError(f"{path} cannot be written: {error.strerror}") from error


def _not_chosen(found: Detection) -> list[Marked]:
    """Give the presets that fit a folder too, but less well than the one that was taken."""
    taken = {(suite.preset, suite.cwd) for suite in found.suites}
    return [fit for fit in found.candidates if (fit.preset, fit.folder) not in taken]


def _show(path: str, found: Detection, *, as_json: bool) -> None:
    from greenlane.cli.output import clean, print_json

    if as_json:
        suites = [
            {
                "name": suite.name,
                "preset": suite.preset,
                "command": suite.command,
                "cwd": suite.cwd,
                "prepare": [step.argv for step in suite.prepare],
                "because": suite.because,
            }
            for suite in found.suites
        ]
        candidates = [
            {
                "preset": fit.preset,
                "folder": fit.folder,
                "files": fit.files,
                "priority": fit.priority,
            }
            for fit in found.candidates
        ]
        print_json({"file": path, "suites": suites, "candidates": candidates})
        return
    for suite in found.suites:
        print(clean(f"{suite.name}: {suite.because}"))
        print(clean(f"    in {suite.cwd}: {' '.join(suite.command)}"))
        for step in suite.prepare:
            print(clean(f"    first: {' '.join(step.argv)}"))
    for fit in _not_chosen(found):
        print(clean(f"not taken: {fit.preset} in {fit.folder}, found {', '.join(fit.files)}"))
    print(clean(f"wrote {path}"))
    if len(found.suites) > 1:
        names = " or ".join(f"`greenlane test --suite {suite.name}`" for suite in found.suites)
        print(clean(f"next: {names}"))
    else:
        print("next: `greenlane test`")
