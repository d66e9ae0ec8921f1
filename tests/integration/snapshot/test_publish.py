"""The way into the server's repository: as a path and as a bundle, thin, alone and in a crowd."""

from __future__ import annotations

import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from greenlane.model.errors import GreenlaneError
from greenlane.snapshot import refs
from greenlane.snapshot.capture import Snapshot
from greenlane.system import git
from tests.integration.snapshot.repos import Repo, Take, make_repo, started_commands


def bare_git(bare: Path, *arguments: str) -> str:
    command = ["git", "--git-dir", str(bare), *arguments]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()


def count_objects(bare: Path) -> int:
    listing = bare_git(bare, "cat-file", "--batch-all-objects", "--batch-check")
    return len(listing.splitlines())


def test_ref_and_base_are_made(repo: Repo, take: Take, bare: Path) -> None:
    head = repo.git("rev-parse", "HEAD")
    taken = take(repo)
    made = bare_git(bare, "for-each-ref", "--format=%(refname) %(objectname)").splitlines()
    assert made == [
        f"refs/greenlane/bases/{head} {head}",
        f"refs/greenlane/snapshots/{taken.commit} {taken.commit}",
    ]


def test_publishing_again_starts_no_process(repo: Repo, take: Take, bare: Path) -> None:
    repo.write("new.txt")
    take(repo)
    with repo.capture() as snapshot, started_commands() as started:
        snapshot.publish_to_path(str(bare))
    assert started == []


def test_packed_refs_count_too(repo: Repo, take: Take, bare: Path) -> None:
    taken = take(repo)
    bare_git(bare, "pack-refs", "--all", "--prune")
    assert not (bare / "refs/greenlane/snapshots" / taken.commit).exists()
    assert refs.list_refs(str(bare), refs.BASES) == [taken.parent]
    with repo.capture() as snapshot, started_commands() as started:
        snapshot.publish_to_path(str(bare))
    assert started == []


def test_later_snapshots_bring_only_what_is_new(repo: Repo, take: Take, bare: Path) -> None:
    take(repo)
    before = count_objects(bare)
    repo.write("new.txt", "new\n")
    take(repo)
    assert count_objects(bare) - before == 3  # the file, the tree, the commit


def test_new_commits_build_on_an_older_base(repo: Repo, take: Take, bare: Path) -> None:
    take(repo)
    before = count_objects(bare)
    repo.write("new.txt", "new\n")
    repo.commit()
    take(repo)
    assert count_objects(bare) - before == 4  # the file, the tree, their commit, the snapshot


def test_foreign_bases_are_no_obstacle(repo: Repo, take: Take, tmp_path: Path) -> None:
    stranger = make_repo(tmp_path / "stranger")
    stranger.write("other.txt")
    stranger.commit()
    take(stranger)
    assert take(repo).paths() == [".gitignore", "kept.txt", "src/edited.py", "src/removed.py"]


def test_base_that_expires_meanwhile(
    repo: Repo, take: Take, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clean-up strikes at the worst moment: after the pack was made without the base."""
    base = take(repo).parent
    expired: list[str] = []
    write_ref = refs.write_ref

    def expire_and_write(repository: str, prefix: str, commit: str) -> None:
        if prefix == refs.SNAPSHOTS and not expired:
            expired.extend(bare_git(bare, "for-each-ref", "--format=%(refname)").splitlines())
            for name in expired:
                bare_git(bare, "update-ref", "-d", name)
            bare_git(bare, "prune", "--expire=now")
        write_ref(repository, prefix, commit)

    monkeypatch.setattr(refs, "write_ref", expire_and_write)
    repo.write("new.txt")
    with started_commands() as started:
        assert take(repo).parent == base
    assert sum("pack-objects" in words for words in started) == 2


def test_more_objects_than_are_worth_loose_files(repo: Repo, take: Take, bare: Path) -> None:
    for number in range(120):
        repo.write(f"many/{number}.txt", str(number))
    take(repo)
    assert len(list((bare / "objects/pack").glob("*.pack"))) == 1


def test_objects_that_lie_only_in_the_users_index(repo: Repo, take: Take) -> None:
    repo.write("staged.txt", "staged before\n")
    repo.git("add", "-A")
    repo.git("write-tree")
    assert take(repo).read("staged.txt") == "staged before\n"


def test_eight_publishers_at_once(repo: Repo, bare: Path, tmp_path: Path) -> None:
    agents = []
    for number in range(8):
        repo.git("worktree", "add", "-q", "--detach", str(tmp_path / f"agent{number}"))
        agents.append(Repo(tmp_path / f"agent{number}"))
    barrier = threading.Barrier(len(agents))

    def publish(agent: Repo, number: int) -> list[Snapshot]:
        barrier.wait(timeout=30)
        snapshots = []
        for turn in range(5):
            agent.write("shared.txt", f"{turn}\n")
            agent.write("own.txt", f"{number // 2} {turn}\n")  # pairs publish the same content
            with agent.capture() as snapshot:
                snapshot.publish_to_path(str(bare))
            snapshots.append(snapshot)
        return snapshots

    with ThreadPoolExecutor(len(agents)) as pool:
        taken = [s for found in pool.map(publish, agents, range(8)) for s in found]
    assert len({snapshot.commit for snapshot in taken}) == 20
    bare_git(bare, "fsck", "--full", "--strict", "--no-dangling")
    for snapshot in taken:
        assert refs.has_ref(str(bare), refs.SNAPSHOTS + snapshot.commit)
        assert bare_git(bare, "rev-parse", f"{snapshot.commit}^{{tree}}") == snapshot.tree


def test_unwritable_target_is_an_error_of_git(repo: Repo, tmp_path: Path) -> None:
    with repo.capture() as snapshot, pytest.raises(git.GitError):
        snapshot.publish_to_path(str(tmp_path / "nowhere.git"))
    assert not (tmp_path / "nowhere.git").exists()


def test_bundle_is_one_that_git_reads(repo: Repo, bare: Path, take: Take, tmp_path: Path) -> None:
    base = take(repo).parent
    repo.write("new.txt", "new\n")
    with repo.capture((base, "0" * 40)) as snapshot:
        (tmp_path / "one.bundle").write_bytes(b"".join(snapshot.bundle_stream()))
    bare_git(bare, "bundle", "verify", str(tmp_path / "one.bundle"))
    bare_git(bare, "fetch", str(tmp_path / "one.bundle"), "refs/greenlane/*:refs/taken/*")
    assert bare_git(bare, "cat-file", "blob", f"{snapshot.tree}:new.txt") == "new"
    assert (tmp_path / "one.bundle").stat().st_size < 1000


def test_bundle_chooses_the_bases_that_both_have(
    repo: Repo, take: Take, tmp_path: Path, bare: Path
) -> None:
    old = take(repo).parent
    repo.write("new.txt", "new\n")
    repo.commit()
    with repo.capture(("1" * 40, old)) as snapshot:
        (tmp_path / "one.bundle").write_bytes(b"".join(snapshot.bundle_stream()))
    head = (tmp_path / "one.bundle").read_bytes().partition(b"\n\n")[0].decode()
    assert head.splitlines()[1:] == [
        f"-{old}",
        f"{snapshot.commit} refs/greenlane/snapshots/{snapshot.commit}",
    ]


def test_bundle_stream_that_breaks_off_leaves_no_process(repo: Repo) -> None:
    repo.write("new.txt")
    with repo.capture() as snapshot:
        stream = snapshot.bundle_stream()
        next(stream)
        next(stream)
        stream.close()  # type: ignore[attr-defined]
    snapshot.close()
    with pytest.raises(GreenlaneError):
        list(snapshot.bundle_stream())
