#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
#
# Install the players of the demo page from npm, in the versions and with the hashes of package-lock.json, into the
# folder of the server's setting `static_dir`. A folder that contains them already is not changed.
#
#   install.sh DIRECTORY
set -euo pipefail
if (($# != 1)); then
    echo "usage: $0 DIRECTORY" >&2
    exit 2
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$1"
target=$(cd "$1" && pwd)
wanted=$(sha256sum <"$here/package-lock.json" | cut -d ' ' -f 1)
if [[ $(cat "$target/.installed" 2>/dev/null) == "$wanted" ]]; then
    exit 0
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$here/package.json" "$here/package-lock.json" "$folder/"
# No package script is run.
(cd "$folder" && npm ci --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error)
modules=$folder/node_modules
install -m 0644 "$modules/shaka-player/dist/shaka-player.compiled.js" "$modules/hls.js/dist/hls.min.js" "$target/"
install -m 0644 "$modules/shaka-player/LICENSE" "$target/shaka-player.LICENSE"
install -m 0644 "$modules/hls.js/LICENSE" "$target/hls.LICENSE"
echo "$wanted" >"$target/.installed"
