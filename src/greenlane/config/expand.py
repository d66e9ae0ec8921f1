"""Turn a resolved suite into what the runner is told: words, steps and an environment."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from greenlane.config.fill import fill_command, fill_env
from greenlane.config.interpreter import Interpreter
from greenlane.model.run import Prepare
from greenlane.model.suite import Suite

#: Set by git for its hooks: a run that inherits them works on somebody else's repository.
_OF_GIT = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_DIR",
        "GIT_INDEX_FILE",
        "GIT_NAMESPACE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_QUARANTINE_PATH",
        "GIT_WORK_TREE",
    }
)
_OF_GREENLANE = "GREENLANE_"
#: What a run may have of the server's own environment. VIRTUAL_ENV is not among it: it is that
#: of whoever happened to start the server, and a secret may be in anything that is not named.
_OF_SERVER = frozenset(
    {
        "CARGO_HOME",
        "GOCACHE",
        "GOMODCACHE",
        "GOPATH",
        "GOROOT",
        "HOME",
        "JAVA_HOME",
        "LANG",
        "LC_ALL",
        "LC_CTYPE",
        "LD_LIBRARY_PATH",
        "LOGNAME",
        "PATH",
        "RUSTUP_HOME",
        "SHELL",
        "SSL_CERT_FILE",
        "TMPDIR",
        "TZ",
        "USER",
    }
)


class Expanded(msgspec.Struct, frozen=True, kw_only=True):
    """What is started, with nothing left to fill in."""

    argv: list[str]
    env: dict[str, str]  # the whole environment, and not only what the suite adds
    prepare: list[Prepare] = []


def expand(
    suite: Suite,
    *,
    out: str,
    inject: str,
    cache: str,
    interpreter: Interpreter,
    inherited: Mapping[str, str],
) -> Expanded:
    """Fill a suite in.

    `out` is the folder for reports, `inject` the one of the reporters, `cache` one that the suite
    finds again in its next run, all absolute.
    `inherited` is `server_base` with the submitter's environment laid over it. What git sets for
    its hooks and what points to this instance of Greenlane is taken out of it.
    """
    kept = {name: value for name, value in inherited.items() if _is_passed_on(name)}
    base = interpreter.activated(kept)
    values = {"out": out, "inject": inject, "cache": cache, "python": interpreter.python}
    return Expanded(
        argv=fill_command(suite.command, values),
        env=interpreter.with_imports(base | fill_env(suite.env, values, base)),
        prepare=[
            Prepare(argv=fill_command(step.argv, values), inputs=step.inputs)
            for step in suite.prepare
        ],
    )


def server_base(environment: Mapping[str, str]) -> dict[str, str]:
    """Give the part of the server's environment that a run may have."""
    return {name: value for name, value in environment.items() if name in _OF_SERVER}


def _is_passed_on(name: str) -> bool:
    return name not in _OF_GIT and not name.startswith(_OF_GREENLANE)
