#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: acm_public_certificate
short_description: Request public certificates of ACM and validate them by DNS
version_added: 0.2.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Requests public certificates from AWS Certificate Manager, any number of names and regions in a single task, writes the DNS
    records that prove the names into their Route 53 hosted zones, and waits until the certificates are issued.
  - ACM derives a validation record from account and domain. One record serves all regions, and a wildcard shares it with its apex.
    It is written once, with all records of a zone in one call, and stays, since ACM renews by it.
  - A certificate that exists for the same names, with the same key algorithm and the tags of O(match_tags), is used, whether it is
    issued or pending. One that failed or expired is not.
  - Before the first change all entries are checked, and all problems are reported at once.
  - The next run completes an interrupted one.
  - Certificates that were issued elsewhere are imported by M(community.aws.acm_certificate). Imported ones, and those that are
    validated by mail, are neither used nor deleted, whatever their names and tags are.
options:
  certificates:
    description: The certificates.
    type: list
    elements: dict
    required: true
    suboptions:
      domain_name:
        description: The first name of the certificate. It may be a wildcard.
        type: str
        required: true
      subject_alternative_names:
        description: Further names.
        type: list
        elements: str
        default: []
      regions:
        description:
          - Regions to have the certificate in.
          - A load balancer needs it in its own region, CloudFront in V(us-east-1).
        type: list
        elements: str
        required: true
      key_algorithm:
        description: Algorithm of the certificate's key.
        type: str
        choices:
          - RSA_2048
          - EC_prime256v1
          - EC_secp384r1
        default: RSA_2048
      validation_zone:
        description:
          - Public hosted zone for the validation records, by name or ID. All names must be in it.
          - Required unless O(validate) is V(false).
        type: str
      tags:
        description: Tags of the certificate. Without it the tags are left as they are.
        type: dict
  state:
    description:
      - With V(present) the certificates exist and, unless O(wait) is V(false), are issued.
      - With V(absent) all certificates are removed that have the entries' domain name and the tags of O(match_tags), whatever their
        further names, in the entries' regions. A certificate that something uses stays, with a warning.
      - With V(absent) validation records are removed too, except those that a certificate in one of these regions still needs.
    type: str
    choices:
      - present
      - absent
    default: present
  match_tags:
    description:
      - Keys of O(certificates[].tags). A certificate that has other values for them, or none, belongs to someone else.
      - A certificate is kept when other tags change.
    type: list
    elements: str
    default:
      - platform
      - environment
  purge_tags:
    description: Remove tags that O(certificates[].tags) doesn't name.
    type: bool
    default: true
  validate:
    description:
      - Write the validation records.
      - With V(false) certificates are only requested, and nothing is waited for. RV(certificates[].validation_records) tells what
        has to be written elsewhere. A run after the records are there returns the ARNs.
    type: bool
    default: true
  wait:
    description: Wait until the certificates are issued. With V(false) a run returns when the validation records are written.
    type: bool
    default: true
  wait_timeout:
    description: Seconds to wait until the certificates are issued, and for other changes to take effect.
    type: int
    default: 600
  further_regions:
    description: Regions where other certificates may need the same validation records. Only used with O(state=absent).
    type: list
    elements: str
    default: []
  when_unavailable:
    description:
      - What to do with a certificate whose region does not answer.
      - With V(skip) it is left as it is, with a warning.
    type: str
    choices:
      - fail
      - skip
    default: fail
extends_documentation_fragment:
  - knowledgecity.platform.regional
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: community.aws.acm_certificate
  - module: amazon.aws.route53_zone
"""

EXAMPLES = r"""
- name: Get the platform's certificate in both regions, and where CloudFront needs it
  knowledgecity.platform.acm_public_certificate:
    certificates:
      - domain_name: learn.example.com
        subject_alternative_names:
          - "*.learn.example.com"
        regions: [me-west-1, eu-central-1, us-east-1]
        validation_zone: learn.example.com
        tags:
          platform: kc
          environment: production
  register: certificates

- name: Show the one for CloudFront
  ansible.builtin.debug:
    msg: "{{ certificates.arns['learn.example.com']['us-east-1'] }}"

- name: Request a certificate whose zone is somebody else's
  knowledgecity.platform.acm_public_certificate:
    validate: false
    certificates:
      - domain_name: courses.customer.example
        regions: [us-east-1]
  register: requested

- name: Say which records they have to write
  ansible.builtin.debug:
    msg: "{{ requested.certificates | map(attribute='validation_records') | flatten | unique }}"
"""

RETURN = r"""
certificates:
  description: The certificates, one entry a region, as they were read last; in check mode with those that a run would create.
  returned: success
  type: list
  elements: dict
  contains:
    domain_name:
      description: First name of the certificate.
      type: str
    names:
      description: All of its names.
      type: list
      elements: str
    region:
      description: Region of the certificate.
      type: str
    key_algorithm:
      description: Algorithm of its key.
      type: str
    status:
      description: Status in ACM's words, V(ABSENT) where there is none.
      type: str
    arn:
      description:
        - ARN of an issued certificate. V(null) until it is issued, so that it can't be used before.
        - In check mode, C(arn:aws:acm:<region>:000000000000:certificate/made-by-the-run) for one that a run would have issued.
      type: str
    pending_arn:
      description: ARN of a certificate that is not issued yet.
      type: str
    in_use_by:
      description: ARNs of what uses it.
      type: list
      elements: str
    validation_records:
      description: The records that DNS has to hold, as far as ACM has returned them.
      type: list
      elements: dict
      contains:
        name: {description: "Name, with a dot at the end.", type: str}
        type: {description: "V(CNAME).", type: str}
        value: {description: "Value, with a dot at the end.", type: str}
  sample:
    - domain_name: learn.example.com
      names: ["*.learn.example.com", learn.example.com]
      region: us-east-1
      key_algorithm: RSA_2048
      status: ISSUED
      arn: arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012
      pending_arn: null
      in_use_by: []
      validation_records:
        - name: _0123456789abcdef0123456789abcdef.learn.example.com.
          type: CNAME
          value: _fedcba9876543210fedcba9876543210.abcdefghij.acm-validations.aws.
arns:
  description: The ARNs by domain name and region, as in RV(certificates[].arn).
  returned: success
  type: dict
  sample:
    learn.example.com:
      us-east-1: arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012
skipped_certificates:
  description: Certificates that were left as they are, see O(when_unavailable).
  returned: success
  type: list
  elements: str
changes:
  description: What was changed, or in check mode would be.
  returned: success
  type: list
  elements: dict
  sample:
    - action: create
      resource: certificate of learn.example.com in us-east-1
    - action: create
      resource: validation record of learn.example.com
"""

from ansible_collections.knowledgecity.platform.plugins.module_utils._acm_public_certificate.issue import (
    wait_until_issued,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._acm_public_certificate.model import (
    DEFAULT_KEY_ALGORITHM,
    Options,
    Wanted,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._acm_public_certificate.reconciler import (
    CertificateReconciler,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._acm_public_certificate.results import results
from ansible_collections.knowledgecity.platform.plugins.module_utils._acm_public_certificate.store import (
    CertificateStore,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._aws import RegionalClients, regional_module
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import converge, describe
from ansible_collections.knowledgecity.platform.plugins.module_utils._route53 import GLOBAL_REGION, Route53

_SPEC = {
    "certificates": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "domain_name": {"type": "str", "required": True},
            "subject_alternative_names": {"type": "list", "elements": "str", "default": []},
            "regions": {"type": "list", "elements": "str", "required": True},
            "key_algorithm": {
                "type": "str",
                "choices": [DEFAULT_KEY_ALGORITHM, "EC_prime256v1", "EC_secp384r1"],
                "default": DEFAULT_KEY_ALGORITHM,
                "no_log": False,
            },
            "validation_zone": {"type": "str"},
            "tags": {"type": "dict"},
        },
    },
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "match_tags": {"type": "list", "elements": "str", "default": ["platform", "environment"]},
    "purge_tags": {"type": "bool", "default": True},
    "validate": {"type": "bool", "default": True},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 600},
    "further_regions": {"type": "list", "elements": "str", "default": []},
    "when_unavailable": {"type": "str", "choices": ["fail", "skip"], "default": "fail"},
}


def main() -> None:
    module = regional_module(_SPEC)
    parameters = module.params
    entries = [entry for options in parameters["certificates"] for entry in Wanted.from_options(options)]
    present = parameters["state"] == "present"
    options = Options(present, parameters["validate"], parameters["purge_tags"], tuple(parameters["match_tags"]))
    clients = RegionalClients(module)
    changes: list = []
    try:
        reconciler = CertificateReconciler(
            entries,
            options,
            CertificateStore(lambda region: clients.client("acm", region)),
            Route53(clients.client("route53", GLOBAL_REGION)),
            further_regions=[] if present else parameters["further_regions"],
            check_mode=module.check_mode,
            skip_unavailable=parameters["when_unavailable"] == "skip",
            timeout=parameters["wait_timeout"],
        )
        changes, state = converge(reconciler, check_mode=module.check_mode, timeout=parameters["wait_timeout"])
        if present and options.validate and parameters["wait"] and not module.check_mode:
            state = wait_until_issued(reconciler, state, options, parameters["wait_timeout"])
    except PlatformError as error:
        module.fail_json(msg=str(error), **describe(changes))
    for warning in [*state.verdict.warnings, *reconciler.left_in_use(state)]:
        module.warn(warning)
    listed = results(reconciler.workable(state), state.current, options, check_mode=module.check_mode)
    module.exit_json(skipped_certificates=sorted(state.verdict.skipped), **listed, **describe(changes))


if __name__ == "__main__":
    main()
