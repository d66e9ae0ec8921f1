"""One repository has many spellings; two repositories have none in common."""

from __future__ import annotations

import pytest

from greenlane.snapshot.identity import normalise_origin, project_key, project_name, public_origin

SAME = [
    "git@github.com:ada/engine.git",
    "github.com:ada/engine",
    "ssh://git@GitHub.com/ada/engine.git",
    "ssh://git@github.com:22/ada/engine",
    "https://github.com/ada/engine",
    "https://ada:secret@github.com/ada/engine.git/",
    "https://github.com:443/ada//engine/",
    "git://github.com/ada/engine",
    "git+ssh://github.com/ada/engine",
]


@pytest.mark.parametrize("url", SAME)
def test_spellings_of_one_remote(url: str) -> None:
    assert normalise_origin(url) == "github.com/ada/engine"


@pytest.mark.parametrize(
    "url",
    [
        "https://gitlab.com/ada/engine",
        "https://github.com/ada/Engine",
        "https://github.com:8443/ada/engine",
        "git@github.com:ada/engine2",
        "/srv/github.com/ada/engine",
    ],
)
def test_other_remotes(url: str) -> None:
    assert normalise_origin(url) != "github.com/ada/engine"


@pytest.mark.parametrize("url", [*SAME, "https://h:8443/a/b", "/srv/x.git", "", "file:///srv/x"])
def test_what_leaves_the_process_means_the_same(url: str) -> None:
    public = public_origin(url, "/home/ada/engine/.git")
    assert normalise_origin(public) == normalise_origin(url)
    assert "secret" not in public
    assert "@" not in public


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("https://token@github.com/a/b.git", "https://github.com/a/b.git"),
        ("https://u:p@ss@github.com/a/b", "https://github.com/a/b"),
        ("git@host:a/b.git", "host:a/b.git"),
        ("ssh://git@host:2222/a@b", "ssh://host:2222/a@b"),
        ("../other", "/home/ada/other"),
        ("/srv/../srv/x", "/srv/x"),
        ("./a:b", "/home/ada/engine/a:b"),
    ],
)
def test_public_origin(url: str, public: str) -> None:
    assert public_origin(url, "/home/ada/engine/.git") == public


def test_worktrees_and_clones_share_a_project() -> None:
    first = project_key("/home/ada/engine/.git", "git@github.com:ada/engine.git")
    second = project_key("/tmp/clone/.git", "https://github.com/ada/engine")
    assert first == second


def test_clones_can_be_kept_apart() -> None:
    url = "https://github.com/ada/engine"
    first = project_key("/home/ada/engine/.git", url, share_clones=False)
    second = project_key("/tmp/clone/.git", url, share_clones=False)
    assert first != second
    assert first == project_key("/home/ada/engine/.git", "", share_clones=False)


def test_clone_of_a_local_repository_shares_its_project() -> None:
    own = project_key("/home/ada/engine/.git", "")
    for origin in ("/home/ada/engine", "/home/ada/engine/", "/home/ada/engine/.git"):
        assert project_key("/tmp/clone/.git", origin) == own
    assert project_key("/tmp/clone/.git", "file:///home/ada/engine") == own


def test_local_repositories_are_apart() -> None:
    keys = {project_key(path, "") for path in ("/a/x/.git", "/b/x/.git", "/srv/x.git", "/a/x.git")}
    assert len(keys) == 4


def test_plain_folder_is_a_project() -> None:
    assert project_key("/home/ada/plain", "") == "path:/home/ada/plain"


@pytest.mark.parametrize(
    ("common_dir", "origin", "name"),
    [
        ("/home/ada/engine/.git", "", "engine"),
        ("/home/ada/x/.git", "git@github.com:ada/engine.git", "engine"),
        ("/srv/engine.git", "", "engine"),
        ("/home/ada/x/.git", "/srv/engine.git", "engine"),
        ("/home/ada/x/.git", "/home/ada/engine/.git", "engine"),
        ("/home/ada/plain", "", "plain"),
        ("/", "", "project"),
    ],
)
def test_names(common_dir: str, origin: str, name: str) -> None:
    assert project_name(common_dir, origin) == name
