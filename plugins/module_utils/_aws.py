# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Give the collection's AWS modules their common options, clients for any region, and retries."""

from __future__ import annotations

import ipaddress
import math
import typing as t
from urllib.parse import urlsplit, urlunsplit

from ansible_collections.amazon.aws.plugins.module_utils.botocore import get_aws_connection_info
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError, doing

try:
    import boto3
    from botocore.config import Config
except ImportError:  # AnsibleAWSModule reports the missing library
    boto3 = Config = None

CONNECT_TIMEOUT = 5
READ_TIMEOUT = 60
RETRY_DELAY = 1.0

Call = t.TypeVar("Call", bound=t.Callable[..., t.Any])


def regional_module(argument_spec: dict[str, t.Any], **arguments: t.Any) -> AnsibleAWSModule:
    """Make an AnsibleAWSModule with check mode and the options of the doc fragment ``knowledgecity.platform.regional``."""
    spec = dict(argument_spec)
    spec["region_endpoints"] = {"type": "dict", "default": {}}
    return AnsibleAWSModule(argument_spec=spec, supports_check_mode=True, **arguments)


def retrying(call: Call, *codes: str, timeout: float) -> Call:
    """Wrap a call so that AWSRetry repeats it for about ``timeout`` seconds where AWS answers one of ``codes``."""
    retry = AWSRetry.exponential_backoff(
        retries=1 + math.ceil(timeout / RETRY_DELAY),
        delay=RETRY_DELAY,
        backoff=1,
        catch_extra_error_codes=list(codes),
    )
    return retry(call)


class RegionalClients:
    """Make clients by service and region, each once. A region is reached through its entry in O(region_endpoints).

    They share one session: a session for each client, as amazon.aws makes them, costs as much as the calls.
    """

    def __init__(
        self,
        module: AnsibleAWSModule,
        *,
        max_attempts: int = 4,
        read_timeout: float = READ_TIMEOUT,
        connect_timeout: float = CONNECT_TIMEOUT,
    ):
        self._endpoints = module.params["region_endpoints"]
        self._own_region, self._own_endpoint, self._parameters = get_aws_connection_info(module)
        self._profile = self._parameters.pop("profile_name", None)
        self._config = Config(
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            retries={"mode": "standard", "max_attempts": max_attempts},
        )
        own_config = self._parameters.pop("aws_config", None)
        if own_config:
            self._config = self._config.merge(own_config)
        self._session: t.Any = None
        self._clients: dict[tuple[str, str], t.Any] = {}

    @property
    def region(self) -> str:
        """Return the module's own region."""
        if not self._own_region:
            raise PlatformError("No region: set O(region), or AWS_REGION in the play's environment.")
        return self._own_region

    def client(self, service: str, region: str | None = None) -> t.Any:
        """Return a boto3 client of ``service`` in ``region`` (default: the module's), with bounded retries and time-outs."""
        wanted = region or self.region
        if (service, wanted) not in self._clients:
            self._session = self._session or self._new_session()
            endpoint = self._endpoints.get(wanted) or (self._own_endpoint if wanted == self._own_region else None)
            # AWS_ENDPOINT_URL leads to the module's own region: it must not lead a client of another one there.
            elsewhere = Config(ignore_configured_endpoint_urls=wanted != self._own_region)
            client = self._session.client(
                service,
                region_name=wanted,
                endpoint_url=endpoint,
                config=self._config.merge(elsewhere),
                **self._parameters,
            )
            send_to_address(client)
            self._clients[service, wanted] = client
        return self._clients[service, wanted]

    def _new_session(self) -> t.Any:
        with doing("use the AWS credentials of this run"):
            return boto3.session.Session(profile_name=self._profile)


def send_to_address(client: t.Any) -> None:
    """Make a client whose endpoint is an IP address send its requests there.

    S3 Control puts the account before the endpoint's host, which only a name can take.
    """
    host = urlsplit(client.meta.endpoint_url).hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return
    client.meta.events.register("before-sign", _to_the_address)


def _to_the_address(request: t.Any, **_context: t.Any) -> None:
    parts = urlsplit(request.url)
    _account, _dot, host = (parts.hostname or "").partition(".")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return
    request.url = urlunsplit(parts._replace(netloc=f"{host}:{parts.port}" if parts.port else host))
