"""`greenlane.toml`: what a project says about itself, its suites and its presets."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from greenlane.config.argv import check_env, check_folder, prepare_steps, split_command
from greenlane.config.preset_file import MAX_TIMEOUT_SECONDS, NAME
from greenlane.config.strict import Table, convert_value, dotted, parse_toml
from greenlane.config.tree import TreeFiles
from greenlane.model.errors import SettingsError, UnknownSuiteError
from greenlane.model.run import Prepare
from greenlane.model.suite import Mode

FILE_NAME = "greenlane.toml"
DEFAULT_SUITE = "default"

#: What an HTTP caller says who has no suite in mind.
ALL = "all"

Megabytes = Annotated[int, Meta(ge=0, le=1_000_000)]
Seconds = Annotated[float, Meta(gt=0, le=MAX_TIMEOUT_SECONDS)]


class ProjectTable(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for the whole project."""

    name: Annotated[
        str, Meta(max_length=200, description="What people call it. Default: the folder's name.")
    ] = ""
    share_lane_with_clones: Annotated[
        bool,
        Meta(
            description="Clones with the same origin URL are one project and wait for each other."
        ),
    ] = True
    mode: Annotated[
        Mode,
        Meta(
            description="Where suites run that do not say it themselves: `snapshot`, in a checkout "
            "of exactly what was submitted, or `in_place`, in the submitter's own folder."
        ),
    ] = Mode.SNAPSHOT
    max_untracked_mb: Annotated[
        Megabytes | None,
        Meta(description="How much untracked data a snapshot may take. Default: the server's."),
    ] = None


class SuiteTable(msgspec.Struct, frozen=True, kw_only=True):
    """A suite as the file writes it."""

    preset: Annotated[
        str,
        Meta(description="How it is run and read. Default: found from the command, or detected."),
    ] = ""
    command: Annotated[
        str | list[str] | None,
        Meta(
            description="What runs: a list of words, or text that is split into words. No shell. "
            "`{out}`, `{inject}`, `{cache}` and `{python}` are filled in. Default: the preset's."
        ),
    ] = None
    args: Annotated[
        list[str], Meta(description="Words put behind the command, the preset's too.")
    ] = []
    cwd: Annotated[str, Meta(description="Folder to run in, relative to the project's root.")] = ""
    env: Annotated[
        dict[str, str],
        Meta(
            description="Environment variables, laid over the preset's. `{out}`, `{inject}`, "
            "`{cache}` (a folder that the suite finds again in its next run) and `{python}` are "
            "filled in, and `{NAME}` is the value that NAME has already."
        ),
    ] = {}
    prepare: Annotated[
        list[str | list[str] | Table] | None,
        Meta(
            description="Set-up steps before the command, each a command or "
            '`{ command = …, inputs = ["package-lock.json"] }`: it runs again when the content of '
            "an input has changed. Default: the preset's."
        ),
    ] = None
    timeout_seconds: Annotated[
        Seconds | None, Meta(description="Wall time the command may take. Default: the preset's.")
    ] = None
    idle_timeout_seconds: Annotated[
        Seconds | None,
        Meta(description="Time the command may go without output. Default: the preset's."),
    ] = None
    mode: Annotated[
        Mode | None, Meta(description="`snapshot` or `in_place`. Default: the project's.")
    ] = None
    resources: Annotated[
        list[str],
        Meta(description="Named locks that a run holds, such as `port:8000` or `display`."),
    ] = []

    def words(self) -> list[str]:
        """Give the command as words; none: the preset's."""
        if self.command is None:
            return []
        return split_command(self.command, source=FILE_NAME, at="command")

    def steps(self) -> list[Prepare] | None:
        """Give the set-up steps; None: the preset's."""
        if self.prepare is None:
            return None
        return prepare_steps(self.prepare, source=FILE_NAME, at="prepare")


class ProjectSettings(msgspec.Struct, frozen=True, kw_only=True):
    """A whole `greenlane.toml`."""

    project: Annotated[ProjectTable, Meta(description="The project as a whole.")] = ProjectTable()
    suite: Annotated[
        dict[str, SuiteTable],
        Meta(
            description="Suites by name. With one suite that one is the default, "
            "with several the one named `default`."
        ),
    ] = {}
    preset: Annotated[
        dict[str, dict[str, Any]],
        Meta(description="Presets of the project's own, or changes to those that are shipped."),
    ] = {}


def load_project(files: TreeFiles) -> ProjectSettings:
    """Read the settings of a tree; a tree without `greenlane.toml` has the defaults.

    Raises:
        SettingsError: the file cannot be used; the message names the key.
    """
    content = files.read(FILE_NAME)
    if content is None:
        if FILE_NAME in files.paths():
            raise SettingsError(f"{FILE_NAME} is there but cannot be read as a plain file")
        return ProjectSettings()
    return parse_project(content)


def parse_project(content: bytes, *, source: str = FILE_NAME) -> ProjectSettings:
    """Turn the bytes of a `greenlane.toml` into settings."""
    return project_from_table(parse_toml(content, source=source), source=source)


def project_from_table(table: Table, *, source: str = FILE_NAME) -> ProjectSettings:
    """Turn what TOML gave into settings, checked to the last word."""
    settings = convert_value(table, ProjectSettings, source=source)
    for name, suite in settings.suite.items():
        _check_suite(name, suite, source)
    return settings


def choose_suite(settings: ProjectSettings, wanted: str) -> str:
    """Give the name of the suite that a caller means.

    Raises:
        UnknownSuiteError: no suite of that name, or several and none is the default.
    """
    names = sorted(settings.suite)
    if wanted in settings.suite:
        return wanted
    if is_default(wanted):
        if len(names) == 1:
            return names[0]
        if DEFAULT_SUITE in settings.suite:
            return DEFAULT_SUITE
        raise which_suite(names, because=f"none of those in {FILE_NAME} is named `default`")
    raise unknown_suite(wanted, names)


def is_default(wanted: str) -> bool:
    """Say whether a caller leaves the choice of the suite to the project."""
    return wanted in {"", ALL, DEFAULT_SUITE}


def which_suite(names: list[str], *, because: str) -> UnknownSuiteError:
    """Make the error for a project with several suites of which none was chosen."""
    return UnknownSuiteError(
        f"the project has {len(names)} suites, and {because}: {', '.join(names)}",
        hint=f"Choose one, for example `greenlane test --suite {names[0]}`.",
    )


def unknown_suite(wanted: str, names: list[str]) -> UnknownSuiteError:
    """Make the error for a name that no suite has."""
    known = f"Suites: {', '.join(names)}." if names else "The project has no suites."
    return UnknownSuiteError(f"the project has no suite {wanted[:100]!r}", hint=known)


def _check_suite(name: str, suite: SuiteTable, source: str) -> None:
    at = dotted("suite", name)
    if not NAME.fullmatch(name):
        raise SettingsError(
            f"{source}: `{at}`: not a name for a suite",
            hint="Use letters, digits, `.`, `_` and `-`.",
        )
    if suite.command is not None:
        split_command(suite.command, source=source, at=f"{at}.command")
    if any("\0" in word for word in suite.args):
        raise SettingsError(f"{source}: `{at}.args`: a word holds a NUL character")
    check_folder(suite.cwd, source=source, at=f"{at}.cwd")
    check_env(suite.env, source=source, at=f"{at}.env")
    if suite.prepare is not None:
        prepare_steps(suite.prepare, source=source, at=f"{at}.prepare")
    if any(not resource.strip() for resource in suite.resources):
        raise SettingsError(f"{source}: `{at}.resources`: a resource has no name")
