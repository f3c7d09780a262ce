#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
#
# Runs the checks that only read: all of them, or those that are named. The exit code says whether one failed.
#
#   tools/lint.sh [ruff|format|yamllint|shellcheck|reuse|changelog|ansible-lint]...
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
export PATH=$PWD/.build/venv/bin:$PATH
failed=()

check() {
    local name=$1 started=$SECONDS output
    shift
    if output=$("$@" 2>&1); then
        printf 'lint: %-12s ok, %d s\n' "$name" $((SECONDS - started))
    else
        printf '%s\nlint: %-12s FAILED\n' "$output" "$name" >&2
        failed+=("$name")
    fi
}

run_ansible_lint() {
    # ansible-lint keeps what it installs below Ansible's home, and would find there what another commit left.
    local home
    mkdir -p .build
    home=$(mktemp -d "$PWD/.build/ansible-lint.XXXXXX") || return
    ANSIBLE_HOME=$home .build/venv/bin/python tools/ansible_lint.py --strict
    local status=$?
    rm -rf "$home"
    return $status
}

if (($# == 0)); then
    set -- ruff format yamllint shellcheck reuse changelog ansible-lint
fi
for name in "$@"; do
    case $name in
        ruff) check "$name" ruff check ;;
        format) check "$name" ruff format --check ;;
        yamllint) check "$name" yamllint --strict . ;;
        shellcheck)
            mapfile -t scripts < <(git ls-files '*.sh' '.ci/*' lab/env)
            check "$name" shellcheck --external-sources "${scripts[@]}" ;;
        reuse) check "$name" reuse lint --quiet ;;
        changelog) check "$name" antsibull-changelog lint ;;
        ansible-lint) check "$name" run_ansible_lint ;;
        *) printf 'lint: no check is named %s\n' "$name" >&2; exit 2 ;;
    esac
done

if ((${#failed[@]})); then
    printf 'lint: failed: %s\n' "${failed[*]}" >&2
    exit 1
fi
