#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
#
# Every check that only reads. All of them run; the exit code says whether one failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
failed=()

check() {
    local name=$1 started=$SECONDS
    shift
    if output=$("$@" 2>&1); then
        printf 'lint: %-18s ok, %d s\n' "$name" $((SECONDS - started))
    else
        printf '%s\nlint: %-18s FAILED\n' "$output" "$name" >&2
        failed+=("$name")
    fi
}

# ansible-lint installs the collection it looks at below Ansible's home, and finds there again what another checkout or commit left.
export ANSIBLE_HOME=$PWD/.build/ansible-lint
rm -rf "$ANSIBLE_HOME"

mapfile -t scripts < <(git ls-files '*.sh' '.ci/*' lab/env)
check ruff ruff check
check 'ruff format' ruff format --check
check yamllint yamllint --strict .
check shellcheck shellcheck --external-sources "${scripts[@]}"
check reuse reuse lint --quiet
check changelog antsibull-changelog lint
check ansible-lint ansible-lint --strict

if ((${#failed[@]})); then
    printf 'lint: failed: %s\n' "${failed[*]}" >&2
    exit 1
fi
