# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Run the playbooks of the database as an operator does, on two regions without runners: the servers are reached by tunnels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from lab.settings import ACCOUNT_ID
from tests.support import playbooks
from tests.support.databases import MASTER
from tests.support.two_regions import HERE, PREFIX, TwoRegions


def write_inventory(regions: TwoRegions, folder: Path, addresses: dict[str, str], **variables: Any) -> Path:
    """Write an inventory of both regions; ``addresses`` are where each region's server is reached."""
    common = {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "platform_name": PREFIX,
        "platform_environment": "none",
        "platform_account_id": ACCOUNT_ID,
        "platform_initial_primary": HERE,
        "platform_regions": {name: {} for name in regions.places},
        "platform_endpoints": "{{ lookup('ansible.builtin.env', 'LAB_ENDPOINTS') | from_json }}",
        "region_record_table": f"{PREFIX}-region-record",
        "database_name_prefix": PREFIX,
        "database_addresses": addresses,
        "database_tls_ca": str(regions.lab.stack.settings.ca_certificate),
        "database_instance_class": "db.t4g.small",
        "database_master_username": MASTER,
        "database_wait_timeout": 240,
    }
    hosts = {name: {"aws_region": name} for name in regions.places}
    file = folder / "hosts.yml"
    file.write_text(yaml.safe_dump({"regions": {"hosts": hosts, "vars": common | variables}}))
    return file


def play(regions: TwoRegions, inventory: Path, name: str, *arguments: str) -> playbooks.Ran:
    """Run a playbook by its name."""
    return playbooks.run(
        regions.lab, *arguments, playbook=f"playbooks/{name}.yml", inventory=inventory, administrator=True
    )
