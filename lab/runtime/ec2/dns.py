# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Resolve names in a VPC: AWS's names and the instances' own, and no other name exists."""

from __future__ import annotations

import asyncio
import ipaddress
import re
import struct
from collections.abc import Callable

from lab.runtime.vpc.endpoints import region_of

_A, _IN = 1, 1
_TTL = 60
_NAME_ERROR, _FORMAT_ERROR = 3, 1
_INSTANCE = re.compile(r"^ip-(\d+)-(\d+)-(\d+)-(\d+)\.([a-z0-9-]+)\.compute\.internal$")


class Names:
    """What the resolver knows."""

    def __init__(
        self,
        region: str,
        api_addresses: dict[str, str],
        network: str,
        databases: Callable[[], dict[str, str]] = dict,
    ):
        self._region = region
        self._api_addresses = api_addresses
        self._network = ipaddress.IPv4Network(network)
        self._databases = databases

    def address(self, name: str) -> str | None:
        """Return the address of a name; None where the name does not exist."""
        if name in ("instance-data", f"instance-data.{self._region}.compute.internal"):
            return "169.254.169.254"
        instance = _INSTANCE.match(name)
        if instance and instance[5] == self._region:
            address = ".".join(instance.groups()[:4])
            return address if _within(address, self._network) else None
        # The names of databases and load balancers are public, in whichever region they are.
        if database := self._databases().get(name):
            return database
        region = region_of(name, tuple(self._api_addresses))
        return self._api_addresses[region] if region else None


def _within(address: str, network: ipaddress.IPv4Network) -> bool:
    try:
        return ipaddress.IPv4Address(address) in network
    except ValueError:
        return False


def answer(query: bytes, names: Names) -> bytes:
    """Return the answer to a query in DNS's wire format (RFC 1035, section 4)."""
    identifier, flags, questions = struct.unpack("!HHH", query[:6])
    try:
        name, end = _read_name(query, 12)
        kind, _class = struct.unpack("!HH", query[end : end + 4])
    except (IndexError, struct.error):
        return struct.pack("!HHHHHH", identifier, 0x8000 | _FORMAT_ERROR, 0, 0, 0, 0)
    address = names.address(name.lower())
    code = 0 if address else _NAME_ERROR
    has_answer = bool(address) and kind == _A
    # A response, authoritative, with recursion as asked for and available.
    flags = 0x8480 | (flags & 0x0100) | code
    head = struct.pack("!HHHHHH", identifier, flags, min(questions, 1), int(has_answer), 0, 0)
    body = query[12 : end + 4]
    if has_answer:
        # The name is a pointer to the question.
        body += struct.pack("!HHHIH", 0xC00C, _A, _IN, _TTL, 4) + ipaddress.IPv4Address(address).packed
    return head + body


def _read_name(message: bytes, position: int) -> tuple[str, int]:
    labels = []
    while length := message[position]:
        labels.append(message[position + 1 : position + 1 + length].decode("ascii", "replace"))
        position += 1 + length
    return ".".join(labels), position + 1


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, names: Names):
        self._names = names

    def connection_made(self, transport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, address) -> None:
        if len(data) > 12:
            self._transport.sendto(answer(data, self._names), address)


async def serve(names: Names, hosts: list[str]) -> None:
    """Answer on port 53 of `hosts`, by UDP and TCP, for as long as the process lives."""

    async def talk(reader, writer) -> None:
        try:
            length = struct.unpack("!H", await reader.readexactly(2))[0]
            reply = answer(await reader.readexactly(length), names)
            writer.write(struct.pack("!H", len(reply)) + reply)
            await writer.drain()
        except (asyncio.IncompleteReadError, OSError, struct.error):
            pass  # the other side hung up
        finally:
            writer.close()

    loop = asyncio.get_running_loop()
    for host in hosts:
        await loop.create_datagram_endpoint(lambda: _Datagrams(names), local_addr=(host, 53))
        await asyncio.start_server(talk, host, 53)
