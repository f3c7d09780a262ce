#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: media_key_rotation
short_description: Change the keys of stored video, without the original and without a pause
version_added: 0.3.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Asks the media server of the active region for a plan, runs it on the region's workers, follows it, and verifies it.
  - With O(mode=rewrap) keys are wrapped by another key, and content stays as it is.
  - With O(mode=reencrypt) each asset gets a new content key, and its segments are written anew from the encrypted ones, into a
    version of its own. Players that began before go on with the version that they began with.
  - Nothing is lost where a worker or this run is killed. Running again resumes; a run after the end changes and writes nothing.
  - What there was before stays until O(state=finalized) removes it for good, in each region's own bucket, noncurrent versions too.
  - In check mode nothing is written. The plan says how many assets, bytes and calls to KMS there are, and how long it will take.
options:
  state:
    description:
      - With V(rotated) all in O(scope) has new keys, and is verified by O(verify).
      - With V(rolled_back) what there was before counts again. Possible until it is finalized.
      - With V(finalized) what the other keys open is removed in all regions of O(servers). Only now may an old key be disabled.
    type: str
    choices: [rotated, rolled_back, finalized]
    default: rotated
  mode:
    description:
      - With V(rewrap) and O(target_kms_key) that key wraps the tenants' keys, one call to KMS a key. Without it they get new keys.
      - With V(reencrypt) assets get new content keys. Only this helps against a content key that has become known.
    type: str
    choices: [rewrap, reencrypt]
    required: true
  scope:
    description: What is rotated; everything, by default.
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
        description: Tenants with a key that this KMS key wraps.
        type: str
      after:
        description: Begin after this one. RV(resume_marker) of a rotation that O(max_assets) cut off.
        type: str
  target_kms_key:
    description:
      - ARN, ID or alias of the KMS key that shall wrap the tenants' keys, in the active region, for O(mode=rewrap).
      - Where the bucket is replicated it must be a multi-Region key, with a replica in the other region.
    type: str
  rotation_id:
    description:
      - Name of the rotation, up to 80 lower-case letters, digits and dashes.
      - By default it follows from O(mode), O(scope), O(target_kms_key) and O(max_assets), so that a further run finds the same
        rotation. Name it where the same is done again some day, such as V(2026-q4).
    type: str
  concurrency:
    description: How many parts of the work are done at a time, by all workers together.
    type: int
    default: 4
  kms_requests_per_s:
    description: How many requests to KMS a second all workers make together at most.
    type: float
    default: 50.0
  max_assets:
    description: Take in so many assets at most. With O(target_kms_key) tenants are taken in as a whole, and one at least.
    type: int
  retain_old:
    description:
      - Seconds that what there was before stays at least, before O(state=finalized).
      - Not less than the server's own setting, which is the default and covers the lives of tokens, sessions and caches.
    type: int
  verify:
    description:
      - How thoroughly O(state=rotated) is verified.
      - An asset is opened by what is stored, with nothing remembered. The key's check value has to be right, segments have to
        decrypt to what they were, and no key of before may be needed.
      - V(sample) opens about 20 assets. With O(target_kms_key) an asset of each tenant is opened.
    type: str
    choices: [none, sample, all]
    default: sample
  wait_timeout:
    description: Seconds to wait. The rotation goes on after that, and a further run waits for it.
    type: int
    default: 3600
  servers:
    description: The media server of each region. The one of the active region is found by asking.
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
        description: Where it is reached if not by its name, such as the end of a tunnel; C(address) or C(address:port).
        type: str
  tls_ca:
    description: File with the certificate authorities that are trusted. Without it the system's are.
    type: path
  token_secret:
    description:
      - Name of the secret in Secrets Manager that the media servers' tokens are signed with. It is read in O(region).
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
  - KMS's own rotation of key material leaves old wraps openable. To be rid of a KMS key, rotate to another one, finalize, and
    disable the old one in each region.
"""

EXAMPLES = r"""
- name: See what new content keys for one tenant would take
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

- name: Change them, and open every asset with its new key
  knowledgecity.platform.media_key_rotation:
    mode: reencrypt
    scope:
      tenant: acme
    rotation_id: acme-2026-q4
    verify: all
    servers: *servers
    token_secret: kc-production-media-tokens

- name: Wrap all tenants' keys by another KMS key
  knowledgecity.platform.media_key_rotation:
    mode: rewrap
    target_kms_key: alias/kc-production-media-2027
    kms_requests_per_s: 20
    servers: *servers
    token_secret: kc-production-media-tokens

- name: A day later, remove what the old KMS key opens, in both regions
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
  description: What the rotation takes in; in check mode what it would.
  returned: success
  type: dict
  contains:
    assets:
      description: Number of assets.
      type: int
    objects:
      description: Number of objects that are written.
      type: int
    bytes:
      description: Their size.
      type: int
    kms_calls:
      description: Number of requests to KMS, if no worker begins anew.
      type: int
    expected_s:
      description: How long it takes, from the rates of earlier rotations.
      type: float
    estimated:
      description: Whether objects and bytes are reckoned from a sample, since more than 1000 assets are taken in.
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
  description: Where a rotation that O(max_assets) cut off ends; for O(scope.after) of the next one.
  returned: success
  type: str
  sample: acme/intro
verification:
  description: How it was verified last, and what was found.
  returned: success
  type: dict
  sample: {level: sample, checked: 20, failed: 0, at: "2026-11-25T03:00:00+00:00"}
active_region:
  description: The region that it was done in.
  returned: success
  type: str
  sample: me-west-1
phases:
  description: Where the rotation is, by region; of other regions than the active one with O(state=finalized).
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
from ansible_collections.knowledgecity.platform.plugins.module_utils._media_key_rotation.model import Current, Wanted
from ansible_collections.knowledgecity.platform.plugins.module_utils._media_key_rotation.rotation import Rotation
from ansible_collections.knowledgecity.platform.plugins.module_utils._media_key_rotation.server import MediaServer
from ansible_collections.knowledgecity.platform.plugins.module_utils._media_key_rotation.tokens import TokenSigner
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge, describe

# Replication may bring the last word of another region a little later.
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


def _request(options: dict[str, t.Any]) -> dict[str, t.Any]:
    """What the server is sent. What isn't set is left out: the server's own defaults count."""
    names = ("mode", "target_kms_key", "rotation_id", "concurrency", "kms_requests_per_s", "max_assets")
    request = {name: options[name] for name in names if options[name] is not None}
    request["scope"] = {name: value for name, value in options["scope"].items() if value}
    if options["retain_old"] is not None:
        request["retain_old_s"] = options["retain_old"]
    return request


def _rotation(module: t.Any) -> Rotation:
    options = module.params
    judge(check_options(options), check_mode=module.check_mode, skip_unavailable=False).enforce()
    clients = RegionalClients(module)
    sign = TokenSigner(clients.client("secretsmanager"), options["token_secret"])
    servers = {
        item["region"]: MediaServer(item["region"], item["url"], item["address"], options["tls_ca"], sign)
        for item in options["servers"]
    }
    wanted = Wanted(options["state"], options["verify"], list(servers), _request(options))
    return Rotation(wanted, servers, timeout=options["wait_timeout"], say=module.log)


def _result(current: Current) -> dict[str, t.Any]:
    names = ("rotation_id", "plan", "done", "skipped", "failed", "resume_marker", "verification", "active_region")
    return {name: current.told[name] for name in names} | {"phases": dict(current.phases)}


def main() -> None:
    module = regional_module(_OPTIONS)
    try:
        rotation = _rotation(module)
        changes, current = converge(
            check_mode=module.check_mode,
            read=rotation.read,
            plan=rotation.plan,
            apply=rotation.apply,
            timeout=_READ_AGAIN,
        )
    except PlatformError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**_result(current), **describe(changes))


if __name__ == "__main__":
    main()
