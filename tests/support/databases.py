# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Create DB instances for the tests that need real ones, and query them from within their VPC, as an application does."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from lab.runtime.vpc.names import namespace
from lab.settings import CHECKOUT
from tests.support.labs import Clients
from tests.support.machines import Place, make_place, root_key, wait_for

MASTER, PASSWORD = "admin", "Correct-horse-battery-7"


class RefusedError(Exception):
    """MySQL, or the way to it, refused: the message starts with the error's number."""


@dataclass(frozen=True)
class DatabasePlace:
    """A VPC of a region with a DB subnet group over two zones."""

    place: Place
    group: str

    @property
    def rds(self):
        return self.place.api("rds")

    def create(self, identifier: str, **options: Any) -> None:
        """Create an instance; `wait` waits for it."""
        asked = {
            "DBInstanceClass": "db.t4g.small",
            "Engine": "mysql",
            "EngineVersion": "8.4.6",
            "AllocatedStorage": 20,
            "MasterUsername": MASTER,
            "MasterUserPassword": PASSWORD,
            "DBSubnetGroupName": self.group,
            "BackupRetentionPeriod": 1,
        }
        self.rds.create_db_instance(DBInstanceIdentifier=identifier, **asked | options)

    def described(self, identifier: str) -> dict:
        return self.rds.describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"][0]

    def state(self, identifier: str) -> str | None:
        try:
            return self.described(identifier)["DBInstanceStatus"]
        except self.rds.exceptions.DBInstanceNotFoundFault:
            return None

    def wait(self, identifier: str, state: str | None = "available") -> None:
        wait_for(f"{identifier} {state}", lambda: self.state(identifier) == state)

    def query(self, identifier: str, *statements: str, **options: Any) -> list:
        """Run statements as the master user, from within this VPC by verified TLS, and return the rows of the last one."""
        endpoint = self.described(identifier)["Endpoint"]
        return self.ask(endpoint["Address"], *statements, port=endpoint["Port"], **options)

    def answers(self, identifier: str) -> bool:
        try:
            return self.query(identifier, "SELECT 1", timeout=2) == [[1]]
        except RefusedError:
            return False

    def ask(self, host: str, *statements: str, **options: Any) -> list:
        """Run statements at an endpoint, and return the rows of the last one."""
        settings = self.place.clients.stack.settings
        space = f"/run/netns/{namespace(settings.home, self.place.vpc)}"
        asked = {"host": host, "user": MASTER, "password": PASSWORD, "ca": str(settings.ca_certificate)} | options
        ran = subprocess.run(
            ["nsenter", f"--net={space}", sys.executable, "-m", "tests.support.mysql_in_vpc"],
            input=json.dumps(asked | {"statements": statements}),
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode == 3:
            raise RefusedError(ran.stdout)
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout)


def make_database_place(clients: Clients, region: str, cidr: str, name: str = "data") -> DatabasePlace:
    """Create a VPC, and a DB subnet group over two zones in it."""
    place = make_place(clients, region, cidr)
    ec2 = clients("ec2", region, key=root_key())
    base = cidr.split(".")
    second = ec2.create_subnet(
        VpcId=place.vpc, CidrBlock=f"{base[0]}.{base[1]}.64.0/22", AvailabilityZone=f"{region}b"
    )["Subnet"]["SubnetId"]
    place.api("rds").create_db_subnet_group(
        DBSubnetGroupName=name, DBSubnetGroupDescription=name, SubnetIds=[place.subnets["data"], second]
    )
    return DatabasePlace(place, name)
