"""What the lock files of Ruby, PHP and Elixir ask for: the steps that install it. Pure."""

from __future__ import annotations

import msgspec

from greenlane.config.markers import Index
from greenlane.config.tree import join
from greenlane.model.run import Prepare


class _Lock(msgspec.Struct, frozen=True, kw_only=True):
    file: str
    manifest: str
    steps: tuple[tuple[str, ...], ...]


_BUNDLER = _Lock(file="Gemfile.lock", manifest="Gemfile", steps=(("bundle", "install"),))
_COMPOSER = _Lock(
    file="composer.lock",
    manifest="composer.json",
    steps=(("composer", "install", "--no-interaction", "--no-progress"),),
)
_HEX = _Lock(
    file="mix.lock",
    manifest="mix.exs",
    steps=(
        ("mix", "local.hex", "--force", "--if-missing"),
        ("mix", "local.rebar", "--force", "--if-missing"),
        ("mix", "deps.get"),
    ),
)
_BY_LANGUAGE = {
    "ruby": _BUNDLER,
    "rspec": _BUNDLER,
    "bundle": _BUNDLER,
    "php": _COMPOSER,
    "composer": _COMPOSER,
    "mix": _HEX,
}
_RUN_BY_BUNDLER = frozenset({"rspec", "rake"})


def locked_steps(index: Index, folder: str, languages: set[str]) -> list[Prepare]:
    """Give the steps that install what a lock file in this very folder says."""
    locks = {_BY_LANGUAGE[one].file: _BY_LANGUAGE[one] for one in languages & _BY_LANGUAGE.keys()}
    return [
        Prepare(argv=list(step), inputs=[lock.file, lock.manifest])
        for lock in locks.values()
        if {join(folder, lock.file), join(folder, lock.manifest)} <= index.known
        for step in lock.steps
    ]


def with_bundler(index: Index, folder: str, command: list[str]) -> list[str]:
    """Have Bundler start a program of a gem, where the folder has locked its gems."""
    is_locked = join(folder, _BUNDLER.file) in index.known
    return ["bundle", "exec", *command] if is_locked and command[0] in _RUN_BY_BUNDLER else command
