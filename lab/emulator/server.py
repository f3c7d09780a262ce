# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Run the AWS API emulator, one listener a region; started by `lab up` in the emulator's own environment.

Each region listens on a Unix socket of its own. Only that region's proxy connects to it, so that the emulator can tell
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

from lab.emulator import patches, region_guard
from lab.emulator.control_api.application import ControlApi, Handler
from lab.emulator.recorder import Recorder
from lab.emulator.rights_recorder import RightsRecorder
from lab.emulator.zone_publisher import publish


def _behind_proxy(region: str, owns_lifespan: bool):
    """Wrap the emulator for one region's proxy: always TLS, and only requests signed for that region."""

    async def application(scope, receive, send):
        if scope["type"] == "lifespan":
            if owns_lifespan:
                await emulator(scope, receive, send)
            return
        # The region proxy has terminated TLS; without this every policy that demands aws:SecureTransport would refuse.
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


def _control_handlers(regions: tuple[str, ...], applied: list[str]) -> dict[str, Handler]:
    # Only once the patches are applied: the control API shares their state.
    from lab.emulator.control_api import databases, instances, pod_identity

    return {
        "patches": lambda _question: applied,
        **instances.handlers(regions, databases.occupants),
        **databases.handlers(regions),
        **pod_identity.handlers(),
    }


async def _serve(
    sockets: dict[str, Path],
    control_socket: Path,
    handlers: dict[str, Handler],
    recorders: Sequence[Recorder | RightsRecorder],
) -> None:

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)

    servers = [serve(ControlApi(handlers), _listening_on(control_socket), shutdown_trigger=stop.wait)]
    for position, (region, socket) in enumerate(sockets.items()):
        application = _behind_proxy(region, position == 0)
        for recorder in recorders:
            application = recorder.around(application, region)
        servers.append(serve(application, _listening_on(socket), shutdown_trigger=stop.wait))
    await asyncio.gather(*servers, publish(next(iter(sockets.values())).parent, stop))


def main() -> None:
    control_socket, *regional = (Path(argument) for argument in sys.argv[1:])
    sockets = {path.stem.removeprefix("api-"): path for path in regional}
    recorders = []
    if rights := os.environ.get("LAB_RECORD_RIGHTS"):
        recorders.append(RightsRecorder(Path(rights)))
        recorders[-1].listen()  # before the patches, which decide what is checked
    applied = patches.apply(without=os.environ.get("LAB_WITHOUT_PATCHES", "").split(","))
    if calls := os.environ.get("LAB_RECORD_CALLS"):
        recorders.append(Recorder(Path(calls)))
    asyncio.run(_serve(sockets, control_socket, _control_handlers(tuple(sockets), applied), recorders))


if __name__ == "__main__":
    main()
