# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What the server and the worker work with: the clients of AWS, and what is built on them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from media_server.auth.cookies import CookieSigner
from media_server.auth.replay import UsedTokens
from media_server.auth.token_keys import TokenKeys
from media_server.auth.tokens import Tokens
from media_server.errors import UnavailableError
from media_server.jobs.package_job import PackageJobs
from media_server.jobs.queue import JobQueue
from media_server.jobs.states import AssetStates
from media_server.jobs.uploads import Uploads
from media_server.keys.content import ContentKeys
from media_server.keys.kms import KmsKeys
from media_server.keys.tenants import TenantKeys
from media_server.rotation import RotationServices
from media_server.settings import Settings
from media_server.store.active import ActiveRegion
from media_server.store.assets import AssetStore
from media_server.store.objects import ObjectStore
from media_server.store.replication import Replication
from media_server.store.retries import Retries

# Short enough for a request to be answered in time, with the retries of store.retries above it.
_CONFIG = Config(
    connect_timeout=3,
    read_timeout=20,
    retries={"total_max_attempts": 2, "mode": "standard"},
    max_pool_connections=64,
    signature_version="v4",
)
# SQS answers a waiting receive after up to 20 seconds.
_QUEUE_CONFIG = _CONFIG.merge(Config(read_timeout=30))
# By "auto" boto3 signs addresses for S3's global name, which doesn't serve the younger regions.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html#s3-legacy-endpoints
_S3_CONFIG = _CONFIG.merge(Config(signature_version="s3v4", s3={"addressing_style": "virtual"}))
_S3_CONFIG_ELSEWHERE = _S3_CONFIG.merge(Config(s3={"addressing_style": "path"}))


@dataclass(frozen=True)
class Clients:
    """boto3's clients of one region."""

    s3: Any
    sqs: Any
    kms: Any
    secrets: Any
    dynamodb: Any

    @classmethod
    def of(cls, settings: Settings, session: Any = None) -> Clients:
        """As the settings say; credentials come from boto3's own chain (on AWS: the instance's role)."""
        session = session or boto3.session.Session()

        def client(service: str, config: Config = _CONFIG) -> Any:
            return session.client(
                service,
                region_name=settings.region,
                endpoint_url=settings.endpoint_urls.get(service),
                verify=settings.ca_bundle,
                config=config,
            )

        return cls(
            s3=client("s3", _S3_CONFIG_ELSEWHERE if "s3" in settings.endpoint_urls else _S3_CONFIG),
            sqs=client("sqs", _QUEUE_CONFIG),
            kms=client("kms"),
            secrets=client("secretsmanager"),
            dynamodb=client("dynamodb"),
        )


class Services:
    """Everything by name, each made when it is first asked for, once."""

    def __init__(self, settings: Settings, clients: Clients | None = None, *, patience_s: float = 60.0) -> None:
        """`patience_s`: how long to try again what AWS is too busy for. Clients wait for the server, nobody for a worker."""
        self.settings = settings
        self.retries = Retries(deadline_s=patience_s)
        self.clients = clients or Clients.of(settings)

    @cached_property
    def objects(self) -> ObjectStore:
        """The bucket."""
        return ObjectStore(self.clients.s3, self.settings.bucket, self.retries)

    @cached_property
    def assets(self) -> AssetStore:
        """Pointers and key documents."""
        return AssetStore(self.objects)

    @cached_property
    def states(self) -> AssetStates:
        """How far assets are."""
        return AssetStates(self.objects)

    @cached_property
    def uploads(self) -> Uploads:
        """Multipart uploads."""
        return Uploads(self.objects)

    @cached_property
    def queue(self) -> JobQueue:
        """The queue of jobs."""
        return JobQueue(self.clients.sqs, self.settings.queue_url)

    @cached_property
    def kms(self) -> KmsKeys:
        """KMS, below its rate."""
        rate = self.settings.kms_requests_per_s
        return KmsKeys(self.clients.kms, self.settings.region, requests_per_s=rate, retries=self.retries)

    @cached_property
    def tenant_keys(self) -> TenantKeys:
        """The tenants' keys."""
        return TenantKeys(self.objects, self.kms, self.settings.envelope_key)

    @cached_property
    def content_keys(self) -> ContentKeys:
        """The assets' keys."""
        return ContentKeys(self.tenant_keys)

    @cached_property
    def replication(self) -> Replication:
        """Whether objects are in the other region, too."""
        return Replication(self.objects, timeout_s=self.settings.replication_timeout_s)

    @cached_property
    def active_region(self) -> ActiveRegion:
        """The region record."""
        return ActiveRegion(self.clients.dynamodb, self.settings.record_table, self.settings.region)

    @cached_property
    def tokens(self) -> Tokens:
        """Signs and checks tokens."""
        keys = TokenKeys(self.clients.secrets, self.settings.token_secret_id)
        return Tokens(keys, self.settings.token_ttl_s)

    @cached_property
    def used_tokens(self) -> UsedTokens:
        """The tokens that changed something."""
        return UsedTokens(self.objects)

    @cached_property
    def cookies(self) -> CookieSigner | None:
        """Signs CloudFront's cookies; none where no CDN is set."""
        if not self.settings.cookie_secret_id:
            return None
        answer = self.clients.secrets.get_secret_value(SecretId=self.settings.cookie_secret_id)
        try:
            secret = json.loads(answer["SecretString"])
            return CookieSigner(secret["key_pair_id"], secret["private_key"].encode())
        except (ValueError, KeyError, TypeError, AttributeError):
            raise UnavailableError(
                "cookie-key-unreadable", "The secret of the cookies' key isn't as it should be."
            ) from None

    @cached_property
    def package_jobs(self) -> PackageJobs:
        """Packages uploads."""
        return PackageJobs(self.assets, self.states, self.tenant_keys, self.replication, self.jobs_dir)

    @property
    def jobs_dir(self) -> Path:
        """Where jobs keep what they work on."""
        return Path(self.settings.work_dir) / "jobs"

    @cached_property
    def rotation(self) -> RotationServices:
        """What rotations work with."""
        return RotationServices.of(self)
