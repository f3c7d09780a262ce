#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: s3_replication
short_description: Replicate S3 buckets to buckets of another region
version_added: 0.1.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Sets the replication configurations of any number of buckets of one region in a single task.
  - Only buckets that O(replications) names as a source are read, and all entries of a bucket count together.
  - Replication copies objects that are written after it was set up. Use S3 Batch Replication for those that are there already.
  - S3 has no rule that leaves a prefix out. To keep one out, list in O(replications[].prefixes) those to replicate.
  - Before the first change everything a replication needs is checked in both regions, and all problems are reported
    at once. Buckets without a change are not read further, so that a second run needs no other region.
  - In check mode a missing bucket or key and missing versioning are warnings, since the run of a whole playbook may
    create them first.
options:
  replications:
    description:
      - From which bucket to which, and how.
      - Several entries with the same O(replications[].bucket) make a bucket replicate to several destinations.
    type: list
    elements: dict
    required: true
    suboptions:
      bucket:
        description: Name of the source bucket, in the module's region. It needs versioning.
        type: str
        required: true
      destination_bucket:
        description: Name of the destination bucket. It needs versioning.
        type: str
        required: true
      destination_region:
        description: Region of the destination bucket.
        type: str
        required: true
      role_arn:
        description: The IAM role that S3 replicates under. Defaults to O(role_arn). All entries of a bucket have the same.
        type: str
      prefixes:
        description: Replicate only objects whose keys begin with one of these. Without it the whole bucket is replicated.
        type: list
        elements: str
      priority:
        description:
          - Priority of the rule for the first prefix; each further prefix takes the next number. Where rules to the same
            destination overlap, S3 follows the one with the highest number.
          - Without it a rule keeps the priority it has, and a new one takes the lowest that is free.
        type: int
      destination_kms_key:
        description:
          - ARN of the KMS key, or of the alias, that encrypts the replicas. It is in O(replications[].destination_region).
          - Needed where the source bucket encrypts with KMS by default. S3 treats multi-Region keys as single-Region keys.
        type: str
      replicate_encrypted:
        description:
          - Replicate objects that are encrypted with KMS keys, for which S3 needs O(replications[].destination_kms_key).
          - Set it to V(false) to accept that such objects are left out.
        type: bool
        default: true
      replication_time_control:
        description: Replicate within 15 minutes (S3 Replication Time Control). Needs O(replications[].metrics). It is charged for.
        type: bool
        default: false
      metrics:
        description: Report pending operations, bytes and latency to CloudWatch.
        type: bool
        default: true
      delete_markers:
        description: Replicate delete markers. Deletions of a version are never replicated.
        type: bool
        default: true
      replica_modifications:
        description: Replicate changes made to replicas' tags, access control lists and locks. Meant for both sides of a pair.
        type: bool
        default: false
      storage_class:
        description: Storage class of the replicas. Without it they have the class of the source object.
        type: str
        choices:
          - STANDARD
          - REDUCED_REDUNDANCY
          - STANDARD_IA
          - ONEZONE_IA
          - INTELLIGENT_TIERING
          - GLACIER_IR
          - GLACIER
          - DEEP_ARCHIVE
  role_arn:
    description: The IAM role that S3 replicates under, for all entries that name none.
    type: str
  state:
    description:
      - With V(present) the source buckets replicate as O(replications) says.
      - With V(absent) they don't replicate to the destinations named. Replicas stay where they are.
    type: str
    choices:
      - present
      - absent
    default: present
  purge:
    description:
      - Remove all other rules of the source buckets. With V(absent) that is the whole configuration.
      - Rules that are kept keep their content, but they work under the role of O(replications), since a bucket has only one.
      - Those of S3's older schema (without a filter) are rewritten in the newer one, since S3 doesn't take both beside each other.
    type: bool
    default: true
  when_unavailable:
    description:
      - What to do where a change is needed, but its destination bucket does not exist or its region does not answer.
      - With V(skip) that source bucket is left as it is, with a warning. Meant for runs that are limited to a region.
    type: str
    choices:
      - fail
      - skip
    default: fail
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
- name: Replicate media and artefacts to the standby region
  knowledgecity.platform.s3_replication:
    region: me-west-1
    role_arn: arn:aws:iam::111122223333:role/kc-production-s3-replication
    replications:
      - bucket: kc-production-me-west-1-media
        destination_bucket: kc-production-eu-central-1-media
        destination_region: eu-central-1
        destination_kms_key: arn:aws:kms:eu-central-1:111122223333:alias/kc-production-storage
        replication_time_control: true
      - bucket: kc-production-me-west-1-artefacts
        destination_bucket: kc-production-eu-central-1-artefacts
        destination_region: eu-central-1
        destination_kms_key: arn:aws:kms:eu-central-1:111122223333:alias/kc-production-storage

- name: Replicate all but the databases' own prefix
  knowledgecity.platform.s3_replication:
    region: me-west-1
    role_arn: arn:aws:iam::111122223333:role/kc-production-s3-replication
    replications:
      - bucket: kc-production-me-west-1-backups
        destination_bucket: kc-production-eu-central-1-backups
        destination_region: eu-central-1
        prefixes:
          - kubernetes/
          - configuration/

- name: Stop replicating
  knowledgecity.platform.s3_replication:
    region: me-west-1
    state: absent
    replications:
      - bucket: kc-production-me-west-1-media
        destination_bucket: kc-production-eu-central-1-media
        destination_region: eu-central-1
"""

RETURN = r"""
configurations:
  description: Each source bucket's replication configuration as it was read last, with S3's defaults left out.
  returned: success
  type: list
  elements: dict
  contains:
    bucket:
      description: Name of the source bucket.
      type: str
    configuration:
      description: The role and the rules in the structure of S3's API; none where the bucket does not replicate.
      type: dict
  sample:
    - bucket: kc-production-me-west-1-media
      configuration:
        Role: arn:aws:iam::111122223333:role/kc-production-s3-replication
        Rules:
          - ID: kc-production-eu-central-1-media
            Priority: 1
            Status: Enabled
            Filter:
              Prefix: ""
            DeleteMarkerReplication:
              Status: Enabled
            Destination:
              Bucket: arn:aws:s3:::kc-production-eu-central-1-media
              Metrics:
                Status: Enabled
skipped_buckets:
  description: Source buckets that were left as they are, see O(when_unavailable).
  returned: success
  type: list
  elements: str
changes:
  description: What was changed, or in check mode would be.
  returned: success
  type: list
  elements: dict
  sample: [{action: create, resource: replication of bucket kc-production-me-west-1-media}]
"""

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge, describe
from ansible_collections.knowledgecity.platform.plugins.module_utils._s3_replication.model import Replication
from ansible_collections.knowledgecity.platform.plugins.module_utils._s3_replication.reconciler import (
    ReplicationReconciler,
    Settings,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._s3_replication.store import ReplicationStore

STORAGE_CLASSES = [
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER_IR",
    "GLACIER",
    "DEEP_ARCHIVE",
]


def main() -> None:
    replication = {
        "bucket": {"type": "str", "required": True},
        "destination_bucket": {"type": "str", "required": True},
        "destination_region": {"type": "str", "required": True},
        "role_arn": {"type": "str"},
        "prefixes": {"type": "list", "elements": "str"},
        "priority": {"type": "int"},
        "destination_kms_key": {"type": "str", "no_log": False},
        "replicate_encrypted": {"type": "bool", "default": True},
        "replication_time_control": {"type": "bool", "default": False},
        "metrics": {"type": "bool", "default": True},
        "delete_markers": {"type": "bool", "default": True},
        "replica_modifications": {"type": "bool", "default": False},
        "storage_class": {"type": "str", "choices": STORAGE_CLASSES},
    }
    module = regional_module(
        {
            "replications": {"type": "list", "elements": "dict", "required": True, "options": replication},
            "role_arn": {"type": "str"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "purge": {"type": "bool", "default": True},
            "when_unavailable": {"type": "str", "choices": ["fail", "skip"], "default": "fail"},
            "wait_timeout": {"type": "int", "default": 60},
        }
    )
    parameters = module.params
    wanted = [Replication.from_options(entry, parameters["role_arn"]) for entry in parameters["replications"]]
    clients = RegionalClients(module, max_attempts=3)
    try:
        settings = Settings(
            region=clients.region,
            present=parameters["state"] == "present",
            purge=parameters["purge"],
            skip_unavailable=parameters["when_unavailable"] == "skip",
            check_mode=module.check_mode,
        )
        reconciler = ReplicationReconciler(wanted, settings, ReplicationStore(clients.client, settings.region))
        changes, state = converge(reconciler, check_mode=module.check_mode, timeout=parameters["wait_timeout"])
    except PlatformError as error:
        module.fail_json(msg=str(error))
    for warning in state.verdict.warnings:
        module.warn(warning)
    module.exit_json(
        configurations=[
            {"bucket": bucket, "configuration": configuration.canonical}
            for bucket, configuration in state.configurations.items()
        ],
        skipped_buckets=sorted(state.verdict.skipped),
        **describe(changes),
    )


if __name__ == "__main__":
    main()
