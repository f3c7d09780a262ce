# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Serve one engine over HTTPS; started by `lab.clickhouse.lifecycle` in ClickHouse's own environment."""

from __future__ import annotations

import argparse
import json
import os
import signal
import ssl
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path

from lab.clickhouse.engine import Engine
from lab.clickhouse.http_interface import Handler, Service


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_arguments) -> None:
        """Ignore a client that hung up: it is none of the server's errors."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listen", required=True, metavar="ADDRESS:PORT")
    for name in ("--data", "--configuration", "--user", "--certificate", "--key", "--listening"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--administrator", required=True, metavar="USER")
    parser.add_argument("--of-role", nargs="*", default=[], metavar="COLLECTION")
    arguments = parser.parse_args()
    user = json.loads(arguments.user.read_text())
    engine = Engine(arguments.data, arguments.configuration)
    host, _, port = arguments.listen.rpartition(":")
    service = Service(engine, user["name"], arguments.administrator, user["password"], tuple(arguments.of_role))
    server = _Server((host, int(port)), type("BoundHandler", (Handler,), {"service": service}))
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(arguments.certificate, arguments.key)
    # The handshake belongs into the connection's thread: a client that never ends it must not stop the others.
    server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    arguments.listening.write_text(str(os.getpid()))
    server.serve_forever(poll_interval=0.1)
    engine.close()


if __name__ == "__main__":
    main()
