"""From the folder where the user stands to a job: capture, publish, submit."""

from __future__ import annotations

import os

from greenlane.cli.output import clean, format_seconds, print_json, say
from greenlane.model.errors import ConnectionLostError, ServerUnavailableError
from greenlane.snapshot.capture import capture, find_worktree

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from typing import TypeVar

    from greenlane.client.answers import Resolved, Submission, Submitted
    from greenlane.client.session import Session
    from greenlane.snapshot.capture import Worktree

    T = TypeVar("T")

AGENT_VARIABLE = "GREENLANE_AGENT"
PROJECT_FILE = "greenlane.toml"

#: What a run needs of the submitter's environment to find the same tools. Nothing that may hold a
#: secret; a suite or `run --env` names whatever else it needs.
PASSED_ON = (
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "PYENV_ROOT",
    "UV_CACHE_DIR",
    "PIP_CACHE_DIR",
    "XDG_CACHE_HOME",
    "CARGO_HOME",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "GOPATH",
    "GOROOT",
    "GOCACHE",
    "GOMODCACHE",
    "NVM_DIR",
    "NPM_CONFIG_CACHE",
    "JAVA_HOME",
    "GRADLE_USER_HOME",
    "PKG_CONFIG_PATH",
    "LD_LIBRARY_PATH",
    "SSL_CERT_FILE",
)


def submit_folder(session: Session, arguments: argparse.Namespace, wishes: Submission) -> Submitted:
    """Submit the working tree, or the plain folder, that the user stands in.

    `wishes` is what the command itself asks for; the rest comes from the options that all
    submitting commands share.

    Raises:
        SnapshotError: the tree cannot be captured faithfully.
    """
    here = os.path.realpath(os.getcwd())
    worktree = find_worktree(here)
    root = worktree.root if worktree else find_plain_root(here)
    resolved = _resolve(session, worktree, root)
    submission: Submission = {
        **_common_wishes(arguments, root),
        **wishes,
        "project": resolved["project"],
        "folder": root,
        "environment": choose_environment(os.environ),
    }
    if "command" in wishes:
        submission["cwd"] = os.path.relpath(here, root)
    if worktree is None or arguments.in_place or resolved["mode"] == "in_place":
        submission["mode"] = "in_place"
    else:
        _publish(session, worktree, resolved, submission)
    key = os.urandom(16).hex()
    return _insist(session, lambda: session.client.submit(submission, key=key))


def find_plain_root(here: str) -> str:
    """Give the nearest folder at or above `here` with a greenlane.toml; `here` without any."""
    folder = here
    while not os.path.isfile(os.path.join(folder, PROJECT_FILE)):
        parent = os.path.dirname(folder)
        if parent == folder:
            return here
        folder = parent
    return folder


def choose_environment(environment: os._Environ[str] | dict[str, str]) -> dict[str, str]:
    """Pick what a run needs of the submitter's environment."""
    return {name: environment[name] for name in PASSED_ON if environment.get(name)}


def announce(submitted: Submitted) -> None:
    """Say on stderr which job this is, early: whoever is cut off can still ask for its verdict."""
    parts = [f"job {submitted['job_id']}", f"{submitted['project']}/{submitted['suite']}"]
    if submitted["tree"]:
        parts.append(f"tree {submitted['tree'][:12]}")
    say(" · ".join(parts))
    if submitted.get("partial"):
        say(f"a part of the suite only: {clean(submitted['partial'])}")


def print_submitted(submitted: Submitted, *, as_json: bool) -> None:
    """Print the id on stdout, for a script, and where the job stands on stderr."""
    if as_json:
        print_json(submitted)
        return
    print(submitted["job_id"], flush=True)
    if submitted.get("partial"):
        say(f"a part of the suite only: {clean(submitted['partial'])}")
    if submitted["queue_position"]:
        wait = format_seconds(submitted["estimated_wait_seconds"])
        say(f"{submitted['queue_position']} jobs ahead, starts in about {wait}")


def _common_wishes(arguments: argparse.Namespace, root: str) -> Submission:
    wishes: Submission = {
        "agent_id": arguments.agent or os.environ.get(AGENT_VARIABLE) or os.path.basename(root),
        "priority": arguments.priority,
    }
    if arguments.framework:
        wishes["framework"] = arguments.framework
    if arguments.timeout:
        wishes["timeout_seconds"] = arguments.timeout
    if arguments.task:
        wishes["task_id"] = arguments.task
    return wishes


def _resolve(session: Session, worktree: Worktree | None, root: str) -> Resolved:
    client = session.client
    if worktree is None:
        return _insist(session, lambda: client.resolve(root))
    return _insist(
        session,
        lambda: client.resolve(
            root,
            common_dir=worktree.common_dir,
            origin_url=worktree.origin_url,
            object_format=worktree.object_format,
        ),
    )


def _insist(session: Session, ask: Callable[[], T]) -> T:
    """Ask until there is an answer; without any there is no job of which to say that it goes on.

    Raises:
        ServerUnavailableError: no server came back in time.
    """
    try:
        return session.insist(ask)
    except ConnectionLostError as error:
        raise ServerUnavailableError(
            error.message, hint="`greenlane status` shows whether a job was queued all the same"
        ) from error


def _publish(
    session: Session, worktree: Worktree, resolved: Resolved, submission: Submission
) -> None:
    """Capture the tree and hand it to the server, as a path where that is possible."""
    with capture(worktree, resolved["bases"], resolved["max_untracked_bytes"]) as snapshot:
        if resolved["repository"] is None:
            session.client.upload_snapshot(
                resolved["project"],
                commit=snapshot.commit,
                tree=snapshot.tree,
                bundle=snapshot.bundle_stream(),
            )
        else:
            snapshot.publish_to_path(resolved["repository"])
        submission["snapshot"] = {"commit": snapshot.commit, "tree": snapshot.tree}
