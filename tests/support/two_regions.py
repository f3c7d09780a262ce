# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Make a writer and its replica in two regions of a lab, with region record and secret, to fail over between."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab.proxy import Control
from lab.runtime.rds import names
from lab.runtime.vpc.names import namespace
from lab.settings import CHECKOUT
from tests.support.databases import MASTER, PASSWORD, DatabasePlace, RefusedError, make_database_place
from tests.support.faults import Fault
from tests.support.labs import Clients
from tests.support.machines import wait_for
from tests.support.tunnel import tunnel

HERE, THERE = "me-west-1", "eu-central-1"
CIDRS = {HERE: "10.10.0.0/16", THERE: "10.20.0.0/16"}
# The names that the role database expects.
PREFIX = "tests"
TABLE, SECRET, SECRETS = f"{PREFIX}-region-record", f"{PREFIX}/database/master", f"{PREFIX}/database/"
APP, APP_PASSWORD = "app", "Unlike-any-other-9"
_EVENT = "SELECT 1 FROM information_schema.events WHERE event_name = 'heartbeat' AND status = 'ENABLED'"
COLLECTIONS = CHECKOUT / ".build" / "collections"


@dataclass
class Load:
    """The acknowledged rows of writers, by writer and number, with time and endpoint, and their errors with the time."""

    acknowledged: dict[tuple[int, int], tuple[float, str]] = field(default_factory=dict)
    errors: list[tuple[float, Any]] = field(default_factory=list)

    def lost(self, there: set[tuple[int, int]]) -> dict[tuple[int, int], float]:
        """Return acknowledged rows that are missing, with the time of the acknowledgement."""
        return {row: at for row, (at, _endpoint) in self.acknowledged.items() if row not in there}

    def gap(self) -> float:
        """Return the longest time without an acknowledgement, in seconds."""
        times = sorted(at for at, _endpoint in self.acknowledged.values())
        return max(after - before for before, after in itertools.pairwise(times))


@dataclass
class TwoRegions:
    """The two places by region; an instance is named after its region."""

    lab: Clients
    places: dict[str, DatabasePlace]

    @staticmethod
    def name(region: str) -> str:
        return f"{PREFIX}-{region}-database"

    @property
    def _settings(self):
        return self.lab.stack.settings

    def endpoint(self, region: str) -> str:
        return self.places[region].described(self.name(region))["Endpoint"]["Address"]

    def address(self, region: str) -> str | None:
        """Return the address in the VPC; None while there is no instance."""
        known = json.loads(self._settings.database_names.read_text())
        prefix, suffix = f"{self.name(region)}.", f".{region}.rds.amazonaws.com"
        return next((item for name, item in known.items() if name.startswith(prefix) and name.endswith(suffix)), None)

    def space(self, region: str) -> str:
        return f"/run/netns/{namespace(self._settings.home, self.places[region].place.vpc)}"

    def query(self, region: str, *statements: str, **options: Any) -> list:
        return self.places[region].query(self.name(region), *statements, **options)

    def answers(self, region: str) -> bool:
        return self.places[region].answers(self.name(region))

    def rows(self, region: str) -> set[tuple[int, int]]:
        return {tuple(row) for row in self.query(region, "SELECT writer, number FROM app.rows_of")}

    def record(self, region: str) -> dict:
        item = self.lab("dynamodb", region).get_item(TableName=TABLE, Key={"name": {"S": "active"}})["Item"]
        return {name: next(iter(value.values())) for name, value in item.items()}

    def journal(self, region: str) -> dict:
        key = {"name": {"S": "failover"}}
        item = self.lab("dynamodb", region).get_item(TableName=TABLE, Key=key, ConsistentRead=True).get("Item")
        return json.loads(item["content"]["S"]) if item else {}

    def command(self, *arguments: str) -> None:
        """Run a command of the lab, such as `lab cut`."""
        subprocess.run([sys.executable, "-m", "lab", *arguments], cwd=CHECKOUT, env=self._environment(), check=True)

    def _environment(self, collections: Path = COLLECTIONS) -> dict[str, str]:
        path = os.pathsep.join([str(CHECKOUT), str(collections)])
        return self.lab.environment(administrator=True) | {"PYTHONPATH": path}

    # The module

    def options(self, mode: str, target: str, addresses: dict[str, str], /, **options: Any) -> dict[str, Any]:
        return {
            "mode": mode,
            "target_region": target,
            "region": target,
            "endpoint_url": self.lab.stack.endpoints[target],
            "region_endpoints": self.lab.stack.endpoints,
            "table": TABLE,
            "admin_secret": SECRET,
            "secret_prefix": SECRETS,
            "tls_ca": str(self._settings.ca_certificate),
            # Other tests use the machine too. The lag has a test of its own, and soak and bench set it as users do.
            "max_lag_ms": 3000,
            "promotion_timeout": 180,
            "instances": [
                {"region": region, "identifier": self.name(region), "address": addresses[region]}
                for region in self.places
            ],
        } | options

    @contextlib.contextmanager
    def tunnels(self) -> Iterator[dict[str, str]]:
        """Yield a tunnel to each instance, by region. They are opened each time: a rebuilt instance has another address."""
        with contextlib.ExitStack() as opened:
            yield {
                region: opened.enter_context(tunnel(self.space(region), (self.address(region) or "192.0.2.1", 3306)))
                for region in self.places
            }

    def failover(
        self,
        mode: str,
        target: str,
        *,
        die: tuple[int, str] | None = None,
        fault: Fault | None = None,
        collections: Path = COLLECTIONS,
        cwd: Path = CHECKOUT,
        **options: Any,
    ) -> dict[str, Any]:
        """Run the module, and return its result with `output`, or only `killed` where it was to die."""
        with self.tunnels() as addresses:
            asked = {"options": self.options(mode, target, addresses, **options), "die": die}
            asked["fault"] = fault.as_dict() if fault else None
            return self._run(asked | {"module": "rds_failover"}, collections, cwd)

    def on(self, region: str, module: str, **options: Any) -> dict[str, Any]:
        """Run a module that connects to one server."""
        with self.tunnels() as addresses:
            given = self.options("status", region, addresses)
            kept = ("region", "endpoint_url", "region_endpoints", "admin_secret", "tls_ca")
            asked = {name: given[name] for name in kept} | {"host": self.endpoint(region), "address": addresses[region]}
            return self._run({"module": module, "options": asked | options}, COLLECTIONS, CHECKOUT)

    def master_secret(self, region: str, other: str) -> dict[str, Any]:
        """Keep the secret of the master user in one region, replicated to another one, as site.yml does."""
        given = self.options("status", region, dict.fromkeys(self.places))
        asked = {name: given[name] for name in ("region", "endpoint_url", "region_endpoints")}
        asked |= {"name": SECRET, "instance": self.name(region), "username": MASTER, "replicas": [{"region": other}]}
        return self._run({"module": "rds_master_secret", "options": asked}, COLLECTIONS, CHECKOUT)

    def heartbeat(self, region: str, **options: Any) -> dict[str, Any]:
        return self.on(region, "rds_heartbeat", **options)

    def _run(self, asked: dict, collections: Path, cwd: Path) -> dict[str, Any]:
        ran = subprocess.run(
            [sys.executable, "-m", "tests.support.module_process"],
            input=json.dumps(asked),
            cwd=cwd,
            env=self._environment(collections),
            capture_output=True,
            text=True,
            check=False,
        )
        output = ran.stdout + ran.stderr
        if ran.returncode < 0:
            return {"killed": True, "output": output}
        try:
            return json.loads(ran.stdout) | {"output": output, "killed": False}
        except ValueError:
            raise AssertionError(output) from None

    def moved(self, mode: str, target: str, **options: Any) -> dict[str, Any]:
        """Run a failover that has to succeed."""
        result = self.failover(mode, target, **options)
        assert not result.get("failed"), result["msg"]
        return result

    def killed(self, mode: str, target: str, die: tuple[int, str]) -> None:
        """Run the module until it dies, at a write of its journal by number, `before` or `after` it."""
        result = self.failover(mode, target, die=die)
        assert result["killed"], f"it did not die at {die}: {result}"

    # Instances

    def follow(self, region: str) -> None:
        """Make the instance of a region a replica of the other one's."""
        other = next(item for item in self.places if item != region)
        place = self.places[region]
        asked = {
            "DBInstanceIdentifier": self.name(region),
            "DBSubnetGroupName": place.group,
            "DBParameterGroupName": self.name(region),
            "SourceDBInstanceIdentifier": self.places[other].described(self.name(other))["DBInstanceArn"],
            "KmsKeyId": f"alias/{PREFIX}-{region}-data",
        }
        place.rds.create_db_instance_read_replica(**asked)
        place.wait(self.name(region))
        place.rds.modify_db_instance(
            DBInstanceIdentifier=self.name(region), BackupRetentionPeriod=1, ApplyImmediately=True
        )
        place.wait(self.name(region))
        wait_for(f"replication to {region}", lambda: self._replicates(region))

    def _replicates(self, region: str) -> bool:
        statement = "SELECT service_state FROM performance_schema.replication_connection_status"
        try:
            return self.query(region, statement, timeout=3) == [["ON"]]
        except RefusedError:
            return False

    @contextlib.contextmanager
    def dedicated(self, tenant: str) -> Iterator[None]:
        """Give a tenant an instance in the active region, a replica in the other one, and its secrets in both."""
        here, there = self.active, self.passive
        names = {region: f"{self.name(region)}-{tenant}" for region in self.places}
        keys = {region: f"alias/{PREFIX}-{region}-data" for region in self.places}
        self.places[here].create(
            names[here],
            DBName=tenant,
            DBParameterGroupName=self.name(here),
            StorageEncrypted=True,
            KmsKeyId=keys[here],
        )
        self.places[here].wait(names[here])
        described = self.places[here].described(names[here])
        self.places[there].rds.create_db_instance_read_replica(
            DBInstanceIdentifier=names[there],
            DBSubnetGroupName=self.places[there].group,
            DBParameterGroupName=self.name(there),
            SourceDBInstanceIdentifier=described["DBInstanceArn"],
            KmsKeyId=keys[there],
        )
        login = {"username": MASTER, "password": PASSWORD}
        of_tenant = {"host": described["Endpoint"]["Address"], "username": tenant, "password": "unused"}
        secrets = self.lab("secretsmanager", here)
        for name, content in ((f"{tenant}/master", login), (tenant, of_tenant)):
            secret = f"{SECRETS}tenants/{name}"
            secrets.create_secret(Name=secret, SecretString=json.dumps(content))
            secrets.replicate_secret_to_regions(SecretId=secret, AddReplicaRegions=[{"Region": there}])
        self.places[there].wait(names[there])
        try:
            yield
        finally:
            for region, name in names.items():
                self.places[region].rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
            for region, name in names.items():
                self.places[region].wait(name, None)

    @contextlib.contextmanager
    def tunnels_to(self, tenant: str) -> Iterator[dict[str, str]]:
        """Yield a tunnel to each of a tenant's instances, by endpoint."""
        known = json.loads(self._settings.database_names.read_text())
        with contextlib.ExitStack() as opened:
            yield {
                endpoint: opened.enter_context(tunnel(self.space(region), (known[endpoint], 3306)))
                for region in self.places
                for endpoint in [self.places[region].described(f"{self.name(region)}-{tenant}")["Endpoint"]["Address"]]
            }

    def rebuild(self, region: str) -> None:
        """Do what db_rebuild_replica.yml does, by the API alone."""
        place = self.places[region]
        place.rds.delete_db_instance(DBInstanceIdentifier=self.name(region), SkipFinalSnapshot=True)
        place.wait(self.name(region), None)
        place.rds.reset_db_parameter_group(
            DBParameterGroupName=self.name(region),
            Parameters=[{"ParameterName": "read_only", "ApplyMethod": "immediate"}],
        )
        self.follow(region)

    def unlink(self, region: str) -> None:
        """Cut the connection by which an instance's transactions are replicated, and nothing else."""
        resource = self.places[region].described(self.name(region))["DbiResourceId"]
        space, port = names.backbone(self._settings.home), names.port(resource)
        subprocess.run(["ip", "-netns", space, "link", "set", port, "down"], check=True)

    # Writers

    @contextlib.contextmanager
    def load(self, threads: int = 8, *, stubborn: bool = False) -> Iterator[Load]:
        """Run writers that follow the region record. What they did is known after the block.

        With `stubborn` one more for each region writes there and nowhere else, as an application that never reads the record.
        """
        found = Load()
        settings = {
            "threads": threads,
            "pinned": [self.endpoint(region) for region in self.places] if stubborn else [],
            "table": TABLE,
            "apis": {region: self.lab.stack.endpoints[region] for region in self.places},
            "spaces": {region: self.space(region) for region in self.places},
            "names": str(self._settings.database_names),
            "ca": str(self._settings.ca_certificate),
            "user": APP,
            "password": APP_PASSWORD,
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.writers"],
            cwd=CHECKOUT,
            env=self._environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        process.stdin.write(f"{json.dumps(settings)}\n")
        process.stdin.flush()
        try:
            yield found
        finally:
            output, _ = process.communicate("stop\n", timeout=60)
        told = json.loads(output)
        found.acknowledged |= {(writer, number): (at, where) for writer, number, at, where in told["acknowledged"]}
        found.errors += [tuple(item) for item in told["errors"]]

    # Common steps of tests

    @property
    def active(self) -> str:
        """Return the region that takes the writes, by the highest epoch."""
        return max((self.record(region) for region in self.places), key=lambda item: int(item["epoch"]))[
            "active_region"
        ]

    @property
    def passive(self) -> str:
        return next(region for region in self.places if region != self.active)

    def restore(self) -> None:
        """Bring both regions to where a test begins: healed, no failover under way, a replica with a secret, a heartbeat."""
        for region in self.places:
            if Control.read(self._settings.proxy_control(region)).mode != "open":
                self.command("heal", region)
        for region in self.places:
            journal = self.journal(region)
            if journal and not journal["outcome"]:
                self.failover(journal["mode"], region)
                if not self.journal(region)["outcome"]:
                    self.moved(journal["mode"], region)
        source = self.places[self.active].described(self.name(self.active))["DBInstanceArn"]
        replica = self.places[self.passive].described(self.name(self.passive))
        if replica.get("ReadReplicaSourceDBInstanceIdentifier") != source or not self._replicates(self.passive):
            self.rebuild(self.passive)
        self._replicate_secret()
        if not self.query(self.active, _EVENT):
            assert not self.heartbeat(self.active).get("failed")

    def _replicate_secret(self) -> None:
        """Replicate the master's secret from the active region, unless it is."""
        held = self.lab("secretsmanager", self.passive).describe_secret(SecretId=SECRET)
        if held.get("PrimaryRegion", self.passive) != self.active:
            self.lab("secretsmanager", self.active).replicate_secret_to_regions(
                SecretId=SECRET, AddReplicaRegions=[{"Region": self.passive}], ForceOverwriteReplicaSecret=True
            )

    def make_ready(self) -> str:
        """Remove earlier rows, wait until the replica could be promoted, and return its region."""
        self.query(self.active, "TRUNCATE app.rows_of")

        passive, found = self.passive, {}

        def ready() -> bool:
            found.update(self.moved("status", passive)["readiness"])
            return found["ready"]

        try:
            wait_for(f"readiness of {passive}", ready, timeout=60)
        except AssertionError as error:
            raise AssertionError(f"{error}: {found}") from None
        return passive

    def takes_writes(self, region: str) -> bool:
        """Return whether an application could write there."""
        login = {"user": APP, "password": APP_PASSWORD, "timeout": 3}
        try:
            self.query(region, "REPLACE INTO app.rows_of (writer, number) VALUES (-1, 0)", **login)
        except RefusedError:
            return False
        return True

    def lose(self, region: str) -> None:
        """Kill the region's instance, and cut its network and its API."""
        container = self.places[region].described(self.name(region))["DbiResourceId"]
        self.command("cut", region, "--silent")
        subprocess.run(["docker", "kill", container], check=True, capture_output=True)

    def come_back(self, region: str) -> None:
        """Restore the region's network and API, and wait for its server."""
        self.command("heal", region)
        wait_for(f"the server of {region}", lambda: self.answers(region))


def _prepare_region(regions: TwoRegions, region: str) -> None:
    """Create what the role database expects: a key with an alias, and a security group."""
    place = regions.places[region].place
    kms = place.api("kms")
    kms.create_alias(AliasName=f"alias/{PREFIX}-{region}-data", TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
    name = f"{PREFIX}-{region}-network-database"
    place.api("ec2").create_security_group(GroupName=name, Description=name, VpcId=place.vpc)


def two_regions(lab: Clients) -> TwoRegions:
    """Build both regions."""
    places = {
        region: make_database_place(lab, region, cidr, name=TwoRegions.name(region)) for region, cidr in CIDRS.items()
    }
    regions = TwoRegions(lab, places)
    for region, place in places.items():
        _prepare_region(regions, region)
        lab("dynamodb", region).create_table(
            TableName=TABLE,
            KeySchema=[{"AttributeName": "name", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "name", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        place.rds.create_db_parameter_group(
            DBParameterGroupName=regions.name(region), DBParameterGroupFamily="mysql8.4", Description=region
        )
    content = json.dumps({"username": MASTER, "password": PASSWORD})
    secrets = places[HERE].place.api("secretsmanager")
    secrets.create_secret(Name=SECRET, SecretString=content)
    secrets.replicate_secret_to_regions(SecretId=SECRET, AddReplicaRegions=[{"Region": THERE}])
    # A replica is encrypted only where its source is.
    places[HERE].create(
        regions.name(HERE),
        DBName="app",
        DBParameterGroupName=regions.name(HERE),
        StorageEncrypted=True,
        KmsKeyId=f"alias/{PREFIX}-{HERE}-data",
    )
    places[HERE].wait(regions.name(HERE))
    regions.query(
        HERE,
        "CREATE TABLE app.rows_of (writer INT, number INT, PRIMARY KEY (writer, number))",
        f"CREATE USER {APP}@'%' IDENTIFIED BY '{APP_PASSWORD}' REQUIRE SSL",
        f"GRANT ALL ON app.* TO {APP}@'%'",
    )
    for region in places:
        item = {
            "name": {"S": "active"},
            "epoch": {"N": "2"},
            "active_region": {"S": HERE},
            "writer_endpoint": {"S": regions.endpoint(HERE)},
            "since": {"S": "2026-11-25T00:00:00+00:00"},
            "reason": {"S": "the writer was built"},
            "journal": {"NULL": True},
        }
        lab("dynamodb", region).put_item(TableName=TABLE, Item=item)
    regions.follow(THERE)
    return regions


def other_checkout(folder: Path) -> Path:
    """Copy the collection to a folder, and return that folder."""
    target = folder / "ansible_collections" / "knowledgecity" / "platform"
    target.mkdir(parents=True)
    shutil.copytree(CHECKOUT / "plugins", target / "plugins")
    return folder
