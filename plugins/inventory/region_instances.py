# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
name: region_instances
short_description: EC2 instances of one region, within a time-out
version_added: 0.2.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Finds the EC2 instances of one region. Hosts are named by their instance IDs.
  - A region that does not answer within O(timeout) has no hosts and costs no more time than that, so that a lost region holds up
    nothing that is done in the others. P(amazon.aws.aws_ec2#inventory) waits for minutes there, and has no option for it.
  - The file's name must end in V(region_instances.yml) or V(region_instances.yaml). Write one file a region.
  - Each host has the description of its instance as variables, and its tags in C(instance_tags).
  - Credentials are taken from where boto3 looks for them.
requirements:
  - boto3
extends_documentation_fragment:
  - constructed
options:
  plugin:
    description: The plugin's name.
    required: true
    choices: [knowledgecity.platform.region_instances]
  region:
    description: The region.
    type: str
    required: true
  endpoint_url:
    description: Where the region's API is reached, if not at AWS's own endpoint. Can be a template.
    type: str
  filters:
    description: Filters of C(DescribeInstances), each with a value or a list of values.
    type: dict
    default: {}
  timeout:
    description: Seconds to wait for a connection, and for an answer.
    type: float
    default: 10
seealso:
  - plugin: amazon.aws.aws_ec2
    plugin_type: inventory
"""

EXAMPLES = r"""
# inventories/production/me-west-1.region_instances.yml
plugin: knowledgecity.platform.region_instances
region: me-west-1
filters:
  "tag:tier": runner
  "tag:environment": production
  instance-state-name: running
keyed_groups:
  - {key: placement.region, prefix: runner}
compose:
  ansible_connection: "'amazon.aws.aws_ssm'"
  ansible_aws_ssm_region: "'me-west-1'"
"""

import typing as t

from ansible.errors import AnsibleParserError
from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict
from ansible.plugins.inventory import BaseInventoryPlugin, Constructable
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError, doing

try:
    import boto3
    from botocore.config import Config
except ImportError:
    boto3 = Config = None

_FILE_NAMES = ("region_instances.yml", "region_instances.yaml")


class InventoryModule(BaseInventoryPlugin, Constructable):
    """The EC2 instances of one region."""

    NAME = "knowledgecity.platform.region_instances"

    def verify_file(self, path: str) -> bool:
        return super().verify_file(path) and path.endswith(_FILE_NAMES)

    def parse(self, inventory: t.Any, loader: t.Any, path: str, cache: bool = True) -> None:
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        if boto3 is None:
            raise AnsibleParserError("The inventory plugin region_instances needs boto3: install it beside Ansible.")
        try:
            instances = self._instances()
        except PlatformError as error:
            raise AnsibleParserError(str(error)) from error
        for instance in instances:
            self._add(instance)

    def _instances(self) -> list[dict[str, t.Any]]:
        region, timeout = self.get_option("region"), self.get_option("timeout")
        with doing(f"list the instances of {region} within {timeout:g} s"):
            client = boto3.session.Session().client(
                "ec2",
                region_name=region,
                endpoint_url=self._endpoint(),
                config=Config(connect_timeout=timeout, read_timeout=timeout, retries={"total_max_attempts": 1}),
            )
            pages = client.get_paginator("describe_instances").paginate(Filters=self._filters())
            return [instance for page in pages for group in page["Reservations"] for instance in group["Instances"]]

    def _endpoint(self) -> str | None:
        endpoint = self.get_option("endpoint_url")
        return (self.templar.template(endpoint) if endpoint else None) or None

    def _filters(self) -> list[dict[str, t.Any]]:
        wanted = self.get_option("filters").items()
        return [{"Name": name, "Values": value if isinstance(value, list) else [value]} for name, value in wanted]

    def _add(self, instance: dict[str, t.Any]) -> None:
        """Add a host with the instance's description as its variables, in snake case, and its tags as a dictionary.

        Ansible has reserved the name `tags`, so they are `instance_tags`.
        """
        name, region = instance["InstanceId"], self.get_option("region")
        described = camel_dict_to_snake_dict(instance, ignore_list=["Tags"])
        described["instance_tags"] = {tag["Key"]: tag["Value"] for tag in described.pop("tags", [])}
        described["placement"] = {**described.get("placement", {}), "region": region}
        self.inventory.add_host(name)
        for key, value in described.items():
            self.inventory.set_variable(name, key, value)
        strict = self.get_option("strict")
        self._set_composite_vars(self.get_option("compose"), described, name, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), described, name, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), described, name, strict=strict)
