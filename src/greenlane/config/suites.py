"""Which command runs: from the registration, from greenlane.toml, or from what was detected."""

from __future__ import annotations

import math
from typing import TypeAlias

import msgspec

from greenlane.config.argv import check_env, check_folder
from greenlane.config.catalogue import Catalogue
from greenlane.config.detect import Detection, detect, preset_for_command, suite_of
from greenlane.config.fill import literal_value
from greenlane.config.language import install_for
from greenlane.config.markers import Index
from greenlane.config.part import Change, describe_part, reached_words
from greenlane.config.preset_file import MAX_TIMEOUT_SECONDS
from greenlane.config.project import (
    FILE_NAME,
    ProjectSettings,
    SuiteTable,
    choose_suite,
    is_default,
    load_project,
    unknown_suite,
    which_suite,
)
from greenlane.config.selection import SelectedTest, with_words
from greenlane.config.tree import MappedFiles, TreeFiles
from greenlane.model.errors import BadRequestError, SettingsError
from greenlane.model.suite import Mode, Preset, Suite

REGISTERED_SUITE = "registered"
AD_HOC_SUITE = "command"

Resolved: TypeAlias = tuple[Suite, Preset | None]


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """What the owner of the server said of a project when it was added."""

    command: list[str] | None = None
    preset: str = ""


class SuiteRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller asks of a project's suites."""

    suite: str = ""  # "", "all" and "default": the project's default
    framework: str = ""  # a preset to run and read it with
    args: list[str] = []
    select: list[SelectedTest] = []
    select_because: str = ""  # what those tests are, for people; "": chosen one by one
    change: Change | None = None  # only what it reaches
    timeout_seconds: float | None = None
    mode: Mode | None = None


def resolve_suite(
    files: TreeFiles,
    catalogue: Catalogue,
    registration: Registration | None,
    request: SuiteRequest,
    *,
    max_timeout_seconds: float = MAX_TIMEOUT_SECONDS,
) -> Resolved:
    """Give the suite that a request means, with nothing left to look up, and its preset.

    The default suite is the registered command, else that of greenlane.toml, else the one that
    was detected. The caller chooses between suites and adds words; it never gives the command.

    Raises:
        UnknownSuiteError: no such suite, or several and none was chosen.
        SettingsError: settings or presets that cannot be used, or nothing was found.
        BadRequestError: arguments, a selection or a time-out that cannot be used.
    """
    settings = load_project(files)
    wide = catalogue.with_overrides(settings.preset, source=FILE_NAME)
    given = registration or Registration()
    _check_timeout(request.timeout_seconds, max_timeout_seconds)
    chosen = _chosen(files, settings, wide, given, request)
    suite, preset = _as_asked(files, chosen, wide, request)
    table = settings.suite.get(suite.name)
    if table is not None and table.prepare is not None:
        return suite, preset
    return _with_install(files, suite, preset), preset


def ad_hoc_suite(
    catalogue: Catalogue,
    command: list[str],
    request: SuiteRequest,
    *,
    cwd: str = ".",
    env: dict[str, str] | None = None,
    max_timeout_seconds: float = MAX_TIMEOUT_SECONDS,
) -> Resolved:
    """Make the suite of a command that the caller brings along, word for word.

    Without a framework it is judged by its exit status alone. Whether the caller may do this at
    all is for the server to say.
    """
    if not command or not command[0].strip():
        raise BadRequestError("the command is empty")
    preset = catalogue.get(request.framework) if request.framework else None
    try:
        place = check_folder(cwd, source="request", at="cwd")
        wanted = check_env(env or {}, source="request", at="env")
    except SettingsError as error:
        raise BadRequestError(error.message, hint=error.hint) from error
    suite = Suite(
        name=AD_HOC_SUITE,
        preset=preset.name if preset else "",
        command=with_words([], None, args=command, select=[]),
        cwd=place,
        env=(preset.env if preset else {})
        | {name: literal_value(value) for name, value in wanted.items()},
        because="the command came with the request",
    )
    _check_timeout(request.timeout_seconds, max_timeout_seconds)
    if request.change is not None:
        raise BadRequestError(
            "a command of one's own cannot be narrowed to what a change reaches",
            hint="Give the project a suite, in greenlane.toml.",
        )
    words = msgspec.structs.replace(request, suite="", framework="", args=[])
    return _as_asked(MappedFiles({}), suite, catalogue, words)


def find_suites(
    files: TreeFiles,
    settings: ProjectSettings,
    catalogue: Catalogue,
    *,
    preset: str = "",
    folder: str = "",
) -> Detection:
    """Detect the suites of a tree, or of one folder, in the mode that its settings ask for."""
    found = detect(files, catalogue, preset=preset, folder=folder)
    suites = [msgspec.structs.replace(suite, mode=settings.project.mode) for suite in found.suites]
    return msgspec.structs.replace(found, suites=suites)


def _chosen(
    files: TreeFiles,
    settings: ProjectSettings,
    catalogue: Catalogue,
    given: Registration,
    request: SuiteRequest,
) -> Suite:
    wanted = request.suite
    if wanted not in settings.suite:
        if given.command and (is_default(wanted) or wanted == REGISTERED_SUITE):
            preset = request.framework or given.preset
            return _from_registration(given.command, preset, settings, catalogue)
        if not settings.suite:
            preset = request.framework or given.preset
            return _detected(find_suites(files, settings, catalogue, preset=preset), wanted)
    name = choose_suite(settings, wanted)
    table = settings.suite[name]
    return _from_table(files, name, table, settings, catalogue, request.framework)


def _from_registration(
    command: list[str], preset_name: str, settings: ProjectSettings, catalogue: Catalogue
) -> Suite:
    preset = catalogue.get(preset_name) if preset_name else preset_for_command(command, catalogue)
    because = "the project was registered with this command"
    return _with_command(REGISTERED_SUITE, command, preset, settings.project.mode, because)


def _with_command(
    name: str, command: list[str], preset: Preset | None, mode: Mode, because: str
) -> Suite:
    if preset is None:
        return Suite(name=name, preset="", command=command, mode=mode, because=because)
    suite = suite_of(preset, name=name, because=because)
    return msgspec.structs.replace(suite, command=command, mode=mode)


def _detected(found: Detection, wanted: str) -> Suite:
    suites = {suite.name: suite for suite in found.suites}
    if wanted in suites:
        return suites[wanted]
    if not is_default(wanted):
        raise unknown_suite(wanted, list(suites))
    if len(suites) > 1:
        raise which_suite(list(suites), because="no settings say which is the default")
    return found.suites[0]


def _from_table(
    files: TreeFiles,
    name: str,
    table: SuiteTable,
    settings: ProjectSettings,
    catalogue: Catalogue,
    framework: str,
) -> Suite:
    command = table.words()
    preset_name = framework or table.preset
    because = f"[suite.{name}] in {FILE_NAME}"
    if command:
        preset = (
            catalogue.get(preset_name) if preset_name else preset_for_command(command, catalogue)
        )
        base = _with_command(name, command, preset, settings.project.mode, because)
    elif preset_name:
        preset = catalogue.get(preset_name)
        [found] = detect(files, catalogue, preset=preset_name, folder=_folder(table)).suites
        base = msgspec.structs.replace(found, command=preset.command, env=preset.env)
        if not base.command:
            raise SettingsError(
                f"{FILE_NAME}: `suite.{name}`: preset {preset_name!r} has no command of its own",
                hint='Give the suite one: command = ["make", "test"].',
            )
    else:
        base = _detected(find_suites(files, settings, catalogue, folder=_folder(table)), "")
    return _laid_over(base, name, table, settings, because)


def _with_install(files: TreeFiles, suite: Suite, preset: Preset | None) -> Suite:
    """Add the set-up that nobody wrote down; a submitter's own folder is left as it is."""
    steps = suite.prepare or install_for(Index(files), suite, preset)
    return msgspec.structs.replace(suite, prepare=[] if suite.mode is Mode.IN_PLACE else steps)


def _laid_over(
    base: Suite, name: str, table: SuiteTable, settings: ProjectSettings, because: str
) -> Suite:
    steps = table.steps()
    return Suite(
        name=name,
        preset=base.preset,
        command=[*base.command, *table.args],
        cwd=_folder(table) or base.cwd,
        env=base.env | table.env,
        prepare=base.prepare if steps is None else steps,
        timeout_seconds=table.timeout_seconds or base.timeout_seconds,
        idle_timeout_seconds=table.idle_timeout_seconds or base.idle_timeout_seconds,
        mode=table.mode or settings.project.mode,
        resources=list(dict.fromkeys(name.strip() for name in table.resources)),
        because=because,
    )


def _folder(table: SuiteTable) -> str:
    return check_folder(table.cwd, source=FILE_NAME, at="cwd") if table.cwd else ""


def _as_asked(
    files: TreeFiles, suite: Suite, catalogue: Catalogue, request: SuiteRequest
) -> Resolved:
    preset = catalogue.get(suite.preset) if suite.preset else None
    base, reached = suite.command, None
    if request.change is not None:
        reached = reached_words(files, suite, preset, request.change)
    if reached is not None and preset is not None:
        base = [word for word in base if word not in preset.select.affected_replaces]
    command = with_words(base, preset, args=request.args, select=request.select, more=reached or ())
    asked = msgspec.structs.replace(
        suite,
        command=command,
        partial=describe_part(
            args=request.args,
            tests=len(request.select),
            because=request.select_because,
            change=request.change if reached is not None else None,
        ),
        timeout_seconds=request.timeout_seconds or suite.timeout_seconds,
        mode=request.mode or suite.mode,
    )
    if not asked.command:
        raise SettingsError(
            f"suite {suite.name!r} has no command",
            hint="Name one in greenlane.toml, or choose another preset.",
        )
    return asked, preset


def _check_timeout(wanted: float | None, limit: float) -> None:
    if wanted is not None and not (math.isfinite(wanted) and 0 < wanted <= limit):
        raise BadRequestError(
            f"timeout_seconds is {wanted}: expected more than 0 and at most {limit:g}",
            hint="`max_timeout_seconds` in the server's settings is the limit.",
        )
