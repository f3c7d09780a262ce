# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""SeaweedFS as a second S3 to measure with: on loopback, with folder, key and certificate of its own, gone at the end.

The lab's S3 is Python, and takes from the machine what the two that are compared would need.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from lab import certificates, ports
from lab.processes import Process, ProcessError
from lab.settings import CHECKOUT

_PROGRAM = CHECKOUT / ".build" / "clickhouse" / "bin" / "weed"
_ADDRESS = "127.0.0.1"
_START_TIMEOUT = 60.0
_SERVERS = ("master", "volume", "filer", "s3")
_PORTS = (*(f"{server}.{port}" for server in _SERVERS for port in ("port", "port.grpc")), "s3.port.https", "debug.port")


@dataclass(frozen=True)
class SeaweedFS:
    """A running one: where it answers, its administrator's key, and the CA that its certificate comes from."""

    endpoint: str
    access_key_id: str
    secret: str = field(repr=False)
    ca_certificate: Path

    def client(self, region: str):
        """A boto3 client for S3; the server takes any region."""
        return boto3.client(
            "s3",
            region_name=region,
            endpoint_url=self.endpoint,
            verify=str(self.ca_certificate),
            aws_access_key_id=self.access_key_id,
            aws_secret_access_key=self.secret,
            config=Config(s3={"addressing_style": "path"}),
        )


@contextlib.contextmanager
def running_seaweedfs(folder: Path, authority: Path) -> Iterator[SeaweedFS]:
    """One in `folder`, with a certificate of the CA in `authority`."""
    folder.mkdir()
    certificate, key = certificates.issue(authority, "seaweedfs", [_ADDRESS])
    chosen = ports.reserve(folder / "ports.json", _PORTS)
    server = SeaweedFS(
        f"https://{_ADDRESS}:{chosen['s3.port.https']}",
        f"AKIA{secrets.token_hex(8).upper()}",
        secrets.token_urlsafe(30),
        authority / "ca.pem",
    )
    identities = folder / "identities.json"
    identities.touch(mode=0o600)
    identities.write_text(_identities(server))
    (data := folder / "data").mkdir()
    arguments = {
        "dir": data,
        "ip": _ADDRESS,
        "ip.bind": _ADDRESS,
        **chosen,
        "filer": "true",
        "filer.localSocket": folder / "filer.sock",
        "master.telemetry": "false",
        "s3": "true",
        "s3.cert.file": certificate,
        "s3.key.file": key,
        "s3.config": identities,
        "s3.localSocket": folder / "s3.sock",
        "s3.port.iceberg": 0,
        "s3.port.lance": 0,
        "master.volumeSizeLimitMB": 1024,
        "volume.max": 100,
        "volume.preStopSeconds": 0,
    }
    process = Process(folder, "seaweedfs")
    process.start(
        [str(_PROGRAM), "server", *(f"-{name}={value}" for name, value in arguments.items())],
        folder / "seaweedfs.log",
        {"PATH": os.defpath, "HOME": str(folder)},
    )
    try:
        _wait(server, process, folder / "seaweedfs.log")
        yield server
    finally:
        process.stop(timeout=1.0)  # by itself it takes longer than 15 s, for data that nobody keeps
        for name in _SERVERS:
            Path(f"/tmp/seaweedfs-{name}-grpc-{chosen[f'{name}.port.grpc']}.sock").unlink(missing_ok=True)


def _identities(server: SeaweedFS) -> str:
    """With an identities file it answers nobody else."""
    credentials = {"accessKey": server.access_key_id, "secretKey": server.secret}
    return json.dumps({"identities": [{"name": "bench", "credentials": [credentials], "actions": ["Admin"]}]})


def _wait(server: SeaweedFS, process: Process, log: Path) -> None:
    """Until it takes an object: its parts are ready one after the other. Raises ProcessError."""
    deadline = time.monotonic() + _START_TIMEOUT
    while not _takes_objects(server):
        if not process.pid:
            raise ProcessError(f"SeaweedFS has ended, see {log}: {log.read_text()[-2000:]}")
        if time.monotonic() > deadline:
            raise ProcessError(f"SeaweedFS takes no object after {_START_TIMEOUT:.0f} s, see {log}")
        time.sleep(0.3)


def _takes_objects(server: SeaweedFS) -> bool:
    client = server.client("us-east-1")
    try:
        client.create_bucket(Bucket="started")
        client.put_object(Bucket="started", Key="object", Body=b"1")
    except (BotoCoreError, ClientError):
        return False
    return True
