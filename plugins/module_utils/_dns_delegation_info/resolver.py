# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Ask a resolver for the name servers of a name."""

from __future__ import annotations

import traceback
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._dns_delegation_info.model import Heard
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError

try:
    import dns.exception
    import dns.nameserver
    import dns.resolver

    DNSPYTHON_ERROR = None
except ImportError:
    DNSPYTHON_ERROR = traceback.format_exc()

_PORT = 53


def name_servers(name: str, resolvers: t.Sequence[str], timeout: float) -> Heard:
    """Ask resolvers (addresses, each with a port if it isn't 53; none: the system's) for a name's servers."""
    try:
        resolver = dns.resolver.Resolver(configure=not resolvers)
        if resolvers:
            resolver.nameservers = [_nameserver(text) for text in resolvers]
    except (dns.exception.DNSException, ValueError, OSError) as error:
        raise PlatformError(f"No DNS resolver to ask: {error}. Set O(resolvers), for example to 1.1.1.1.") from error
    asked = ", ".join(str(server) for server in resolver.nameservers)
    try:
        answer = resolver.resolve(f"{name}.", "NS", lifetime=timeout)
    except dns.resolver.NXDOMAIN:
        return Heard(reason="the name does not exist")
    except dns.resolver.NoAnswer:
        return Heard(reason="the name has no NS records")
    except dns.resolver.NoNameservers:
        # A delegation to servers that don't know the zone, or a DS record of another signer.
        return Heard(reason="SERVFAIL: the servers that are named for it don't answer for it")
    except dns.exception.DNSException as error:
        return Heard(
            reason=f"the resolvers {asked} gave no answer in {timeout:.0f} s ({type(error).__name__})", asked=False
        )
    return Heard(servers=tuple(sorted(record.target.to_text(omit_final_dot=True).lower() for record in answer)))


def _nameserver(text: str) -> t.Any:
    """Read an address such as 192.0.2.1, 192.0.2.1:5353, 2001:db8::1 or [2001:db8::1]:5353."""
    address, colon, port = text.rpartition(":")
    if not colon or (":" in address and not address.endswith("]")):
        address, port = text, str(_PORT)
    return dns.nameserver.Do53Nameserver(address.strip("[]"), int(port))
