"""Which folders are one project, and what it is called. Pure: strings in, strings out."""

from __future__ import annotations

import posixpath


def project_key(common_dir: str, origin_url: str, *, share_clones: bool = True) -> str:
    """Give the key that says which worktrees are one project.

    All worktrees of a repository share its `common_dir`. Clones with the same origin are one
    project too unless `share_clones` is off. A clone of a local path shares the project of the
    repository at that path. For a plain folder pass the folder as `common_dir`.
    """
    origin = normalise_origin(origin_url) if share_clones else ""
    if origin and not origin.startswith("/"):
        return f"origin:{origin}"
    return f"path:{_repository_path(origin or common_dir)}"


def project_name(common_dir: str, origin_url: str) -> str:
    """Give a short name for people: the last word of the origin, else of the folder."""
    origin = normalise_origin(origin_url)
    path = _repository_path(origin or common_dir)
    name = posixpath.basename(path).removesuffix(".git")
    return name or "project"


def normalise_origin(url: str) -> str:
    """Reduce the ways to spell one remote to one: `host/path`, or an absolute local path.

    Scheme, user, password, default ports, a trailing `.git` and the case of the host do not
    tell repositories apart: `git@Host:a/b.git`, `ssh://git@host/a/b` and `https://host/a/b/` are
    one.
    """
    url = url.strip()
    if not url:
        return ""
    scheme, separator, rest = url.partition("://")
    if separator:
        return _from_url(scheme.lower(), rest)
    if is_local(url):
        return _local(url)
    host, _, path = url.partition(":")
    return _remote(host, path)


def public_origin(url: str, common_dir: str) -> str:
    """Give a remote's URL as it may leave this process: no credentials, no relative path."""
    url = url.strip()
    if not url:
        return ""
    if is_local(url):
        return posixpath.normpath(posixpath.join(_repository_path(common_dir), url))
    scheme, separator, rest = url.rpartition("://")
    host, slash, path = rest.partition("/") if separator else rest.partition(":")
    return f"{scheme}{separator}{host.rpartition('@')[2]}{slash}{path}"


def is_local(url: str) -> bool:
    """Say whether git would take this for a path: no scheme, and no host before a colon."""
    if "://" in url:
        return False
    head, colon, _ = url.partition(":")
    return not colon or "/" in head


def _from_url(scheme: str, rest: str) -> str:
    if scheme == "file":
        return _local("/" + rest.lstrip("/"))
    host, _, path = rest.partition("/")
    return _remote(host, path)


def _remote(host: str, path: str) -> str:
    host = host.rpartition("@")[2].lower()
    for port in (":22", ":80", ":443", ":9418"):
        host = host.removesuffix(port)
    path = path.partition("?")[0].strip("/").removesuffix(".git").rstrip("/")
    return f"{host}/{posixpath.normpath(path) if path else ''}".rstrip("/")


def _local(path: str) -> str:
    if not path.startswith("/"):
        return path
    return posixpath.normpath(path)


def _repository_path(common_dir: str) -> str:
    path = posixpath.normpath(common_dir)
    return posixpath.dirname(path) if posixpath.basename(path) == ".git" else path
