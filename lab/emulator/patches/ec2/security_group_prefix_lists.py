# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Security group rules may name a prefix list.

AWS takes IpPermissions with PrefixListIds (the gateway endpoints of S3 and DynamoDB). The emulator drops them when it reads the
request, and keeps a rule for nothing.
"""

from __future__ import annotations

import ministack.services.ec2 as ec2


def apply() -> None:
    parse = ec2._parse_ip_permissions

    def parse_with_prefix_lists(params, prefix):
        rules = parse(params, prefix)
        for position, rule in enumerate(rules, 1):
            number = 1
            base = f"{prefix}.{position}.PrefixListIds"
            while prefix_list := ec2._p(params, f"{base}.{number}.PrefixListId"):
                entry = {"PrefixListId": prefix_list}
                if description := ec2._p(params, f"{base}.{number}.Description"):
                    entry["Description"] = description
                rule["PrefixListIds"].append(entry)
                number += 1
        return rules

    ec2._parse_ip_permissions = parse_with_prefix_lists
