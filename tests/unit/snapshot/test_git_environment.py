"""What git sees of the caller's environment, and how its failures read."""

from __future__ import annotations

import pytest

from greenlane.system import git


def test_variables_of_another_git_are_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_CONFIG_PARAMETERS", "LC_ALL"):
        monkeypatch.setenv(name, "/elsewhere")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "safe.directory")
    monkeypatch.setenv("PATH_LIKE", "kept")
    env = git.environment({"GIT_INDEX_FILE": "/ours"})
    assert "GIT_DIR" not in env
    assert "GIT_CONFIG_PARAMETERS" not in env
    assert env["GIT_INDEX_FILE"] == "/ours"
    assert env["GIT_CONFIG_KEY_0"] == "safe.directory"
    assert env["PATH_LIKE"] == "kept"
    assert env["LC_ALL"] == "C.UTF-8"


def test_the_server_takes_nobodys_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/home/ada/.gitconfig")
    env = git.server_environment()
    assert "GIT_CONFIG_COUNT" not in env
    assert env["GIT_CONFIG_GLOBAL"] == "/dev/null"


@pytest.mark.parametrize(
    ("stderr", "message"),
    [
        (
            'error: open("x"): Permission denied\nerror: unable to index\nfatal: Unable on x\n',
            'git update-index failed: open("x"): Permission denied; Unable on x',
        ),
        ("warning: w\nfatal: not a repository\n", "git update-index failed: not a repository"),
        ("told nothing of use\n", "git update-index failed: told nothing of use"),
        ("", "git update-index failed: exit code 7"),
    ],
)
def test_messages(stderr: str, message: str) -> None:
    arguments = ["-C", "/x", "-c", "a.b=c", "--git-dir", "/y", "-q", "update-index", "-z"]
    assert git.GitError(arguments, 7, stderr).message == message


def test_git_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(git.GitError, match="not installed") as caught:
        git.run(["version"], env={"PATH": "/nowhere"})
    assert "install git" in caught.value.hint
