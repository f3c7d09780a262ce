#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
#
# Proves that the checkout's HEAD sets itself up on a new Debian machine: makes a Debian root with
# nothing but make, git, Python, pip, npm and apt, clones HEAD into it and runs make with an empty
# environment.
#
#   tools/fresh.sh                                as root
#
#   FRESH_TARGET="setup"     the targets to run, one after the other ("setup setup" times a second run)
#   FRESH_PYTHON=<path>      a Python 3.12 or newer with a prefix of its own, since Debian 12 has 3.11 only;
#                            it is copied in (default: what find_python.sh finds; "none": no copy)
#   FRESH_SUITE=bookworm     the Debian release
#   FRESH_DIR=<folder>       where the root is made (default: a new folder in /var/tmp)
#   FRESH_KEEP=1             keep the root to look into it
#   FRESH_REBUILD=1          make the base root anew instead of taking the one in the cache
set -euo pipefail

if (($#)); then
    printf 'usage: %s\n' "$0" >&2
    exit 2
fi

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
read -ra targets <<<"${FRESH_TARGET:-setup}"
suite=${FRESH_SUITE:-bookworm}
packages=apt,ca-certificates,git,make,npm,python3,python3-pip,python3-venv
cache=${XDG_CACHE_HOME:-$HOME/.cache}/knowledgecity-platform

((EUID == 0)) || { printf 'fresh: only root can make a Debian root. Fix: run it as root\n' >&2; exit 1; }
"$here/apt_packages.sh" mmdebstrap

# Root looks at a checkout that may be another user's.
checkout_git() { git -c safe.directory='*' -C "$here/.." "$@"; }

work=${FRESH_DIR:-$(mktemp -d /var/tmp/fresh.XXXXXX)}
mkdir -p "$work" "$cache"
work=$(cd "$work" && pwd)
root=$work/root
log=$work/log
[[ ! -e $root ]] || { printf 'fresh: %s exists. Fix: remove it, or name another FRESH_DIR\n' "$root" >&2; exit 1; }

stage='start'
summary=''
clean_up() {
    local status=$?
    trap - EXIT
    printf '\n%s' "$summary"
    if ((status)); then
        printf 'FAIL: %s (exit status %d)\n' "$stage" "$status"
        printf 'The whole output is in %s\n' "$log"
    else
        printf 'PASS: make %s of %s in a new Debian %s\n' "${targets[*]}" "$head" "$suite"
    fi
    # All mounts were made in a namespace that is gone by now, so this deletes nothing of the host.
    if [[ ${FRESH_KEEP:-} == 1 ]]; then
        printf 'The root was kept: %s\n' "$root"
    else
        rm -rf --one-file-system "$root"
        ((status)) || { rm -f "$log"; rmdir --ignore-fail-on-non-empty "$work"; }
    fi
    exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# run_stage NAME COMMAND...: runs it with its output shown and logged, and notes how long it took.
run_stage() {
    local from=${EPOCHREALTIME/./} took
    stage=$1
    shift
    printf '== %s\n' "$stage"
    "$@" 2>&1 | tee -a "$log"
    took=$(((${EPOCHREALTIME/./} - from) / 100000))
    printf -v summary '%s  %6d.%d s  %s\n' "$summary" $((took / 10)) $((took % 10)) "$stage"
}

# The host's own sources for this release, if it has any, so that its mirror is used.
sources() {
    grep -lE "(^|[[:space:]])$suite([[:space:]]|\$)" \
        /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources} 2>/dev/null || true
}

# How the host reaches the mirror: a proxy, a CA of its own.
apt_options() {
    apt-config dump --format '%F "%v";%n' |
        grep -E '^Acquire::https?::(Proxy|CaInfo|CaPath|Verify-Peer)' || true
}

make_base() {
    local list options
    mapfile -t list < <(sources)
    options=$work/apt.conf
    apt_options >"$options"
    mmdebstrap --mode=root --variant=minbase --quiet --include="$packages" --aptopt="$options" \
        "$suite" "${base%.tar}.new.tar" "${list[@]}" </dev/null
    rm "$options"
    mv "${base%.tar}.new.tar" "$base"
}

unpack() {
    mkdir "$root"
    tar --extract --numeric-owner --file "$base" --directory "$root"
}

# Copies a Python to /opt and puts it on PATH, as a user of Debian 12 would have installed one.
copy_python() {
    local python prefix name
    python=${FRESH_PYTHON:-$("$here/find_python.sh")}
    read -r prefix name < <("$python" -I -c '
import sys
print(sys.base_prefix, "python%d.%d" % sys.version_info[:2])')
    case $prefix in
        /usr | /usr/local | /)
            printf '%s belongs to the system and cannot be copied. Fix: set FRESH_PYTHON to one with a prefix\n' "$python"
            printf 'of its own (from pyenv or uv), or FRESH_PYTHON=none if Debian %s has 3.12 or newer.\n' "$suite"
            return 1 ;;
    esac
    mkdir -p "$root/opt/$name"
    # Without what was installed into it, and without its own tests (a third of its size).
    tar --create --directory "$prefix" --exclude="lib/$name/site-packages/*" --exclude="lib/$name/test" . |
        tar --extract --directory "$root/opt/$name"
    ln -s "/opt/$name/bin/$name" "$root/usr/local/bin/$name"
    # A Python with a shared library looks for it where it was built.
    printf '/opt/%s/lib\n' "$name" >"$root/etc/ld.so.conf.d/$name.conf"
    ldconfig -r "$root"
    printf '%s, copied from %s\n' "$name" "$prefix"
}

# What it takes to reach the registries from this network, and nothing else of the host's settings.
copy_network_settings() {
    local setting value line
    cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
    cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
    apt_options >"$root/etc/apt/apt.conf.d/90host"

    # shellcheck source=registry_env.sh
    . "$here/registry_env.sh"
    line=$(python3 -m pip config list 2>/dev/null || true)
    {
        printf '[global]\n'
        for setting in index-url cert proxy trusted-host; do
            value=$(pip_setting "$setting" "$line")
            [[ -z $value ]] || printf '%s = %s\n' "$setting" "$value"
        done
    } >"$root/etc/pip.conf"
    for setting in registry cafile proxy https-proxy; do
        value=$(npm config get "$setting" 2>/dev/null || true)
        [[ -z $value || $value == null || $value == undefined ]] || printf '%s=%s\n' "$setting" "$value"
    done >"$root/root/.npmrc"
}

clone() {
    # A bundle works from any kind of checkout, and nothing of the host has to be mounted.
    checkout_git bundle create --quiet "$root/root/head.bundle" HEAD
    [[ -z $(checkout_git status --porcelain) ]] ||
        printf 'note: the checkout has changes that are not committed; they are not tried\n'
    inside 'git init --quiet /srv/platform && cd /srv/platform &&
        git fetch --quiet /root/head.bundle HEAD && git -c advice.detachedHead=false checkout --quiet FETCH_HEAD'
}

# inside SCRIPT: runs it in the root with nothing of this environment but the way to the network.
inside() {
    local variable variables=()
    for variable in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
        [[ -z ${!variable:-} ]] || variables+=("$variable=${!variable}")
    done
    # Mounts live in a namespace of their own, processes too: both end with it, even if we are killed.
    # pivot_root and not chroot: programs that make containers need a real root.
    # The root is mounted below its name on the host as well: the host's Docker engine, if it runs,
    # then finds the files that a container is to see.
    # shellcheck disable=SC2016 # expanded inside
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin unshare --mount --pid --fork --kill-child -- sh -ec '
        root=$1
        script=$2
        shift 2
        mount --bind "$root" "$root"
        cd "$root"
        mount -t proc proc proc
        mount --rbind /sys sys
        mount --rbind /dev dev
        mount -t tmpfs -o mode=755 tmpfs run
        if [ -S /var/run/docker.sock ]; then
            touch run/docker.sock
            mount --bind /var/run/docker.sock run/docker.sock
        fi
        mkdir -p ".$root"
        mount --bind . ".$root"
        pivot_root . mnt
        umount -l /mnt
        exec env -i HOME=/root LANG=C.UTF-8 PATH=/usr/local/bin:/usr/bin:/bin:/sbin:/usr/sbin "$@" \
            sh -ec "$script"
    ' sh "$root" "$1" ${variables[@]+"${variables[@]}"} </dev/null
}

head=$(checkout_git rev-parse --short HEAD)
key=$({ printf '%s %s\n' "$suite" "$packages"; sources | xargs -r cat; } | sha256sum | cut -c 1-12)
base=$cache/fresh-$suite-$key.tar
if [[ ${FRESH_REBUILD:-} == 1 || ! -f $base ]]; then
    run_stage "Debian $suite with $packages" make_base
fi
run_stage 'unpack the root' unpack
if [[ ${FRESH_PYTHON:-} != none ]]; then
    run_stage 'copy a Python' copy_python
fi
run_stage 'copy the settings that reach the registries' copy_network_settings
run_stage "clone $head" clone
for target in "${targets[@]}"; do
    run_stage "make $target" inside "cd $root/srv/platform && make ${target@Q}"
done
