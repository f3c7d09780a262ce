# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The operator's settings: one JSON file, named by the environment variable MEDIA_SERVER_SETTINGS. It contains no secret."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

VARIABLE = "MEDIA_SERVER_SETTINGS"


class SettingsError(ValueError):
    """A setting is not valid; the message says which one and why."""


@dataclass(frozen=True)
class Settings:
    """The settings of one server. Times are in seconds, sizes in bytes."""

    region: str
    bucket: str
    queue_url: str
    # ARN of the KMS key, or of its alias, that wraps the tenants' keys.
    envelope_key: str
    # Secrets Manager: {"keys": {"<kid>": "<base64>"}, "current": "<kid>"}
    token_secret_id: str
    # DynamoDB table of the region record; empty: this region is always active.
    record_table: str = ""
    # The URL of this server for browsers; its origin is the only one allowed by CORS.
    public_url: str = "https://localhost:8443"
    # AWS service -> endpoint URL; other services use AWS's default.
    endpoint_urls: Mapping[str, str] = field(default_factory=dict)
    # CA bundle for the AWS endpoints; null: botocore's.
    ca_bundle: str | None = None
    listen_host: str = "127.0.0.1"
    listen_port: int = 8443
    # PEM files; both empty: plain HTTP, for tests on localhost only.
    tls_certificate: str = ""
    tls_key: str = ""
    work_dir: str = "/var/lib/media-server"
    # Serve the demo player page.
    player: bool = False
    static_dir: str = "/usr/share/media-server/player"
    max_upload_bytes: int = 50 * 1024**3
    # The longest lifetime of a playback token.
    token_ttl_s: int = 3600
    # The minimum time that old versions stay readable after a rotation.
    retain_old_s: int = 86400
    kms_requests_per_s: float = 50.0
    worker_concurrency: int = 1
    # Domain of the CloudFront distribution that serves the segments, with signed cookies; empty: this server serves them.
    cookie_domain: str = ""
    # Secrets Manager: {"key_pair_id": "<id of the public key>", "private_key": "<PEM>"}
    cookie_secret_id: str = ""
    # Port of the worker's metrics; 0: none.
    worker_metrics_port: int = 0
    # Days that the sources of assets are kept, encrypted, unless their results are accepted before; 0: until then.
    source_days: int = 30
    # How long a source that this host's tools refuse is left to another host, before it is tried here again; 0: not at all.
    refused_elsewhere_s: int = 60
    # How long to wait for the replication of a packaged asset before it becomes ready.
    replication_timeout_s: int = 900

    def __post_init__(self) -> None:
        for name in ("region", "bucket", "queue_url", "envelope_key", "token_secret_id"):
            if not getattr(self, name):
                raise SettingsError(f"setting {name} is empty")
        self._check_numbers()
        if self.retain_old_s < self.token_ttl_s:
            raise SettingsError(
                "setting retain_old_s must not be shorter than token_ttl_s: tokens would outlive their versions"
            )
        if bool(self.cookie_domain) != bool(self.cookie_secret_id):
            raise SettingsError("settings cookie_domain and cookie_secret_id must be set together")
        if bool(self.tls_certificate) != bool(self.tls_key):
            raise SettingsError("settings tls_certificate and tls_key must be set together")
        url = urlsplit(self.public_url)
        if url.scheme not in ("http", "https") or not url.netloc or url.query or url.fragment:
            raise SettingsError("setting public_url must be an http or https URL without query and fragment")

    def _check_numbers(self) -> None:
        for name in (
            "max_upload_bytes",
            "token_ttl_s",
            "kms_requests_per_s",
            "worker_concurrency",
            "replication_timeout_s",
        ):
            if not getattr(self, name) > 0:
                raise SettingsError(f"setting {name} must be greater than 0")
        for name in ("source_days", "refused_elsewhere_s"):
            if getattr(self, name) < 0:
                raise SettingsError(f"setting {name} must not be negative")

    @property
    def origin(self) -> str:
        """Return the web origin of `public_url`: scheme, host and port."""
        url = urlsplit(self.public_url)
        return f"{url.scheme}://{url.netloc}"


def parse_settings(values: Mapping[str, Any]) -> Settings:
    """Create settings from parsed JSON. Raise SettingsError for an unknown name or a value of the wrong type."""
    fields = {entry.name: entry for entry in dataclasses.fields(Settings)}
    unknown = sorted(set(values) - set(fields))
    if unknown:
        raise SettingsError(f"unknown setting {', '.join(unknown)}")
    missing = sorted(
        name
        for name, entry in fields.items()
        if name not in values and entry.default is dataclasses.MISSING and entry.default_factory is dataclasses.MISSING
    )
    if missing:
        raise SettingsError(f"missing setting {', '.join(missing)}")
    for name, value in values.items():
        _check_type(name, str(fields[name].type), value)
    return Settings(**values)


def read_settings(path: str | Path | None = None) -> Settings:
    """Read the settings from the file `path`, or from the file named by MEDIA_SERVER_SETTINGS."""
    path = path or os.environ.get(VARIABLE)
    if not path:
        raise SettingsError(f"{VARIABLE} is not set to a file")
    try:
        values = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path} can't be read: {error.strerror}") from error
    except ValueError as error:
        raise SettingsError(f"{path} isn't JSON: {error}") from error
    if not isinstance(values, dict):
        raise SettingsError(f"{path} must contain one JSON object")
    return parse_settings(values)


def _check_type(name: str, annotation: str, value: Any) -> None:
    accepted: dict[str, tuple[type, ...]] = {
        "str": (str,),
        "str | None": (str, type(None)),
        "int": (int,),
        "float": (int, float),
        "bool": (bool,),
        "Mapping[str, str]": (dict,),
    }
    if not isinstance(value, accepted[annotation]) or (isinstance(value, bool) and annotation != "bool"):
        raise SettingsError(f"setting {name} must be {annotation}, not {type(value).__name__}")
