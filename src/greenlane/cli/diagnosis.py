"""The checks of `greenlane doctor`: each looks at one thing and says how to put it right."""

from __future__ import annotations

import os
import platform
import shutil
import stat
import sys

from greenlane.client.api import Client
from greenlane.client.unix import NobodyListensError
from greenlane.config.locations import Locations
from greenlane.model.errors import GreenlaneError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from greenlane.model.suite import Preset

OK, WARNING, MISSING = "ok", "warning", "missing"
OLDEST_PYTHON = (3, 11)
OLDEST_GIT = (2, 36)
LOW_DISK_BYTES = 1_000_000_000
NO_DISK_BYTES = 100_000_000
HEALTH_TIMEOUT_SECONDS = 5.0


class Check:
    """What was found out about one thing. Only `missing` keeps Greenlane from working."""

    __slots__ = ("detail", "hint", "name", "state")

    def __init__(self, name: str, state: str, detail: str, hint: str = "") -> None:
        self.name = name
        self.state = state
        self.detail = detail
        self.hint = hint

    def as_json(self) -> dict[str, str]:
        """Give the object of `doctor --json`."""
        return {
            "name": self.name,
            "state": self.state,
            "detail": self.detail,
            "hint": self.hint,
        }


def examine(locations: Locations) -> Iterator[Check]:
    """Look at all that Greenlane needs on this machine. Starts and changes nothing."""
    yield check_python()
    yield check_git()
    yield check_state_dir(locations.state_dir)
    yield check_disk(locations.state_dir)
    yield check_server(locations.socket)
    yield from check_presets()


def check_python() -> Check:
    """Look at the interpreter."""
    detail = f"{platform.python_version()} at {sys.executable}"
    if sys.version_info[:2] < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        return Check("python", MISSING, detail, f"Greenlane needs Python {wanted} or newer")
    return Check("python", OK, detail)


def check_git() -> Check:
    """Look for git, and at its version."""
    from greenlane.system import git

    hint = "install it: apt install git, dnf install git, or brew install git"
    path = shutil.which("git")
    if path is None:
        return Check("git", MISSING, "not found on PATH", hint)
    try:
        said = git.run(["version"], env=git.environment()).decode("utf-8", "replace").strip()
    except GreenlaneError as error:
        return Check("git", MISSING, error.message, hint)
    version = read_version(said)
    if version < OLDEST_GIT:
        wanted = ".".join(map(str, OLDEST_GIT))
        return Check("git", WARNING, f"{said} at {path}", f"{wanted} or newer is tested")
    return Check("git", OK, f"{said} at {path}")


def read_version(text: str) -> tuple[int, ...]:
    """Find the first dotted number in a text: `git version 2.39.5 (x)` is (2, 39, 5)."""
    for word in text.split():
        parts = word.split(".")
        if len(parts) > 1 and all(part.isdigit() for part in parts[:2]):
            return tuple(int(part) for part in parts if part.isdigit())
    return ()


def check_state_dir(path: str) -> Check:
    """Look whether the state folder is this user's alone, and can be written."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return _check_parent(path)
    except OSError as error:
        return Check("state folder", MISSING, f"{path}: {error.strerror}", _elsewhere())
    if not stat.S_ISDIR(found.st_mode):
        return Check("state folder", MISSING, f"{path} is not a folder", _elsewhere())
    if found.st_uid != os.getuid() or not os.access(path, os.W_OK | os.X_OK):
        return Check("state folder", MISSING, f"{path} is not yours to write", _elsewhere())
    if found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        mode = stat.S_IMODE(found.st_mode)
        detail = f"{path} is open to others (mode {mode:o})"
        return Check("state folder", WARNING, detail, f"close it: chmod 700 {path}")
    return Check("state folder", OK, path)


def _check_parent(path: str) -> Check:
    parent = nearest_folder(path)
    if os.access(parent, os.W_OK | os.X_OK):
        return Check("state folder", OK, f"{path} will be made when it is needed")
    return Check("state folder", MISSING, f"{path} cannot be made in {parent}", _elsewhere())


def _elsewhere() -> str:
    return "set GREENLANE_STATE_DIR to a folder of your own"


def nearest_folder(path: str) -> str:
    """Give the closest folder above a path that exists."""
    while not os.path.isdir(path):
        path = os.path.dirname(path)
    return path


def check_disk(path: str) -> Check:
    """Look at the space where snapshots, slots and logs go."""
    free = shutil.disk_usage(nearest_folder(path)).free
    detail = f"{free / 1e9:.1f} GB free for {path}"
    hint = "make room, or set GREENLANE_STATE_DIR to another disk"
    if free < NO_DISK_BYTES:
        return Check("disk", MISSING, detail, hint)
    return (
        Check("disk", WARNING, detail, hint) if free < LOW_DISK_BYTES else Check("disk", OK, detail)
    )


def check_server(socket: str) -> Check:
    """Ask the server how it is, if one runs."""
    try:
        with Client(socket) as client:
            health = client.health(timeout_seconds=HEALTH_TIMEOUT_SECONDS)
    except NobodyListensError:
        return Check("server", OK, f"none runs on {socket}; the first client command starts one")
    except GreenlaneError as error:
        return Check("server", MISSING, error.message, error.hint)
    return Check(
        "server",
        OK,
        f"version {health['version']}, process {health['pid']}, {health['running']} running, "
        f"{health['queued']} queued, on {socket}",
    )


def check_presets() -> Iterator[Check]:
    """Look for the programs that the presets run; a project needs only its own."""
    from greenlane.cli.catalogue import users_catalogue

    catalogue = users_catalogue()
    for name in catalogue.names():
        preset = catalogue.look(name)
        if isinstance(preset, GreenlaneError):
            yield Check(f"preset {name}", WARNING, preset.message, preset.hint)
        elif preset.needs:
            yield _check_preset(preset)


def _check_preset(preset: Preset) -> Check:
    found = {program: shutil.which(program) for program in preset.needs}
    absent = [program for program, path in found.items() if path is None]
    name = f"preset {preset.name}"
    if absent:
        hint = preset.install_hint or f"install {', '.join(absent)}"
        return Check(name, WARNING, f"{', '.join(absent)} not found on PATH", hint)
    return Check(name, OK, ", ".join(path for path in found.values() if path))
