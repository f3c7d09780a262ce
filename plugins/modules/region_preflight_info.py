#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: region_preflight_info
short_description: Ask a region whether a platform can be built there
version_added: 0.1.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Finds, before anything is created, what would stop a run; one cheap read call a question, all at the same time.
  - Finds out whether the credentials are valid and belong to the account, whether the region exists, is enabled and answers,
    and capability by capability whether it offers what the tiers need.
  - A region that gives no answer is asked about in other regions, so that bad credentials, a region that is not enabled and an
    endpoint that is lost can be told apart.
  - Problems are returned in RV(problems), and the module does not fail, so that those of all regions can be reported at once.
options:
  account_id:
    description: Account that the credentials must belong to. Without it any account will do.
    type: str
    default: ""
  capabilities:
    description:
      - What the region must offer. Each name is one read call.
      - With V(vpc_endpoints) the services of O(endpoint_services) are checked.
    type: list
    elements: str
    choices:
      - acm
      - availability_zones
      - dynamodb
      - ec2
      - iam
      - images
      - kms
      - logs
      - rds
      - route53
      - s3
      - secretsmanager
      - tagging
      - vpc_endpoints
    default: []
  bucket_names:
    description: Names of buckets that must be free or belong to O(account_id).
    type: list
    elements: str
    default: []
  key_aliases:
    description: Aliases of KMS keys that must be free, or refer to keys with O(own_tags).
    type: list
    elements: str
    default: []
    version_added: 0.2.0
  role_names:
    description: Names of IAM roles that must be free, or belong to roles with O(own_tags).
    type: list
    elements: str
    default: []
    version_added: 0.2.0
  endpoint_services:
    description:
      - Services that the network reaches through interface endpoints, such as V(logs) or V(ecr.api).
      - A name that begins with C(com.) is used as it is.
    type: list
    elements: str
    default: []
  min_zones:
    description: Availability zones that the region must offer, asked with V(availability_zones) in O(capabilities).
    type: int
    default: 3
  vpcs:
    description:
      - VPCs the platform holds in the region once it is built, compared with the account's quota.
      - Nothing is said about a quota where Service Quotas can't be asked.
    type: int
    default: 0
  elastic_ips:
    description: Elastic IP addresses the platform holds in the region once it is built, compared with the account's quota.
    type: int
    default: 0
  images:
    description:
      - Machine images that instances start from, asked with V(images) in O(capabilities). Of those that a public parameter holds
        (C(resolve:ssm:NAME)) the region must have the parameter.
    type: list
    elements: str
    default: []
    version_added: 0.2.0
  database_class:
    description: Class of MySQL's instances that the region must offer, asked with V(rds) in O(capabilities).
    type: str
    default: ""
    version_added: 0.2.0
  database_version:
    description: Version of MySQL, or its beginning such as V(8.4), that it must offer.
    type: str
    default: ""
    version_added: 0.2.0
  own_tags:
    description:
      - Tags by which VPCs and addresses are known that an earlier run created; they don't count against the quota twice.
      - With C(platform) and C(environment) among them, other platforms in the region whose names begin likewise are a problem, or
        where this one is built already a remark.
    type: dict
    default: {}
  policies:
    description:
      - Policies that the credentials' user or role must be allowed at least as much as, such as those of filter
        P(knowledgecity.platform.operator_policies#filter). IAM simulates what they allow, in this region.
      - Which actions are missing is said by policy. Where IAM can't be asked, that is a remark; the root user isn't asked about.
    type: list
    elements: dict
    default: []
    version_added: 0.2.0
    suboptions:
      name:
        description: What the policy is called in messages.
        type: str
        required: true
      path:
        description: IAM path of the policy, which the filter returns. It makes no difference here.
        type: str
      document:
        description: The policy as IAM takes it, with lists of actions and resources.
        type: dict
        required: true
  policies_enforced:
    description: Whether a missing right is a problem; else it is a remark.
    type: bool
    default: true
    version_added: 0.2.0
  fallback_regions:
    description:
      - Regions to ask about the credentials and the region where the region itself gives no answer.
      - Where O(region_endpoints) is set, only those with an entry in it are asked.
    type: list
    elements: str
    default:
      - us-east-1
  timeout:
    description:
      - Seconds after which what has not answered counts as not answering.
      - Only an endpoint that takes connections and stays silent is waited for that long; one that takes none is known earlier.
    type: int
    default: 30
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
  - module: amazon.aws.aws_caller_info
  - module: amazon.aws.aws_region_info
"""

EXAMPLES = r"""
- name: Ask the region
  knowledgecity.platform.region_preflight_info:
    region: eu-central-1
    account_id: "111122223333"
    capabilities:
      - availability_zones
      - ec2
      - kms
      - s3
    bucket_names:
      - kc-production-eu-central-1-storage-media
  register: asked

- name: Stop where something is wrong
  ansible.builtin.assert:
    that: asked.problems | length == 0
    fail_msg: "{{ asked.problems }}"
"""

RETURN = r"""
problems:
  description: What would stop a run in this region.
  returned: success
  type: list
  elements: dict
  contains:
    setting: {description: "What to change: a setting, an environment variable or an API.", type: str, returned: always}
    problem: {description: "What is wrong with it.", type: str, returned: always}
    where: {description: "The region in which it was found.", type: str, returned: always, sample: eu-central-1}
    fix: {description: "What to do.", type: str, returned: always}
  sample:
    - setting: platform_regions['ap-east-1']
      problem: the region ap-east-1 is not enabled in the account 111122223333.
      where: ap-east-1
      fix: "`aws account enable-region --region-name ap-east-1`, which takes minutes to hours, or choose another."
remarks:
  description: Warnings; the keys are those of RV(problems).
  returned: success
  type: list
  elements: dict
  sample: []
facts:
  description: Facts about the region.
  returned: success
  type: dict
  contains:
    region: {description: "Name of the region.", type: str, returned: always, sample: eu-central-1}
    answers: {description: "Whether the region itself answered.", type: bool, returned: always}
    account: {description: "Account of the credentials.", type: str, returned: always, sample: "111122223333"}
    caller: {description: "ARN of the credentials.", type: str, returned: always}
    opt_in_status: {description: "Whether the account has enabled the region.", type: str, returned: always, sample: opted-in}
    capabilities: {description: "Which of O(capabilities) answered.", type: dict, returned: when the region could be asked}
    availability_zones: {description: "Names of the zones.", type: list, elements: str, returned: when asked for}
    tools: {description: "Versions of the tools on the control machine.", type: dict, returned: always}
"""

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_preflight.capabilities import (
    CAPABILITIES,
    Needs,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_preflight.errors import is_credentials
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_preflight.findings import Problem
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_preflight.judgement import (
    credentials_refused,
    two_credentials,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_preflight.survey import Survey
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_preflight.tools import (
    found_versions,
    tool_findings,
)

_SDK = ("boto3", "botocore")


def _survey(module: t.Any) -> tuple[list[Problem], dict[str, t.Any]]:
    """Ask the region that the module works in."""
    params = module.params
    if params["profile"] and params["access_key"]:
        return [two_credentials(params["profile"])], {}
    try:
        clients = RegionalClients(module, max_attempts=1, read_timeout=params["timeout"])
        return _survey_of(clients, params).run(params["capabilities"])
    except Exception as error:
        cause = error.__cause__ or error
        if is_credentials(cause):
            return [credentials_refused(cause)], {}
        if isinstance(error, ValueError):  # botocore's for the name of a region or an endpoint that can't be one
            module.fail_json(msg=str(error))
        raise


def _survey_of(clients: RegionalClients, params: dict[str, t.Any]) -> Survey:
    region, endpoints = clients.region, params["region_endpoints"]
    return Survey(
        client_for=clients.client,
        needs=Needs(
            region=region,
            account_id=params["account_id"],
            min_zones=params["min_zones"],
            endpoint_services=tuple(params["endpoint_services"]),
            bucket_names=tuple(params["bucket_names"]),
            key_aliases=tuple(params["key_aliases"]),
            role_names=tuple(params["role_names"]),
            vpcs=params["vpcs"],
            elastic_ips=params["elastic_ips"],
            images=tuple(params["images"]),
            database_class=params["database_class"],
            database_version=params["database_version"],
            tags=params["own_tags"],
            policies=tuple(params["policies"]),
            policies_enforced=params["policies_enforced"],
        ),
        fallbacks=[name for name in params["fallback_regions"] if name != region and name in (endpoints or [name])],
        endpoint=endpoints.get(region),
        timeout=params["timeout"],
    )


def main() -> None:
    module = regional_module(
        {
            "account_id": {"type": "str", "default": ""},
            "capabilities": {"type": "list", "elements": "str", "choices": sorted(CAPABILITIES), "default": []},
            "bucket_names": {"type": "list", "elements": "str", "default": []},
            "key_aliases": {"type": "list", "elements": "str", "default": [], "no_log": False},
            "role_names": {"type": "list", "elements": "str", "default": []},
            "endpoint_services": {"type": "list", "elements": "str", "default": []},
            "min_zones": {"type": "int", "default": 3},
            "vpcs": {"type": "int", "default": 0},
            "elastic_ips": {"type": "int", "default": 0},
            "images": {"type": "list", "elements": "str", "default": []},
            "database_class": {"type": "str", "default": ""},
            "database_version": {"type": "str", "default": ""},
            "own_tags": {"type": "dict", "default": {}},
            "policies": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {
                    "name": {"type": "str", "required": True},
                    "path": {"type": "str"},
                    "document": {"type": "dict", "required": True},
                },
            },
            "policies_enforced": {"type": "bool", "default": True},
            "fallback_regions": {"type": "list", "elements": "str", "default": ["us-east-1"]},
            "timeout": {"type": "int", "default": 30},
        },
        check_boto3=False,  # a missing or old library is one problem among others
    )
    tools = found_versions()
    findings = list(tool_findings(tools))
    facts: dict[str, t.Any] = {}
    if all(tools[library] for library in _SDK):
        found, facts = _survey(module)
        findings += [
            dataclasses.replace(finding, where=finding.where or facts.get("region", "the control machine"))
            for finding in found
        ]
    module.exit_json(
        changed=False,
        problems=[finding.as_dict() for finding in findings if not finding.warning],
        remarks=[finding.as_dict() for finding in findings if finding.warning],
        facts=facts | {"tools": tools},
    )


if __name__ == "__main__":
    main()
