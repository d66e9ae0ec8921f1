"""Fill `{out}`, `{inject}`, `{cache}`, `{python}` and inherited variables into commands and more.

Only those are filled: all other braces stay as they are, and a doubled `{{out}}` is the text
`{out}`. An inherited value that is unset or empty takes the separator beside it along, so that
`{inject}/python:{PYTHONPATH}` does not put the working folder on the path. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_OURS = "out|inject|cache|python"
_IN_COMMAND = re.compile(rf"\{{(\{{(?:{_OURS})\}})\}}|\{{({_OURS})\}}")
_IN_ENV = re.compile(
    rf"\{{(\{{(?:{_OURS}|[A-Z_][A-Z0-9_]*)\}})\}}|\{{({_OURS})\}}|"
    r"(?P<before>[:, ]?)\{(?P<name>[A-Z_][A-Z0-9_]*)\}(?P<after>[:, ]?)"
)


def literal(word: str) -> str:
    """Write a word of a command so that filling it in gives it back."""
    return re.sub(rf"\{{({_OURS})\}}", r"{{\1}}", word)


def literal_value(value: str) -> str:
    """Write a value of an environment so that filling it in gives it back."""
    return re.sub(rf"\{{({_OURS}|[A-Z_][A-Z0-9_]*)\}}", r"{{\1}}", value)


def fill_command(words: Iterable[str], values: Mapping[str, str]) -> list[str]:
    """Fill the words of a command; `values` has `out`, `inject`, `cache` and `python`."""
    return [_IN_COMMAND.sub(lambda match: match[1] or values[match[2]], word) for word in words]


def fill_env(
    env: Mapping[str, str], values: Mapping[str, str], inherited: Mapping[str, str]
) -> dict[str, str]:
    """Fill the values of an environment."""

    def replaced(match: re.Match[str]) -> str:
        if match[1] or match[2]:
            return match[1] or values[match[2]]
        before, value, after = match["before"], inherited.get(match["name"], ""), match["after"]
        if value:
            return before + value + after
        return before if before and after else ""

    return {name: _IN_ENV.sub(replaced, value) for name, value in env.items()}
