#!/bin/bash
# Prove that a fresh clone works on a fresh Debian 12 with only python3, git and make.
#
#   sudo tools/fresh-debian.sh [COMMAND…]      default: make demo
#
# Makes a minimal Debian root with debootstrap, from the mirror that this host's own apt uses,
# clones the committed state of this repository into it and runs COMMAND there, in mount and
# process namespaces of its own: nothing is left mounted or running, however it ends. The bare
# root is kept in ~/.cache/greenlane for the next time. Needs root and the package debootstrap.
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/greenlane
base=$cache/bookworm.tar
suite=bookworm
[ $# -gt 0 ] || set -- make demo

say() { printf 'fresh-debian: %s\n' "$*"; }
die() { printf 'fresh-debian: %s\n' "$*" >&2; exit 1; }

[ "$(id -u)" -eq 0 ] || die "needs root: sudo $0 $*"
command -v debootstrap >/dev/null || die "needs debootstrap: apt-get install debootstrap"

# The first address of this host's own apt sources, in either of the two syntaxes.
mirror() {
    { cat /etc/apt/sources.list.d/*.sources 2>/dev/null |
          awk '$1 == "URIs:" { print $2 }'
      cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
          sed -E 's/\[[^]]*\]//' | awk '$1 == "deb" { print $2 }'
    } | grep -v security | head -n 1
}

make_base() {
    local root
    root=$(mktemp -d)
    say "debootstrap (about a minute)"
    debootstrap --variant=minbase --include=python3,git,make,ca-certificates \
        "$suite" "$root" "$(mirror)" >"$root.log" 2>&1 || { tail "$root.log" >&2; exit 1; }
    mkdir -p "$cache"
    tar --create --one-file-system --file "$base.part" --directory "$root" .
    mv "$base.part" "$base"
    rm -rf "$root" "$root.log"
}

# How this host reaches its packages: names, certificates, apt and pip settings.
bring_network() {
    local file
    for file in /etc/resolv.conf /etc/hosts /etc/pip.conf /etc/ssl/certs/ca-certificates.crt; do
        [ ! -e "$file" ] || cp --dereference "$file" "$root$file"
    done
    cp --recursive --dereference /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/"
}

kept_variables() {
    env | grep -E '^(PIP_[A-Z_]*|UV_[A-Z_]*|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|[a-z]+_proxy|[A-Z]+_PROXY)=' |
        grep -v '^PIP_FIND_LINKS=' || true
}

[ -s "$base" ] || make_base
root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT
tar --extract --file "$base" --directory "$root"
bring_network
git clone --quiet --no-local "$here" "$root/root/greenlane"
mapfile -t variables < <(kept_variables)

say "$(. "$root/etc/os-release" && echo "$PRETTY_NAME"): $*"
# shellcheck disable=SC2016  # expanded by the inner shell
unshare --mount --pid --fork --kill-child --propagation private bash -euc '
    root=$1; shift
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    exec env --chdir="$root" chroot "$root" "$@"
' fresh-debian "$root" env -i "${variables[@]}" HOME=/root TERM="${TERM:-dumb}" LC_ALL=C.UTF-8 \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    sh -c 'cd /root/greenlane && exec "$@"' sh "$@"
say "worked: $*"
