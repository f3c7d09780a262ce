# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What the collection's AWS modules share: their common options, and clients for any region."""

from __future__ import annotations

import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.botocore import boto3_conn, get_aws_connection_info
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError

try:
    from botocore.config import Config
except ImportError:  # AnsibleAWSModule reports the missing library
    Config = None

CONNECT_TIMEOUT = 5
READ_TIMEOUT = 60


def regional_module(argument_spec: dict[str, t.Any], **arguments: t.Any) -> AnsibleAWSModule:
    """An AnsibleAWSModule with check mode and the options of the doc fragment ``knowledgecity.platform.regional``."""
    spec = dict(argument_spec)
    spec["region_endpoints"] = {"type": "dict", "default": {}}
    return AnsibleAWSModule(argument_spec=spec, supports_check_mode=True, **arguments)


class RegionalClients:
    """Clients by service and region, each made once. Reaches a region through its entry in O(region_endpoints)."""

    def __init__(self, module: AnsibleAWSModule, max_attempts: int = 4):
        self._module = module
        self._max_attempts = max_attempts
        self._clients: dict[tuple[str, str], t.Any] = {}

    @property
    def region(self) -> str:
        """The region the module itself works in."""
        region = get_aws_connection_info(self._module)[0]
        if not region:
            raise PlatformError("No region: set O(region), or AWS_REGION in the play's environment.")
        return region

    def client(self, service: str, region: str | None = None) -> t.Any:
        """A boto3 client of ``service`` in ``region`` (default: the module's), with bounded retries and time-outs."""
        wanted = region or self.region
        if (service, wanted) not in self._clients:
            own_region, endpoint, parameters = get_aws_connection_info(self._module)
            configured = self._module.params["region_endpoints"].get(wanted)
            config = Config(
                connect_timeout=CONNECT_TIMEOUT,
                read_timeout=READ_TIMEOUT,
                retries={"mode": "standard", "max_attempts": self._max_attempts},
            )
            self._clients[service, wanted] = boto3_conn(
                self._module,
                conn_type="client",
                resource=service,
                region=wanted,
                endpoint=configured or (endpoint if wanted == own_region else None),
                **(parameters | {"config": config}),
            )
        return self._clients[service, wanted]
