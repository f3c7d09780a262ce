#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
#
# Makes a virtual environment hold exactly what a lock file says, and nothing else.
#
#   tools/venv.sh ENV_DIR LOCK_FILE        e.g. tools/venv.sh .build/venv requirements/tools.txt
#
# Does nothing if the environment is up to date. uv fills it; uv itself is installed by pip into the
# environment "uv" beside ENV_DIR. PYTHON=<path> names the Python to use.
set -euo pipefail

if (($# != 2)); then
    printf 'usage: %s ENV_DIR LOCK_FILE\n' "$0" >&2
    exit 2
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
requirements=$(cd "$here/../requirements" && pwd)
mkdir -p "$(dirname "$1")"
env_dir=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
lock_file=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
stamp=$env_dir/.stamp
# Packages without a wheel are built here; what builds them is locked too.
build_lock=$requirements/build.txt

say() { printf '%s: %s\n' "$(basename "$env_dir")" "$*"; }

[[ -r $lock_file ]] || { say "the lock file $lock_file can't be read" >&2; exit 1; }

# The lock is the open file, so it can't outlive its holder, however that ends.
exec 9>"$env_dir.lock"
if ! flock --nonblock 9; then
    say 'waiting for another run that is making this environment'
    flock 9
fi

wanted() {
    printf 'python %s\n' "$1"
    cat "$lock_file" "$build_lock" "${BASH_SOURCE[0]}" | sha256sum
}
version_of() { "$1" -I -c 'import sys; print(sys.version)' 2>/dev/null; }

# Up to date? Ask the environment's own Python: it is gone when the one below it was removed.
if [[ -f $stamp ]] && version=$(version_of "$env_dir/bin/python") &&
    [[ $(<"$stamp") == "$(wanted "$version")" ]] &&
    [[ -z ${PYTHON:-} || $(version_of "$PYTHON") == "$version" ]]; then
    exit 0
fi

python=$("$here/find_python.sh")
start=$SECONDS

# Never delete what isn't ours: only an empty folder or an environment (half-made ones have the mark).
mark=$env_dir/.being-made
if [[ -d $env_dir && ! -e $env_dir/pyvenv.cfg && ! -e $mark && -n $(ls -A "$env_dir") ]]; then
    say "$env_dir exists and is no virtual environment: remove it or name another folder" >&2
    exit 1
fi
rm -rf "$env_dir"
mkdir "$env_dir"
touch "$mark"

if [[ $lock_file == "$requirements/uv.txt" ]]; then
    say "installing uv with pip ($python)"
    "$python" -I -m venv "$env_dir"
    # Twice quiet: no warnings about extra indexes of the user's that don't have it.
    "$env_dir/bin/python" -m pip install -qq --disable-pip-version-check \
        --require-hashes --only-binary :all: -r "$lock_file"
else
    uv_env=$(dirname "$env_dir")/uv
    # Close our lock for the child: it takes its own.
    "${BASH_SOURCE[0]}" "$uv_env" "$requirements/uv.txt" 9>&-
    say "installing $(grep -c '^[a-z0-9].*==' "$lock_file") packages ($python)"
    "$python" -I -m venv --without-pip "$env_dir"
    # shellcheck source=registry_env.sh
    . "$here/registry_env.sh"
    use_pip_settings "$uv_env/bin/python" -m pip
    # uv links files from its cache, which is ten times faster than copying them: patch no file in the
    # environment by hand, or set UV_LINK_MODE=copy before it is made.
    "$uv_env/bin/uv" pip sync --quiet --python "$env_dir/bin/python" --require-hashes \
        --build-constraints "$build_lock" "$lock_file"
    # Where PYTHONDONTWRITEBYTECODE is set, every start of Ansible would compile it anew. Collections
    # are left out: Ansible's loader never reads their byte code. Warnings are for the packages' authors.
    "$env_dir/bin/python" -W ignore -m compileall -q -j 0 -x '/ansible_collections/' "$env_dir/lib" >/dev/null || true
fi

# Last of all, so that a run that was killed leaves no stamp.
rm "$mark"
wanted "$(version_of "$env_dir/bin/python")" >"$stamp.new"
mv "$stamp.new" "$stamp"
say "ready in $((SECONDS - start)) s"
