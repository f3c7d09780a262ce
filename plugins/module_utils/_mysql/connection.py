# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Connect to a MySQL server by TLS that names it, also through a tunnel, and declare the options that say where it is."""

from __future__ import annotations

import socket
import ssl
import traceback
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError

try:
    import pymysql

    PYMYSQL_ERROR = None
except ImportError:  # main() reports the missing library
    pymysql = None
    PYMYSQL_ERROR = traceback.format_exc()

_CONNECT_TIMEOUT, _READ_TIMEOUT = 10.0, 60.0

# The options of the doc fragments knowledgecity.platform.mysql and knowledgecity.platform.mysql.server.
MYSQL_OPTIONS: dict[str, t.Any] = {
    "port": {"type": "int", "default": 3306},
    "tls_ca": {"type": "path"},
    "admin_secret": {"type": "str", "no_log": False},
}
SERVER_OPTIONS: dict[str, t.Any] = {"host": {"type": "str"}, "address": {"type": "str"}}


def connector(
    host: str,
    port: int,
    address: str | None,
    authority: str | None,
    *,
    connect_timeout: float = _CONNECT_TIMEOUT,
    read_timeout: float = _READ_TIMEOUT,
) -> t.Callable[..., t.Any]:
    """Return a function that connects as a user.

    ``address`` is where ``host`` is reached, if not by its name (host or host:port). ``authority`` is a file with the certificate
    authorities that are trusted.
    """
    try:
        trust = ssl.create_default_context(cafile=authority)
    except OSError as error:
        raise PlatformError(f"The certificate authorities in {authority} can't be read: {error}") from error
    if authority:
        # From Python 3.13 on a certificate must also have every extension that RFC 5280 wants; a private authority's need not.
        trust.verify_flags &= ~ssl.VERIFY_X509_STRICT
    reached, _colon, other_port = (address or host).partition(":")

    def connect(user: str, password: str, **options: t.Any) -> t.Any:
        connection = pymysql.connect(
            host=host,
            port=port,
            user=user,
            password=password,
            ssl=trust,
            autocommit=True,
            connect_timeout=connect_timeout,
            read_timeout=connect_timeout,
            defer_connect=True,
            **options,
        )
        raw = socket.create_connection((reached, int(other_port or port)), timeout=connect_timeout)
        try:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            raw.settimeout(None)
            connection.connect(raw)
            # Until here the time-out of a connection holds, also for a server that accepts it and then says nothing.
            connection._read_timeout = read_timeout
        except Exception:
            raw.close()
            raise
        return connection

    return connect
