# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Serve one region's API: a TLS listener that relays to the region's emulator socket, and can be slowed or cut.

Started by `lab up` as a process of its own, so that a region can be lost while the others answer. Its control file is
read anew ten times a second: `{"mode": "open" | "refuse" | "silent", "delay_ms": 0}`. `refuse` closes the listener and
every connection; `silent` takes connections and answers nothing, as a network that drops packets.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
import ssl
from dataclasses import dataclass
from pathlib import Path

_CHUNK = 64 * 1024
_CONTROL_INTERVAL = 0.1


@dataclass(frozen=True)
class Control:
    """What the proxy does at the moment."""

    mode: str = "open"
    delay_ms: int = 0

    @classmethod
    def read(cls, path: Path) -> Control:
        try:
            return cls(**json.loads(path.read_text()))
        except FileNotFoundError:
            return cls()


class RegionProxy:
    """Relays bytes between a region's clients and its emulator socket, under the control file's rule."""

    def __init__(self, addresses: list[tuple[str, int]], backend: Path, control_file: Path, tls: ssl.SSLContext):
        self._addresses = addresses
        self._backend = backend
        self._control_file = control_file
        self._tls = tls
        self._control = Control()
        self._servers: dict[tuple[str, int], asyncio.Server] = {}
        self._connections: set[asyncio.Task] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set, and follow the control file."""
        while not stop.is_set():
            self._control = Control.read(self._control_file)
            if self._control.mode == "refuse":
                await self._close()
            else:
                await self._listen()
            try:
                await asyncio.wait_for(stop.wait(), _CONTROL_INTERVAL)
            except TimeoutError:
                continue
        await self._close()

    async def _listen(self) -> None:
        """Listen wherever that is possible: the address of a network that was removed must not cost the others."""
        for host, port in self._addresses:
            if (host, port) not in self._servers:
                with contextlib.suppress(OSError):  # tried again at the next reading of the control file
                    self._servers[host, port] = await asyncio.start_server(self._accept, host, port, ssl=self._tls)

    async def _close(self) -> None:
        for server in self._servers.values():
            server.close()
        self._servers = {}
        for task in list(self._connections):
            task.cancel()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._connections.add(task)
        try:
            await self._relay(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass  # either side hung up, or the region was cut
        finally:
            self._connections.discard(task)
            writer.transport.abort()

    async def _relay(self, client_reader, client_writer) -> None:
        backend_reader, backend_writer = await asyncio.open_unix_connection(str(self._backend))
        pumps = [
            asyncio.ensure_future(self._pump(client_reader, backend_writer, delayed=True)),
            asyncio.ensure_future(self._pump(backend_reader, client_writer, delayed=False)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            backend_writer.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delayed: bool) -> None:
        while data := await reader.read(_CHUNK):
            while self._control.mode == "silent":
                await asyncio.sleep(_CONTROL_INTERVAL)
            if delayed and self._control.delay_ms:
                await asyncio.sleep(self._control.delay_ms / 1000)
            writer.write(data)
            await writer.drain()
        await writer.drain()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listen", action="append", required=True, metavar="ADDRESS:PORT")
    parser.add_argument("--backend", type=Path, required=True)
    parser.add_argument("--control", type=Path, required=True)
    parser.add_argument("--certificate", type=Path, required=True)
    parser.add_argument("--key", type=Path, required=True)
    return parser.parse_args()


async def _main() -> None:
    arguments = _arguments()
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(arguments.certificate, arguments.key)
    addresses = [(host, int(port)) for host, _, port in (item.rpartition(":") for item in arguments.listen)]
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await RegionProxy(addresses, arguments.backend, arguments.control, tls).run(stop)


if __name__ == "__main__":
    asyncio.run(_main())
