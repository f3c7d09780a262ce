#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
#
# ansible-test sanity. It wants a git checkout under ansible_collections/, so it gets a copy of what git tracks.
#
#   tools/sanity.sh WORK_DIR [ARGUMENTS OF ansible-test sanity]
set -euo pipefail

if (($# == 0)) || [[ $1 == -* ]]; then
    printf 'usage: %s WORK_DIR [ARGUMENT]...\n' "$0" >&2
    exit 2
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
checkout=$(cd "$here/.." && pwd)
mkdir -p "$1"
work=$(cd "$1" && pwd)/ansible_collections/knowledgecity/platform
shift
started=$SECONDS
# Two runs must not share the copy. What a run that was killed left in it is removed below.
exec 9>"$(dirname "$(dirname "$(dirname "$work")")")/lock"
flock 9
"$here/ansible_test_bootstrap.sh" "$checkout/.build/venv"
rm -rf "$work"
mkdir -p "$work"
export PATH=$checkout/.build/venv/bin:$PATH
# Those of our tests aren't ansible-test's.
unset ANSIBLE_CONFIG PYTHONDONTWRITEBYTECODE
cd "$checkout"
git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$work" --no-dereference
cd "$work"
# The collections that ours is made of: ansible-test looks for them beside it only.
for collection in amazon/aws community/aws; do
    beside=$work/../../$collection
    mkdir -p "$(dirname "$beside")"
    cp --recursive --no-clobber "$("$checkout"/.build/venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/ansible_collections/$collection" "$(dirname "$beside")"
done
# What is no plugin (the lab, the media server, the tests, the tools) is ruff's business.
find tests -mindepth 1 -maxdepth 1 ! -name config.yml ! -name sanity ! -name integration -exec rm -rf {} +
rm -rf lab media_server tools extensions tests/integration/*.py
git init -q
git add -A
python_version=$("$checkout/.build/venv/bin/python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
ansible-test sanity --python "$python_version" --color no "$@"
printf 'sanity: ok, %d s\n' $((SECONDS - started))
