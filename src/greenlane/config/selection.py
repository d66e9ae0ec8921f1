"""A caller's own words on a command line: arguments, and tests by id. Never a shell. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from greenlane.config.fill import literal
from greenlane.model.errors import BadRequestError
from greenlane.model.suite import Preset

WORDS_LIMIT = 10_000
WORD_LIMIT_CHARS = 100_000  # the kernel takes 131,072 bytes in one word
_SPECIAL = re.compile(r"([\\.^$*+?()\[\]{}|/])")
_TAKES_TARGETS = frozenset({"make", "gmake", "ninja"})


def with_words(
    command: Sequence[str], preset: Preset | None, *, args: Sequence[str], select: Sequence[str]
) -> list[str]:
    """Put arguments and a selection behind a command, each word as it is.

    Raises:
        BadRequestError: a word that cannot be passed, or a command that takes none.
    """
    words = [literal(word) for word in (*_checked_args(args), *selection_words(preset, select))]
    program = command[0].rpartition("/")[2] if command else ""
    if words and program in _TAKES_TARGETS:
        raise BadRequestError(
            f"`{' '.join(command)}` takes no arguments for the tests: {program} would read them",
            hint="Give the suite a command that is the runner itself, in greenlane.toml.",
        )
    return [*command, *words]


def selection_words(preset: Preset | None, select: Sequence[str]) -> list[str]:
    """Say "only these tests" in the words of a framework."""
    if not select:
        return []
    for test_id in select:
        _check_id(test_id)
    if len(select) > WORDS_LIMIT:
        raise BadRequestError(f"{len(select)} tests are too many for a selection: run the suite")
    if preset is None or not (preset.select.ids or preset.select.filter):
        name = f"preset {preset.name!r}" if preset else "a suite without a preset"
        raise BadRequestError(
            f"{name} cannot run a selection of tests",
            hint="Run the whole suite, or pass the framework's own words after `--`.",
        )
    _check_likeness(preset, select)
    if preset.select.ids:
        return preset.select.before + [
            word.replace("{regex}", escaped(test_id)).replace("{id}", test_id)
            for test_id in select
            for word in preset.select.ids
        ]
    regex = "^(?:" + "|".join(escaped(test_id) for test_id in select) + ")$"
    return [word.replace("{regex}", regex) for word in preset.select.filter]


def escaped(text: str) -> str:
    """Escape what is special in a regular expression of Go, JavaScript, Ruby and Python alike."""
    return _SPECIAL.sub(r"\\\1", text)


def _check_id(test_id: str) -> None:
    if not test_id.strip():
        raise BadRequestError("a selected test has an empty id")
    if test_id.startswith("-"):
        raise BadRequestError(
            f"the test id {test_id[:100]!r} starts with `-`",
            hint="An option is no test; options go after `--`.",
        )
    if re.search(r"[\0\r\n]", test_id):
        raise BadRequestError(f"the test id {test_id[:100]!r} holds a NUL or a line break")
    _check_length(test_id)


def _check_likeness(preset: Preset, select: Sequence[str]) -> None:
    """Refuse what can be no id of the framework, rather than hand it to the runner to see."""
    if not preset.select.like:
        return
    looks_right = re.compile(preset.select.like).fullmatch
    for test_id in select:
        if not looks_right(test_id):
            raise BadRequestError(
                f"{test_id[:100]!r} is not the id of a test of preset {preset.name!r}",
                hint="Give ids as the results show them, for example "
                "`greenlane results JOB --json`.",
            )


def _checked_args(args: Sequence[str]) -> Sequence[str]:
    if len(args) > WORDS_LIMIT:
        raise BadRequestError(f"{len(args)} arguments are too many")
    for word in args:
        if "\0" in word:
            raise BadRequestError("an argument holds a NUL character")
        _check_length(word)
    return args


def _check_length(word: str) -> None:
    if len(word) > WORD_LIMIT_CHARS:
        raise BadRequestError(f"a word of {len(word)} characters is too long for a command line")
