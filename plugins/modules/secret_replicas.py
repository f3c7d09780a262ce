#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: secret_replicas
short_description: Keep the secrets of a region replicated to others
version_added: 0.2.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Replicates all secrets of Secrets Manager whose names begin alike. No value is read.
  - After a failover the secrets that were promoted are replicated nowhere, and the region that was left has ones of its own under
    the same names. With O(overwrite) these become replicas.
  - Replicas in other regions are left alone, and so are secrets that are replicas themselves.
options:
  name_prefix:
    description: What the names begin with.
    type: str
    required: true
  replicas:
    description: The regions to replicate the secrets to.
    type: list
    elements: dict
    required: true
    suboptions:
      region:
        description: Region of the replicas.
        type: str
        required: true
      kms_key:
        description:
          - Key of that region that encrypts them, by ARN, key ID or alias. A replica under another key is changed.
          - Without it the keys are left as they are.
        type: str
  overwrite:
    description: Whether a secret of the same name that the other region has by itself is replaced, with its value.
    type: bool
    default: false
  wait_timeout:
    description: Seconds to wait for the changes to take effect.
    type: int
    default: 120
extends_documentation_fragment:
  - knowledgecity.platform.regional
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: knowledgecity.platform.rds_failover
  - module: knowledgecity.platform.rds_master_secret
"""

EXAMPLES = r"""
- name: Let the region that was left have the secrets of the new one
  knowledgecity.platform.secret_replicas:
    region: eu-central-1
    name_prefix: kc-production/database/
    overwrite: true
    replicas:
      - region: me-west-1
        kms_key: alias/kc-production-me-west-1-data
"""

RETURN = r"""
secrets:
  description: The secrets, without their values, and the regions that they are replicated to.
  returned: success
  type: list
  elements: dict
  sample: [{name: kc-production/database/master, replica_regions: [me-west-1]}]
changes:
  description: What was changed, or in check mode would be.
  returned: success
  type: list
  elements: dict
  sample: [{action: replicate, resource: secret kc-production/database/master to me-west-1}]
"""

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import judge
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge, describe
from ansible_collections.knowledgecity.platform.plugins.module_utils._secret_replica_keys import ReplicaKeys
from ansible_collections.knowledgecity.platform.plugins.module_utils._secret_replicas.model import check
from ansible_collections.knowledgecity.platform.plugins.module_utils._secret_replicas.store import ReplicaReconciler


def main() -> None:
    replica = {"region": {"type": "str", "required": True}, "kms_key": {"type": "str", "no_log": False}}
    module = regional_module(
        {
            "name_prefix": {"type": "str", "required": True},
            "replicas": {"type": "list", "elements": "dict", "required": True, "options": replica},
            "overwrite": {"type": "bool", "default": False},
            "wait_timeout": {"type": "int", "default": 120},
        }
    )
    parameters = module.params
    replicas = {item["region"]: item["kms_key"] for item in parameters["replicas"]}
    clients = RegionalClients(module)
    try:
        findings = check(parameters["name_prefix"], replicas, clients.region)
        judge(findings, check_mode=module.check_mode, skip_unavailable=False).enforce()
        reconciler = ReplicaReconciler(
            clients.client("secretsmanager"),
            clients.region,
            parameters["name_prefix"],
            replicas,
            overwrite=parameters["overwrite"],
            keys=ReplicaKeys(clients.client, replicas),
            timeout=parameters["wait_timeout"],
        )
        changes, secrets = converge(reconciler, check_mode=module.check_mode, timeout=parameters["wait_timeout"])
    except PlatformError as error:
        module.fail_json(msg=str(error))
    module.exit_json(
        secrets=[{"name": item.name, "replica_regions": sorted(item.regions)} for item in secrets],
        **describe(changes),
    )


if __name__ == "__main__":
    main()
