# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

_LAUNCH = {"ImageId": "ami-0abcdef1234567890", "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}
_SPOT = {"MarketType": "spot"}


def aws_behaviour(clients) -> bool:
    """A launch for the spot market, its own or its template's, makes a spot instance; another one doesn't."""
    ec2 = clients("ec2", key=("111122223333", "unused"))
    ec2.create_launch_template(LaunchTemplateName="spot", LaunchTemplateData={"InstanceMarketOptions": _SPOT})
    launches = [
        ec2.run_instances(**_LAUNCH, InstanceMarketOptions=_SPOT),
        ec2.run_instances(**_LAUNCH, LaunchTemplate={"LaunchTemplateName": "spot"}),
        ec2.run_instances(**_LAUNCH),
    ]
    identifiers = [launch["Instances"][0]["InstanceId"] for launch in launches]
    versions = ec2.describe_launch_template_versions(LaunchTemplateName="spot")["LaunchTemplateVersions"]
    ec2.delete_launch_template(LaunchTemplateName="spot")
    pages = ec2.describe_instances(InstanceIds=identifiers)["Reservations"]
    found = {item["InstanceId"]: item for page in pages for item in page["Instances"]}
    ec2.terminate_instances(InstanceIds=identifiers)
    kinds = [found[identifier].get("InstanceLifecycle") for identifier in identifiers]
    told = versions[0]["LaunchTemplateData"].get("InstanceMarketOptions") == _SPOT
    return told and kinds == ["spot", "spot", None] and "SpotInstanceRequestId" in found[identifiers[0]]


def test_spot_instances(patched_only):
    patched_only("ec2.spot_instances", aws_behaviour)
