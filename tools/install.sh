#!/bin/sh
# Make a virtual environment with Greenlane (editable) and everything that works on it.
#
#   tools/install.sh [FOLDER]      default: .venv
#
# Takes uv where it is present, else python3's own venv and pip. Safe to run again.
# PYTHON=python3.12 chooses another interpreter; UV=no keeps away from uv.
set -eu

cd "$(dirname "$0")/.."
venv=${1:-.venv}
python=${PYTHON:-python3}
constraints=requirements/constraints.txt
groups='--group test --group check --group docs'

say() { printf 'install: %s\n' "$*"; }
die() { printf 'install: %s\n' "$*" >&2; exit 1; }

need_python() {
    command -v "$python" >/dev/null || die "$python is not here. On Debian: apt-get install python3"
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        die "Greenlane needs Python 3.11 or newer; $("$python" -V) is too old. Set PYTHON=…"
}

# Debian ships python3 without ensurepip, which venv needs to put pip in.
need_ensurepip() {
    "$python" -c 'import ensurepip' 2>/dev/null && return
    as_root=
    if [ "$(id -u)" -ne 0 ]; then as_root=sudo; fi
    fix="${as_root:+$as_root }apt-get update && ${as_root:+$as_root }apt-get install -y python3-venv"
    command -v apt-get >/dev/null ||
        die "$python has no ensurepip: install your system's package for Python's venv module"
    if [ -n "$as_root" ] && ! sudo -n true 2>/dev/null; then
        die "$python has no ensurepip. Run this, then try again:  $fix"
    fi
    say "$python has no ensurepip; running: $fix"
    $as_root apt-get update -qq || die "failed; run it by hand: $fix"
    # env, because sudo drops what stands before it
    $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends python3-venv >/dev/null ||
        die "failed; run it by hand: $fix"
    "$python" -c 'import ensurepip' || die "$python still has no ensurepip after: $fix"
}

is_usable() { "$venv/bin/python" -c '' 2>/dev/null; }

with_uv() {
    say "uv: $venv"
    is_usable || uv venv --quiet --clear --python "$python" "$venv" || return
    # shellcheck disable=SC2086  # the groups are words of their own
    uv pip install --quiet --python "$venv/bin/python" --constraint "$constraints" \
        --build-constraint "$constraints" --editable . $groups
}

with_pip() {
    say "venv and pip: $venv"
    "$venv/bin/python" -m pip --version >/dev/null 2>&1 || {
        need_ensurepip
        "$python" -m venv --clear "$venv"
    }
    pip="$venv/bin/python -m pip --disable-pip-version-check --quiet --quiet"
    # Debian's pip 23 knows no --group (PEP 735): take the pinned one first.
    $pip install --constraint "$constraints" --upgrade pip
    # shellcheck disable=SC2086
    $pip install --constraint "$constraints" --build-constraint "$constraints" \
        --editable . $groups
}

need_python
if [ "${UV:-yes}" != no ] && command -v uv >/dev/null; then
    with_uv || { say "uv could not do it; trying pip"; with_pip; }
else
    with_pip
fi
say "ready: $("$venv/bin/python" -V) in $venv"
