#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
#
# Removes what was built or installed in this checkout, and nothing outside of it.
set -euo pipefail
if (($#)); then
    printf 'usage: %s\n' "$0" >&2
    exit 2
fi
cd "$(dirname "${BASH_SOURCE[0]}")/.."

for folder in .build .ansible; do
    # A link is removed, and what it leads to stays: it may be shared with another checkout.
    if [[ -L $folder ]]; then
        rm -f "$folder"
    else
        # What is mounted below is somebody else's.
        rm -rf --one-file-system "$folder"
    fi
done
