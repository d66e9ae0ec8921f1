"""Which packages of a Go module or a Cargo workspace a change reaches, told by its files. Pure.

Nothing is run and nothing is guessed: where a changed file may matter to packages that cannot be
named (a lock file, a build script, data that any test may read), all packages are affected.
"""

from __future__ import annotations

from collections.abc import Sequence

from greenlane.config.affected_cargo import affected_crates
from greenlane.config.affected_go import affected_go_packages
from greenlane.config.tree import TreeFiles

_BY_KIND = {"cargo": affected_crates, "go": affected_go_packages}


def affected_packages(
    files: TreeFiles, kind: str, cwd: str, changed: Sequence[str]
) -> list[str] | None:
    """Name the packages that a test command in `cwd` has to test after a change, sorted.

    `kind` is "go" (packages as `./path` below `cwd`, or `.`) or "cargo" (names of crates that a
    plain `cargo test` in `cwd` tests). `changed` holds paths from the root of the tree, of files
    that are new, different or gone. None: all packages; `[]`: none.
    """
    find = _BY_KIND.get(kind)
    return find(files, cwd, changed) if find else None
