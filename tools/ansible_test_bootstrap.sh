#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
#
# Lets ansible-test make its environments without downloading a script from outside the package index:
# puts a stand-in where it keeps that download. A real download that is there already is left alone.
#
#   tools/ansible_test_bootstrap.sh [ENV_DIR]
#
# ENV_DIR is the environment that ansible-core is installed in; without it, that of the ansible-test on PATH.
set -euo pipefail

if (($# > 1)) || [[ ${1:-} == -* ]]; then
    printf 'usage: %s [ENV_DIR]\n' "$0" >&2
    exit 2
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if (($#)); then
    env_dir=$1
elif found=$(command -v ansible-test); then
    env_dir=$(dirname "$(dirname "$found")")
else
    printf 'There is no ansible-test on PATH. Fix: name the environment that holds it\n' >&2
    exit 1
fi
python=$env_dir/bin/python
stand_in=$here/get_pip_stand_in.py

# The file's name holds the version of pip that this ansible-core wants. Ask it rather than guess.
if ! version=$("$python" -c '
import types, sys
from ansible_test._internal.python_requirements import get_venv_packages
print(get_venv_packages(types.SimpleNamespace(version="%d.%d" % sys.version_info[:2]))["pip"])
' 2>&1); then
    printf '%s\n' "$version" "The ansible-test in $env_dir doesn't tell which pip it wants (see above)." \
        'Hint: is ansible-core installed there? If it is newer than the locked one, adapt this script.' >&2
    exit 1
fi

# The folder is fixed in ansible-test, below the home directory.
target=${HOME:?HOME is not set}/.ansible/test/cache/get_pip_${version//./_}.py
if cmp -s "$stand_in" "$target"; then
    exit 0
fi
# An older stand-in of ours is replaced, a real get-pip is not.
if [[ -e $target ]] && ! grep -q 'Stand-in for the get-pip script' "$target"; then
    printf 'ansible-test has its own %s already\n' "$target"
    exit 0
fi
mkdir -p "$(dirname "$target")"
cp "$stand_in" "$target.new"
mv "$target.new" "$target"
printf 'ansible-test bootstrap: %s\n' "$target"
