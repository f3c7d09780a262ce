# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
#
# To be sourced. Makes uv use the package index and the CA file that pip is configured with, since uv
# doesn't read pip's configuration. What is set for uv itself (UV_*, uv.toml) wins.
#
# Extra indexes are left out on purpose: uv takes a package from the first index that knows its name,
# so an extra one could shadow the index that the lock files were made from.

# use_pip_settings PIP...: PIP is the command that runs pip.
use_pip_settings() {
    local settings index cert
    settings=$("$@" config list 2>/dev/null) || settings=''
    index=$(pip_setting index-url "$settings")
    cert=$(pip_setting cert "$settings")
    if [[ -n $index && -z ${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-} ]]; then
        export UV_DEFAULT_INDEX=$index
    fi
    if [[ -n $cert && -z ${SSL_CERT_FILE:-} ]]; then
        export SSL_CERT_FILE=$cert
    fi
}

# pip_setting NAME SETTINGS: SETTINGS is what "pip config list" prints. The environment wins over the
# command's section, and that over [global].
pip_setting() {
    local section value
    for section in ':env:' install global; do
        value=$(sed -n "s/^${section}\\.$1='\\(.*\\)'\$/\\1/p" <<<"$2" | tail -n 1)
        if [[ -n $value ]]; then
            printf '%s\n' "$value"
            return
        fi
    done
}
