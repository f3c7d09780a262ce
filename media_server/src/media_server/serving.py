# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Run the processes from start to stop: the HTTP server and the worker."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import threading

import structlog
import uvicorn
from prometheus_client import CollectorRegistry, start_http_server

from media_server.jobs.folders import remove_leftovers
from media_server.jobs.kinds import all_kinds
from media_server.jobs.metrics import WorkerMetrics
from media_server.jobs.spot import SpotNotice
from media_server.jobs.worker import Worker
from media_server.sd_notify import notify
from media_server.services import Services
from media_server.web.app import create_app

# Longer than the load balancer's idle timeout of a minute, so that the server doesn't close connections first.
_KEEP_ALIVE_S = 75
# Time to finish responses at a stop; systemd's TimeoutStopSec must be longer.
GRACE_S = 30
# Time for the worker's threads to stop; their messages are back in the queue before.
WORKER_GRACE_S = 15

log = structlog.get_logger("media_server")


class _Server(uvicorn.Server):
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit:
            notify("READY=1")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        notify("STOPPING=1")
        await super().shutdown(sockets)


def serve(services: Services) -> int:
    """Serve until SIGTERM or SIGINT. Return 0, or 1 if the server could not start."""
    settings = services.settings
    config = uvicorn.Config(
        create_app(services),
        host=settings.listen_host,
        port=settings.listen_port,
        ssl_certfile=settings.tls_certificate or None,
        ssl_keyfile=settings.tls_key or None,
        ssl_version=ssl.PROTOCOL_TLS_SERVER,
        # The application writes its own access log, without query strings.
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
        h11_max_incomplete_event_size=32 * 1024,
        ws="none",
    )
    server = _Server(config)
    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn raises the signal again after it has stopped.
        signal.signal(number, lambda _number, _frame: None)
    try:
        server.run()
    except SystemExit:
        # uvicorn exits when it can't listen.
        return 1
    return 0 if server.started else 1


def work(services: Services) -> int:
    """Work until SIGTERM or SIGINT. Return 0, or 1 if a job didn't stop in time.

    After a spot interruption notice no job is taken. The process keeps running, because systemd would start it again.
    """
    settings = services.settings
    registry = CollectorRegistry()
    jobs = all_kinds(services.package_jobs, services.rotation)
    worker = Worker(services.queue, jobs, WorkerMetrics(registry), settings.worker_concurrency)
    ended = threading.Event()

    def end(reason: str) -> None:
        worker.stop(reason)
        ended.set()

    def on_notice() -> None:
        worker.stop("spot notice")

    def on_signal(number: int, _frame: object) -> None:
        # In a thread: the handler may have interrupted code that holds the locks `stop` needs.
        threading.Thread(target=end, args=(signal.Signals(number).name,), name="stop", daemon=True).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    remove_leftovers(services.jobs_dir)
    if settings.worker_metrics_port:
        start_http_server(settings.worker_metrics_port, settings.listen_host, registry)
    if os.environ.get("AWS_EC2_METADATA_DISABLED", "").lower() != "true":
        threading.Thread(target=SpotNotice().watch, args=(ended, on_notice), name="spot", daemon=True).start()
    worker.start()
    threading.Thread(target=services.source_expiry.watch, args=(ended,), name="sources", daemon=True).start()
    notify("READY=1")
    log.info("working", queue=settings.queue_url.rpartition("/")[2], concurrency=settings.worker_concurrency)
    ended.wait()
    notify("STOPPING=1")
    return 0 if worker.join(WORKER_GRACE_S) else 1
