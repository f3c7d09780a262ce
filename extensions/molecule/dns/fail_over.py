# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Measure a failover as clients see it: listeners on two addresses, one of them stopped, and DNS asked for the names."""

from __future__ import annotations

import argparse
import http.server
import threading
import time

import dns.resolver
from dns.nameserver import Do53Nameserver

# A probe, the look of the DNS server, and a machine that is busy.
_SLACK = 6.0


class Listener:
    """An HTTP server that can be stopped and started again."""

    def __init__(self, address: str, port: int):
        self._place = (address, port)

    def start(self) -> None:
        self._server = http.server.ThreadingHTTPServer(self._place, _Healthy)
        threading.Thread(target=self._server.serve_forever, args=[0.05], daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Healthy(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/health" else 404)
        self.end_headers()

    def log_message(self, *_arguments) -> None:
        """Keep quiet."""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    for option in ("server", "primary", "secondary"):
        parser.add_argument(f"--{option}", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--within", type=float, required=True)
    parser.add_argument("--ttl", type=int, required=True)
    parser.add_argument("names", nargs="+")
    return parser.parse_args()


def main() -> None:
    options = _arguments()
    resolver = dns.resolver.Resolver(configure=False)
    host, _, port = options.server.rpartition(":")
    resolver.nameservers = [Do53Nameserver(host, int(port))]

    def ask(name: str) -> str:
        answer = resolver.resolve(f"{name}.", "A")
        assert answer.response.answer[0].ttl == options.ttl, answer.response.answer
        return answer[0].address

    def until(wanted: str) -> dict[str, float]:
        started, seen = time.monotonic(), {}
        while len(seen) < len(options.names):
            seen |= {
                name: time.monotonic() - started for name in options.names if name not in seen and ask(name) == wanted
            }
            assert time.monotonic() - started <= options.within + _SLACK, (
                f"{wanted} after {options.within} s only for {seen}"
            )
            time.sleep(0.1)
        return seen

    primary, secondary = Listener(options.primary, options.port), Listener(options.secondary, options.port)
    primary.start()
    secondary.start()
    time.sleep(options.within + _SLACK)  # the checks of both have recovered by then
    until(options.primary)
    for what, act, wanted in (
        ("stopped", primary.stop, options.secondary),
        ("back", primary.start, options.primary),
    ):
        act()
        for name, seconds in until(wanted).items():
            print(
                f"simulated: primary {what}, {name} answered with {wanted} after {seconds:.1f} s "
                f"(interval x threshold: {options.within:.0f} s), clients follow within {options.ttl} s more"
            )


if __name__ == "__main__":
    main()
