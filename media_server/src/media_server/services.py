# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The dependencies of the server and the worker: the AWS clients, and what is built on them."""

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
from media_server.jobs.source_expiry import SourceExpiry
from media_server.jobs.states import AssetStates
from media_server.jobs.uploads import Uploads
from media_server.keys.content import ContentKeys
from media_server.keys.kms import KmsKeys
from media_server.keys.tenants import TenantKeys
from media_server.rotation import RotationServices
from media_server.settings import Settings
from media_server.sources.kept import KeptSources
from media_server.store.active import ActiveRegion
from media_server.store.assets import AssetStore
from media_server.store.objects import ObjectStore
from media_server.store.replication import Replication
from media_server.store.retries import Retries

# Short enough to answer a request in time; store.retries retries on top of it.
_CONFIG = Config(
    connect_timeout=3,
    read_timeout=20,
    retries={"total_max_attempts": 2, "mode": "standard"},
    max_pool_connections=64,
    signature_version="v4",
)
# A long poll of SQS takes up to 20 seconds.
_QUEUE_CONFIG = _CONFIG.merge(Config(read_timeout=30))
# With "auto" boto3 presigns URLs for S3's global endpoint, which doesn't serve newer regions.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html#s3-legacy-endpoints
_S3_CONFIG = _CONFIG.merge(Config(signature_version="s3v4", s3={"addressing_style": "virtual"}))
_S3_CONFIG_ELSEWHERE = _S3_CONFIG.merge(Config(s3={"addressing_style": "path"}))


@dataclass(frozen=True)
class Clients:
    """The boto3 clients of one region."""

    s3: Any
    sqs: Any
    kms: Any
    secrets: Any
    dynamodb: Any

    @classmethod
    def of(cls, settings: Settings, session: Any = None) -> Clients:
        """Create the clients from the settings. Credentials come from boto3's default chain (on AWS: the instance role)."""
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
    """All services by name, each created once, when it is first used."""

    def __init__(self, settings: Settings, clients: Clients | None = None, *, patience_s: float = 60.0) -> None:
        """Create the services. `patience_s` is how long throttled calls are retried: shorter where clients wait for an answer."""
        self.settings = settings
        self.retries = Retries(deadline_s=patience_s)
        self.clients = clients or Clients.of(settings)

    @cached_property
    def objects(self) -> ObjectStore:
        """Return the bucket's objects."""
        return ObjectStore(self.clients.s3, self.settings.bucket, self.retries)

    @cached_property
    def assets(self) -> AssetStore:
        """Return the store of pointers and key documents."""
        return AssetStore(self.objects)

    @cached_property
    def states(self) -> AssetStates:
        """Return the store of the assets' states."""
        return AssetStates(self.objects)

    @cached_property
    def uploads(self) -> Uploads:
        """Return the multipart uploads."""
        return Uploads(self.objects)

    @cached_property
    def queue(self) -> JobQueue:
        """Return the job queue."""
        return JobQueue(self.clients.sqs, self.settings.queue_url)

    @cached_property
    def kms(self) -> KmsKeys:
        """Return KMS with its rate limit."""
        rate = self.settings.kms_requests_per_s
        return KmsKeys(self.clients.kms, self.settings.region, requests_per_s=rate, retries=self.retries)

    @cached_property
    def tenant_keys(self) -> TenantKeys:
        """Return the tenants' keys."""
        return TenantKeys(self.objects, self.kms, self.settings.envelope_key)

    @cached_property
    def content_keys(self) -> ContentKeys:
        """Return the content keys."""
        return ContentKeys(self.tenant_keys)

    @cached_property
    def replication(self) -> Replication:
        """Return the replication status of the bucket."""
        return Replication(self.objects, timeout_s=self.settings.replication_timeout_s)

    @cached_property
    def active_region(self) -> ActiveRegion:
        """Return the region record."""
        return ActiveRegion(self.clients.dynamodb, self.settings.record_table, self.settings.region)

    @cached_property
    def tokens(self) -> Tokens:
        """Return the signer and checker of tokens."""
        keys = TokenKeys(self.clients.secrets, self.settings.token_secret_id)
        return Tokens(keys, self.settings.token_ttl_s)

    @cached_property
    def used_tokens(self) -> UsedTokens:
        """Return the record of used tokens."""
        return UsedTokens(self.objects)

    @cached_property
    def cookies(self) -> CookieSigner | None:
        """Return the signer of CloudFront's cookies, or None if no CDN is set."""
        if not self.settings.cookie_secret_id:
            return None
        answer = self.clients.secrets.get_secret_value(SecretId=self.settings.cookie_secret_id)
        try:
            secret = json.loads(answer["SecretString"])
            return CookieSigner(secret["key_pair_id"], secret["private_key"].encode())
        except (ValueError, KeyError, TypeError, AttributeError):
            raise UnavailableError(
                "cookie-key-unreadable", "The secret of the cookies' key doesn't have the documented format."
            ) from None

    @cached_property
    def package_jobs(self) -> PackageJobs:
        """Return the packager of uploads."""
        return PackageJobs(
            self.assets,
            self.states,
            self.tenant_keys,
            self.replication,
            self.jobs_dir,
            elsewhere_s=self.settings.refused_elsewhere_s,
        )

    @cached_property
    def sources(self) -> KeptSources:
        """Return the kept sources."""
        return KeptSources(self.assets, self.tenant_keys)

    @cached_property
    def source_expiry(self) -> SourceExpiry:
        """Return the removal of sources whose time is over."""
        return SourceExpiry(self.sources, self.states, self.active_region, self.settings.source_days)

    @property
    def jobs_dir(self) -> Path:
        """Return the folder of the jobs' working files."""
        return Path(self.settings.work_dir) / "jobs"

    @cached_property
    def rotation(self) -> RotationServices:
        """Return the services of rotations."""
        return RotationServices.of(self)
