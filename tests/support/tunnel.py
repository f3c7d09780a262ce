# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A tunnel from this machine into a VPC of the lab, as Session Manager's port forwarding makes one."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

Target = tuple[str, int] | Callable[[], tuple[str, int]]


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def _serve(listener: socket.socket, namespace: str, target: Target) -> None:
    while True:
        try:
            client, _address = listener.accept()
        except OSError:
            return

        def relay(client: socket.socket = client) -> None:
            # A thread has a network of its own; its sockets stay in there.
            with Path(namespace).open() as space:
                os.setns(space.fileno(), os.CLONE_NEWNET)
            try:
                server = socket.create_connection(target() if callable(target) else target, timeout=5)
            except (OSError, LookupError):
                client.close()
                return
            server.settimeout(None)
            # What comes in small pieces goes on at once, as it would without a tunnel.
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            back = threading.Thread(target=_pump, args=(server, client), daemon=True)
            back.start()
            _pump(client, server)
            back.join()
            client.close()
            server.close()

        threading.Thread(target=relay, daemon=True).start()


@contextlib.contextmanager
def tunnel(namespace: str, target: Target) -> Iterator[str]:
    """`address:port` on this machine that leads to an address in the network namespace (a path).

    A function is asked at each connection, for what comes to be only later; it raises LookupError until then.
    """
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        threading.Thread(target=_serve, args=(listener, namespace, target), daemon=True).start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
