"""A caller's own words on a command line: arguments, and tests by id. Never a shell. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from greenlane.config.fill import literal
from greenlane.model.errors import BadRequestError
from greenlane.model.suite import Preset, Select

WORDS_LIMIT = 10_000
WORD_LIMIT_BYTES = 130_000  # the kernel takes 131,072 in one word
LINE_LIMIT_BYTES = 1_500_000  # and 2 MiB in all words and the environment together
_SPECIAL = re.compile(r"([\\.^$*+?()\[\]{}|/])")
_PLACE = re.compile(r"\{([a-z_]+)\}")
_TAKES_TARGETS = frozenset({"make", "gmake", "ninja"})


class SelectedTest(msgspec.Struct, frozen=True, kw_only=True):
    """A test to run: its id, and its place where that is known."""

    id: str
    file: str = ""
    line: int = 0


def with_words(
    command: Sequence[str],
    preset: Preset | None,
    *,
    args: Sequence[str],
    select: Sequence[SelectedTest],
    more: Sequence[str] = (),
) -> list[str]:
    """Put arguments, a selection and more words behind a command, each word as it is.

    Raises:
        BadRequestError: a word that cannot be passed, or a command that takes none.
    """
    chosen = selection_words(preset, select)
    words = [literal(word) for word in (*_checked_args(args), *chosen, *more)]
    if sum(len(_bytes_of(word)) + 9 for word in words) > LINE_LIMIT_BYTES:  # 9: NUL and pointer
        raise BadRequestError(
            f"{len(words)} words are more than a command line takes",
            hint="Run the whole suite.",
        )
    program = command[0].rpartition("/")[2] if command else ""
    if words and program in _TAKES_TARGETS:
        raise BadRequestError(
            f"`{' '.join(command)}` takes no arguments for the tests: {program} would read them",
            hint="Give the suite a command that is the runner itself, in greenlane.toml.",
        )
    return [*command, *words]


def selection_words(preset: Preset | None, select: Sequence[SelectedTest]) -> list[str]:
    """Say "only these tests" in the words of a framework.

    Raises:
        BadRequestError: the framework cannot, or a test is none of its own.
    """
    if not select:
        return []
    for test in select:
        _check_id(test.id)
    if len(select) > WORDS_LIMIT:
        raise BadRequestError(f"{len(select)} tests are too many for a selection: run the suite")
    if preset is None or not (preset.select.ids or preset.select.filter):
        name = f"preset {preset.name!r}" if preset else "a suite without a preset"
        raise BadRequestError(
            f"{name} cannot run a selection of tests",
            hint="Run the whole suite, or pass the framework's own words after `--`.",
        )
    rules = preset.select
    places = [_places(test, preset) for test in select]
    needed = set(_PLACE.findall(" ".join(rules.ids)))
    if rules.ids and (not rules.filter or all(needed <= place.keys() for place in places)):
        return rules.before + [
            word
            for words in _distinct(_filled(rules.ids, place) for place in places)
            for word in words
        ]
    return _filter_words(rules, places)


def needs_places(rules: Select) -> bool:
    """Say whether a selection gets better where the files and lines of the tests are known."""
    words = " ".join((*rules.ids, *rules.files, rules.item))
    return not {"file", "line"}.isdisjoint(_PLACE.findall(words))


def _filter_words(rules: Select, places: Sequence[Mapping[str, str]]) -> list[str]:
    """Say all tests in one expression, and the files that they are in.

    A file that could not be run has its own path for an id, and no test by that name: where one is
    among them, the files run whole.
    """
    files: list[str] = []
    if rules.files and all("file" in place for place in places):
        files = repeated(rules.files, "file", [place["file"] for place in places])
        if any(f"/{place['file']}".endswith(f"/{place['id']}") for place in places):
            return files
    items = [word for (word,) in _distinct(_filled([rules.item], place) for place in places)]
    regex = "^(?:" + "|".join(escaped(item).replace(" ", rules.gap) for item in items) + ")$"
    whole = {"regex": regex, "list": rules.join.join(items)}
    words = [_PLACE.sub(lambda match: whole.get(match[1], match[0]), word) for word in rules.filter]
    for word in words:
        _check_length(word)
    return words + files


def repeated(words: Sequence[str], name: str, values: Iterable[str]) -> list[str]:
    """Fill a placeholder in: a word that holds it comes once for each distinct value."""
    mark, distinct = f"{{{name}}}", list(dict.fromkeys(values))
    return [
        one
        for word in words
        for one in ([word.replace(mark, value) for value in distinct] if mark in word else [word])
    ]


def _places(test: SelectedTest, preset: Preset) -> dict[str, str]:
    """Give what the words of a preset can be filled with for a test."""
    places = {"id": test.id}
    if test.file:
        places["file"] = test.file
    if test.line:
        places["line"] = str(test.line)
    if preset.select.like:
        match = re.fullmatch(preset.select.like, test.id)
        if match is None:
            raise BadRequestError(
                f"{test.id[:100]!r} is not the id of a test of preset {preset.name!r}",
                hint="Give ids as the results show them, for example "
                "`greenlane results JOB --json`.",
            )
        places |= {name: value for name, value in match.groupdict().items() if value is not None}
    return places


def _filled(words: Sequence[str], places: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(_PLACE.sub(lambda match: places.get(match[1], match[0]), word) for word in words)


def _distinct(many: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    return list(dict.fromkeys(many))


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
        raise BadRequestError(
            f"the test id {test_id[:100]!r} holds a NUL or a line break",
            hint="Run the whole suite.",
        )
    _check_length(test_id)


def _checked_args(args: Sequence[str]) -> Sequence[str]:
    if len(args) > WORDS_LIMIT:
        raise BadRequestError(f"{len(args)} arguments are too many")
    for word in args:
        if "\0" in word:
            raise BadRequestError("an argument holds a NUL character")
        _check_length(word)
    return args


def _check_length(word: str) -> None:
    if len(_bytes_of(word)) > WORD_LIMIT_BYTES:
        raise BadRequestError(
            f"a word of {len(word)} characters is too long for a command line",
            hint="Run the whole suite.",
        )


def _bytes_of(word: str) -> bytes:
    return word.encode("utf-8", "surrogatepass")
