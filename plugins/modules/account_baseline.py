#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: account_baseline
short_description: Keep an account's safe defaults for EBS, instance metadata and S3
version_added: 0.2.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Sets what an account has once a region (encryption of new EBS volumes, defaults of the instance metadata service), and once for
    all regions (S3 Block Public Access of the account).
  - An option that isn't given is left as it is. Other defaults of the account are not touched.
options:
  ebs_encryption:
    description: Whether new EBS volumes and copies of snapshots are encrypted, asked for or not.
    type: bool
  ebs_key:
    description: ARN of the KMS key that they are encrypted with, or V(alias/aws/ebs) for AWS's own.
    type: str
  instance_metadata:
    description: Defaults of new instances.
    type: dict
    suboptions:
      http_tokens:
        description: Whether the instance metadata service requires a session token (IMDSv2).
        type: str
        choices: [optional, required, no-preference]
      hop_limit:
        description: How many hops an answer of the service may take, 1 to 64. Containers behind a bridge need 2.
        type: int
  s3_public_access_block:
    description:
      - Whether all four settings of S3 Block Public Access of the account are on, or all are off.
      - It holds for all regions.
    type: bool
  account_id:
    description: The account. Required with O(s3_public_access_block).
    type: str
  remember_in:
    description:
      - A DynamoDB table of the region with the key C(name), such as that of the region record, in which to remember what was there
        before the first change. Without such a table nothing is remembered, with a warning.
    type: str
    version_added: 0.2.0
  state:
    description:
      - With V(present) the defaults are as described.
      - With V(restored) what O(remember_in) remembers is put back, where nobody has changed it since. No other option says what.
    type: str
    choices: [present, restored]
    default: present
    version_added: 0.2.0
  wait_timeout:
    description: Seconds to wait for the changes to take effect.
    type: int
    default: 60
extends_documentation_fragment:
  - knowledgecity.platform.regional
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Safe defaults in a region
  knowledgecity.platform.account_baseline:
    ebs_encryption: true
    ebs_key: arn:aws:kms:me-west-1:111122223333:key/0a1b2c3d-0000-1111-2222-333344445555
    instance_metadata:
      http_tokens: required
      hop_limit: 1

- name: Put back what was there before
  knowledgecity.platform.account_baseline:
    state: restored
    remember_in: kc-production-region-record

- name: No public buckets, whatever their own settings
  knowledgecity.platform.account_baseline:
    s3_public_access_block: true
    account_id: "111122223333"
"""

RETURN = r"""
settings:
  description: The settings that were asked for, as they were read last; in check mode as they were found.
  returned: success
  type: dict
  sample:
    EBS encryption by default: true
changes:
  description: What was changed, or in check mode would be.
  returned: success
  type: list
  elements: dict
  sample: [{action: set, resource: EBS encryption by default}]
"""

from ansible_collections.knowledgecity.platform.plugins.module_utils._account_baseline.memory import Memory
from ansible_collections.knowledgecity.platform.plugins.module_utils._account_baseline.model import desired
from ansible_collections.knowledgecity.platform.plugins.module_utils._account_baseline.store import (
    BaselineReconciler,
    BaselineRestorer,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge, describe


def main() -> None:
    metadata = {
        "http_tokens": {"type": "str", "choices": ["optional", "required", "no-preference"], "no_log": False},
        "hop_limit": {"type": "int"},
    }
    module = regional_module(
        {
            "ebs_encryption": {"type": "bool"},
            "ebs_key": {"type": "str", "no_log": False},
            "instance_metadata": {"type": "dict", "options": metadata},
            "s3_public_access_block": {"type": "bool"},
            "account_id": {"type": "str"},
            "remember_in": {"type": "str"},
            "state": {"type": "str", "choices": ["present", "restored"], "default": "present"},
            "wait_timeout": {"type": "int", "default": 60},
        },
        required_by={"s3_public_access_block": "account_id"},
        required_if=[("state", "restored", ["remember_in"])],
    )
    wanted = desired(module.params)
    clients, table = RegionalClients(module), module.params["remember_in"]
    try:
        memory = Memory(clients.client("dynamodb"), table) if table else None
        account = module.params["account_id"]
        if memory and module.params["state"] == "restored":
            plain = BaselineReconciler({}, clients.client, clients.region, account)
            reconciler: BaselineReconciler | BaselineRestorer = BaselineRestorer(memory, plain)
        else:
            reconciler = BaselineReconciler(wanted, clients.client, clients.region, account, memory)
            if memory and not module.check_mode and memory.read() is None:
                module.warn(f"There is no table {table} in {clients.region}: what the defaults were is not remembered.")
        changes, settings = converge(reconciler, check_mode=module.check_mode, timeout=module.params["wait_timeout"])
    except PlatformError as error:
        module.fail_json(msg=str(error))
    module.exit_json(settings=settings, **describe(changes))


if __name__ == "__main__":
    main()
