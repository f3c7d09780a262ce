# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Start ClickHouse servers for tests, each with a bucket, a key and the collection `backups`."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lab.clickhouse import platform
from lab.clickhouse.configuration import Collection
from lab.clickhouse.lifecycle import ADMINISTRATOR, USER, ClickHouseServer
from lab.runtime.control_client import ask
from lab.runtime.vpc.router import NAMESPACES
from tests.support.labs import Clients
from tests.support.tunnel import tunnel

PREFIX = "clickhouse"


@dataclass(frozen=True)
class Server:
    """A running server and its bucket."""

    lab: Clients
    process: ClickHouseServer
    bucket: str
    s3_secret: str
    collections: tuple[Collection, ...]
    extra: str = ""

    @property
    def region(self) -> str:
        return self.process.region

    @property
    def s3(self):
        return self.lab("s3", self.region)

    def __call__(self, sql: str, **settings: str) -> str:
        """Run a statement as an administrator, and return the answer. Raise AssertionError with the server's error."""
        return self.post(sql, self.process.password, **settings)

    def post(self, sql: str, password: str, **settings: str) -> str:
        return post(self.lab, self.process.url, password, sql, **settings)

    def kill(self) -> None:
        """Kill the server with SIGKILL."""
        os.kill(self.process.process.pid, signal.SIGKILL)
        while self.process.process.pid:
            time.sleep(0.05)

    def restart(self) -> None:
        self.process.start(list(self.collections), extra=self.extra)

    def objects(self, name: str = "") -> dict[str, int]:
        """Return the sizes of all objects of a backup, or of the whole prefix, by key."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=f"{PREFIX}/{name}/" if name else f"{PREFIX}/"
        )
        return {item["Key"]: item["Size"] for page in pages for item in page.get("Contents", [])}

    def login(self) -> dict[str, object]:
        """Return the options by which the module reaches this server."""
        return {
            "login_host": "127.0.0.1",
            "login_port": self.process.port,
            "login_user": USER,
            "login_password": self.process.password,
            "login_ca_path": str(self.process.stack.settings.ca_certificate),
        }


def post(lab: Clients, url: str, password: str, sql: str, user: str = ADMINISTRATOR, **settings: str) -> str:
    """Run a statement on the server at `url`; see `Server`."""
    request = urllib.request.Request(
        f"{url}/?{urllib.parse.urlencode(settings)}",
        data=sql.encode(),
        headers={"X-ClickHouse-User": user, "X-ClickHouse-Key": password},
    )
    trust = ssl.create_default_context(cafile=str(lab.stack.settings.ca_certificate))
    try:
        with urllib.request.urlopen(request, timeout=120, context=trust) as answer:
            return answer.read().decode().rstrip("\n")
    except urllib.error.HTTPError as error:
        raise AssertionError(f"{error.code} {error.read().decode()}") from error


@contextlib.contextmanager
def server_of_the_platform(lab: Clients, region: str) -> Iterator[Callable[[str], str]]:
    """Start the region's server in the VPC of the platform, and yield a function that runs a statement on it."""
    server = platform.start(lab.stack, region)
    try:
        with tunnel(str(NAMESPACES / server.namespace), (server.address, server.port)) as place:
            url = f"https://localhost:{place.rpartition(':')[2]}"
            yield lambda sql: post(lab, url, server.password, sql)
    finally:
        server.stop()


@contextlib.contextmanager
def running_server(
    lab: Clients,
    region: str,
    faulty_s3: str = "",
    suffix: str = "",
    others: tuple[Collection, ...] = (),
    extra: str = "",
) -> Iterator[Server]:
    """Start a server as `start_server` does, and stop it at the end."""
    server = start_server(lab, region, faulty_s3, suffix, others, extra)
    try:
        yield server
    finally:
        server.process.stop()


def start_server(
    lab: Clients,
    region: str,
    faulty_s3: str = "",
    suffix: str = "",
    others: tuple[Collection, ...] = (),
    extra: str = "",
) -> Server:
    """Start a server in `region`. Its key may do with its bucket what a backup needs, and nothing else.

    Beside `backups` it has the collections `wrong_key`, `read_only` and `expired`, and `faulty` by the proxy `faulty_s3`, and
    `others`. `suffix` ends its bucket's name, clickhouse-REGION-SUFFIX. `extra` is added to the engine's configuration.
    """
    bucket = f"clickhouse-{region}-{suffix or uuid.uuid4().hex[:8]}"
    lab("s3", region).create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": region})
    key_id, secret = _user(lab, bucket, bucket, ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"])
    reader_id, reader_secret = _user(lab, f"{bucket}-reader", bucket, ["s3:GetObject"])
    path = f"/{bucket}/{PREFIX}/"
    url = lab.stack.endpoints[region] + path
    collections = (
        Collection("backups", url, key_id, secret),
        Collection("wrong_key", url, key_id, secret[::-1]),
        Collection("read_only", url, reader_id, reader_secret),
        Collection("expired", url, *_expired_session(lab, region)),
        *([Collection("faulty", faulty_s3 + path, key_id, secret)] if faulty_s3 else []),
        *others,
    )
    process = ClickHouseServer(lab.stack, region)
    process.start(list(collections), extra=extra)
    return Server(lab, process, bucket, secret, collections, extra)


def remove_server(lab: Clients, region: str, suffix: str) -> None:
    """Remove a server, its bucket and its users."""
    ClickHouseServer(lab.stack, region).remove()
    s3, iam = lab("s3", region), lab("iam", "us-east-1")
    bucket = f"clickhouse-{region}-{suffix}"
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for item in page.get("Contents", []):
            s3.delete_object(Bucket=bucket, Key=item["Key"])
    s3.delete_bucket(Bucket=bucket)
    for user in (bucket, f"{bucket}-reader"):
        for key in iam.list_access_keys(UserName=user)["AccessKeyMetadata"]:
            iam.delete_access_key(UserName=user, AccessKeyId=key["AccessKeyId"])
        iam.delete_user_policy(UserName=user, PolicyName="backups")
        iam.delete_user(UserName=user)


def _expired_session(lab: Clients, region: str) -> tuple[str, str, str]:
    """Return key, secret and token of an expired session of a role that may do everything with S3."""
    iam, name = lab("iam", "us-east-1"), "clickhouse-expired"
    trust = {"Effect": "Allow", "Principal": {"Service": "pods.eks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    everything = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document(trust))
    iam.put_role_policy(RoleName=name, PolicyName="s3", PolicyDocument=_document(everything))
    question = {"region": region, "cluster": "test", "role": name, "lifetime": 0}
    issued = ask(lab.stack.settings.control_socket, "pod-credentials", question)
    return issued["AWS_ACCESS_KEY_ID"], issued["AWS_SECRET_ACCESS_KEY"], issued["AWS_SESSION_TOKEN"]


def _document(statement: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _user(lab: Clients, name: str, bucket: str, actions: list[str]) -> tuple[str, str]:
    """Create a user who may list the bucket and do `actions` with its objects; return its access key's ID and secret."""
    iam = lab("iam", "us-east-1")
    iam.create_user(UserName=name)
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{bucket}"},
            {
                "Effect": "Allow",
                "Action": [*actions, "s3:AbortMultipartUpload"],
                "Resource": f"arn:aws:s3:::{bucket}/*",
            },
        ],
    }
    iam.put_user_policy(UserName=name, PolicyName="backups", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]
