#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
#
# Makes the lock files requirements/*.txt from requirements/*.in, and so a role's (files/*.txt) and the media server's.
#
#   tools/lock.sh              keeps the locked versions that still fit
#   tools/lock.sh --upgrade    takes the newest versions
#   tools/lock.sh --check      changes nothing; fails if a lock file doesn't fit its .in
#
# UV=<path> names the uv to use; otherwise the locked one is installed below .build.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# Relative names from here on: uv writes them into the lock files.
cd "$here/.."

options=()
check=false
case "${1:-}" in
    '') ;;
    --upgrade) options+=(--upgrade) ;;
    --check) check=true ;;
    *) printf 'usage: %s [--upgrade|--check]\n' "$0" >&2; exit 2 ;;
esac

if [[ -z ${UV:-} ]]; then
    "$here/venv.sh" .build/uv requirements/uv.txt
    UV=.build/uv/bin/uv
    # shellcheck source=registry_env.sh
    . "$here/registry_env.sh"
    use_pip_settings .build/uv/bin/python -m pip
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
for input in requirements/*.in roles/*/files/*.in media_server/*.in; do
    output=${input%.in}.txt
    new=$work/${output//\//-}
    # The oldest Python it is installed on: roles bring theirs to Debian's.
    case $input in
        roles/* | media_server/*) python=3.11 ;;
        *) python=3.12 ;;
    esac
    # uv keeps the versions that it finds in its output file.
    [[ ! -f $output ]] || cp "$output" "$new"
    # REUSE-IgnoreStart
    {
        printf '# SPDX-License-Identifier: GPL-3.0-or-later\n'
        printf '# Copyright: (c) 2026, KnowledgeCity platform contributors\n#\n'
        printf '# Made from %s by tools/lock.sh. Do not edit.\n' "$(basename "$input")"
        "$UV" pip compile --quiet --universal --python-version "$python" --generate-hashes --no-header \
            --no-emit-index-url --no-emit-find-links ${options[@]+"${options[@]}"} \
            --output-file "$new" "$input"
        cat "$new"
    } >"$new.locked"
    # REUSE-IgnoreEnd
    if ! cmp -s "$new.locked" "$output"; then
        if $check; then
            printf '%s does not fit %s. Fix: run tools/lock.sh\n' "$output" "$input" >&2
            diff -u "$output" "$new.locked" | grep -E '^[-+][a-z]' >&2 || true
            status=1
        else
            cp "$new.locked" "$output"
            printf '%s: made anew\n' "$output"
        fi
    fi
done
exit "$status"
