#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: media_key_rotation
short_description: Rotate the keys of stored video, without the originals and without an interruption
version_added: 0.3.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Requests a plan from the media server of the active region, runs it on the region's workers, waits for it, and verifies it.
  - With O(mode=rewrap) keys are wrapped by another key, and the content isn't changed.
  - With O(mode=reencrypt) each asset gets a new content key, and its segments are encrypted again into a new version. Players that
    began before continue with the old version.
  - Nothing is lost if a worker or this run is killed. To resume, run again. A run after the end changes nothing.
  - Old keys and versions stay until O(state=finalized) removes them in each region's bucket, noncurrent versions too.
  - In check mode nothing is written. The plan has the number of assets, bytes and calls to KMS, and the expected time.
options:
  state:
    description:
      - With V(rotated) everything in O(scope) has new keys, and is verified by O(verify).
      - With V(rolled_back) the old keys and versions are used again. Possible until the rotation is finalized.
      - With V(finalized) what the old keys open is removed in all regions of O(servers). Only then may an old key be disabled.
    type: str
    choices: [rotated, rolled_back, finalized]
    default: rotated
  mode:
    description:
      - With V(rewrap) and O(target_kms_key) that key wraps the tenants' keys, with one call to KMS for each key. Without it they
        get new keys.
      - With V(reencrypt) assets get new content keys. Only this helps against a leaked content key.
    type: str
    choices: [rewrap, reencrypt]
    required: true
  scope:
    description: What is rotated; by default everything.
    type: dict
    default: {}
    suboptions:
      tenant:
        description: This tenant only.
        type: str
      asset:
        description: This asset of O(scope.tenant) only.
        type: str
      older_than:
        description: Assets whose content key was made before this time, as ISO 8601 has it.
        type: str
      kms_key_arn:
        description: Tenants with a key that is wrapped by this KMS key.
        type: str
      after:
        description: Begin after this asset, such as RV(resume_marker) of a rotation that O(max_assets) limited.
        type: str
  target_kms_key:
    description:
      - ARN, ID or alias of the KMS key that is to wrap the tenants' keys, in the active region, for O(mode=rewrap).
      - Where the bucket is replicated it must be a multi-Region key, with a replica in the other region.
    type: str
  rotation_id:
    description:
      - Name of the rotation, up to 80 lower-case letters, digits and dashes.
      - By default it is derived from O(mode), O(scope), O(target_kms_key) and O(max_assets), so that a further run finds the same
        rotation. Set it to repeat the same rotation later, for example V(2026-q4).
    type: str
  concurrency:
    description: Number of parts of the work that all workers together do at the same time.
    type: int
    default: 4
  kms_requests_per_s:
    description: Limit of the requests to KMS per second of all workers together.
    type: float
    default: 50.0
  max_assets:
    description: Limit of the number of assets. With O(target_kms_key) whole tenants are rotated, and at least one.
    type: int
  retain_old:
    description:
      - Seconds that old keys and versions stay at least, before O(state=finalized).
      - Not less than the server's setting, which is the default and covers the lifetimes of tokens, sessions and caches.
    type: int
  verify:
    description:
      - How thoroughly O(state=rotated) is verified.
      - An asset is opened from storage, without any cache. The key's check value has to be right, segments have to decrypt to what
        they were, and no old key may be needed.
      - V(sample) opens about 20 assets. With O(target_kms_key) an asset of each tenant is opened.
    type: str
    choices: [none, sample, all]
    default: sample
  wait_timeout:
    description: Seconds to wait. The rotation goes on after that, and a further run waits for it.
    type: int
    default: 3600
  servers:
    description: The media server of each region. The module finds out which region is active.
    type: list
    elements: dict
    required: true
    suboptions:
      region:
        description: Its region.
        type: str
        required: true
      url:
        description: Its URL, C(https://host) or C(https://host:port). Its certificate has to name the host.
        type: str
        required: true
      address:
        description: Where it is reached if not by its name, such as the end of a tunnel, as C(address) or C(address:port).
        type: str
  tls_ca:
    description: File with the certificate authorities that are trusted. Without it, those of the system.
    type: path
  token_secret:
    description:
      - Name of the secret in Secrets Manager with the keys that sign the media servers' tokens. It is read in O(region).
    type: str
    required: true
extends_documentation_fragment:
  - knowledgecity.platform.regional
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: knowledgecity.platform.kms_keys
  - module: knowledgecity.platform.kms_replica_key
notes:
  - KMS's own rotation of key material doesn't invalidate old wrapped keys. To retire a KMS key, rotate to another one, finalize,
    and disable the old one in each region.
"""

EXAMPLES = r"""
- name: Estimate a rotation of the content keys of one tenant
  knowledgecity.platform.media_key_rotation:
    mode: reencrypt
    scope:
      tenant: acme
    rotation_id: acme-2026-q4
    servers: &servers
      - {region: me-west-1, url: "https://media.me-west-1.example.com"}
      - {region: eu-central-1, url: "https://media.eu-central-1.example.com"}
    token_secret: kc-production-media-tokens
  check_mode: true

- name: Rotate them, and verify every asset
  knowledgecity.platform.media_key_rotation:
    mode: reencrypt
    scope:
      tenant: acme
    rotation_id: acme-2026-q4
    verify: all
    servers: *servers
    token_secret: kc-production-media-tokens

- name: Wrap all tenants' keys with another KMS key
  knowledgecity.platform.media_key_rotation:
    mode: rewrap
    target_kms_key: alias/kc-production-media-2027
    kms_requests_per_s: 20
    servers: *servers
    token_secret: kc-production-media-tokens

- name: A day later, remove what the old KMS key opens in both regions
  knowledgecity.platform.media_key_rotation:
    state: finalized
    mode: rewrap
    target_kms_key: alias/kc-production-media-2027
    servers: *servers
    token_secret: kc-production-media-tokens
"""

RETURN = r"""
rotation_id:
  description: Name of the rotation.
  returned: success
  type: str
  sample: reencrypt-6f1a0b2c3d4e
plan:
  description: What the rotation consists of; in check mode what it would.
  returned: success
  type: dict
  contains:
    assets:
      description: Number of assets.
      type: int
    objects:
      description: Number of objects to write.
      type: int
    bytes:
      description: Their size.
      type: int
    kms_calls:
      description: Number of requests to KMS, if no worker has to repeat them.
      type: int
    expected_s:
      description: Expected seconds, by the rates of earlier rotations.
      type: float
    estimated:
      description: Whether objects and bytes are estimated from a sample, since there are more than 1000 assets.
      type: bool
  sample: {assets: 200, objects: 2400, bytes: 90316800, kms_calls: 10, expected_s: 41.2, estimated: false}
done:
  description: Number of assets with new keys.
  returned: success
  type: int
  sample: 200
skipped:
  description: Number of assets that needed nothing.
  returned: success
  type: int
  sample: 0
failed:
  description: Number of assets that failed.
  returned: success
  type: int
  sample: 0
resume_marker:
  description: Where a rotation that O(max_assets) limited ends; for O(scope.after) of the next one.
  returned: success
  type: str
  sample: acme/intro
verification:
  description: The last verification, and what it found.
  returned: success
  type: dict
  sample: {level: sample, checked: 20, failed: 0, at: "2026-11-25T03:00:00+00:00"}
active_region:
  description: The active region, in which the keys were rotated.
  returned: success
  type: str
  sample: me-west-1
phases:
  description: The phase of the rotation by region; of other regions than the active one only with O(state=finalized).
  returned: success
  type: dict
  sample: {me-west-1: finalized, eu-central-1: finalized}
changes:
  description: What was changed, or in check mode would be.
  returned: success
  type: list
  elements: dict
  sample: [{action: rotate, resource: rotation reencrypt-6f1a0b2c3d4e in me-west-1}]
"""

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import judge
from ansible_collections.knowledgecity.platform.plugins.module_utils._media_key_rotation.checks import check_options
from ansible_collections.knowledgecity.platform.plugins.module_utils._media_key_rotation.options import (
    result,
    rotation_of,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge, describe

# Seconds until another region has to report what the active one did: replication takes a moment.
_READ_AGAIN = 60.0

_SCOPE: dict[str, t.Any] = {
    "tenant": {"type": "str"},
    "asset": {"type": "str"},
    "older_than": {"type": "str"},
    # An ARN is no secret.
    "kms_key_arn": {"type": "str", "no_log": False},
    "after": {"type": "str"},
}
_SERVER = {
    "region": {"type": "str", "required": True},
    "url": {"type": "str", "required": True},
    "address": {"type": "str"},
}
_OPTIONS: dict[str, t.Any] = {
    "state": {"type": "str", "choices": ["rotated", "rolled_back", "finalized"], "default": "rotated"},
    "mode": {"type": "str", "choices": ["rewrap", "reencrypt"], "required": True},
    "scope": {"type": "dict", "default": {}, "options": _SCOPE, "apply_defaults": True},
    "target_kms_key": {"type": "str", "no_log": False},
    "rotation_id": {"type": "str"},
    "concurrency": {"type": "int", "default": 4},
    "kms_requests_per_s": {"type": "float", "default": 50.0},
    "max_assets": {"type": "int"},
    "retain_old": {"type": "int"},
    "verify": {"type": "str", "choices": ["none", "sample", "all"], "default": "sample"},
    "wait_timeout": {"type": "int", "default": 3600},
    "servers": {"type": "list", "elements": "dict", "required": True, "options": _SERVER},
    "tls_ca": {"type": "path"},
    "token_secret": {"type": "str", "required": True, "no_log": False},
}


def main() -> None:
    module = regional_module(_OPTIONS)
    try:
        options = module.params
        judge(check_options(options), check_mode=module.check_mode, skip_unavailable=False).enforce()
        rotation = rotation_of(options, RegionalClients(module), module.log)
        changes, current = converge(rotation, check_mode=module.check_mode, timeout=_READ_AGAIN)
    except PlatformError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result(current), **describe(changes))


if __name__ == "__main__":
    main()
