"""The server's side: what it keeps, what it takes in, and what it refuses."""

from __future__ import annotations

import os
import subprocess
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from greenlane.model.errors import ForbiddenError, NotFoundError, SnapshotError
from greenlane.snapshot import refs
from greenlane.snapshot.capture import Snapshot
from greenlane.snapshot.repositories import Repositories
from tests.integration.snapshot.repos import Repo, make_repo, plain_tree, started_commands

FUTURE = 1e12  # seconds
OTHER_ID = "0123456789" * 4


@pytest.fixture
def repositories(tmp_path: Path) -> Repositories:
    found = Repositories(tmp_path / "repositories")
    found.ensure("demo")
    return found


@pytest.fixture
def snapshot(repo: Repo) -> Iterator[Snapshot]:
    repo.write("new.txt", "new\n")
    with repo.capture() as taken:
        yield taken


def bundle_of(snapshot: Snapshot, path: Path) -> Path:
    path.write_bytes(b"".join(snapshot.bundle_stream()))
    return path


@pytest.fixture
def bundle(snapshot: Snapshot, tmp_path: Path) -> Path:
    return bundle_of(snapshot, tmp_path / "one.bundle")


def run_git(repository: Path, *arguments: str, stdin: bytes = b"") -> str:
    command = ["git", "--git-dir", str(repository), *arguments]
    done = subprocess.run(command, capture_output=True, input=stdin, check=True)
    return done.stdout.decode().strip()


def test_ensure_is_idempotent_in_a_crowd(tmp_path: Path) -> None:
    repositories = Repositories(tmp_path / "repositories")
    with ThreadPoolExecutor(8) as pool:
        paths = set(pool.map(lambda _: repositories.ensure("crowd"), range(16)))
    assert paths == {tmp_path / "repositories/crowd.git"}
    assert [path.name for path in (tmp_path / "repositories").iterdir()] == ["crowd.git"]


def test_ensure_refuses_another_object_format(repositories: Repositories) -> None:
    with pytest.raises(SnapshotError, match="sha256"):
        repositories.ensure("demo", "sha256")


@pytest.mark.parametrize("name", ["", "..", "../up", "a/b", "-x", ".hidden", "a\0b"])
def test_ids_that_are_no_ids(repositories: Repositories, name: str) -> None:
    with pytest.raises(NotFoundError):
        repositories.path(name)


def test_receive_then_has(repositories: Repositories, snapshot: Snapshot, bundle: Path) -> None:
    assert not repositories.has("demo", snapshot.commit, snapshot.tree)
    repositories.receive("demo", bundle, snapshot.commit, snapshot.tree)
    assert repositories.has("demo", snapshot.commit, snapshot.tree)
    assert not repositories.has("demo", snapshot.commit, OTHER_ID)
    assert not repositories.has("demo", OTHER_ID, snapshot.tree)
    assert repositories.bases("demo") == [snapshot.parent]
    repositories.receive("demo", bundle, snapshot.commit, snapshot.tree)


@pytest.mark.parametrize("claim", ["", "HEAD", "--all", "A" * 40, "0" * 39, "0" * 64, "\n" * 40])
def test_has_takes_any_claim(repositories: Repositories, claim: str) -> None:
    assert not repositories.has("demo", claim, claim)
    assert not repositories.has("never-made", OTHER_ID, OTHER_ID)


def test_has_reads_packed_snapshots(repositories: Repositories, snapshot: Snapshot) -> None:
    path = repositories.path("demo")
    snapshot.publish_to_path(str(path))
    assert repositories.has("demo", snapshot.commit, snapshot.tree)
    run_git(path, "gc", "-q")
    assert repositories.has("demo", snapshot.commit, snapshot.tree)


def test_unreferenced_commit_is_no_snapshot(repositories: Repositories, repo: Repo) -> None:
    with repo.capture() as snapshot:
        snapshot.publish_to_path(str(repositories.path("demo")))
    assert not repositories.has("demo", snapshot.parent, snapshot.tree)


def test_thin_bundle_on_a_known_base(
    repositories: Repositories, repo: Repo, tmp_path: Path
) -> None:
    with repo.capture() as first:
        repositories.receive(
            "demo", bundle_of(first, tmp_path / "1.bundle"), first.commit, first.tree
        )
    repo.write("src/edited.py", "edited\n")
    with repo.capture(repositories.bases("demo")) as second:
        thin = bundle_of(second, tmp_path / "2.bundle")
        repositories.receive("demo", thin, second.commit, second.tree)
    assert b"-" + first.parent.encode() in thin.read_bytes()
    assert repositories.files("demo", second.tree).read("src/edited.py") == b"edited\n"


def test_sha256_travels(repositories: Repositories, tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "wide", "--object-format=sha256")
    repo.write("a.txt", "a\n")
    repo.commit()
    repo.write("b.txt", "b\n")
    with repo.capture() as snapshot:
        wide = bundle_of(snapshot, tmp_path / "wide.bundle")
        repositories.receive("wide", wide, snapshot.commit, snapshot.tree)
        with pytest.raises(SnapshotError, match="sha1"):
            repositories.receive("demo", wide, snapshot.commit, snapshot.tree)
    assert repositories.files("wide", snapshot.tree).paths() == ["a.txt", "b.txt"]
    assert snapshot.tree == plain_tree(repo)


def test_wrong_claims(repositories: Repositories, snapshot: Snapshot, bundle: Path) -> None:
    with pytest.raises(SnapshotError, match="announced"):
        repositories.receive("demo", bundle, OTHER_ID, snapshot.tree)
    with pytest.raises(SnapshotError, match="announced"):
        repositories.receive("demo", bundle, snapshot.commit, OTHER_ID)
    assert not repositories.has("demo", snapshot.commit, snapshot.tree)


def test_every_truncation_is_refused(
    repositories: Repositories, snapshot: Snapshot, bundle: Path
) -> None:
    whole = bundle.read_bytes()
    for size in range(0, len(whole) - 1, max(1, len(whole) // 40)):
        bundle.write_bytes(whole[:size])
        with pytest.raises(SnapshotError):
            repositories.receive("demo", bundle, snapshot.commit, snapshot.tree)
    assert refs.list_refs(str(repositories.path("demo")), refs.SNAPSHOTS) == []


def test_flipped_bytes_are_refused(
    repositories: Repositories, snapshot: Snapshot, bundle: Path
) -> None:
    whole = bundle.read_bytes()
    start = whole.index(b"\n\n") + 2
    for position in range(start, len(whole), max(1, (len(whole) - start) // 40)):
        damaged = bytearray(whole)
        damaged[position] ^= 0x55
        bundle.write_bytes(damaged)
        with pytest.raises(SnapshotError):
            repositories.receive("demo", bundle, snapshot.commit, snapshot.tree)


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"hello\n",
        b"# v2 git bundle\n",
        b"# v2 git bundle\n\n",
        b"# v9 git bundle\n" + b"x" * 2000,
        b"# v2 git bundle\n" + b"-" * 5000 + b"\n\n",
        b"# v2 git bundle\n" + b"-%s \n" % (b"1" * 40) * 300 + b"\n",
        b"# v3 git bundle\n@filter=blob:none\n\n",
        b"# v2 git bundle\n%s refs/heads/main\n\n" % OTHER_ID.encode(),
        b"# v2 git bundle\n%s refs/greenlane/snapshots/../../x\n\n" % OTHER_ID.encode(),
        b"# v2 git bundle\n--upload-pack=x\n\n",
        b"# v2 git bundle\n\xff\xff\n\n",
    ],
)
def test_malformed_heads(repositories: Repositories, tmp_path: Path, head: bytes) -> None:
    (tmp_path / "bad.bundle").write_bytes(head + b"PACK")
    with pytest.raises(SnapshotError):
        repositories.receive("demo", tmp_path / "bad.bundle", OTHER_ID, OTHER_ID)


def test_two_snapshots_in_one_bundle(
    repositories: Repositories, snapshot: Snapshot, bundle: Path
) -> None:
    head, _, pack = bundle.read_bytes().partition(b"\n\n")
    line = f"{OTHER_ID} {refs.SNAPSHOTS}{OTHER_ID}".encode()
    bundle.write_bytes(head + b"\n" + line + b"\n\n" + pack)
    with pytest.raises(SnapshotError, match="2 snapshots"):
        repositories.receive("demo", bundle, snapshot.commit, snapshot.tree)


def test_unknown_base(
    repositories: Repositories, repo: Repo, snapshot: Snapshot, tmp_path: Path
) -> None:
    with repo.capture((snapshot.parent,)) as thin:
        bundle = bundle_of(thin, tmp_path / "thin.bundle")
    with pytest.raises(SnapshotError, match="does not have"):
        repositories.receive("demo", bundle, thin.commit, thin.tree)


def write_object(folder: Path, kind: str, body: bytes) -> str:
    """Store what git itself would refuse to make."""
    command = ["git", "-C", str(folder), "hash-object", "-t", kind, "-w", "--stdin", "--literally"]
    return subprocess.run(command, input=body, capture_output=True, check=True).stdout.decode()[:-1]


def hostile_bundle(repo: Repo, tree: str, path: Path) -> str:
    who = "x <> 0 +0000"
    body = f"tree {tree}\nauthor {who}\ncommitter {who}\n\nx\n".encode()
    commit = write_object(repo.root, "commit", body)
    command = ["git", "-C", str(repo.root), "pack-objects", "--stdout", "--revs", "-q"]
    pack = subprocess.run(command, input=commit.encode(), capture_output=True, check=True).stdout
    path.write_bytes(f"# v2 git bundle\n{commit} {refs.SNAPSHOTS}{commit}\n\n".encode() + pack)
    return commit


@pytest.mark.parametrize("name", [".git", "..", ".", ".GIT", "a/b", "git~1", ".g\u200cit"])
def test_names_that_could_hurt_a_checkout(
    repositories: Repositories, repo: Repo, tmp_path: Path, name: str
) -> None:
    blob = write_object(repo.root, "blob", b"#!/bin/sh\n")
    entry = b"100755 " + name.encode() + b"\0" + bytes.fromhex(blob)
    tree = write_object(repo.root, "tree", entry)
    commit = hostile_bundle(repo, tree, tmp_path / "evil.bundle")
    with pytest.raises(SnapshotError, match="refused"):
        repositories.receive("demo", tmp_path / "evil.bundle", commit, tree)
    assert not repositories.has("demo", commit, tree)


def test_duplicate_entries_are_refused(
    repositories: Repositories, repo: Repo, tmp_path: Path
) -> None:
    blob = bytes.fromhex(write_object(repo.root, "blob", b"x"))
    tree = write_object(repo.root, "tree", (b"100644 a\0" + blob) * 2)
    commit = hostile_bundle(repo, tree, tmp_path / "evil.bundle")
    with pytest.raises(SnapshotError, match="refused"):
        repositories.receive("demo", tmp_path / "evil.bundle", commit, tree)


def test_old_faulty_commits_are_let_in(
    repositories: Repositories, repo: Repo, tmp_path: Path
) -> None:
    tree = repo.git("rev-parse", "HEAD^{tree}")
    body = f"tree {tree}\nauthor No Mail <> 0 +051800\ncommitter No Mail <> 0 +051800\n\nold\n"
    old = write_object(repo.root, "commit", body.encode())
    repo.git("update-ref", "HEAD", old)
    with repo.capture() as snapshot:
        bundle = bundle_of(snapshot, tmp_path / "old.bundle")
        repositories.receive("demo", bundle, snapshot.commit, snapshot.tree)
    assert repositories.has("demo", snapshot.commit, snapshot.tree)


def test_bundle_that_leans_on_a_half_written_tree(
    repositories: Repositories, repo: Repo, tmp_path: Path
) -> None:
    """A publisher that was killed leaves trees without their files; nothing may build on them."""
    repo.write("deep/a/b.txt", "never arrives\n")
    repo.commit()
    deep = repo.git("rev-parse", "HEAD:deep")
    bare = repositories.path("demo")
    for tree in (deep, repo.git("rev-parse", "HEAD:deep/a")):
        raw = zlib.decompress((repo.root / ".git/objects" / tree[:2] / tree[2:]).read_bytes())
        write_object(bare, "tree", raw.partition(b"\0")[2])
    root = write_object(repo.root, "tree", b"40000 deep\0" + bytes.fromhex(deep))
    commit = hostile_bundle(repo, root, tmp_path / "full.bundle")
    command = ["git", "-C", str(repo.root), "pack-objects", "--stdout", "-q"]
    pack = subprocess.run(
        command, input=f"{commit}\n{root}\n".encode(), capture_output=True, check=True
    ).stdout
    (tmp_path / "holes.bundle").write_bytes(
        f"# v2 git bundle\n{commit} {refs.SNAPSHOTS}{commit}\n\n".encode() + pack
    )
    with pytest.raises(SnapshotError):
        repositories.receive("demo", tmp_path / "holes.bundle", commit, root)
    assert not repositories.has("demo", commit, root)


def test_files_of_a_tree(repositories: Repositories, repo: Repo) -> None:
    repo.write(b"odd \xff\n name", "odd\n")
    (repo.root / "link").symlink_to("kept.txt")
    with repo.capture() as snapshot:
        snapshot.publish_to_path(str(repositories.path("demo")))
    for files in (repositories.files("demo", snapshot.tree),) * 2:
        assert files.read("kept.txt") == b"kept\n"
        assert files.read("link") is None
        assert files.read("src") is None
        assert files.read("missing") is None
        assert files.read("") is None
        assert files.read("a\0b") is None
        assert files.read("../kept.txt") is None
        assert files.read(os.fsdecode(b"odd \xff\n name")) == b"odd\n"
        assert files.read("kept.txt", max_bytes=3) is None
        assert os.fsdecode(b"odd \xff\n name") in files.paths()
        assert "link" in files.paths()


def test_unchanged_files_are_not_read_twice(repositories: Repositories, repo: Repo) -> None:
    trees = []
    for number in range(2):
        repo.write("new.txt", str(number))
        with repo.capture() as snapshot:
            snapshot.publish_to_path(str(repositories.path("demo")))
        trees.append(snapshot.tree)
    with started_commands() as started:
        assert repositories.files("demo", trees[0]).read("kept.txt") == b"kept\n"
        assert repositories.files("demo", trees[1]).read("kept.txt") == b"kept\n"
    assert [words[2] for words in started] == ["ls-tree", "cat-file", "ls-tree"]


def test_expire_spares_what_was_used_lately(repositories: Repositories, repo: Repo) -> None:
    repo.write("new.txt", "1\n")
    with repo.capture() as snapshot:
        snapshot.publish_to_path(str(repositories.path("demo")))
    assert repositories.expire("demo", set(), used_before=time.time() - 60) == 0
    assert repositories.has("demo", snapshot.commit, snapshot.tree)


def publish_versions(repositories: Repositories, repo: Repo) -> list[Snapshot]:
    taken = []
    for number in range(3):
        repo.write("new.txt", f"{number}\n")
        with repo.capture() as snapshot:
            snapshot.publish_to_path(str(repositories.path("demo")))
        taken.append(snapshot)
    return taken


@pytest.mark.parametrize("are_packed", [False, True])
def test_expire_keeps_what_it_is_told(
    repositories: Repositories, repo: Repo, are_packed: bool
) -> None:
    path = repositories.path("demo")
    taken = publish_versions(repositories, repo)
    if are_packed:
        run_git(path, "pack-refs", "--all")
    assert repositories.expire("demo", {taken[1].commit}, used_before=FUTURE) == 2
    held = [repositories.has("demo", snapshot.commit, snapshot.tree) for snapshot in taken]
    assert held == [False, True, False]
    assert repositories.bases("demo") == [taken[0].parent]
    assert repositories.expire("demo", {taken[1].commit}, used_before=FUTURE) == 0
    repo.write("new.txt", "after\n")
    with repo.capture() as snapshot:
        snapshot.publish_to_path(str(path))
    run_git(path, "fsck", "--full", "--strict")


def test_expire_keeps_what_was_used_lately(repositories: Repositories, repo: Repo) -> None:
    """A client may be between sending its snapshot and naming it in a job."""
    taken = publish_versions(repositories, repo)
    snapshots = repositories.path("demo") / refs.SNAPSHOTS
    for snapshot in taken:
        os.utime(snapshots / snapshot.commit, (1000, 1000))
    with repo.capture() as again:
        again.publish_to_path(str(repositories.path("demo")))
    for _ in range(2):
        repositories.expire("demo", (), used_before=2000)
        assert refs.list_refs(str(repositories.path("demo")), refs.SNAPSHOTS) == [again.commit]


def test_expire_frees_space(repositories: Repositories, repo: Repo) -> None:
    path = repositories.path("demo")
    blob = publish_versions(repositories, repo)[0].tree
    for file in (path / "objects").rglob("*"):
        if file.is_file():
            os.utime(file, (1000, 1000))
    repositories.expire("demo", (), used_before=FUTURE)
    with pytest.raises(subprocess.CalledProcessError):
        run_git(path, "cat-file", "-e", blob)


def test_capture_here(repositories: Repositories, repo: Repo) -> None:
    repo.write("new.txt", "new\n")
    snapshot = repositories.capture_here("demo", str(repo.root / "src"))
    assert repositories.has("demo", snapshot.commit, snapshot.tree)
    assert snapshot.tree == plain_tree(repo)


def test_capture_here_of_what_is_not_there(repositories: Repositories, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        repositories.capture_here("demo", str(tmp_path / "missing"))
    with pytest.raises(SnapshotError, match="not in a git worktree"):
        repositories.capture_here("demo", str(tmp_path))


@pytest.mark.skipif(os.geteuid() != 0, reason="by design: only root can give files away")
@pytest.mark.parametrize("what", [".", ".git"])
def test_capture_here_of_another_user(repositories: Repositories, repo: Repo, what: str) -> None:
    os.chown(repo.root / what, 65534, 65534)
    with pytest.raises(ForbiddenError):
        repositories.capture_here("demo", str(repo.root))


def test_a_slot_can_be_made_and_switched(
    repositories: Repositories, repo: Repo, tmp_path: Path
) -> None:
    first, _, last = publish_versions(repositories, repo)
    slot = tmp_path / "slot"
    run_git(repositories.path("demo"), "worktree", "add", "-q", "--detach", str(slot), first.commit)
    assert (slot / "new.txt").read_text() == "0\n"
    repositories.expire("demo", {last.commit}, used_before=FUTURE)
    Repo(slot).git("reset", "-q", "--hard", last.commit)
    assert (slot / "new.txt").read_text() == "2\n"
    assert Repo(slot).git("log", "--format=%s") == "snapshot\nfirst"


def test_commit_that_is_all_talk(repositories: Repositories, repo: Repo, tmp_path: Path) -> None:
    tree = repo.git("rev-parse", "HEAD^{tree}")
    body = f"tree {tree}\nauthor x <> 0 +0000\ncommitter x <> 0 +0000\n\n" + "talk " * 2_000_000
    commit = write_object(repo.root, "commit", body.encode())
    repo.git("update-ref", "HEAD", commit)
    with repo.capture() as snapshot:
        snapshot.publish_to_path(str(repositories.path("demo")))
    assert repositories.has("demo", snapshot.commit, tree)
    write_object(repositories.path("demo"), "commit", body.encode())
    refs.write_ref(str(repositories.path("demo")), refs.SNAPSHOTS, commit)
    assert repositories.has("demo", commit, tree)
