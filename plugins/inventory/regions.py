# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
name: regions
short_description: A host for each region of the platform's settings
version_added: 0.3.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Reads the regions from the file with the platform's settings, so that they are named in one file only.
  - The group C(regions) has a host for each region, named by it, with C(aws_region).
  - The group C(account) has the host C(global), which stands for what AWS keeps once an account.
  - Both groups are run on the control machine (C(ansible_connection=local)), with the Python that runs the playbook.
  - Settings that name no regions give an inventory with the host C(global) alone, so that preflight can say what is wrong.
options:
  plugin:
    description: The plugin's name.
    required: true
    choices: [knowledgecity.platform.regions]
  settings:
    description: The file with C(platform_regions), a dictionary by region. A relative path begins beside the inventory file.
    type: str
    default: group_vars/all/platform.yml
  account_region:
    description: The region in which AWS keeps what it keeps once an account.
    type: str
    default: us-east-1
"""

EXAMPLES = r"""
# inventories/production/hosts.yml
plugin: knowledgecity.platform.regions
"""

import typing as t
from pathlib import Path

from ansible.errors import AnsibleError, AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin
from ansible.template import trust_as_template


class InventoryModule(BaseInventoryPlugin):
    """Adds the regions of the platform's settings as hosts."""

    NAME = "knowledgecity.platform.regions"

    def verify_file(self, path: str) -> bool:
        return super().verify_file(path) and path.endswith((".yml", ".yaml"))

    def parse(self, inventory: t.Any, loader: t.Any, path: str, cache: bool = True) -> None:
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        self._add("account", {"global": self.get_option("account_region")})
        self._add("regions", {region: region for region in self._regions(path)})

    def _regions(self, path: str) -> list[str]:
        """Read the names of the regions; none where the settings have no such dictionary."""
        file = str(Path(path).absolute().parent / self.get_option("settings"))
        try:
            settings = self.loader.load_from_file(file, cache="none")
        except AnsibleError as error:
            raise AnsibleParserError(
                f"The regions could not be read from {file}: {error} Fix: Name the file with platform_regions in the option "
                f"`settings` of {path}."
            ) from error
        regions = settings.get("platform_regions") if isinstance(settings, dict) else None
        if not isinstance(regions, dict):
            self.display.warning(f"{file} names no regions. Fix: Write platform_regions, a dictionary by region.")
            return []
        return [str(region) for region in regions]

    def _add(self, group: str, hosts: dict[str, str]) -> None:
        """Add a group of hosts that are worked on from the control machine, each with its region."""
        self.inventory.add_group(group)
        self._set(group, "ansible_connection", "local")
        self._set(group, "ansible_python_interpreter", "{{ ansible_playbook_python }}")
        for host, region in hosts.items():
            self.inventory.add_host(host, group=group)
            self._set(host, "aws_region", region)

    def _set(self, entity: str, name: str, value: str) -> None:
        """Set a variable of a host or a group, as an inventory file that is written by hand would."""
        self.inventory.set_variable(entity, name, trust_as_template(value))
