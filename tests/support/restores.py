# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Restore databases by the playbooks: an inventory with tunnels, a tenant with every kind of data, moments."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.support import playbooks, region_plays
from tests.support.labs import Clients
from tests.support.machines import wait_for
from tests.support.tunnel import tunnel
from tests.support.two_regions import HERE, PREFIX, THERE, TwoRegions, two_regions

RESTORED, PROOF = "restored", "proof"

# What a dump could get wrong: every kind of column, what refers to other tables, and what is stored beside them.
_TENANT = (
    "CREATE DATABASE {schema}",
    "CREATE TABLE {schema}.people (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(80) CHARACTER SET latin1, mail VARCHAR(80),"
    " born DATE, seen TIMESTAMP(6) NULL, spent DECIMAL(20, 5), share FLOAT, ratio DOUBLE, flags BIT(7), kind ENUM('a', 'it''s'),"
    " tags SET('x', 'y'), photo BLOB, token VARBINARY(16), form JSON, place POINT, since YEAR, clock TIME(3),"
    " upper_mail VARCHAR(80) GENERATED ALWAYS AS (UPPER(mail)) STORED, UNIQUE KEY (mail)) AUTO_INCREMENT = 41",
    "CREATE TABLE {schema}.orders (id BIGINT PRIMARY KEY, person INT, note TEXT, made DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6),"
    " FOREIGN KEY (person) REFERENCES {schema}.people (id))",
    "CREATE TABLE {schema}.parts (id INT, word TEXT) PARTITION BY HASH (id) PARTITIONS 3",
    "INSERT INTO {schema}.people (name, mail, born, seen, spent, share, ratio, flags, kind, tags, photo, token, form, place, since,"
    " clock) VALUES ('Zoë \\\\ \\'quoted\\'', 'zoe@example.com', '1999-02-28', '2026-03-14 09:26:53.589793', 12345.67891, 0.1,"
    " 1.7976931348623157e308, b'1010101', 'it''s', 'x,y', X'00FF27225C0D0A1A', '', '{{\"a\": [1, \"ü\"], \"n\": null}}',"
    " ST_GeomFromText('POINT(46.7 24.6)', 4326), 2026, '-12:34:56.789'), (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,"
    " NULL, NULL, NULL, NULL, NULL, NULL, NULL), ('', 'عربي', '2026-01-01', NULL, 0, -1.5, 0, b'0', 'a', '', '', X'00', 'null',"
    " NULL, 1901, '00:00:00')",
    "INSERT INTO {schema}.parts VALUES (1, 'one'), (1, 'one'), (2, NULL), (NULL, 'none')",
    "CREATE FUNCTION {schema}.twice (n INT) RETURNS INT DETERMINISTIC RETURN n * 2",
    "CREATE PROCEDURE {schema}.tidy () DELETE FROM orders WHERE note IS NULL",
    "CREATE EVENT {schema}.nightly ON SCHEDULE EVERY 1 DAY STARTS '2031-01-01' DO CALL tidy()",
)
_STORED = (
    "CREATE DEFINER = '{schema}'@'%' VIEW {schema}.named AS SELECT id, name FROM {schema}.people WHERE name IS NOT NULL",
    "CREATE DEFINER = '{schema}'@'%' VIEW {schema}.a_view_of_a_view AS SELECT COUNT(*) AS n FROM {schema}.named",
    "CREATE DEFINER = '{schema}'@'%' TRIGGER {schema}.trimmed BEFORE INSERT ON {schema}.orders FOR EACH ROW"
    " SET NEW.note = TRIM(NEW.note)",
)


def regions_with_backups(lab: Clients) -> TwoRegions:
    """Make two regions with real servers whose backups are replicated; me-west-1 takes the writes."""
    regions = two_regions(lab)
    name_networks(regions)
    trust_creators(regions)
    regions.heartbeat(HERE)
    replicate_backups(regions)
    return regions


def make_tenant(regions: TwoRegions, schema: str, password: str) -> None:
    """Create a tenant's schema with rows, and its user."""
    regions.query(
        HERE,
        *(statement.format(schema=schema) for statement in _TENANT),
        f"CREATE USER {schema}@'%' IDENTIFIED BY '{password}' REQUIRE SSL",
        f"GRANT ALL ON {schema}.* TO {schema}@'%'",
        *(statement.format(schema=schema) for statement in _STORED),
    )


def content(query: Callable[..., list], schema: str) -> dict[str, Any]:
    """Return all that a schema has, read another way than the module does."""
    found: dict[str, Any] = {}
    for (table,) in query(
        f"SELECT table_name FROM information_schema.tables WHERE table_schema = '{schema}' AND table_type = 'BASE TABLE'"
    ):
        found[table] = (
            query(f"CHECKSUM TABLE {schema}.{table} EXTENDED")[0][1],
            query(f"SELECT COUNT(*) FROM {schema}.{table}"),
        )
    for kind, names, place in (
        ("views", "table_name, definer, view_definition", "table"),
        ("routines", "routine_name, definer, routine_definition", "routine"),
        ("triggers", "trigger_name, definer, action_statement", "trigger"),
        ("events", "event_name, definer, status, event_definition", "event"),
        ("key_column_usage", "constraint_name, table_name, column_name, referenced_table_name", "constraint"),
    ):
        where = f"FROM information_schema.{kind} WHERE {place}_schema = '{schema}' ORDER BY 1, 2, 3"
        found[f"information_schema.{kind}"] = query(f"SELECT {names} {where}")
    return found


def next_second() -> datetime:
    """Wait until a second is over, and return it: what was committed before is in it, and what comes is not."""
    moment = int(time.time()) + 1
    while time.time() < moment + 0.15:
        time.sleep(0.05)
    return datetime.fromtimestamp(moment, UTC)


def name_networks(regions: TwoRegions) -> None:
    """Give each region's subnets the names that role database looks for."""
    for region, place in regions.places.items():
        ec2 = regions.lab("ec2", region)
        (group,) = place.rds.describe_db_subnet_groups(DBSubnetGroupName=regions.name(region))["DBSubnetGroups"]
        for number, subnet in enumerate(group["Subnets"]):
            tag = {"Key": "Name", "Value": f"{PREFIX}-{region}-network-data-{number}"}
            ec2.create_tags(Resources=[subnet["SubnetIdentifier"]], Tags=[tag])


def trust_creators(regions: TwoRegions) -> None:
    """Let tenants have functions and triggers, which the binary log otherwise forbids."""
    trusted = {"ParameterName": "log_bin_trust_function_creators", "ParameterValue": "1", "ApplyMethod": "immediate"}
    for region, place in regions.places.items():
        place.rds.modify_db_parameter_group(DBParameterGroupName=regions.name(region), Parameters=[trusted])

    def in_force() -> bool:
        return regions.query(HERE, "SELECT @@log_bin_trust_function_creators") == [[1]]

    wait_for("log_bin_trust_function_creators", in_force)


def replicate_backups(regions: TwoRegions) -> None:
    """Let the other region keep the writer's automated backups, too."""
    arn = regions.places[HERE].described(regions.name(HERE))["DBInstanceArn"]
    regions.places[THERE].rds.start_db_instance_automated_backups_replication(
        SourceDBInstanceArn=arn, KmsKeyId=f"alias/{PREFIX}-{THERE}-data"
    )


def wait_for_copy(regions: TwoRegions, moment: datetime) -> None:
    """Wait until the copies in the other region reach a second."""

    def reached() -> bool:
        found = regions.places[THERE].rds.describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"]
        windows = [item.get("RestoreWindow") for item in found if f":{HERE}:" in item["DBInstanceArn"]]
        return any(window and window["LatestTime"] >= moment for window in windows)

    wait_for("the copies of the backups", reached)


@contextlib.contextmanager
def inventory(regions: TwoRegions, folder: Path) -> Iterator[Path]:
    """Write an inventory of both regions. Tunnels lead to what is restored, too, as long as it is used."""
    settings = regions.lab.stack.settings

    def target(name: str, region: str) -> Callable[[], tuple[str, int]]:
        def look() -> tuple[str, int]:
            known = json.loads(settings.database_names.read_text())
            suffix = f".{region}.rds.amazonaws.com"
            found = [item for host, item in known.items() if host.startswith(f"{name}.") and host.endswith(suffix)]
            if not found:
                raise LookupError(name)
            return found[0], 3306

        return look

    with contextlib.ExitStack() as opened:
        addresses = opened.enter_context(regions.tunnels())
        restored = {
            f"{regions.name(region)}-{word}": opened.enter_context(
                tunnel(regions.space(region), target(f"{regions.name(region)}-{word}", region))
            )
            for region in regions.places
            for word in (RESTORED, PROOF)
        }
        yield region_plays.write_inventory(
            regions,
            folder,
            addresses,
            restore_addresses=restored,
            database_restore_address="{{ restore_addresses[database_restore_name] }}",
            database_restore_timeout=240,
            database_parameters={"log_bin_trust_function_creators": 1},
            database_poll_interval=2,
        )


def play(regions: TwoRegions, folder: Path, name: str, *arguments: str) -> playbooks.Ran:
    """Run a playbook as an operator does."""
    with inventory(regions, folder) as file:
        return region_plays.play(regions, file, name, *arguments)


def given(**variables: str) -> list[str]:
    """Return the arguments that give variables of a restore."""
    return [word for name, value in variables.items() for word in ("-e", f"database_restore_{name}={value}")]


def written(moment: datetime) -> str:
    """Write a moment as an operator states it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
