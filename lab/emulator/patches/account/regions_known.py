# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""DescribeRegions knows me-west-1, honours AllRegions, and refuses a name that is no region.

AWS lists a region that needs an opt-in only with AllRegions while it is not enabled, and answers an unknown name with
InvalidParameterValue. The emulator knows every region but me-west-1, and skips unknown names without a word.
"""

from __future__ import annotations

from xml.sax.saxutils import escape

import ministack.services.ec2 as ec2

# Regions the lab's account has not enabled, so that a preflight that asks can be shown to notice.
NOT_OPTED_IN = {"ap-east-1", "af-south-1"}


def _describe_regions(params):
    known = dict(ec2._AWS_REGIONS) | {"me-west-1": "opted-in"}
    known.update(dict.fromkeys(NOT_OPTED_IN, "not-opted-in"))
    requested = ec2._parse_member_list(params, "RegionName")
    for name in requested:
        if name not in known:
            return ec2._error("InvalidParameterValue", f"Invalid region provided: {escape(name)}", 400)
    everything = ec2._p(params, "AllRegions", "").lower() == "true"
    items = "".join(
        f"<item><regionName>{name}</regionName><regionEndpoint>ec2.{name}.amazonaws.com</regionEndpoint>"
        f"<optInStatus>{status}</optInStatus></item>"
        for name, status in sorted(known.items())
        if (not requested or name in requested) and (everything or status != "not-opted-in")
    )
    return ec2._xml(200, "DescribeRegionsResponse", f"<regionInfo>{items}</regionInfo>")


def apply() -> None:
    ec2._ACTION_MAP["DescribeRegions"] = _describe_regions
