"""Folders that are tested where they are: not in git, or not fit to be checked out twice.

No snapshot is taken of them. The runner hashes the folder before and after the run, and the
verdict says `tree_changed` when it moved.
"""

from __future__ import annotations

import os

from greenlane.model.errors import NotFoundError


def folder_of(path: str) -> str:
    """Give the one spelling of a folder: absolute, without symbolic links.

    Raises:
        NotFoundError: there is no such folder.
    """
    folder = os.path.realpath(path)
    if not os.path.isdir(folder):
        raise NotFoundError(
            f"{path} is not a folder", hint="give the folder of the project, as an absolute path"
        )
    return folder
