# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The media tier that site.yml built, as its users reach it: by name, over TLS, from inside a VPC."""

from __future__ import annotations

import base64
import json
import secrets
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dns.resolver
import jwt

from tests.support.labs import Clients

_CLIENT = Path(__file__).with_name("media_client.py").read_text()


@dataclass(frozen=True)
class MediaOfSite:
    """`platform` is the prefix of all names; `domain` is the platform's domain."""

    lab: Clients
    platform: str
    domain: str

    @property
    def name(self) -> str:
        """Return the public name."""
        return f"media.{self.domain}"

    def balancer(self, region: str) -> str:
        """Return the DNS name of a region's load balancer."""
        found = self.lab("elbv2", region).describe_load_balancers()["LoadBalancers"]
        names = {item["LoadBalancerName"]: item["DNSName"] for item in found}
        return next(host for name, host in names.items() if name.startswith(f"{self.platform}-{region}-media"[:23]))

    def leads_to(self) -> str:
        """Return the name of the load balancer that the lab's DNS answers with now."""
        return str(self._ask(self.name, "CNAME")[0].target).rstrip(".")

    def address(self, region: str) -> str:
        """Return the address of a region's load balancer."""
        return self._ask(self.balancer(region), "A")[0].to_text()

    def _ask(self, name: str, kind: str) -> list[Any]:
        host, _, port = self.lab.stack.dns_server.partition(":")
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = [host], int(port)
        return list(resolver.resolve(name, kind))

    def healthy(self, region: str) -> list[str]:
        """Return the hosts that the region's load balancer forwards to."""
        elb = self.lab("elbv2", region)
        groups = elb.describe_target_groups()["TargetGroups"]
        arn = next(item["TargetGroupArn"] for item in groups if item["TargetGroupName"].startswith(self.platform))
        found = elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        return [item["Target"]["Id"] for item in found if item["TargetHealth"]["State"] == "healthy"]

    def upload(self, region: str, instance: str, asset: str, source: bytes) -> dict[str, Any]:
        """Upload a video from an instance in the region, and wait until it is packaged. Return the state of the asset."""
        told = {"source": base64.b64encode(source).decode(), "asset": asset}
        return self._run("upload", region, instance, told)

    def play(self, region: str, instance: str, asset: str) -> dict[str, str]:
        """Return the manifests of an asset by kind, as an instance in the region gets them."""
        return self._run("play", region, instance, {"asset": asset})

    def _run(self, action: str, region: str, instance: str, told: dict[str, Any]) -> dict[str, Any]:
        told |= {"tenant": "acme", "tokens": [self._token(region) for _ in range(3)]}
        ran = subprocess.run(
            ["docker", "exec", "-i", instance, "python3", "-c", _CLIENT, action, self.name, self.address(region)],
            input=json.dumps(told),
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr[-2000:]
        return json.loads(ran.stdout)

    def _token(self, region: str) -> str:
        """Sign a token as the platform's API does, with the region's copy of the secret and without the server's code."""
        kept = json.loads(self.secret(region))
        now = int(time.time())
        said = {"aud": "api", "jti": secrets.token_hex(12), "iat": now, "exp": now + 600, "tenant": "acme"}
        key = base64.b64decode(kept["keys"][kept["current"]])
        return jwt.encode(said, key, algorithm="HS256", headers={"kid": kept["current"]})

    def secret(self, region: str) -> str:
        """Return the secret of the token keys."""
        return self.lab("secretsmanager", region).get_secret_value(SecretId=f"{self.platform}/media/tokens")[
            "SecretString"
        ]
