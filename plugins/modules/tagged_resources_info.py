#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: tagged_resources_info
short_description: List the resources with given tags in a region
version_added: 0.1.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Lists the resources of a region that have all of the given tags, and tells which are only pending deletion, or gone.
  - Uses the Resource Groups Tagging API, which lists what was deleted for minutes or hours. So each resource is asked of its own
    API, too.
  - The tagging API does not cover IAM, whose resources are found by the beginning of their names.
options:
  tags:
    description: Tags that a resource must have, all of them.
    type: dict
    required: true
  iam_role_prefix:
    description:
      - Also list the IAM roles, instance profiles and policies of the account whose name begins with this.
      - Those whose tags have other values for O(tags) are left out, since C(kc-prod-eu-runner) begins with C(kc-prod-), too.
      - IAM is the same in all regions, so give it for one region only.
    type: str
  kept:
    description: ARNs of resources that may stay, with O(wait_timeout). A C(*) in them stands for anything.
    type: list
    elements: str
    default: []
    version_added: 0.2.0
  wait_timeout:
    description: Seconds to look again and again while anything is V(present) or V(listed) that O(kept) doesn't name.
    type: int
    default: 0
    version_added: 0.2.0
extends_documentation_fragment:
  - knowledgecity.platform.regional
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  check_mode:
    details: Changes nothing.
  diff_mode:
    support: none
"""

EXAMPLES = r"""
- name: List what is left of an environment
  knowledgecity.platform.tagged_resources_info:
    tags:
      platform: kc
      environment: staging
  register: left
"""

RETURN = r"""
resources:
  description: The resources with the tags, ordered by ARN.
  returned: success
  type: list
  elements: dict
  contains:
    arn: {description: "The resource's ARN.", type: str, returned: always}
    tags: {description: "All of its tags.", type: dict, returned: always}
    status:
      description:
        - V(present) where the resource's own API has it.
        - V(pending_deletion) for what AWS keeps for a while after it was deleted, such as KMS keys.
        - V(gone) where its own API has it no more, and the tagging API still lists it.
        - V(listed) where its own API is not known here or may not be asked, and the tagging API lists it.
      type: str
      returned: always
      sample: present
"""

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._tagged_resources_info.store import (
    TaggedResources,
    settle,
)


def main() -> None:
    module = regional_module(
        {
            "tags": {"type": "dict", "required": True},
            "iam_role_prefix": {"type": "str"},
            "kept": {"type": "list", "elements": "str", "default": []},
            "wait_timeout": {"type": "int", "default": 0},
        }
    )
    clients = RegionalClients(module)
    tags, prefix = module.params["tags"], module.params["iam_role_prefix"]

    def look() -> list[dict]:
        finder = TaggedResources(clients.client, clients.region)
        return finder.find(tags) + (finder.find_iam(prefix, tags) if prefix else [])

    try:
        resources = settle(look, kept=module.params["kept"], timeout=module.params["wait_timeout"])
    except PlatformError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, resources=sorted(resources, key=lambda resource: resource["arn"]))


if __name__ == "__main__":
    main()
