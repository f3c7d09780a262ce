#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: region_record
short_description: Keep the copies of a platform's region record in agreement
version_added: 0.1.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - The region record says which region of a platform is active. Every region holds a copy, an item in a DynamoDB table.
  - Where no region holds a record yet, the first one is written, with epoch 1.
  - Where copies differ, the one with the highest epoch is copied over the others. This module never changes which region is active.
  - Two contents under one epoch make the module fail before anything is written.
  - While a copy can't be read no first record is written, since the region that can't be read may hold one.
options:
  table:
    description: Name of the DynamoDB table that holds the record, the same in all regions. It must exist.
    type: str
    required: true
  regions:
    description: Regions that hold a copy.
    type: list
    elements: str
    required: true
  initial_region:
    description: The region that the first record names as the active one. Without effect once a record exists.
    type: str
    required: true
  writer_region:
    description: The region whose writer O(writer_endpoint) is. While another region is active, nothing is written about it.
    type: str
    version_added: 0.2.0
  writer_endpoint:
    description:
      - Host name of the database that takes writes. Where the record says otherwise, it is written under the next epoch.
      - While a copy can't be read it is left as it is.
    type: str
    version_added: 0.2.0
  wait_timeout:
    description: Seconds to wait until the copies agree.
    type: int
    default: 60
extends_documentation_fragment:
  - knowledgecity.platform.regional
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: knowledgecity.platform.region_record_info
"""

EXAMPLES = r"""
- name: Write the first record, or heal stale copies
  knowledgecity.platform.region_record:
    table: kc-production-region-record
    regions:
      - me-west-1
      - eu-central-1
    initial_region: me-west-1

- name: Say where the writer is
  knowledgecity.platform.region_record:
    table: kc-production-region-record
    regions:
      - me-west-1
      - eu-central-1
    initial_region: me-west-1
    writer_region: me-west-1
    writer_endpoint: kc-production-me-west-1-database.c0123456789a.me-west-1.rds.amazonaws.com
"""

RETURN = r"""
record:
  description: The record that the copies hold; in check mode the one that they would hold.
  returned: success
  type: dict
  sample:
    epoch: 1
    active_region: me-west-1
    writer_endpoint: null
    since: "2026-11-22T09:00:00+00:00"
    reason: first build
    journal: null
copies:
  description: Each region's copy as it was read last.
  returned: success
  type: list
  elements: dict
changes:
  description: What was changed, or in check mode would be.
  returned: success
  type: list
  elements: dict
  sample: [{action: create, resource: region record in eu-central-1}]
"""

import datetime

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge, describe
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_record.model import (
    FIRST_EPOCH,
    Record,
    Writer,
    unseen,
    winner,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_record.reconciler import RecordReconciler
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_record.store import RecordStore


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def _first_record(active_region: str) -> Record:
    return Record(FIRST_EPOCH, active_region, None, _now(), "first build", None)


def main() -> None:
    module = regional_module(
        {
            "table": {"type": "str", "required": True},
            "regions": {"type": "list", "elements": "str", "required": True},
            "initial_region": {"type": "str", "required": True},
            "writer_region": {"type": "str"},
            "writer_endpoint": {"type": "str"},
            "wait_timeout": {"type": "int", "default": 60},
        },
        required_together=[("writer_region", "writer_endpoint")],
    )
    regions, initial_region = module.params["regions"], module.params["initial_region"]
    if initial_region not in regions:
        module.fail_json(msg=f"O(initial_region) {initial_region} is none of O(regions) {', '.join(regions)}.")
    clients = RegionalClients(module, max_attempts=2)
    store = RecordStore(lambda region: clients.client("dynamodb", region), module.params["table"], regions)
    first = _first_record(initial_region)
    endpoint = module.params["writer_endpoint"]
    writer = Writer(module.params["writer_region"], endpoint, _now()) if endpoint else None

    try:
        reconciler = RecordReconciler(store, first, writer)
        changes, copies = converge(reconciler, check_mode=module.check_mode, timeout=module.params["wait_timeout"])
        record = winner(copies)
    except PlatformError as error:
        module.fail_json(msg=str(error))
    for warning in unseen(copies):
        module.warn(warning)
    if record is None and changes:
        record = first
    module.exit_json(
        record=record.as_dict() if record else None,
        copies=[copy.as_dict() for copy in copies],
        **describe(changes),
    )


if __name__ == "__main__":
    main()
