#!/bin/sh
# Put the fuzzer atheris into a virtual environment. It has wheels for some Pythons only.
#
#   tools/install-fuzzer.sh [FOLDER]      default: .venv
set -eu

cd "$(dirname "$0")/.."
venv=${1:-.venv}
wanted='atheris>=2.3'

if "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    "$venv/bin/python" -m pip install --quiet --only-binary :all: "$wanted"
else
    uv pip install --quiet --only-binary :all: --python "$venv/bin/python" "$wanted"
fi || {
    printf 'fuzz: there is no atheris for %s; hypothesis fuzzes the readers in `make test`\n' \
        "$("$venv/bin/python" -V)" >&2
    exit 1
}
