# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Make two regions for tenants with dedicated instances, and run the module that keeps them, in a process."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from lab.runtime.vpc.names import namespace
from lab.settings import CHECKOUT
from tests.support.databases import MASTER, PASSWORD, DatabasePlace, make_database_place
from tests.support.labs import Clients
from tests.support.tunnel import tunnel

HERE, THERE = "me-west-1", "eu-central-1"
# The names that the role database expects.
PLATFORM = "tests"
SHARED, PREFIX = f"{PLATFORM}-{HERE}-database", f"{PLATFORM}-{HERE}-database-"
SECRETS, ADMIN, TABLE = f"{PLATFORM}/database/tenants/", f"{PLATFORM}/database/master", f"{PLATFORM}-region-record"
COLLECTIONS = CHECKOUT / ".build" / "collections"


def key(region: str) -> str:
    """Return the alias of a region's key."""
    return f"alias/{PLATFORM}-{region}-data"


@dataclass(frozen=True)
class DedicatedInstances:
    """The places by region; `addresses` lead to the instances of the first region by their endpoints."""

    lab: Clients
    places: dict[str, DatabasePlace]
    addresses: dict[str, str]

    @property
    def here(self) -> DatabasePlace:
        return self.places[HERE]

    @property
    def there(self) -> DatabasePlace:
        return self.places[THERE]

    def subnets(self, region: str) -> list[str]:
        place = self.places[region]
        groups = place.rds.describe_db_subnet_groups(DBSubnetGroupName=place.group)["DBSubnetGroups"]
        return sorted(item["SubnetIdentifier"] for item in groups[0]["Subnets"])

    def key_arn(self, region: str) -> str:
        return self.lab("kms", region).describe_key(KeyId=key(region))["KeyMetadata"]["Arn"]

    def secret(self, name: str, region: str = HERE) -> dict:
        client = self.lab("secretsmanager", region)
        return json.loads(client.get_secret_value(SecretId=f"{SECRETS}{name}")["SecretString"])

    def query(self, identifier: str, tenant: str, *statements: str, region: str = HERE) -> list:
        """Run statements as the tenant, with the password of its secret."""
        login = self.secret(tenant)
        return self.places[region].query(identifier, *statements, user=login["username"], password=login["password"])

    def run(self, tenants: list[dict], *, check: bool = False, info: bool = False, **options: Any) -> dict[str, Any]:
        """Run the module, and return its result with `output`."""
        asked = {
            "tls_ca": str(self.lab.stack.settings.ca_certificate),
            "secret_prefix": SECRETS,
            "region": HERE,
            "endpoint_url": self.lab.stack.endpoints[HERE],
            "region_endpoints": self.lab.stack.endpoints,
            "instance": SHARED,
            "instance_name_prefix": PREFIX,
            "instance_defaults": {
                "instance_class": "db.t4g.small",
                "backup_retention_days": 2,
                "multi_az": False,
                "kms_key": key(HERE),
                "subnets": self.subnets(HERE),
            },
            "standby": {"region": THERE, "kms_key": key(THERE), "subnets": self.subnets(THERE)},
            "tenants": tenants,
            "_ansible_check_mode": check,
            "_ansible_diff": True,
        }
        if not info:
            asked |= {"addresses": self.addresses, "wait_timeout": 240}
        module = "rds_tenant_db_info" if info else "rds_tenant_db"
        ran = subprocess.run(
            [sys.executable, "-m", "tests.support.module_process"],
            input=json.dumps({"module": module, "options": asked | options}),
            cwd=CHECKOUT,
            env=self.lab.environment(administrator=True) | {"PYTHONPATH": f"{CHECKOUT}{os.pathsep}{COLLECTIONS}"},
            capture_output=True,
            text=True,
            check=False,
        )
        output = ran.stdout + ran.stderr
        try:
            return {"failed": False} | json.loads(ran.stdout) | {"output": output}
        except ValueError:
            raise AssertionError(output) from None

    def shared_options(self) -> dict[str, Any]:
        """Return the options by which the module reaches the shared instance."""
        endpoint = self.endpoint(SHARED)
        return {"host": endpoint, "address": self.addresses[endpoint], "admin_secret": ADMIN}

    def endpoint(self, identifier: str) -> str:
        """Return the endpoint of an instance, also before it exists: an account has one word in all endpoints of a region."""
        known = self.here.described(SHARED)["Endpoint"]["Address"]
        return known.replace(SHARED, identifier, 1)


@contextlib.contextmanager
def dedicated_instances(lab: Clients, *identifiers: str) -> Iterator[DedicatedInstances]:
    """Yield both places, a shared instance, and tunnels to it and to further instances."""
    places = {
        region: make_database_place(lab, region, cidr)
        for region, cidr in ((HERE, "10.10.0.0/16"), (THERE, "10.20.0.0/16"))
    }
    settings = lab.stack.settings
    space = f"/run/netns/{namespace(settings.home, places[HERE].place.vpc)}"
    found = DedicatedInstances(lab, places, {})
    for region in places:
        _prepare_region(found, region)
    found.here.create(SHARED, StorageEncrypted=True, KmsKeyId=key(HERE))
    content = json.dumps({"username": MASTER, "password": PASSWORD})
    lab("secretsmanager", HERE).create_secret(Name=ADMIN, SecretString=content)
    found.here.wait(SHARED)  # RDS tells no endpoint before

    def target(endpoint: str) -> Callable[[], tuple[str, int]]:
        return lambda: (json.loads(settings.database_names.read_text())[endpoint], 3306)

    with contextlib.ExitStack() as opened:
        for identifier in (SHARED, *identifiers):
            endpoint = found.endpoint(identifier)
            found.addresses[endpoint] = opened.enter_context(tunnel(space, target(endpoint)))
        yield found


def _prepare_region(found: DedicatedInstances, region: str) -> None:
    """Create what the role database expects: a key, names of subnets, a security group, the table of the region record."""
    place, kms, ec2 = found.places[region].place, found.lab("kms", region), found.places[region].place.api("ec2")
    kms.create_alias(AliasName=key(region), TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
    network = f"{PLATFORM}-{region}-network"
    for number, subnet in enumerate(found.subnets(region)):
        ec2.create_tags(Resources=[subnet], Tags=[{"Key": "Name", "Value": f"{network}-data-{number}"}])
    name = f"{network}-database"
    group = ec2.create_security_group(GroupName=name, Description=name, VpcId=place.vpc)["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group, IpProtocol="tcp", FromPort=3306, ToPort=3306, CidrIp="10.0.0.0/8"
    )
    found.lab("dynamodb", region).create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "name", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "name", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
