"""The sample projects, as their `framework.toml` describe them, and the toolchains they need."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import msgspec

PROJECTS = Path(__file__).parent / "projects"
#: What pip and npm bring for the samples; apt's packages are the machine's.
TOOLCHAINS = Path(__file__).parents[2] / ".toolchains"
PYTHON_HOME = TOOLCHAINS / "python"
NPM_HOME = TOOLCHAINS / "npm"
SCENARIOS = ("green", "red", "build_error", "no_tests", "timeout")
_STATUS = {"green": "passed", "red": "failed", "timeout": "timed_out"}


class Scenario(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A state of a sample, and what the verdict on it must be."""

    status: str = ""  # "": what the scenario is called
    totals: dict[str, int] | None = None  # those that are not 0; None: not looked at
    failures: list[str] | None = None  # ids of the red tests; None: not looked at
    running: str = ""  # id of the test that was running when the time was up
    failed: dict[str, int] | None = None  # totals of `greenlane test --failed` afterwards
    delete: list[str] = []  # files of the green state that are not there


class Sample(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A project of a framework, with all that it needs."""

    preset: str
    because: str
    tools: list[str]
    bare: list[str]
    apt: list[str] = []
    npm: list[str] = []
    pip: list[str] = []
    env: dict[str, str] = {}
    timeout_seconds: float = 6  # at least, in the scenario that hangs
    green: Scenario
    red: Scenario
    build_error: Scenario
    no_tests: Scenario
    timeout: Scenario

    def scenario(self, name: str) -> Scenario:
        """Give a scenario with its status filled in."""
        found: Scenario = getattr(self, name)
        return msgspec.structs.replace(found, status=found.status or _STATUS.get(name, name))


def names() -> list[str]:
    """Give the names of all samples."""
    return sorted(path.parent.name for path in PROJECTS.glob("*/framework.toml"))


def load(name: str) -> Sample:
    """Read a sample's description.

    Raises:
        FileNotFoundError, msgspec.DecodeError: there is none, or it is not as it should be.
    """
    return msgspec.toml.decode((PROJECTS / name / "framework.toml").read_bytes(), type=Sample)


def copy_project(name: str, target: Path) -> None:
    """Copy the green state of a sample into a new folder."""
    shutil.copytree(PROJECTS / name / "project", target, symlinks=True)


def lay_over(name: str, scenario: str, target: Path) -> None:
    """Put a scenario's files over the green state, and take away those that it does not have."""
    for path in load(name).scenario(scenario).delete:
        victim = target / path
        if victim.is_dir():
            shutil.rmtree(victim)
        else:
            victim.unlink()
    overlay = PROJECTS / name / scenario
    if overlay.is_dir():
        shutil.copytree(overlay, target, dirs_exist_ok=True, symlinks=True)


def environment() -> dict[str, str]:
    """Give what a shell would have in which the toolchains are active."""
    folders = [PYTHON_HOME / "bin", NPM_HOME / "bin"]
    path = os.pathsep.join([*(str(folder) for folder in folders), os.environ["PATH"]])
    venv = {"VIRTUAL_ENV": str(PYTHON_HOME)} if PYTHON_HOME.is_dir() else {}
    return {"PATH": path, **venv}


def missing_tools(sample: Sample) -> list[str]:
    """Name the tools and packages of a sample that are not here."""
    path = environment()["PATH"]
    tools = [tool for tool in sample.tools if shutil.which(tool, path=path) is None]
    return tools + missing_debs(sample.apt) + missing_packages(sample)


def missing_debs(packages: Iterable[str]) -> list[str]:
    """Name the Debian packages that are not installed; none where this is no Debian.

    A package that only brings programs which are here already, from elsewhere, is not missing.
    """
    if shutil.which("dpkg-query") is None:
        return []
    return [name for name in packages if not _is_here(name)]


def missing_packages(sample: Sample) -> list[str]:
    """Name what pip and npm have to bring."""
    wanted = [f"pip-{name}" for name in sample.pip] + [f"npm-{name}" for name in sample.npm]
    return [name for name in wanted if not is_installed(name)]


def is_installed(name: str) -> bool:
    """Tell whether pip or npm brought a package, named as `missing_packages` names it."""
    return _mark(name).exists()


def mark_installed(names: Iterable[str]) -> None:
    """Note that pip or npm brought packages, named as `missing_packages` names them."""
    for name in names:
        path = _mark(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def install_line(name: str) -> str:
    """Give the command that brings what a sample needs."""
    return f"python -m tests.frameworks.toolchains {name}"


def _mark(name: str) -> Path:
    return TOOLCHAINS / "installed" / name.replace("/", "+")


def _is_here(package: str) -> bool:
    if package in _PROGRAMS:
        return all(shutil.which(program) for program in _PROGRAMS[package])
    words = ["dpkg-query", "--show", "--showformat=${db:Status-Status}", package]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.stdout == "installed"


#: Packages for which the programs count, wherever they come from.
_PROGRAMS = {
    "nodejs": ["node"],
    "npm": ["npm"],
    "cargo": ["cargo"],
    "cmake": ["cmake", "ctest"],
    "g++": ["g++"],
    "make": ["make"],
    "maven": ["mvn"],
    "default-jdk-headless": ["javac"],
    "golang-go": ["go"],
    "perl": ["perl", "prove"],
    "meson": ["meson"],
    "ninja-build": ["ninja"],
    "gradle": ["gradle"],
}
