# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A media tier in a lab: bucket, queue, keys and record of one region, and processes of the server."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import secrets
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import jwt

from lab import certificates
from lab.settings import CHECKOUT
from tests.support.labs import Clients

REGION = "me-west-1"
# Long enough for a busy machine; a shorter limit would prove nothing more.
START_S, JOB_S = 180.0, 300.0
MOST_RECEIVES = 3


@dataclass
class MediaTier:
    """What the operator's roles would create in one region of the lab.

    `settings` is the content of the server's settings file.
    """

    lab: Clients
    home: Path
    region: str = REGION
    name: str = field(default_factory=lambda: f"media-{secrets.token_hex(4)}")
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    settings: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)

    def build(self, **settings: Any) -> MediaTier:
        """Create the resources, and write the settings."""
        clients = self.lab
        s3, sqs = clients("s3", self.region), clients("sqs", self.region)
        s3.create_bucket(Bucket=self.name, CreateBucketConfiguration={"LocationConstraint": self.region})
        s3.put_bucket_versioning(Bucket=self.name, VersioningConfiguration={"Status": "Enabled"})
        dead = sqs.create_queue(QueueName=f"{self.name}-dead")["QueueUrl"]
        dead_arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": MOST_RECEIVES})
        queue = sqs.create_queue(QueueName=self.name, Attributes={"RedrivePolicy": redrive})["QueueUrl"]
        kms_key = clients("kms", self.region).create_key(MultiRegion=True)["KeyMetadata"]["Arn"]
        clients("secretsmanager", self.region).create_secret(Name=self.name, SecretString=self.token_keys)
        self._build_record()
        made = {
            "bucket": self.name,
            "queue_url": queue,
            "envelope_key": kms_key,
            "token_secret_id": self.name,
            "record_table": self.name,
        }
        return self.write(self.of_this_machine() | made | settings)

    @property
    def token_keys(self) -> str:
        """Return the content of the token keys' secret."""
        return json.dumps({"keys": {"k1": base64.b64encode(self.key).decode()}, "current": "k1"})

    def of_this_machine(self) -> dict[str, Any]:
        """Return the settings that depend on this machine only: endpoints, ports, certificates and folders."""
        stack, port = self.lab.stack, free_port()
        certificate, key = certificates.issue(stack.settings.tls, "media", ["127.0.0.1", "localhost"])
        services = ("s3", "sqs", "kms", "secretsmanager", "dynamodb")
        return {
            "region": self.region,
            "public_url": f"https://localhost:{port}",
            "endpoint_urls": dict.fromkeys(services, stack.endpoints[self.region]),
            "ca_bundle": str(stack.settings.ca_certificate),
            "listen_host": "127.0.0.1",
            "listen_port": port,
            "tls_certificate": str(certificate),
            "tls_key": str(key),
            "work_dir": str(self.home / "work"),
            "retain_old_s": 3600,
            "replication_timeout_s": 30,
            # There is no other host.
            "refused_elsewhere_s": 1,
        }

    def write(self, settings: dict[str, Any]) -> MediaTier:
        """Write the server's settings file."""
        self.settings = settings
        self.home.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps(settings))
        return self

    def _build_record(self) -> None:
        dynamodb = self.lab("dynamodb", self.region)
        dynamodb.create_table(
            TableName=self.name,
            KeySchema=[{"AttributeName": "name", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "name", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        self.set_active(self.region)

    def set_active(self, region: str) -> None:
        """Write the active region to the region record."""
        item = {"name": {"S": "active"}, "active_region": {"S": region}, "epoch": {"N": "1"}}
        self.lab("dynamodb", self.region).put_item(TableName=self.name, Item=item)

    @property
    def file(self) -> Path:
        """Return the path of the settings file."""
        return self.home / "settings.json"

    def token(self, audience: str = "api", tenant: str | None = "acme", **claims: Any) -> str:
        """Sign a token as the platform's API does, without the server's code."""
        now = int(time.time())
        said = {"aud": audience, "jti": secrets.token_hex(12), "iat": now, "exp": now + 600, "tenant": tenant} | claims
        told = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(told, self.key, algorithm="HS256", headers={"kid": "k1"})

    def header(self, audience: str = "api", tenant: str | None = "acme", **claims: Any) -> dict[str, str]:
        """Return a new token as a header."""
        return {"Authorization": f"Bearer {self.token(audience, tenant, **claims)}"}

    def client(self) -> httpx.Client:
        """Return a client of the server, which verifies its certificate."""
        return httpx.Client(base_url=self.settings["public_url"], verify=self.trust, timeout=20, trust_env=False)

    @property
    def trust(self) -> ssl.SSLContext:
        """Return a TLS context that trusts the lab's CA only."""
        return ssl.create_default_context(cafile=self.settings["ca_bundle"])

    def environment(self) -> dict[str, str]:
        """Return a process's environment: the lab's keys, and none of the caller's."""
        key = self.lab.stack.administrator_key()
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        return kept | {
            "PYTHONPATH": os.pathsep.join([str(CHECKOUT / "media_server" / "src"), str(CHECKOUT)]),
            "MEDIA_SERVER_SETTINGS": str(self.file),
            "AWS_ACCESS_KEY_ID": key["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": key["secret"],
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            **self.variables,
        }

    @contextlib.contextmanager
    def running(self, command: str, module: str = "media_server.cli") -> Iterator[Process]:
        """Run `media-server serve`, `work` or `check`, and stop it with SIGTERM at the end. Wait until a server answers."""
        with self.started(command, module) as running:
            if command == "serve":
                self._wait_until_up(running)
            yield running

    @contextlib.contextmanager
    def started(self, command: str, module: str = "media_server.cli") -> Iterator[Process]:
        """Start a command without waiting for it."""
        log = self.home / f"{command}-{secrets.token_hex(3)}.log"
        with log.open("wb") as written:
            process = subprocess.Popen(
                [sys.executable, "-m", module, command],
                cwd=self.home,
                env=self.environment(),
                stdout=written,
                stderr=subprocess.STDOUT,
            )
        running = Process(process, log)
        try:
            yield running
        finally:
            running.stop()

    def _wait_until_up(self, running: Process) -> None:
        with self.client() as client:
            for _second in _seconds(START_S):
                assert running.process.poll() is None, running.text()
                with contextlib.suppress(httpx.TransportError):
                    if client.get("/healthz").status_code == 200:
                        return
        raise AssertionError(f"the server didn't come up: {running.text()}")

    # Client operations

    def upload(
        self, client: httpx.Client, source: bytes, asset: str, scheme: str = "cbcs", tenant: str = "acme", **more: Any
    ) -> None:
        """Upload a source and queue its packaging."""
        wanted = {"tenant": tenant, "asset": asset, "scheme": scheme, "size": len(source), "title": "Colours"} | more
        begun = client.post("/v1/assets", json=wanted, headers=self.header(tenant=tenant))
        assert begun.status_code == 201, begun.text
        self.send_parts(begun.json()["upload"], source)
        done = client.post(f"/v1/assets/{tenant}/{asset}/complete", headers=self.header(tenant=tenant))
        assert done.status_code == 202, done.text

    def send_parts(self, upload: dict[str, Any], source: bytes) -> None:
        """Send the parts to S3 with their presigned URLs."""
        at = 0
        with httpx.Client(verify=self.trust, timeout=30, trust_env=False) as s3:
            for part in upload["parts"]:
                sent = s3.put(part["url"], content=source[at : at + part["size"]])
                assert sent.status_code == 200, sent.text
                at += part["size"]
        assert at == len(source)

    def wait_for(self, client: httpx.Client, asset: str, state: str, tenant: str = "acme") -> dict[str, Any]:
        """Wait until an asset is in a state."""
        found: dict[str, Any] = {}
        for _second in _seconds(JOB_S):
            found = client.get(f"/v1/assets/{tenant}/{asset}", headers=self.header(tenant=tenant)).json()
            if found.get("state") == state:
                return found
        raise AssertionError(f"{asset} isn't {state} but {found}")

    def rotation(self, client: httpx.Client, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Call the rotation API; `path` follows /v1/rotations."""
        answer = client.post(f"/v1/rotations{path}", json=body or {}, headers=self.header("admin", None))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def wait_for_phase(self, client: httpx.Client, rotation: str, phase: str) -> dict[str, Any]:
        """Wait until a rotation is in a phase."""
        told: dict[str, Any] = {}
        for _second in _seconds(JOB_S):
            told = client.get(f"/v1/rotations/{rotation}", headers=self.header("admin", None)).json()
            if told["phase"] == phase:
                return told
        raise AssertionError(f"{rotation} isn't {phase} but {told}")

    def playback(self, client: httpx.Client, asset: str, tenant: str = "acme", **wish: Any) -> dict[str, Any]:
        """Request a playback token, and return the response."""
        path = f"/v1/assets/{tenant}/{asset}/playback-token"
        told = client.post(path, headers=self.header(tenant=tenant), json=wish)
        assert told.status_code == 200, told.text
        return told.json()


@dataclass
class Process:
    """A process of the server, and its log."""

    process: subprocess.Popen
    log: Path

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, wait, and return the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def text(self) -> str:
        """Return the log so far."""
        return self.log.read_text()

    def lines(self) -> list[dict[str, Any]]:
        """Return the log's JSON lines so far."""
        return [json.loads(line) for line in self.text().splitlines() if line.startswith("{")]


def _seconds(most: float) -> Iterator[float]:
    until = time.monotonic() + most
    while (left := until - time.monotonic()) > 0:
        yield left
        time.sleep(0.3)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
