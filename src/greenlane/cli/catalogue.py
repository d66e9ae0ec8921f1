"""The presets that hold where the user stands: shipped ones, the user's, the project's."""

from __future__ import annotations

import os

from greenlane.config.catalogue import Catalogue
from greenlane.config.locations import Locations
from greenlane.config.project import FILE_NAME, load_project
from greenlane.config.tree import FolderFiles


def users_catalogue() -> Catalogue:
    """Give the shipped presets with those of the user's folder."""
    return Catalogue(user_folder=Locations.from_environment(os.environ).presets)


def find_catalogue() -> Catalogue:
    """Give those, with what the greenlane.toml at or above the current folder adds to them.

    Raises:
        SettingsError: that file cannot be used.
    """
    from greenlane.cli.submission import find_plain_root

    root = find_plain_root(os.path.realpath(os.getcwd()))
    settings = load_project(FolderFiles(root, listed=()))
    return users_catalogue().with_overrides(settings.preset, source=FILE_NAME)
