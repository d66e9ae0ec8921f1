#!/bin/sh
# Take the newest version of everything and pin it: names and versions only, no addresses.
#
#   tools/upgrade.sh [FOLDER]      default: .venv
set -eu

cd "$(dirname "$0")/.."
venv=${1:-.venv}
constraints=requirements/constraints.txt
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT

"$venv/bin/python" -m venv "$fresh"
"$fresh/bin/python" -m pip install --quiet --upgrade pip
"$fresh/bin/python" -m pip install --quiet --upgrade hatchling editables --editable . \
    --group test --group check --group docs
{
    sed -n '/^#/p' "$constraints"
    "$fresh/bin/python" -m pip freeze --all --exclude-editable --exclude setuptools |
        grep '==' | LC_ALL=C sort -f
} >"$fresh/pins"
cp "$fresh/pins" "$constraints"
tools/install.sh "$venv"
