"""Which language a preset or a command belongs to, and what that language has to install. Pure."""

from __future__ import annotations

from greenlane.config.locked import locked_steps
from greenlane.config.markers import Index
from greenlane.config.node import install_steps
from greenlane.model.run import Prepare
from greenlane.model.suite import Preset, Suite

#: The preset that reads whatever a command leaves behind. It belongs to no language.
CATCH_ALL = "custom"
_LANGUAGE = {
    "{python}": "python",
    "python": "python",
    "python3": "python",
    "pytest": "python",
    "tox": "python",
    "nox": "python",
    "gotestsum": "go",
    "mvn": "java",
    "gradle": "java",
    "gradlew": "java",
    "rails": "ruby",
    "rake": "ruby",
    "phpunit": "php",
    "pest": "php",
    "greenlane_godot.py": "godot",
    "flutter": "dart",
    "bun": "node",
    "bunx": "node",
    "node": "node",
    "npm": "node",
    "npx": "node",
    "pnpm": "node",
    "yarn": "node",
}


def language_of(preset: Preset) -> str:
    """Give the language of a preset, by the program that it runs, or by a launcher of ours."""
    if not preset.command:
        return preset.name
    if preset.command[:2] == ["sh", "-c"] and len(preset.command) > 3:
        return preset.command[3]  # `$0`, by which a script of ours names its runner
    launcher = preset.command[1].rpartition("/")[2] if len(preset.command) > 1 else ""
    return _LANGUAGE.get(launcher) or _language_of_program(preset.command[0])


def install_for(index: Index, suite: Suite, preset: Preset | None) -> list[Prepare]:
    """Give the set-up steps that the lock files of a suite's folder ask for."""
    languages = {language_of(preset)} if preset else set()
    if suite.command:
        languages.add(_language_of_program(suite.command[0]))
    steps = install_steps(index, suite.cwd) if "node" in languages else []
    return steps + locked_steps(index, suite.cwd, languages)


def _language_of_program(path: str) -> str:
    program = path.rpartition("/")[2]
    return _LANGUAGE.get(program, program)
