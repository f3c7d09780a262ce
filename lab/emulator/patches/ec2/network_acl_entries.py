# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A network ACL's entries keep their ports and ICMP types, and a number is taken once a direction.

AWS stores an entry's PortRange and IcmpTypeCode, and answers a second entry of the same number with NetworkAclEntryAlreadyExists.
The emulator drops both fields, so that every entry reads back as one for all ports, and keeps two entries under one number.
"""

from __future__ import annotations

import ministack.services.ec2 as ec2

_PARTS = {"PortRange": ("From", "To"), "IcmpTypeCode": ("Type", "Code")}
# In the answer's XML, beside the request's Icmp.Type and Icmp.Code.
_REQUEST_PREFIX = {"PortRange": "PortRange", "IcmpTypeCode": "Icmp"}


def _find(params):
    acl = ec2._network_acls.get(ec2._p(params, "NetworkAclId"))
    number, egress = int(ec2._p(params, "RuleNumber") or 100), ec2._p(params, "Egress") == "true"
    entries = acl["Entries"] if acl else []
    return next((entry for entry in entries if (entry["RuleNumber"], entry["Egress"]) == (number, egress)), None)


def _keep_parts(params):
    entry = _find(params)
    for part, keys in _PARTS.items():
        values = {key: ec2._p(params, f"{_REQUEST_PREFIX[part]}.{key}") for key in keys}
        if any(values.values()):
            entry[part] = {key: int(value or 0) for key, value in values.items()}


def apply() -> None:
    create, replace = ec2._ACTION_MAP["CreateNetworkAclEntry"], ec2._ACTION_MAP["ReplaceNetworkAclEntry"]
    describe_entry = ec2._network_acl_entry_xml

    def create_entry(params):
        if _find(params):
            number = ec2._p(params, "RuleNumber")
            message = f"The network acl entry identified by {number} already exists."
            return ec2._error("NetworkAclEntryAlreadyExists", message, 400)
        answer = create(params)
        if answer[0] == 200:
            _keep_parts(params)
        return answer

    def replace_entry(params):
        answer = replace(params)
        if answer[0] == 200:
            _keep_parts(params)
        return answer

    def entry_xml(entry):
        parts = ""
        for part, keys in _PARTS.items():
            if part in entry:
                element = part[0].lower() + part[1:]
                values = "".join(f"<{key.lower()}>{entry[part][key]}</{key.lower()}>" for key in keys)
                parts += f"<{element}>{values}</{element}>"
        return describe_entry(entry).replace("</item>", f"{parts}</item>")

    ec2._ACTION_MAP |= {"CreateNetworkAclEntry": create_entry, "ReplaceNetworkAclEntry": replace_entry}
    ec2._network_acl_entry_xml = entry_xml
