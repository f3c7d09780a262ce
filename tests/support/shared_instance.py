# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Run the module against a shared instance, and log in to it as tenants do."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.connection import connector

from lab.runtime.vpc.names import namespace
from lab.settings import CHECKOUT
from tests.support.databases import MASTER, PASSWORD, DatabasePlace
from tests.support.tunnel import tunnel

SHARED, SECRETS, ADMIN = "shared", "tests/tenants/", "tests/master"


@dataclass(frozen=True)
class Keeper:
    """The module, and the way to the server: `address` is the end of a tunnel."""

    place: DatabasePlace
    endpoint: str
    address: str

    def _asked(self, tenants: list[dict], options: dict[str, Any]) -> dict[str, Any]:
        clients = self.place.place.clients
        return {
            "host": self.endpoint,
            "address": self.address,
            "tls_ca": str(clients.stack.settings.ca_certificate),
            "admin_secret": ADMIN,
            "secret_prefix": SECRETS,
            "region": "me-west-1",
            "endpoint_url": clients.stack.endpoints["me-west-1"],
            "tenants": tenants,
        } | options

    def diff(self, tenants: list[dict], *, check: bool = True, **options: Any) -> dict:
        """Run the module in check mode, or not, without Ansible's start; return its result with the diff."""
        asked = self._asked(tenants, options) | {"_ansible_check_mode": check, "_ansible_diff": True}
        ran = subprocess.run(
            [sys.executable, "-m", "tests.support.module_process"],
            input=json.dumps({"module": "rds_tenant_db", "options": asked}),
            cwd=CHECKOUT,
            env=self.place.place.clients.environment(administrator=True)
            | {"PYTHONPATH": f"{CHECKOUT}{os.pathsep}{CHECKOUT / '.build' / 'collections'}"},
            capture_output=True,
            text=True,
            check=False,
        )
        return json.loads(ran.stdout)

    def __call__(self, tenants: list[dict], *flags: str, **options: Any) -> dict:
        """Run the module and return its result, with `failed` and `output`."""
        asked = self._asked(tenants, options)
        environment = self.place.place.clients.environment(administrator=True) | {
            "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / ".build" / "collections"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_CALLBACK_RESULT_FORMAT": "json",
            "ANSIBLE_DEPRECATION_WARNINGS": "0",
        }
        command = ["ansible", "localhost", "-i", "localhost,", "-c", "local", *flags]
        command += ["-m", "knowledgecity.platform.rds_tenant_db", "-a", json.dumps(asked)]
        ran = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)
        output = ran.stdout + ran.stderr
        result = re.search(r"^localhost \| [A-Z!]+ => ", ran.stdout, re.MULTILINE)
        assert result, output
        return json.JSONDecoder().raw_decode(ran.stdout, result.end())[0] | {
            "output": output,
            "failed": ran.returncode != 0,
        }

    def connect(self, user: str, password: str) -> Any:
        """Log in."""
        authority = str(self.place.place.clients.stack.settings.ca_certificate)
        return connector(self.endpoint, 3306, self.address, authority)(user, password)

    def secret(self, suffix: str) -> dict:
        """Return what a tenant's secret holds."""
        client = self.place.place.api("secretsmanager")
        return json.loads(client.get_secret_value(SecretId=f"{SECRETS}{suffix}")["SecretString"])


@contextlib.contextmanager
def keeper(place: DatabasePlace) -> Iterator[Keeper]:
    """Yield the module for an instance that is there."""
    content = json.dumps({"username": MASTER, "password": PASSWORD})
    place.place.api("secretsmanager").create_secret(Name=ADMIN, SecretString=content)
    settings = place.place.clients.stack.settings
    endpoint = place.described(SHARED)["Endpoint"]["Address"]
    addresses = json.loads(settings.database_names.read_text())
    space = f"/run/netns/{namespace(settings.home, place.place.vpc)}"
    with tunnel(space, (addresses[endpoint], 3306)) as address:
        yield Keeper(place, endpoint, address)
