# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Declare the options by which a module reaches a ClickHouse server, and connect to it."""

from __future__ import annotations

import ssl
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse.client import ClickHouse
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError

LOGIN_OPTIONS: dict[str, t.Any] = {
    "login_host": {"type": "str", "default": "localhost"},
    "login_port": {"type": "int", "default": 8443},
    "login_user": {"type": "str", "default": "default"},
    "login_password": {"type": "str", "default": "", "no_log": True},
    "login_tls": {"type": "bool", "default": True},
    "login_ca_path": {"type": "path"},
    "login_validate_certs": {"type": "bool", "default": True},
}


def connect(options: dict[str, t.Any], timeout: float) -> ClickHouse:
    """Return the server that the options name; nothing is sent yet. Raise PlatformError where the CA can't be read."""
    scheme = "https" if options["login_tls"] else "http"
    url = f"{scheme}://{options['login_host']}:{options['login_port']}"
    return ClickHouse(
        url,
        options["login_user"],
        options["login_password"],
        _trust(options) if options["login_tls"] else None,
        timeout,
    )


def _trust(options: dict[str, t.Any]) -> ssl.SSLContext:
    try:
        trust = ssl.create_default_context(cafile=options["login_ca_path"])
    except OSError as error:
        raise PlatformError(f"O(login_ca_path): {options['login_ca_path']} can't be read: {error}") from error
    if not options["login_validate_certs"]:
        trust.check_hostname = False
        trust.verify_mode = ssl.CERT_NONE
    return trust
