#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
#
# Prints the path of a Python that can run the tools: 3.12 or newer, with venv and ensurepip.
#
#   tools/find_python.sh
#
# PYTHON=<path or name> names one; then no other is tried.
set -euo pipefail

# A name on PATH proves nothing: it may be a pyenv shim without a version behind it, or a
# distribution's Python without ensurepip. So each candidate has to run this. It prints the base
# interpreter, so that an activated environment is never built upon itself, with links resolved: an
# environment made through a link looks for the standard library beside the link.
readonly PROBE='
import os, sys
problems = []
if sys.version_info < (3, 12):
    problems.append("it is Python %d.%d" % sys.version_info[:2])
else:
    if sys.implementation.name != "cpython" or "t" in sys.abiflags:
        problems.append("it is not the usual build of CPython")
    for module in "ensurepip", "venv", "ssl":
        try:
            __import__(module)
        except ImportError:
            problems.append("it lacks the module " + module)
if problems:
    sys.exit(", ".join(problems))
print(os.path.realpath(sys._base_executable or sys.executable))
'

probe() {
    # -I: neither PYTHONPATH nor the current directory may lend it modules.
    "$1" -I -c "$PROBE" </dev/null
}

if [[ -n ${PYTHON:-} ]]; then
    if ! command -v "$PYTHON" >/dev/null; then
        found='there is no such program'
    elif found=$(probe "$PYTHON" 2>&1); then
        printf '%s\n' "$found"
        exit 0
    fi
    printf '%s\n' "PYTHON=$PYTHON can't be used: ${found%%$'\n'*}." \
        "Fix: set PYTHON to a Python 3.12, 3.13 or 3.14 with venv and ensurepip, or unset it." >&2
    exit 1
fi

candidates=(python3.14 python3.13 python3.12 python3)
pyenv_root=${PYENV_ROOT:-${HOME:-/nonexistent}/.pyenv}
while IFS= read -r version; do
    candidates+=("$pyenv_root/versions/$version/bin/python")
done < <(find "$pyenv_root/versions" -mindepth 1 -maxdepth 1 -printf '%f\n' 2>/dev/null | sort -rV)

tried=()
for candidate in "${candidates[@]}"; do
    command -v "$candidate" >/dev/null || continue
    if found=$(probe "$candidate" 2>&1); then
        printf '%s\n' "$found"
        exit 0
    fi
    reason=${found%%$'\n'*}
    tried+=("$(command -v "$candidate"): ${reason:-it does not run}")
done

{
    printf '%s\n' "No Python 3.12 or newer with venv and ensurepip was found."
    for line in ${tried[@]+"${tried[@]}"}; do
        printf '  tried %s\n' "$line"
    done
    cat <<'FIX'
Fix: install one, then run this again:
  Debian 13, Ubuntu 24.04 or newer:  apt-get install python3 python3-venv
  Fedora, RHEL 9 or newer:           dnf install python3.12
  elsewhere (Debian 12 has 3.11):    pyenv install 3.13, or uv python install 3.13
If it lies outside PATH and ~/.pyenv, name it: make PYTHON=/path/to/python3.13 ...
FIX
} >&2
exit 1
