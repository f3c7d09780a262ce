# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Run the AWS API emulator, one listener a region; started by `lab up` in the emulator's own environment.

Each region listens on a Unix socket of its own. Only that region's front connects to it, so that the emulator can tell
which region a request came through, and nothing of it is reachable without TLS.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.app import app as emulator

from lab import mends, region_guard
from lab.backstage import Backstage
from lab.dns.publisher import publish
from lab.recorder import Recorder
from lab.rights import RightsRecorder


def _behind_front(region: str, owns_lifespan: bool):
    """The emulator as one region's front sees it: always TLS, and only for requests signed for that region."""

    async def application(scope, receive, send):
        if scope["type"] == "lifespan":
            if owns_lifespan:
                await emulator(scope, receive, send)
            return
        # The front has terminated TLS; without this every policy that demands aws:SecureTransport would refuse.
        scope["scheme"] = {"http": "https", "ws": "wss"}.get(scope["scheme"], scope["scheme"])
        if scope["type"] == "http":
            signed = region_guard.signed_scope(scope)
            if signed and signed.region != region:
                await region_guard.refuse(scope, send, signed, region)
                return
        await emulator(scope, receive, send)

    return application


def _listening_on(socket: Path) -> Config:
    config = Config()
    socket.unlink(missing_ok=True)
    config.bind = [f"unix:{socket}"]
    config.umask = 0o077
    config.keep_alive_timeout = 75
    config.graceful_timeout = 3
    return config


async def _serve(sockets: dict[str, Path], backstage: Path, recorders: Sequence[Recorder | RightsRecorder]) -> None:
    # Only once the mends are in place: it shares their state.
    from lab import pod_identity
    from lab.ec2 import api_side
    from lab.rds import api_side as rds_side

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)

    regions = tuple(sockets)
    handlers = api_side.handlers(regions, rds_side.occupants) | rds_side.handlers(regions) | pod_identity.handlers()
    servers = [serve(Backstage(handlers), _listening_on(backstage), shutdown_trigger=stop.wait)]
    for position, (region, socket) in enumerate(sockets.items()):
        application = _behind_front(region, position == 0)
        for recorder in recorders:
            application = recorder.around(application, region)
        servers.append(serve(application, _listening_on(socket), shutdown_trigger=stop.wait))
    await asyncio.gather(*servers, publish(next(iter(sockets.values())).parent, stop))


def main() -> None:
    backstage, *regional = (Path(argument) for argument in sys.argv[1:])
    sockets = {path.stem.removeprefix("api-"): path for path in regional}
    recorders = []
    if rights := os.environ.get("LAB_RECORD_RIGHTS"):
        recorders.append(RightsRecorder(Path(rights)))
        recorders[-1].listen()  # before the mends, which say what is really checked
    mends.apply(without=os.environ.get("LAB_WITHOUT_MENDS", "").split(","))
    if calls := os.environ.get("LAB_RECORD_CALLS"):
        recorders.append(Recorder(Path(calls)))
    asyncio.run(_serve(sockets, backstage, recorders))


if __name__ == "__main__":
    main()
