#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: s3_buckets
short_description: Keep all S3 buckets of a region, with their settings, in one call
version_added: 0.1.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Creates buckets and keeps their public access block, ownership, policy, default encryption, versioning, tags, lifecycle
    and access log, or removes buckets with all they hold.
  - All buckets are read at the same time, and what is changed, shown as a diff and announced in check mode comes from one plan.
    M(amazon.aws.s3_bucket) and M(community.aws.s3_lifecycle) take one bucket, or one rule, a call, and are skipped in check mode.
  - A setting that isn't given is left as it is.
  - Replication is kept by M(knowledgecity.platform.s3_replication).
options:
  buckets:
    description: The buckets.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the bucket.
        type: str
        required: true
      block_public_access:
        description: Whether all four settings of S3 Block Public Access are on, or all are off.
        type: bool
        default: true
      object_ownership:
        description: Who owns what others put into the bucket.
        type: str
        choices: [BucketOwnerEnforced, BucketOwnerPreferred, ObjectWriter]
        default: BucketOwnerEnforced
      policy:
        description: The bucket's policy. An empty one removes the policy.
        type: dict
      encryption:
        description: How objects are encrypted by default.
        type: dict
        suboptions:
          algorithm:
            description: C(AES256) is SSE-S3, with keys that S3 manages; C(aws:kms) is SSE-KMS.
            type: str
            choices: [AES256, "aws:kms"]
            required: true
          kms_key_id:
            description: ARN of the KMS key. Without it, AWS's own key for S3 is used.
            type: str
          bucket_key:
            description: Whether S3 asks KMS for a key of the bucket instead of one an object, at a fraction of the requests.
            type: bool
            default: true
      versioning:
        description: Whether S3 keeps earlier versions of objects. V(false) suspends versioning; it can't be undone.
        type: bool
      tags:
        description: All tags of the bucket. Tags of AWS's own (C(aws:)) are kept.
        type: dict
      lifecycle:
        description: All lifecycle rules of the bucket. An empty list removes every rule.
        type: list
        elements: dict
        suboptions:
          id:
            description: Name of the rule, unique in the bucket.
            type: str
            required: true
          enabled:
            description: Whether the rule is followed.
            type: bool
            default: true
          prefix:
            description: Follow the rule for keys that begin so.
            type: str
            default: ""
          expire_days:
            description: Days after which objects expire. In a versioned bucket they become noncurrent.
            type: int
          expire_delete_markers:
            description:
              - Whether delete markers go that hide no version any more. Not together with O(buckets[].lifecycle[].expire_days).
            type: bool
            default: false
          noncurrent_expire_days:
            description: Days after which noncurrent versions are removed for good.
            type: int
          noncurrent_keep:
            description: How many noncurrent versions are kept in spite of their age.
            type: int
          abort_multipart_days:
            description: Days after which the parts of an upload that was never completed are removed.
            type: int
          transitions:
            description: When objects move to another storage class.
            type: list
            elements: dict
            default: []
            suboptions:
              days:
                description: Days after an object was created.
                type: int
                required: true
              storage_class:
                description: The storage class to move to.
                type: str
                choices: [STANDARD_IA, ONEZONE_IA, INTELLIGENT_TIERING, GLACIER_IR, GLACIER, DEEP_ARCHIVE]
                required: true
      access_log:
        description: Where S3 writes the bucket's server access log.
        type: dict
        suboptions:
          bucket:
            description: Bucket of the same region and account that takes the log. Empty to stop logging.
            type: str
            required: true
          prefix:
            description: What the log's keys begin with.
            type: str
            default: ""
  identity_tags:
    description:
      - Names of tags that tell a bucket of O(buckets) from any other of its name. Those of them that O(buckets[].tags) has are
        compared before anything is changed or removed.
      - A bucket that holds something must have them to be removed. One without any of them is taken over with
        O(state=present), since a run that is interrupted leaves such a bucket; one with another's value is refused.
    type: list
    elements: str
    default: [platform, environment, managed-by]
    version_added: 0.2.0
  state:
    description: Whether the buckets exist.
    type: str
    choices: [present, absent]
    default: present
  force:
    description:
      - With O(state=absent), remove every object, version, delete marker and unfinished upload first.
      - Without it the module fails where a bucket holds anything, before it removes any.
    type: bool
    default: false
  wait_timeout:
    description: Seconds to wait for the changes to take effect, and for S3 to finish other operations on a bucket.
    type: int
    default: 120
extends_documentation_fragment:
  - knowledgecity.platform.regional
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: amazon.aws.s3_bucket
  - module: knowledgecity.platform.s3_replication
"""

EXAMPLES = r"""
- name: A bucket for uploads and one for its access log
  knowledgecity.platform.s3_buckets:
    buckets:
      - name: kc-production-eu-central-1-storage-media
        versioning: true
        encryption:
          algorithm: aws:kms
          kms_key_id: arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-0000-1111-2222-333344445555
        lifecycle:
          - id: noncurrent
            noncurrent_expire_days: 30
            expire_delete_markers: true
        access_log:
          bucket: kc-production-eu-central-1-storage-logs
          prefix: s3/media/
      - name: kc-production-eu-central-1-storage-logs
        versioning: true
        encryption:
          algorithm: AES256

- name: Remove a bucket with all it holds
  knowledgecity.platform.s3_buckets:
    buckets:
      - name: kc-staging-eu-central-1-storage-media
        tags: {platform: kc, environment: staging}
    state: absent
    force: true
"""

RETURN = r"""
buckets:
  description: The buckets as they were read last; in check mode as they were found.
  returned: success
  type: list
  elements: dict
  sample:
    - name: kc-production-eu-central-1-storage-media
      arn: arn:aws:s3:::kc-production-eu-central-1-storage-media
      exists: true
changes:
  description: What was changed, or in check mode would be.
  returned: success
  type: list
  elements: dict
  sample: [{action: set, resource: versioning of bucket kc-production-eu-central-1-storage-media}]
"""

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge, describe
from ansible_collections.knowledgecity.platform.plugins.module_utils._s3_buckets.model import check, identity
from ansible_collections.knowledgecity.platform.plugins.module_utils._s3_buckets.reconciler import (
    BucketReconciler,
    BucketRemover,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._s3_buckets.store import BucketStore

_RULE = {
    "id": {"type": "str", "required": True},
    "enabled": {"type": "bool", "default": True},
    "prefix": {"type": "str", "default": ""},
    "expire_days": {"type": "int"},
    "expire_delete_markers": {"type": "bool", "default": False},
    "noncurrent_expire_days": {"type": "int"},
    "noncurrent_keep": {"type": "int"},
    "abort_multipart_days": {"type": "int"},
    "transitions": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "days": {"type": "int", "required": True},
            "storage_class": {
                "type": "str",
                "required": True,
                "choices": [
                    "STANDARD_IA",
                    "ONEZONE_IA",
                    "INTELLIGENT_TIERING",
                    "GLACIER_IR",
                    "GLACIER",
                    "DEEP_ARCHIVE",
                ],
            },
        },
    },
}

_BUCKET = {
    "name": {"type": "str", "required": True},
    "block_public_access": {"type": "bool", "default": True},
    "object_ownership": {
        "type": "str",
        "choices": ["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"],
        "default": "BucketOwnerEnforced",
    },
    "policy": {"type": "dict"},
    "encryption": {
        "type": "dict",
        "options": {
            "algorithm": {"type": "str", "choices": ["AES256", "aws:kms"], "required": True},
            "kms_key_id": {"type": "str", "no_log": False},
            "bucket_key": {"type": "bool", "default": True},
        },
    },
    "versioning": {"type": "bool"},
    "tags": {"type": "dict"},
    "lifecycle": {"type": "list", "elements": "dict", "options": _RULE},
    "access_log": {
        "type": "dict",
        "options": {"bucket": {"type": "str", "required": True}, "prefix": {"type": "str", "default": ""}},
    },
}


def main() -> None:
    module = regional_module(
        {
            "buckets": {"type": "list", "elements": "dict", "required": True, "options": _BUCKET},
            "identity_tags": {"type": "list", "elements": "str", "default": ["platform", "environment", "managed-by"]},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "force": {"type": "bool", "default": False},
            "wait_timeout": {"type": "int", "default": 120},
        }
    )
    wanted, timeout = module.params["buckets"], module.params["wait_timeout"]
    try:
        check(wanted)
        clients = RegionalClients(module)
        store = BucketStore(clients.client("s3"), clients.region, timeout)
        identities = {bucket["name"]: identity(bucket, module.params["identity_tags"]) for bucket in wanted}
        if module.params["state"] == "present":
            reconciler = BucketReconciler(wanted, store, identities)
        else:
            reconciler = BucketRemover(identities, store, force=module.params["force"])
        changes, buckets = converge(reconciler, check_mode=module.check_mode, timeout=timeout, interval=1.0)
    except PlatformError as error:
        module.fail_json(msg=str(error))
    module.exit_json(
        buckets=[
            {"name": bucket.name, "arn": f"arn:aws:s3:::{bucket.name}", "exists": bucket.exists} for bucket in buckets
        ],
        **describe(changes),
    )


if __name__ == "__main__":
    main()
