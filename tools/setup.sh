#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
#
# Installs what the Makefile's targets need; does next to nothing when it is there.
#
#   tools/setup.sh BUILD_DIR                 everything
#   tools/setup.sh BUILD_DIR environments    only what goes into BUILD_DIR: takes neither root nor a Docker engine
set -euo pipefail

if (($# < 1 || $# > 2)) || [[ $1 == -* || ${2:-environments} != environments ]]; then
    printf 'usage: %s BUILD_DIR [environments]\n' "$0" >&2
    exit 2
fi

build=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
checkout=$(cd "$here/.." && pwd)
started=$EPOCHREALTIME

mkdir -p "$build/bin"
"$here/venv.sh" "$build/venv" "$checkout/requirements/tools.txt"
"$here/venv.sh" "$build/ministack" "$checkout/requirements/ministack.txt"
"$here/venv.sh" "$build/checkov" "$checkout/requirements/checkov.txt"
"$here/venv.sh" "$build/clickhouse" "$checkout/requirements/clickhouse.txt"
"$here/kube_clients.sh" "$build/bin"

# Playbooks and tests find the collection by its name, through the checkout itself.
link=$build/collections/ansible_collections/knowledgecity/platform
mkdir -p "$(dirname "$link")"
ln -sfn ../../../.. "$link"

# Ansible's modules need not be compiled in each process (docs/decisions/0016-kept-byte-code.md).
for packages in "$build"/venv/lib/python3.*/site-packages; do
    cp "$here/kept_byte_code.py" "$packages/"
    echo 'import kept_byte_code; kept_byte_code.install()' >"$packages/kept_byte_code.pth"
done

# `lab` on PATH, for those who sourced lab/env.
cat >"$build/bin/lab" <<'LAB'
#!/usr/bin/env bash
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
PYTHONPATH=$checkout exec "$checkout/.build/venv/bin/python" -m lab "$@"
LAB
chmod 755 "$build/bin/lab"

if [[ ${2:-} != environments ]]; then
    ready=true
    # For tests with a clock that is wrong, and of what plays in a browser.
    "$here/apt_packages.sh" libfaketime chromium || ready=false
    "$here/docker_engine.sh" start "$build/docker" || ready=false
    if ! $ready; then
        ((EUID == 0)) || cat >&2 <<'FIX'
set-up: what is missing above takes root. All else is ready.
Fix: run the commands named above as root, then "make setup" again. "make lint", "make sanity", "make unit" and
"make build" work without.
FIX
        exit 1
    fi
fi

awk -v a="$started" -v b="$EPOCHREALTIME" 'BEGIN { printf "set-up: %.1f s\n", b - a }'
