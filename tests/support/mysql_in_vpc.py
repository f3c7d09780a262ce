# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Run statements of MySQL in a process that is in a VPC's network, and find the server by the VPC's resolver.

Read a JSON object from standard input, and print the rows of the last statement, or print the error and exit with 3.
"""

from __future__ import annotations

import json
import socket
import ssl
import sys

import dns.resolver
import pymysql

_RESOLVER = "169.254.169.253"


def _resolve_in_vpc(host, port, *more, **named):
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.lifetime = [_RESOLVER], 3.0
    address = resolver.resolve(host, "A")[0].to_text()
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]


def main() -> int:
    asked = json.load(sys.stdin)
    socket.getaddrinfo = _resolve_in_vpc
    trust = ssl.create_default_context(cafile=asked["ca"]) if asked.get("tls", True) else None
    try:
        connection = pymysql.connect(
            host=asked["host"],
            port=asked.get("port", 3306),
            user=asked["user"],
            password=asked["password"],
            ssl=trust,
            ssl_disabled=trust is None,
            connect_timeout=asked.get("timeout", 10),
            read_timeout=asked.get("timeout", 10),
            autocommit=True,
        )
        with connection, connection.cursor() as cursor:
            for statement in asked["statements"]:
                cursor.execute(statement)
            print(json.dumps(cursor.fetchall(), default=str))
    except (pymysql.MySQLError, OSError, dns.exception.DNSException) as error:
        print(*(error.args or [type(error).__name__]))
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
