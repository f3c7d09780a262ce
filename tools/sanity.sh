#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
#
# ansible-test sanity. It wants a git checkout under ansible_collections/, so it gets a copy of what git tracks.
#
#   tools/sanity.sh WORK_DIR [ARGUMENTS OF ansible-test sanity]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
checkout=$(cd "$here/.." && pwd)
work=$1/ansible_collections/knowledgecity/platform
shift
started=$SECONDS
"$here/ansible_test_bootstrap.sh"
rm -rf "$work"
mkdir -p "$work"
cd "$checkout"
git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$work" --no-dereference
cd "$work"
git init -q
git add -A
# The collection's part only: the lab, the tests and the tools are no plugins, and ruff checks them.
git rm -rq --cached lab tests tools extensions 2>/dev/null || true
rm -rf lab tests/bench tests/e2e tests/lab tests/soak tests/support tests/network tools extensions
python_version=$("$checkout/.build/venv/bin/python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
ansible-test sanity --python "$python_version" --color no "$@"
printf 'sanity: ok, %d s\n' $((SECONDS - started))
