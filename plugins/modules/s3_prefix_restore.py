#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: s3_prefix_restore
short_description: Bring back the objects below a prefix as they were at a second
version_added: 0.2.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Objects that were deleted since then come back, and with O(overwritten) also those that were replaced.
  - Each becomes the latest version again, as a copy of the old version with its metadata, tags and encryption. Nothing is
    deleted, and S3 replicates the copies to other regions, which it doesn't do where a delete marker is removed.
  - Objects that are newer than that second stay. The bucket must keep versions, and its lifecycle must not have removed them yet.
  - Copies have the metadata C(restored-version), by which another run knows them.
options:
  bucket:
    description: Name of the bucket.
    type: str
    required: true
  prefix:
    description:
      - What the keys begin with. It ends in C(/), so that C(lesson-1/) is not C(lesson-10/), or with O(exact_key) it is one key.
    type: str
    required: true
  exact_key:
    description: Whether O(prefix) is the key of a single object.
    type: bool
    default: false
  restore_time:
    description: The second, in ISO 8601 with a time zone.
    type: str
    required: true
  overwritten:
    description: Whether objects that were replaced since then get their old content again.
    type: bool
    default: false
  wait_timeout:
    description: Seconds to wait until what is read back is what is wanted.
    type: int
    default: 60
extends_documentation_fragment:
  - knowledgecity.platform.regional
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: knowledgecity.platform.s3_buckets
"""

EXAMPLES = r"""
- name: Show what would come back
  knowledgecity.platform.s3_prefix_restore:
    region: me-west-1
    bucket: kc-production-me-west-1-storage-media
    prefix: media/acme/lesson-1/
    restore_time: "2026-03-14T09:26:52Z"
  check_mode: true

- name: Bring back a folder as it was, also what was overwritten
  knowledgecity.platform.s3_prefix_restore:
    region: me-west-1
    bucket: kc-production-me-west-1-storage-artefacts
    prefix: releases/1.4.0/
    restore_time: "2026-03-14T09:26:52Z"
    overwritten: true
"""

RETURN = r"""
restored:
  description: Keys that were brought back, or in check mode would be.
  returned: success
  type: list
  elements: str
  sample: [media/acme/lesson-1/asset.json]
changes:
  description: What was changed, or in check mode would be.
  returned: success
  type: list
  elements: dict
  sample: [{action: restore, resource: object media/acme/lesson-1/asset.json}]
"""

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._moments import parse_moment
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge, describe
from ansible_collections.knowledgecity.platform.plugins.module_utils._s3_prefix_restore.model import Wanted
from ansible_collections.knowledgecity.platform.plugins.module_utils._s3_prefix_restore.reconciler import (
    PrefixRestoreReconciler,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._s3_prefix_restore.store import VersionStore


def main() -> None:
    module = regional_module(
        {
            "bucket": {"type": "str", "required": True},
            "prefix": {"type": "str", "required": True},
            "exact_key": {"type": "bool", "default": False, "no_log": False},
            "restore_time": {"type": "str", "required": True},
            "overwritten": {"type": "bool", "default": False},
            "wait_timeout": {"type": "int", "default": 60},
        }
    )
    parameters = module.params
    prefix, exact = parameters["prefix"], parameters["exact_key"]
    if not exact and not prefix.endswith("/"):
        module.fail_json(
            msg=f"{prefix} would also match neighbours such as {prefix}0. Fix: end O(prefix) in /, or set O(exact_key) where it "
            "is the key of one object. Nothing was changed."
        )
    try:
        moment = parse_moment(parameters["restore_time"])
        wanted = Wanted(parameters["bucket"], prefix, moment, parameters["overwritten"], exact)
        store = VersionStore(RegionalClients(module).client("s3"), wanted)
        reconciler = PrefixRestoreReconciler(wanted, store)
        changes, _versions = converge(reconciler, check_mode=module.check_mode, timeout=parameters["wait_timeout"])
    except PlatformError as error:
        module.fail_json(msg=str(error))
    module.exit_json(restored=[change.name for change in changes], **describe(changes))


if __name__ == "__main__":
    main()
