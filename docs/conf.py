"""Sphinx settings: `make docs`."""

from importlib.metadata import version as version_of

project = "Greenlane"
author = "The Greenlane developers"
release = version = version_of("greenlane")

extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
nitpicky = True

html_theme = "furo"
html_title = f"Greenlane {release}"
