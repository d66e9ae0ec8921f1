"""The test script of a folder, and what it runs: package.json, deno.json, make, just, tox. Pure."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable
from configparser import ConfigParser, Error
from typing import Any

import msgspec

from greenlane.config.markers import Index
from greenlane.config.tree import join
from greenlane.model.suite import Preset

MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
DENOFILES = ("deno.json", "deno.jsonc")
JUSTFILES = ("justfile", "Justfile", ".justfile")
NPM_DEFAULT = "no test specified"
_NEEDS_SHELL = re.compile(r"[;&|<>$`*?(){}~\n\\!#]")
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
#: `bun test` is Bun's own runner, whatever the script `test` is.
_NPM_RUN = re.compile(r"\b(?:npm|pnpm|yarn|bun(?!\s+test\b))\s+(?:run\s+|run-script\s+)?([\w:.-]+)")
_ALIAS = re.compile(rf"{_NPM_RUN.pattern}(?:\s+(?:--\s+)?(.*))?", re.DOTALL)
#: A run that waits for changes never ends; as a sub command the first of these hides others.
_MODES = frozenset({"run", "watch", "dev"})
_WATCHING = frozenset({"--watch", "--watch=true", "--watchAll", "--watchAll=true"})
#: Words by which the root of a workspace has the test scripts of its packages run.
_DELEGATES = re.compile(
    r"\b(?:turbo|nx|lerna|wsrun)\s|\s(?:--workspaces|-ws)\b|\bworkspaces?\s+(?:run|foreach)\b|"
    r"\b(?:pnpm|bun)\b.*\s(?:-r|--recursive|--filter)\b"
)
_DEPTH = 5


class Script(msgspec.Struct, frozen=True, kw_only=True):
    """A project's own way to run its tests."""

    file: str
    text: str  # all that it runs, to be searched for the runner
    command: list[str]  # how the project has it called; none: the script says only what runs
    words: list[str] = []  # the runner's own command, where the script is nothing else
    env: dict[str, str] = {}
    last: str = ""  # the last of several commands, which gets the words put behind `command`
    is_for_all: bool  # speaks for the folder as a whole, and not for one language
    is_delegating: bool = False  # has the packages of a workspace run their own scripts


def scripts_of(index: Index, folder: str, manager: str) -> list[Script]:
    """Give the test scripts of a folder; `manager` is the one that runs package.json's."""
    makers = (
        _make(index, folder),
        _just(index, folder),
        _package(index, folder, manager),
        _deno(index, folder),
        _tox(index, folder),
    )
    return [script for script in makers if script is not None]


def runners_in(text: str, presets: Iterable[Preset]) -> list[list[Preset]]:
    """Give the runners that a script names, each as the presets that it may stand for."""
    places: dict[int, list[Preset]] = {}
    for preset in presets:
        end = _runner_end(text, preset)
        if end is not None:
            places.setdefault(end, []).append(preset)
    return [places[end] for end in sorted(places)]


def joined_command(words: list[str], preset: Preset) -> list[str]:
    """Put the words that a preset adds to its runner into a project's own command.

    `jest --config a.js` and the preset `npx jest --ci` give `npx jest --ci --config a.js`. A
    launcher of the project's own, such as `uv run`, stays.
    """
    own, shipped = _split_at_runner(words, preset), _split_at_runner(preset.command, preset)
    if own is None:
        return words
    if shipped is None:
        return preset.command + own[1]
    launcher = shipped[0] if len(own[0]) == 1 else own[0]
    if launcher[0] in {"python", "python3"}:
        launcher = ["python3", *launcher[1:]]
    return launcher + shipped[1] + own[1]


def wrapped_command(script: Script, preset: Preset) -> list[str]:
    """Put the words that a preset adds behind a script whose last command is the runner."""
    shipped = _split_at_runner(preset.command, preset)
    if shipped is None or _runner_end(script.last, preset) is None:
        return script.command
    return script.command + shipped[1]


def package_json(index: Index, folder: str) -> dict[str, Any]:
    """Give a folder's package.json; empty where there is none to be used."""
    return _json_object(index.text(join(folder, "package.json")))


def _json_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _runner_end(text: str, preset: Preset) -> int | None:
    """Give where the first runner of a preset ends in a command."""
    for pattern in preset.detect.runs if preset.detect else ():
        found = re.search(rf"(?:^|(?<=[\s/;&|(@\-'\"=]))(?:{pattern})(?=$|[\s;&|)'\"@])", text)
        if found:
            return found.end()
    return None


def _split_at_runner(words: list[str], preset: Preset) -> tuple[list[str], list[str]] | None:
    for count in range(1, len(words) + 1):
        if _runner_end(" ".join(words[:count]), preset) is not None:
            return words[:count], words[count:]
    return None


def _plain(text: str) -> tuple[list[str], dict[str, str]]:
    """Split a command that needs no shell into words and what it sets; else give nothing."""
    if _NEEDS_SHELL.search(text):
        return [], {}
    try:
        words = shlex.split(text)
    except ValueError:
        return [], {}
    if words[:1] in (["cross-env"], ["env"]):
        words = words[1:]
    env: dict[str, str] = {}
    while words and (setting := _ASSIGNMENT.fullmatch(words[0])):
        env[setting[1]] = setting[2]
        words = words[1:]
    return words, env


def _package(index: Index, folder: str, manager: str) -> Script | None:
    scripts = package_json(index, folder).get("scripts")
    test = scripts.get("test") if isinstance(scripts, dict) else None
    if not isinstance(scripts, dict) or not isinstance(test, str) or not test.strip():
        return None
    if NPM_DEFAULT in test:
        return None
    text = _npm_text(scripts, "test", 0)
    words, env = _plain(_direct(scripts, test))
    words = _run_once(words)
    last = "" if words else _last_command(test)
    if words and words[0] not in {"node", "npx", "npm", "pnpm", "yarn", "bun", "bunx"}:
        words = ["npx", "--no-install", *words]
    command = {"bun": ["bun", "run", "test"], "npm": ["npm", "test", "--"]}
    return Script(
        file=join(folder, "package.json"),
        text=text,
        command=command.get(manager, [manager, "test"]),
        words=words,
        env=env,
        last=last,
        is_for_all=False,
        is_delegating=_DELEGATES.search(text) is not None,
    )


def _deno(index: Index, folder: str) -> Script | None:
    file = next((join(folder, name) for name in DENOFILES if join(folder, name) in index.known), "")
    tasks = _json_object(index.text(file)).get("tasks") if file else None
    task = tasks.get("test") if isinstance(tasks, dict) else None
    text = task.get("command") if isinstance(task, dict) else task
    if not isinstance(text, str) or not text.strip():
        return None
    words, env = _plain(text)
    command = ["deno", "task", "test"]
    return Script(file=file, text=text, command=command, words=words, env=env, is_for_all=False)


def _direct(scripts: dict[str, Any], test: str) -> str:
    """Follow `npm run unit -- words` to the command that it stands for; "" where more is run."""
    name, more = "test", ""
    for _ in range(_DEPTH):
        if f"pre{name}" in scripts or f"post{name}" in scripts:
            return ""
        alias = _ALIAS.fullmatch(test)
        if alias is None or not isinstance(scripts.get(alias[1]), str):
            return test + more
        name, test, more = alias[1], scripts[alias[1]].strip(), f" {alias[2] or ''}{more}"
    return ""


def _run_once(words: list[str]) -> list[str]:
    """Take out what makes a runner wait for changes."""
    kept = [word for word in words if word not in _WATCHING]
    for number, word in enumerate(kept[:-1]):
        if re.fullmatch(r"(?:.*/)?vitest(?:\.mjs)?", word) and kept[number + 1] in _MODES:
            return [*kept[: number + 1], "--run", *kept[number + 2 :]]
    return kept


def _last_command(test: str) -> str:
    """Give the last of commands that are run one after the other; "" where it needs a shell."""
    last = re.split(r"&&|;", test)[-1].strip()
    return last if _plain(last)[0] and not _NPM_RUN.match(last) else ""


def _npm_text(scripts: dict[str, Any], name: str, depth: int) -> str:
    text = str(scripts.get(name, ""))
    called = [other for other in _NPM_RUN.findall(text) if other in scripts and other != name]
    if depth >= _DEPTH:
        return text
    return "\n".join([text, *(_npm_text(scripts, other, depth + 1) for other in called)])


def _make(index: Index, folder: str) -> Script | None:
    file = next((join(folder, name) for name in MAKEFILES if join(folder, name) in index.known), "")
    rules = _rules(index.text(file)) if file else {}
    return _recipe(file, rules, ["make", "test"])


def _just(index: Index, folder: str) -> Script | None:
    file = next((join(folder, name) for name in JUSTFILES if join(folder, name) in index.known), "")
    rules = _rules(index.text(file), is_just=True) if file else {}
    return _recipe(file, rules, ["just", "test"])


def _recipe(
    file: str, rules: dict[str, tuple[list[str], list[str]]], command: list[str]
) -> Script | None:
    if "test" not in rules:
        return None
    needed, lines = rules["test"]
    words, env = _plain(lines[0]) if len(lines) == 1 and not needed else ([], {})
    return Script(
        file=file,
        text=_recipe_text(rules, "test", frozenset()),
        command=command,
        words=words,
        env=env,
        is_for_all=True,
    )


def _recipe_text(
    rules: dict[str, tuple[list[str], list[str]]], name: str, seen: frozenset[str]
) -> str:
    if name not in rules or name in seen or len(seen) >= _DEPTH:
        return ""
    needed, lines = rules[name]
    return "\n".join([*lines, *(_recipe_text(rules, other, seen | {name}) for other in needed)])


def _rules(text: str, *, is_just: bool = False) -> dict[str, tuple[list[str], list[str]]]:
    """Give for each target of a Makefile or justfile what it needs and its lines."""
    rules: dict[str, tuple[list[str], list[str]]] = {}
    lines: list[str] = []
    for line in text.replace("\\\n", " ").splitlines():
        if line[:1] in {"\t", " "}:
            if line.strip() and not line.strip().startswith("#"):
                lines.append(line.strip().lstrip("@-+").strip())
            continue
        head, colon, rest = line.partition(":")
        targets = [word for word in head.removeprefix("@").split() if not word.startswith("*")]
        if not colon or not targets or rest[:1] == "=" or "=" in head or head[:1] == "#":
            continue
        needed, _, inline = rest.lstrip(":").partition(";")
        lines = [inline.strip()] if inline.strip() else []
        for target in targets[:1] if is_just else targets:
            before = rules.get(target, ([], []))
            lines = before[1] or lines
            rules[target] = (before[0] + needed.partition("#")[0].split(), lines)
    return rules


def _tox(index: Index, folder: str) -> Script | None:
    file = join(folder, "tox.ini")
    parser = ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(index.text(file))
    except Error:
        return None
    text = parser.get("testenv", "commands", fallback="")
    if not text.strip():
        return None
    return Script(file=file, text=text, command=[], is_for_all=False)
