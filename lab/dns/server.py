# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Serve the lab's DNS: a resolver that knows the hosted zones of the emulator, and which of their records are healthy.

Started by `lab up` as a process of its own. It answers UDP and TCP on loopback.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
from pathlib import Path

import dns.exception
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from lab.dns.answers import SERVFAIL, Answer, answer
from lab.dns.files import HEALTH, ZONES, Watched, write
from lab.dns.probes import Place, Prober
from lab.dns.zones import Zone, Zones, absolute

_LOOK = 0.1


class Resolver:
    """Answers messages from the zones file; keeps the probes in step with it."""

    def __init__(self, folder: Path, namespaces: str):
        self._folder = folder
        self._namespaces = namespaces
        self._file = Watched(folder / ZONES, {"zones": [], "health_checks": []})
        self._zones = Zones([])
        self._prober = Prober(self._locate, lambda health: write(folder / HEALTH, health))

    def read(self) -> None:
        """Take over what has changed."""
        changed, taken = self._file.read()
        if changed:
            zones = [Zone(item["zone_id"], item["name"], tuple(item["records"])) for item in taken["zones"]]
            self._zones = Zones(zones, taken.get("hosts"))
            self._prober.follow({check["id"]: check["config"] for check in taken["health_checks"]})

    def _locate(self, name: str) -> Place:
        """Return where a health check's endpoint is: from the hosted zones, else whatever this machine makes of the name."""
        found = answer(self._zones, name, "A", self._prober.healthy)
        addresses = [value for section in found.sections if section.type == "A" for value in section.values]
        if not addresses:
            return Place(name.rstrip("."))
        network = self._zones.network(addresses[0])
        return Place(addresses[0], Path(self._namespaces + network) if network else None)

    def respond(self, wire: bytes) -> bytes:
        """Return the response to a message."""
        self.read()
        query = dns.message.from_wire(wire)
        response = dns.message.make_response(query, recursion_available=True)
        found = Answer(SERVFAIL)
        if len(query.question) == 1:
            (question,) = query.question
            kind = dns.rdatatype.to_text(question.rdtype)
            found = answer(self._zones, question.name.to_text(), kind, self._prober.healthy)
        response.set_rcode(dns.rcode.Rcode(found.code))
        for section in found.sections:
            response.answer.append(
                dns.rrset.from_text(absolute(section.name), section.ttl, "IN", section.type, *section.values)
            )
        return response.to_wire()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, resolver: Resolver):
        self._resolver = resolver

    def connection_made(self, transport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, address) -> None:
        try:
            self._transport.sendto(self._resolver.respond(data), address)
        except dns.exception.DNSException:
            return  # not a DNS message


async def _stream(resolver: Resolver, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            length = int.from_bytes(await reader.readexactly(2))
            response = resolver.respond(await reader.readexactly(length))
            writer.write(len(response).to_bytes(2) + response)
            await writer.drain()
    except (OSError, asyncio.IncompleteReadError, dns.exception.DNSException):
        pass  # the client hung up, or doesn't speak DNS
    finally:
        writer.close()


async def _serve(host: str, port: int, folder: Path, namespaces: str) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    resolver = Resolver(folder, namespaces)
    await loop.create_datagram_endpoint(lambda: _Datagrams(resolver), local_addr=(host, port))
    await asyncio.start_server(lambda reader, writer: _stream(resolver, reader, writer), host, port)
    while not stop.is_set():
        resolver.read()
        try:
            await asyncio.wait_for(stop.wait(), _LOOK)
        except TimeoutError:
            continue


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listen", required=True, metavar="ADDRESS:PORT")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--namespaces", required=True, metavar="PREFIX", help="of the VPCs' network namespaces, a path")
    arguments = parser.parse_args()
    host, _, port = arguments.listen.rpartition(":")
    asyncio.run(_serve(host, int(port), arguments.folder, arguments.namespaces))


if __name__ == "__main__":
    main()
