# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Run the three playbooks: back up and copy, verify, and restore in the other region."""

from __future__ import annotations

import uuid

import pytest
import yaml

from tests.support import playbooks
from tests.support.clickhouse import USER, running_server

SUFFIX = uuid.uuid4().hex[:8]


@pytest.fixture(scope="module")
def server(lab):
    with running_server(lab, "me-west-1", suffix=SUFFIX) as running:
        yield running


@pytest.fixture(scope="module")
def other_server(lab):
    with running_server(lab, "eu-central-1", suffix=SUFFIX) as running:
        yield running


@pytest.fixture
def inventory(server, other_server, database, tmp_path):
    """Write an inventory of both regions and their servers. Nothing is delegated, since this machine reaches the servers."""
    hosts = {
        running.region: {
            "aws_region": running.region,
            "clickhouse_backup_host": "127.0.0.1",
            "clickhouse_backup_port": running.process.port,
            "clickhouse_backup_password": running.process.password,
        }
        for running in (server, other_server)
    }
    common = {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "platform_name": "kc",
        "platform_environment": "test",
        "platform_regions": {name: {} for name in hosts},
        "platform_endpoints": "{{ lookup('ansible.builtin.env', 'LAB_ENDPOINTS') | from_json }}",
        "clickhouse_backup_user": USER,
        "clickhouse_backup_ca_path": str(server.process.stack.settings.ca_certificate),
        "clickhouse_backup_buckets": f"clickhouse-REGION-{SUFFIX}",
        "clickhouse_backup_name": "roundtrip",
        "clickhouse_backup_databases": [database],
    }
    file = tmp_path / "hosts.yml"
    file.touch(mode=0o600)
    file.write_text(yaml.safe_dump({"regions": {"hosts": hosts, "vars": common}}))
    return file


def test_backed_up_verified_and_restored_in_the_other_region(lab, server, other_server, database, inventory, content):
    def play(name, region, *arguments):
        return playbooks.run(
            lab,
            *("--limit", region, *arguments),
            playbook=f"playbooks/clickhouse_{name}.yml",
            inventory=inventory,
            administrator=True,
        ).succeeded()

    play("backup", "me-west-1", "--check", "--diff")
    assert not server.objects()
    assert play("backup", "me-west-1").changed == {"me-west-1": 2}, "created and copied"
    assert play("backup", "me-west-1").changed == {"me-west-1": 0}
    assert "clickhouse/roundtrip/.backup" in other_server.objects("roundtrip")
    server(f"BACKUP DATABASE {database} TO S3(backups, 'by-hand')")  # newer, and not to be taken for the newest of ours
    assert play("verify", "me-west-1").changed == {"me-west-1": 2}, "verified, and reported to CloudWatch"
    assert play("restore", "eu-central-1").changed == {"eu-central-1": 1}
    for table in ("events", "small", "plain"):
        assert content(f"{database}.{table}", on=other_server) == content(f"{database}.{table}")
