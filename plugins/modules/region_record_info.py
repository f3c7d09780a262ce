#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: region_record_info
short_description: Read which region of a platform is active
version_added: 0.1.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Reads the copies of the region record in all regions and says which region is active.
  - The copy with the highest epoch wins. Two contents under one epoch make the module fail.
  - A copy that can't be read is a warning, since its region may be lost.
options:
  table:
    description: Name of the DynamoDB table that holds the record, the same in all regions.
    type: str
    required: true
  regions:
    description: Regions that hold a copy.
    type: list
    elements: str
    required: true
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
seealso:
  - module: knowledgecity.platform.region_record
"""

EXAMPLES = r"""
- name: Read which region is active
  knowledgecity.platform.region_record_info:
    table: kc-production-region-record
    regions:
      - me-west-1
      - eu-central-1
  register: region_record
"""

RETURN = r"""
record:
  description: The record with the highest epoch; none where no region holds one yet.
  returned: success
  type: dict
  contains:
    epoch: {description: "Raised by every change of the active region.", type: int, returned: always, sample: 3}
    active_region: {description: "The region that takes writes.", type: str, returned: always, sample: me-west-1}
    writer_endpoint: {description: "Address of the database that takes writes.", type: str, returned: always}
    since: {description: "When this epoch began, ISO 8601 in UTC.", type: str, returned: always}
    reason: {description: "Why this epoch began.", type: str, returned: always, sample: first build}
    journal: {description: "The failover that began this epoch.", type: str, returned: always}
copies:
  description: Each region's copy as it was read.
  returned: success
  type: list
  elements: dict
  contains:
    region: {description: "The copy's region.", type: str, returned: always, sample: eu-central-1}
    status: {description: "V(present), V(absent), V(no_table) or V(unreadable).", type: str, returned: always}
    record: {description: "The record in it.", type: dict, returned: always}
    error: {description: "Why it could not be read.", type: str, returned: always}
"""

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_record.model import unseen, winner
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_record.store import RecordStore


def main() -> None:
    module = regional_module(
        {
            "table": {"type": "str", "required": True},
            "regions": {"type": "list", "elements": "str", "required": True},
        }
    )
    clients = RegionalClients(module, max_attempts=2)
    store = RecordStore(
        lambda region: clients.client("dynamodb", region), module.params["table"], module.params["regions"]
    )
    try:
        copies = store.read()
        record = winner(copies)
    except PlatformError as error:
        module.fail_json(msg=str(error))
    for warning in unseen(copies):
        module.warn(warning)
    module.exit_json(
        changed=False,
        record=record.as_dict() if record else None,
        copies=[copy.as_dict() for copy in copies],
    )


if __name__ == "__main__":
    main()
