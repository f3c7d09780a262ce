# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from botocore.exceptions import ClientError


def aws_behaviour(clients) -> bool:
    """me-west-1 is listed, a region that isn't enabled only with AllRegions, and an unknown name is refused."""
    ec2 = clients("ec2")
    enabled = {region["RegionName"] for region in ec2.describe_regions()["Regions"]}
    every = {region["RegionName"]: region["OptInStatus"] for region in ec2.describe_regions(AllRegions=True)["Regions"]}
    try:
        ec2.describe_regions(RegionNames=["xx-nowhere-9"])
        refused = False
    except ClientError as error:
        refused = error.response["Error"]["Code"] == "InvalidParameterValue"
    return "me-west-1" in enabled and "ap-east-1" not in enabled and every["ap-east-1"] == "not-opted-in" and refused


def test_regions_known(patched_only):
    patched_only("account.regions_known", aws_behaviour)
