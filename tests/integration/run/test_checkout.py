"""A slot holds exactly the snapshot, whatever the runs before it did to it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from greenlane.model.job import CommitId, TreeId
from greenlane.model.run import Checkout, RunEnd

from .conftest import Repository, Site, wait_until

FILES: dict[str, str | None] = {
    ".gitignore": "__pycache__/\n*.o\nbuild/\n",
    "main.py": "print('main')\n",
    "package/module.py": "value = 1\n",
    "script.sh": "#!/bin/sh\necho script\n",
}


def switch(site: Site, checkout: Checkout, *argv: str) -> None:
    result = site.run(*(argv or ("true",)), checkout=checkout)
    assert result.end is RunEnd.EXITED, result.because
    assert result.exit_code == 0, site.log()


def assert_exact(repository: Repository, checkout: Checkout) -> None:
    assert repository.tree_of_slot() == checkout.tree
    assert repository.git("rev-parse", "HEAD", cwd=repository.slot) == checkout.commit
    assert repository.status_of_slot() == ""


def test_switch_forth_and_back(site: Site, repository: Repository) -> None:
    first = repository.snapshot(FILES)
    (repository.work / "script.sh").chmod(0o755)
    (repository.work / "link").symlink_to("main.py")
    second = repository.snapshot({"package/module.py": None, "other/new.py": "new\n"})
    for checkout in (first, second, first, second, second):
        switch(site, checkout)
        assert_exact(repository, checkout)


def test_ignored_files_stay_warm_and_others_go(site: Site, repository: Repository) -> None:
    first = repository.snapshot(FILES)
    second = repository.snapshot({"main.py": "print('second')\n"})
    switch(site, first, "sh", "-c", "touch main.o; mkdir -p junk build; touch junk/a build/b c")
    switch(site, second)
    assert_exact(repository, second)
    left = {path.name for path in repository.slot.iterdir()}
    assert {"main.o", "build"} <= left
    assert not {"junk", "c"} & left


def in_slot(script: str) -> Callable[[Repository], None]:
    def mangle(repository: Repository) -> None:
        subprocess.run(["sh", "-ec", script], cwd=repository.slot, check=True, capture_output=True)

    return mangle


def take_away_admin(repository: Repository) -> None:
    shutil.rmtree(repository.slot.with_name("1.git"))


def lock_admin(repository: Repository) -> None:
    admin = repository.slot.with_name("1.git")
    for name in ("index.lock", "HEAD.lock", "MERGE_HEAD"):
        (admin / name).touch()


def break_index(repository: Repository) -> None:
    admin = repository.slot.with_name("1.git")
    for name in admin.glob("index*"):
        name.unlink()
        name.write_bytes(b"DIRC rubbish")


def break_state(repository: Repository) -> None:
    repository.slot.with_name("1.state").write_text("{rubbish")


def half_create(repository: Repository) -> None:
    take_away_admin(repository)
    for path in repository.slot.iterdir():
        if path.name not in {".git", "package"}:
            path.unlink()


def replace_by_file(repository: Repository) -> None:
    shutil.rmtree(repository.slot)
    repository.slot.write_text("in the way")


MANGLERS = {
    "nothing": in_slot("true"),
    "edited": in_slot("echo changed > main.py"),
    "deleted": in_slot("rm -r package main.py"),
    "staged": in_slot("echo x > main.py; git add -A"),
    "committed": in_slot("echo x > main.py; git commit -qam x"),
    "branch": in_slot("git checkout -q -B side; echo x >> main.py; git commit -qam side"),
    "assume_unchanged": in_slot("git update-index --assume-unchanged main.py; echo x > main.py"),
    "skip_worktree": in_slot("git update-index --skip-worktree main.py; echo x > main.py"),
    "empty_index": in_slot("git read-tree --empty"),
    "sparse": in_slot("git sparse-checkout set package"),
    "fsmonitor": in_slot("git config core.fsmonitor /bin/true; echo x > main.py"),
    "hooks": in_slot("git config core.hooksPath .; touch post-index-change; chmod +x post*"),
    "settings": in_slot("git config core.bare true; git config core.worktree /nonexistent"),
    "autocrlf": in_slot("git config core.autocrlf true; rm main.py"),
    "stash": in_slot("echo x > main.py; git stash -q"),
    "detached_git": in_slot("rm .git; git init -q .; git add -A; git commit -qm own"),
    "no_git": in_slot("rm .git"),
    "nested": in_slot("mkdir deep; cd deep; git init -q .; touch a; git add a; git commit -qm a"),
    "file_to_folder": in_slot("rm main.py; mkdir main.py; touch main.py/inside"),
    "folder_to_file": in_slot("rm -r package; touch package"),
    "folder_to_link": in_slot("rm -r package; mkdir build; ln -s build package"),
    "file_to_link": in_slot("rm main.py; ln -s /etc/passwd main.py"),
    "modes": in_slot("chmod +x main.py"),
    "next_tree": in_slot("mkdir -p added; echo mine > added/file.py; echo o > build.txt"),
    "ignored_in_the_way": in_slot("mkdir -p added/file.py/x; touch added/file.py/x/y.o"),
    "read_only": in_slot("mkdir -p junk/deep; touch junk/deep/a; chmod 500 package junk/deep junk"),
    "locked": lock_admin,
    "no_admin": take_away_admin,
    "broken_index": break_index,
    "broken_state": break_state,
    "half_created": half_create,
    "refs": in_slot("git branch side; git tag v1; git pack-refs --all"),
    "file_instead": replace_by_file,
}


@pytest.mark.parametrize("name", MANGLERS)
def test_mangled_slot_is_mended(site: Site, repository: Repository, name: str) -> None:
    first = repository.snapshot(FILES)
    second = repository.snapshot({"added/file.py": "ours\n", "main.py": "print('next')\n"})
    shared = repository.shared()
    switch(site, first)
    MANGLERS[name](repository)
    switch(site, first)
    assert_exact(repository, first)
    MANGLERS[name](repository)
    switch(site, second)
    assert_exact(repository, second)
    assert repository.git("for-each-ref", cwd=repository.slot) == ""
    assert repository.shared() == shared


def test_edit_is_seen_when_the_index_is_written_again(site: Site, repository: Repository) -> None:
    """A second after a switch the index is refreshed: its exit code must still tell."""
    checkout = repository.snapshot(FILES)
    switch(site, checkout)
    written_at = int(repository.slot.with_name("1.git").joinpath("index").stat().st_mtime)
    wait_until(lambda: int(time.time()) > written_at)
    for _ in range(3):
        switch(site, checkout, "sh", "-c", "echo edited >> main.py; rm package/module.py")
        switch(site, checkout)
        assert_exact(repository, checkout)


@pytest.fixture
def open_repository() -> Iterator[Repository]:
    """Make one where others may come; pytest closes its own folder to them whenever it starts."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Repository(Path(folder))


@pytest.mark.skipif(os.getuid() != 0, reason="by design: others are the other user already")
def test_read_only_leftovers_of_an_ordinary_user(open_repository: Repository) -> None:
    """Root may write anywhere, so the whole thing runs as nobody."""
    repository = open_repository
    first = repository.snapshot(FILES)
    second = repository.snapshot({"package/module.py": "value = 2\n"})
    script = f"""
import os, pathlib, signal, sys, tempfile
from greenlane.run import checkout
from greenlane.run.spec import CheckoutSpec
from greenlane.run.state import State
from greenlane.run.supervise import Supervisor
os.setgid(65534); os.setuid(65534); os.environ["HOME"] = "/nonexistent"
signal.pthread_sigmask(signal.SIG_BLOCK, {{signal.SIGCHLD, signal.SIGTERM}})
slot = {str(repository.slot)!r}
def switch(commit, tree):
    spec = CheckoutSpec(slot=slot, repository={str(repository.bare)!r}, commit=commit, tree=tree)
    checkout.switch(spec, State(slot + ".state"), Supervisor(slot))
switch({first.commit!r}, {first.tree!r})
os.makedirs(slot + "/junk/deep"); pathlib.Path(slot, "junk/deep/a").touch()
for name in ("package", "junk/deep", "junk"):
    os.chmod(f"{{slot}}/{{name}}", 0o500)
switch({second.commit!r}, {second.tree!r})
assert pathlib.Path(slot, "package/module.py").read_text() == "value = 2\\n"
assert not os.path.exists(slot + "/junk")
"""
    folder = repository.work.parent
    subprocess.run(["chown", "-R", "65534:65534", str(folder)], check=True)
    python = shutil.which("python3", path="/usr/bin:/bin")
    assert python is not None
    env = {"PYTHONPATH": f"{Path(__file__).parents[3] / 'src'}", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [python, "-c", script], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_byte_code_of_a_vanished_package_goes(site: Site, repository: Repository) -> None:
    first = repository.snapshot({**FILES, "package/__init__.py": "", "package/deep/a.py": ""})
    second = repository.snapshot(
        {"package/__init__.py": None, "package/module.py": None, "package/deep/a.py": None}
    )
    switch(site, first, "python3", "-m", "compileall", "-q", "package")
    assert (repository.slot / "package/__pycache__").is_dir()
    switch(site, second)
    assert not (repository.slot / "package").exists()


def test_byte_code_of_an_untracked_package_goes(site: Site, repository: Repository) -> None:
    checkout = repository.snapshot(FILES)
    script = "mkdir extra; touch extra/__init__.py; python3 -m compileall -q extra"
    switch(site, checkout, "sh", "-c", script)
    switch(site, checkout)
    assert not (repository.slot / "extra").exists()


def test_changed_submodule_leaves_nothing(site: Site, repository: Repository) -> None:
    first = repository.snapshot(FILES)
    for number in (1, 2):
        link = f"160000,{str(number) * 40},library"
        repository.git("update-index", "--add", "--cacheinfo", link)
        repository.git("commit", "-q", "-m", f"library {number}")
        repository.git("push", "-q", str(repository.bare), f"HEAD:refs/greenlane/link{number}")
    commits = ["HEAD~1", "HEAD"]
    second, third = (
        Checkout(
            slot=first.slot,
            repository=first.repository,
            commit=CommitId(repository.git("rev-parse", commit)),
            tree=TreeId(repository.git("rev-parse", f"{commit}^{{tree}}")),
        )
        for commit in commits
    )
    switch(site, second, "sh", "-c", "cd library; git init -q .; touch fetched")
    switch(site, third)
    assert list((repository.slot / "library").iterdir()) == []
    switch(site, third, "touch", "library/fetched")
    switch(site, first)
    assert not (repository.slot / "library").exists()
    assert_exact(repository, first)


def test_missing_tree_fails_closed(site: Site, repository: Repository) -> None:
    checkout = repository.snapshot(FILES)
    switch(site, checkout, "touch", "build.o")
    missing = Checkout(
        slot=checkout.slot,
        repository=checkout.repository,
        commit=CommitId("1" * 40),
        tree=TreeId("2" * 40),
    )
    result = site.run("true", checkout=missing)
    assert result.end is RunEnd.SETUP_FAILED
    assert "cannot be switched" in result.because
    assert (repository.slot / "build.o").exists()  # no reason to throw the slot away


def test_commit_of_another_tree_fails_closed(site: Site, repository: Repository) -> None:
    first = repository.snapshot(FILES)
    second = repository.snapshot({"main.py": "other\n"})
    crossed = Checkout(
        slot=first.slot, repository=first.repository, commit=first.commit, tree=second.tree
    )
    result = site.run("true", checkout=crossed)
    assert result.end is RunEnd.SETUP_FAILED
    assert f"has tree {first.tree}" in result.because


def test_runners_git_is_not_the_users(site: Site, repository: Repository) -> None:
    """Attributes of the tree hold; line ends and filters of settings do not."""
    files: dict[str, str | None] = {
        ".gitattributes": "*.bat eol=crlf\n",
        "a.bat": "x\n",
        "b": "x\n",
    }
    switch(site, repository.snapshot(files))
    assert (repository.slot / "a.bat").read_bytes() == b"x\r\n"
    assert (repository.slot / "b").read_bytes() == b"x\n"
