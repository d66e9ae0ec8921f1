"""Find the suites of a tree that has no settings. Pure over `TreeFiles`.

The order: an explicit preset; a test script, followed to the runner that it names; the most
specific marker. One suite for each marker folder, never inside foreign code.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from greenlane.config.catalogue import Catalogue
from greenlane.config.language import CATCH_ALL, install_for, language_of
from greenlane.config.locked import with_bundler
from greenlane.config.markers import Index, Marked, is_sample, marked, marker_folders
from greenlane.config.node import launched, leaves_to_members, manager_of
from greenlane.config.scripts import Script, joined_command, runners_in, scripts_of, wrapped_command
from greenlane.config.tree import TreeFiles, join
from greenlane.model.errors import SettingsError
from greenlane.model.suite import Preset, Suite

_INIT_HINT = "Run `greenlane init`, or write a greenlane.toml with a [suite.NAME] and its command."


class Detection(msgspec.Struct, frozen=True, kw_only=True):
    """The suites that were found, outermost first, and all that spoke for any."""

    suites: list[Suite]
    because: str
    candidates: list[Marked] = []


class _Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What a folder runs."""

    folder: str
    preset: Preset | None
    because: str
    command: list[str]
    env: dict[str, str] = {}
    is_for_all: bool = False  # speaks for the whole folder
    is_fallback: bool = False  # names no runner: taken where nothing else is found
    speaks_for: str = ""  # the one language of a script that is read by the catch-all


def detect(
    files: TreeFiles, catalogue: Catalogue, *, preset: str = "", folder: str = ""
) -> Detection:
    """Find the suites of a tree; with an explicit preset, the one suite of that preset.

    With a folder suites are looked for there and nowhere else.

    Raises:
        SettingsError: nothing was found, or two presets fit equally; the hint says what to do.
    """
    index = Index(files)
    presets = catalogue.presets()
    finder = _Finder(index, presets)
    choices = [finder.explicit(catalogue.get(preset), folder)] if preset else finder.choices(folder)
    if not choices:
        where = f"in {folder}" if folder else "in the project"
        raise SettingsError(f"no test suite was found {where}", hint=_INIT_HINT)
    suites = _named([(choice, _suite(index, choice)) for choice in choices])
    because = "; ".join(suite.because for suite in suites)
    return Detection(suites=suites, because=because, candidates=finder.candidates)


def suite_of(preset: Preset, *, name: str, because: str) -> Suite:
    """Make the suite that runs a preset as it is."""
    return Suite(
        name=name,
        preset=preset.name,
        command=preset.command,
        cwd=preset.cwd,
        env=preset.env,
        prepare=preset.prepare,
        timeout_seconds=preset.timeout_seconds,
        idle_timeout_seconds=preset.idle_timeout_seconds,
        because=because,
    )


def preset_for_command(words: list[str], catalogue: Catalogue) -> Preset | None:
    """Find the preset that reads a command: the runner's that it names, else the catch-all."""
    presets = catalogue.presets()
    found = runners_in(" ".join(words), presets)
    if len(found) == 1:
        return min(found[0], key=_priority)
    return catalogue.get(CATCH_ALL) if CATCH_ALL in catalogue else None


class _Finder:
    def __init__(self, index: Index, presets: list[Preset]) -> None:
        self._index = index
        self._presets = {preset.name: preset for preset in presets}
        self.candidates: list[Marked] = []
        self._homes_by_language: dict[str, list[str]] = {}

    def choices(self, only: str) -> list[_Choice]:
        """Give what each folder runs; samples count where there is nothing else."""
        if only:
            return self._in_folder(only)
        folders = marker_folders(self._index, self._presets.values())
        own = [folder for folder in folders if not is_sample(folder)]
        return self._outermost(own) or self._outermost(
            [folder for folder in folders if is_sample(folder)]
        )

    def explicit(self, preset: Preset, only: str) -> _Choice:
        """Place a preset that was asked for: the outermost folder that it fits, or the root."""
        for folder in [only] if only else marker_folders(self._index, [preset]):
            for choice in self._scripted(folder):
                if choice.preset == preset:
                    return choice
            fits = marked(self._index, folder, [preset])
            if fits:
                return self._from_marker(fits[0])
        because = f"preset {preset.name} was asked for"
        return _Choice(folder=only or ".", preset=preset, because=because, command=preset.command)

    def _outermost(self, folders: list[str]) -> list[_Choice]:
        """Choose for each folder; a folder below one of the same language belongs to that."""
        chosen: list[_Choice] = []
        for folder in folders:
            for choice in self._in_folder(folder):
                inside = [other for other in chosen if _is_below(folder, other.folder)]
                if not any(_language(other) in {_language(choice), ""} for other in inside):
                    chosen.append(choice)
        return chosen

    def _in_folder(self, folder: str) -> list[_Choice]:
        scripted = list(self._scripted(folder))
        told = [choice for choice in scripted if not choice.is_fallback]
        for_all = [choice for choice in told if choice.is_for_all]
        if for_all:
            return for_all[:1]
        fits = marked(self._index, folder, self._presets.values())
        self.candidates += fits
        if leaves_to_members(self._index, folder):
            fits = [fit for fit in fits if language_of(self._presets[fit.preset]) != "node"]
        chosen = {_language(choice): choice for choice in reversed(told)}
        direct = [fit for fit in fits if self._is_direct(fit, fits)]
        loose = [] if chosen or direct else [fit for fit in fits if not self._is_of_inner(fit)]
        for fit in direct or loose:
            language = language_of(self._presets[fit.preset])
            if language not in chosen:
                chosen[language] = self._from_marker(self._only(fit, fits))
        return list(chosen.values()) or scripted[:1]

    def _is_direct(self, fit: Marked, fits: list[Marked]) -> bool:
        """Say whether a folder itself speaks for a preset, or for the one that it extends."""
        parent = self._presets[fit.preset].extends
        return fit.is_direct or any(one.is_direct and one.preset == parent for one in fits)

    def _is_of_inner(self, fit: Marked) -> bool:
        """Say whether all that speaks for a folder lies in others that speak for themselves."""
        language = language_of(self._presets[fit.preset])
        inner = [one for one in self._homes(language) if _is_below(one, fit.folder)]
        if fit.folder in inner or not any(_is_below(fit.files[0], one) for one in inner):
            return False
        rest = self._index.without(inner)
        return not marked(rest, fit.folder, [self._presets[fit.preset]])

    def _homes(self, language: str) -> list[str]:
        """Give the folders that are a project of their own; a conftest.py alone makes none."""
        if language not in self._homes_by_language:
            presets = [one for one in self._presets.values() if language_of(one) == language]
            self._homes_by_language[language] = [
                folder
                for folder in marker_folders(self._index, presets)
                if not is_sample(folder)
                and any(
                    fit.is_direct and fit.files[0] != join(folder, "conftest.py")
                    for fit in marked(self._index, folder, presets)
                )
            ]
        return self._homes_by_language[language]

    def _only(self, best: Marked, fits: list[Marked]) -> Marked:
        """Refuse to guess between presets of one language and priority."""
        language = language_of(self._presets[best.preset])
        rivals = [
            fit
            for fit in fits
            if fit.priority == best.priority
            and language_of(self._presets[fit.preset]) == language
            and fit.is_direct == best.is_direct
        ]
        if len(rivals) > 1:
            told = " and ".join(f"{fit.preset} ({', '.join(fit.files)})" for fit in rivals)
            raise SettingsError(
                f"two presets fit equally in {best.folder!r}: {told}",
                hint=f"Say which: `--framework {best.preset}`, or a `preset` in greenlane.toml.",
            )
        return best

    def _from_marker(self, fit: Marked) -> _Choice:
        preset = self._presets[fit.preset]
        because = f"{fit.preset}: found {', '.join(fit.files)}"
        return _Choice(folder=fit.folder, preset=preset, because=because, command=preset.command)

    def _scripted(self, folder: str) -> Iterator[_Choice]:
        for script in scripts_of(self._index, folder, manager_of(self._index, folder)):
            choice = self._follow(script, folder)
            if choice is not None:
                yield choice

    def _follow(self, script: Script, folder: str) -> _Choice | None:
        runners = runners_in(script.text, self._presets.values())
        if len(runners) == 1:
            return self._runner_choice(script, folder, self._fitting(runners[0], folder))
        if not script.command:
            return None
        is_told = bool(runners) or script.is_delegating
        is_node = script.file.rpartition("/")[2] == "package.json"
        what = "several runners" if runners else "no runner that is known"
        if script.is_delegating:
            what = "the scripts of the workspace's packages"
        return _Choice(
            folder=folder,
            preset=self._catch_all(script.command[0]),
            because=f"the test script in {script.file} names {what}",
            command=script.command,
            is_for_all=is_told and not is_node,
            is_fallback=not is_told,
            speaks_for="node" if is_told and is_node else "",
        )

    def _catch_all(self, program: str) -> Preset | None:
        """Give the preset that reads anything: that of `make` or `just` by its own name."""
        named = self._presets.get(program)
        return named if named and _reads_anything(named) else self._presets.get(CATCH_ALL)

    def _runner_choice(self, script: Script, folder: str, preset: Preset) -> _Choice:
        command = (
            joined_command(script.words, preset)
            if script.words
            else wrapped_command(script, preset)
        )
        return _Choice(
            folder=folder,
            preset=preset,
            because=f"{preset.name}: the test script in {script.file} runs it",
            command=command or preset.command,
            env=script.env if script.words else {},
            is_for_all=script.is_for_all,
        )

    def _fitting(self, presets: list[Preset], folder: str) -> Preset:
        """Choose between presets of one runner: the most specific that fits, else the plainest."""
        fits = marked(self._index, folder, presets)
        return self._presets[fits[0].preset] if fits else min(presets, key=_priority)


def _suite(index: Index, choice: _Choice) -> Suite:
    preset = choice.preset
    if preset is None:
        return Suite(
            name="", preset="", command=choice.command, cwd=choice.folder, because=choice.because
        )
    suite = suite_of(preset, name="", because=choice.because)
    placed = msgspec.structs.replace(
        suite,
        command=with_bundler(index, choice.folder, launched(index, choice.folder, choice.command)),
        cwd=choice.folder if preset.cwd == "." else join(choice.folder, preset.cwd),
        env=suite.env | choice.env,
    )
    steps = placed.prepare or install_for(index, placed, preset)
    return msgspec.structs.replace(placed, prepare=steps)


def _named(found: list[tuple[_Choice, Suite]]) -> list[Suite]:
    """Name suites by preset at the root, by folder below it; no name comes twice."""
    named: dict[str, Suite] = {}
    for choice, suite in found:
        name = (suite.preset or "test") if choice.folder == "." else _folder_name(choice.folder)
        if name in named:
            name = f"{name}-{suite.preset or 'test'}"
        number = 2
        while name in named:
            name, number = f"{name}-{number}", number + 1
        named[name] = msgspec.structs.replace(suite, name=name)
    return list(named.values())


def _folder_name(folder: str) -> str:
    word = "".join(char if char.isascii() and char.isalnum() else "-" for char in folder)
    return word.strip("-")[:60] or "folder"


def _is_below(folder: str, other: str) -> bool:
    return other in {".", folder} or folder.startswith(other + "/")


def _language(choice: _Choice) -> str:
    """Give the language of what is run; "" for a script that speaks for all of a folder."""
    if choice.preset is None or _reads_anything(choice.preset):
        return choice.speaks_for
    return language_of(choice.preset)


def _reads_anything(preset: Preset) -> bool:
    return CATCH_ALL in {preset.name, preset.extends}


def _priority(preset: Preset) -> int:
    return preset.detect.priority if preset.detect else 0
