"""Commands and paths as settings write them, turned into what a run can use. No shell."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from greenlane.config.strict import convert_value
from greenlane.model.errors import SettingsError
from greenlane.model.run import Prepare

ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SHELL_WORDS = frozenset({"&&", "||", "|", ";", "&", ">", ">>", "<", "2>&1"})
_NO_SHELL = 'No shell is used. Where you want one, say so: ["sh", "-c", "…"].'


def split_command(value: str | Sequence[str], *, source: str, at: str) -> list[str]:
    """Turn a command, text or list, into words; text is split as a shell would, and no more."""
    words = _split(value, source, at) if isinstance(value, str) else list(value)
    if not words or not words[0].strip():
        raise SettingsError(f"{source}: `{at}`: the command is empty")
    if any("\0" in word for word in words):
        raise SettingsError(f"{source}: `{at}`: a word of the command holds a NUL character")
    return words


def prepare_steps(entries: Sequence[Any], *, source: str, at: str) -> list[Prepare]:
    """Turn set-up steps (text, a list of words, or a table with inputs) into values."""
    return [
        _prepare_step(entry, source, f"{at}[{number}]") for number, entry in enumerate(entries, 1)
    ]


def check_folder(path: str, *, source: str, at: str) -> str:
    """Give a relative folder in its normal form; refuse one that leaves the project."""
    clean = posixpath.normpath(path) if path else "."
    if path.startswith("/") or clean == ".." or clean.startswith("../") or "\0" in path:
        raise SettingsError(
            f"{source}: `{at}`: {path!r} leads out of the project",
            hint="Give a folder relative to the root of the project.",
        )
    return clean


def check_env(env: dict[str, str], *, source: str, at: str) -> dict[str, str]:
    """Refuse names and values that no process can be given."""
    for name, value in env.items():
        if not ENV_NAME.fullmatch(name):
            raise SettingsError(
                f"{source}: `{at}`: {name!r} is no name of an environment variable",
                hint="Use letters, digits and _, and no digit first.",
            )
        if "\0" in value:
            raise SettingsError(f"{source}: `{at}.{name}`: the value holds a NUL character")
    return env


def _split(text: str, source: str, at: str) -> list[str]:
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise SettingsError(
            f"{source}: `{at}`: the command cannot be split into words: {error}",
            hint='Write it as a list: ["pytest", "-q"].',
        ) from error
    for word in words:
        if word in _SHELL_WORDS:
            raise SettingsError(f"{source}: `{at}`: `{word}` needs a shell", hint=_NO_SHELL)
    return words


def _prepare_step(entry: Any, source: str, at: str) -> Prepare:
    if not isinstance(entry, Mapping):
        return Prepare(argv=_command(entry, source, at))
    table = dict(entry)
    if "command" in table and "argv" not in table:
        table["argv"] = _command(table.pop("command"), source, f"{at}.command")
    if "argv" not in table:
        raise SettingsError(f"{source}: `{at}.command` is missing")
    step = convert_value(table, Prepare, source=source, at=at)
    if any(path.startswith("/") or "\0" in path for path in step.inputs):
        raise SettingsError(f"{source}: `{at}.inputs`: a path is not relative to the suite")
    return Prepare(
        argv=split_command(step.argv, source=source, at=f"{at}.argv"), inputs=step.inputs
    )


def _command(value: Any, source: str, at: str) -> list[str]:
    words = (
        value if isinstance(value, str) else convert_value(value, list[str], source=source, at=at)
    )
    return split_command(words, source=source, at=at)
