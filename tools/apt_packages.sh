#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
#
# Installs Debian packages that are not installed yet.
#
#   tools/apt_packages.sh PACKAGE...
#
# Does nothing, and needs no root, if all of them are there.
set -euo pipefail

if (($# == 0)) || [[ $1 == -* ]]; then
    printf 'usage: %s PACKAGE...\n' "$0" >&2
    exit 2
fi
if ! command -v dpkg-query >/dev/null; then
    printf 'This is no Debian system. Fix: install by hand what these Debian packages hold: %s\n' "$*" >&2
    exit 1
fi

missing=()
for package in "$@"; do
    state=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
    [[ $state == installed ]] || missing+=("$package")
done
((${#missing[@]})) || exit 0

if ((EUID != 0)); then
    printf 'Debian packages are missing, and only root can install them. Fix: run as root:\n' >&2
    printf '  apt-get install --no-install-recommends %s\n' "${missing[*]}" >&2
    exit 1
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
    # Wait for another apt or dpkg instead of failing; never ask; keep configuration files as they are.
    DEBIAN_FRONTEND=noninteractive apt-get --quiet --yes -o DPkg::Lock::Timeout=300 \
        -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@" </dev/null >"$log" 2>&1
}
install() {
    apt install --no-install-recommends -- "${missing[@]}"
}
# A run that was killed leaves packages half installed, and apt then refuses to work.
finish_interrupted() {
    [[ -z $(dpkg --audit) ]] || DEBIAN_FRONTEND=noninteractive dpkg --force-confdef --force-confold --configure --pending \
        </dev/null >"$log" 2>&1
}

printf 'installing Debian packages: %s\n' "${missing[*]}"
# The lists may be absent or older than what the mirror still has: only then does it take an update.
if ! install && ! { finish_interrupted; apt update && install; }; then
    cat "$log" >&2
    printf 'Debian packages could not be installed: %s\n' "${missing[*]}" >&2
    exit 1
fi
