"""Switch a slot to a snapshot: tracked files exact, ignored files kept warm, nothing stale.

Content that changes gets a modification time in a later second than anything that was there
before: a `.pyc` knows its source by whole seconds and size, `make` by the clock's tick.
"""

from __future__ import annotations

import os
import time

from greenlane.run.git import Git, GitError, Running
from greenlane.run.slot import Slot
from greenlane.run.spec import CheckoutSpec
from greenlane.run.state import State
from greenlane.run.supervise import Supervisor

_TICK_SECONDS = 0.012  # the kernel's clock for files may lag by one tick
_GITLINK = b"160000"


class CheckoutError(Exception):
    """The slot does not hold the snapshot."""


def switch(spec: CheckoutSpec, state: State, supervisor: Supervisor) -> None:
    """Make the slot hold exactly the tree of `spec`, apart from ignored files.

    A slot that resists (read-only folders, a broken index) is mended, then made afresh.

    Raises:
        CheckoutError: it could not be done; the slot may hold anything.
    """
    slot = Slot(spec)
    git = _git_of(slot, supervisor)
    for remedy in (None, slot.make_writable, slot.clear):
        try:
            if remedy is not None:
                remedy()
            _Switch(spec, slot, state, git).carry_out()
        except (GitError, OSError) as error:
            state.forget()
            reason = error
        else:
            return
        if not _has_tree(git, spec):
            break
    raise CheckoutError(
        f"the slot '{spec.slot}' cannot be switched to tree {spec.tree}: {reason}"
    ) from reason


def list_untracked(spec: CheckoutSpec, supervisor: Supervisor) -> list[str]:
    """List what the next switch will remove: neither tracked nor ignored."""
    _, said = _git_of(Slot(spec), supervisor).run("clean", "-ffd", "--dry-run")
    return _named_after("Would remove ", said)


def list_tracked(spec: CheckoutSpec, supervisor: Supervisor) -> set[str]:
    """List the files of the snapshot, relative to the slot."""
    _, said = _git_of(Slot(spec), supervisor).run("ls-files", "-z")
    return {os.fsdecode(name) for name in said.split(b"\0") if name}


def _git_of(slot: Slot, supervisor: Supervisor) -> Git:
    env = {"GIT_DIR": slot.git_dir, "GIT_WORK_TREE": slot.path}
    return Git(slot.path, supervisor, env=env)


def _named_after(words: str, said: bytes) -> list[str]:
    """Give the paths of the lines that begin with some words."""
    lines = said.decode(errors="surrogateescape").splitlines()
    return [line.removeprefix(words) for line in lines if line.startswith(words)]


def _has_tree(git: Git, spec: CheckoutSpec) -> bool:
    """Say whether another attempt can succeed at all."""
    try:
        git.run("cat-file", "-e", f"{spec.tree}^{{tree}}")
    except GitError:
        return False
    return True


class _Switch:
    """One attempt."""

    def __init__(self, spec: CheckoutSpec, slot: Slot, state: State, git: Git) -> None:
        self._spec = spec
        self._slot = slot
        self._state = state
        self._git = git
        self._gone: set[str] = set()

    def carry_out(self) -> None:
        is_index_known = self._slot.mend()
        if not is_index_known or self._slot.is_empty():
            self._state.forget()
        self._check_commit()
        previous, wanted = self._state.tree, self._spec.tree
        if previous == wanted and self._is_clean():
            self._finish()
            return
        if not self._slot.is_empty():
            self._wait_for_later_mtimes(is_other_tree=previous != wanted)
        self._state.tree, self._state.run_ended_at = "", 0.0
        self._state.save()  # from here on the slot may hold anything
        difference = self._start_difference(previous)
        self._git.run("read-tree", "--reset", "-u", wanted)
        self._clean()
        self._slot.keep_index()
        self._remove_leftovers(difference)
        self._state.tree = wanted
        self._state.switched_at = time.time()
        self._finish()

    def _check_commit(self) -> None:
        if (self._state.commit, self._state.tree) == (self._spec.commit, self._spec.tree):
            return
        tree = self._git.tree_of(self._spec.repository, self._spec.commit)
        if tree != self._spec.tree:
            raise GitError(f"commit {self._spec.commit} has tree {tree}, not {self._spec.tree}")

    def _is_clean(self) -> bool:
        """Remove untracked files; say whether all tracked files are as they were checked out."""
        looking = self._start_look()
        self._clean()
        self._slot.remove_lonely_caches(self._gone)
        is_clean = self._git.finish(looking, expected=(0, 1))[0] == 0
        if is_clean:
            self._slot.keep_index()
        return is_clean

    def _is_dirty(self) -> bool:
        return self._git.finish(self._start_look(), expected=(0, 1))[0] != 0

    def _start_look(self) -> Running:
        """Compare the tracked files with the index; exit code 1 when they differ.

        Git reads the content of files that are as old as its index, to the second: a second
        later the index is written again, so that it need not.
        """
        written_at = self._slot.index_time()
        if int(written_at) <= int(self._state.switched_at) and int(written_at) < int(time.time()):
            return self._git.start("update-index", "--refresh", "--force-write-index")
        return self._git.start("diff-files", "--quiet")

    def _clean(self) -> None:
        """Remove what is neither tracked nor ignored, nested repositories too."""
        _, said = self._git.run("clean", "-ffd")
        removed = _named_after("Removing ", said)
        self._gone.update(removed)
        if not set(removed).isdisjoint(self._state.prepared_paths):
            self._state.prepared = {}  # the work of a set-up step was among it
            self._state.prepared_paths = []

    def _wait_for_later_mtimes(self, *, is_other_tree: bool) -> None:
        """Wait until files that are written now are newer than all that was built from others."""
        state = self._state
        now = time.time()
        ran_until = state.run_ended_at or now  # unknown after a crash
        if _is_same_second(now, state.switched_at) or (
            _is_same_second(now, ran_until)
            and (not state.run_ended_at or not is_other_tree or self._is_dirty())
        ):
            time.sleep(int(now) + 1 + _TICK_SECONDS - now)
        time.sleep(min(_TICK_SECONDS, max(0.0, ran_until + _TICK_SECONDS - time.time())))

    def _start_difference(self, previous: str) -> Running | None:
        if not previous or previous == self._spec.tree:
            return None
        return self._git.start("diff-tree", "-r", "-z", "--no-renames", previous, self._spec.tree)

    def _remove_leftovers(self, difference: Running | None) -> None:
        """Remove what git leaves behind: byte code of vanished packages, old submodules."""
        code, said = self._git.finish(difference, expected=(0, 128)) if difference else (128, b"")
        if code:  # not known what was here before
            self._slot.remove_all_lonely_caches()
            self._empty_submodules()
            return
        fields = said.split(b"\0")
        for about, name in zip(fields[0::2], fields[1::2], strict=False):
            _, new_mode, *_, kind = about.split()
            path = name.decode(errors="surrogateescape")
            if kind == b"D":
                self._gone.add(path)
            elif new_mode == _GITLINK:
                self._slot.empty_folder(path)
        self._slot.remove_lonely_caches(self._gone)

    def _empty_submodules(self) -> None:
        for entry in self._git.run("ls-files", "--stage", "-z")[1].split(b"\0"):
            about, _, name = entry.partition(b"\t")
            if about.startswith(_GITLINK):
                self._slot.empty_folder(name.decode(errors="surrogateescape"))

    def _finish(self) -> None:
        self._state.commit = self._spec.commit
        self._state.run_ended_at = 0.0  # until this run has ended
        self._state.save()


def _is_same_second(now: float, before: float) -> bool:
    """Say whether a file written now could get the same whole second as one written before."""
    return int(now - _TICK_SECONDS) <= int(before) <= int(now)
