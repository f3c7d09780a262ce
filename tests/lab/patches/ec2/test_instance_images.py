# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.answers import error_code

_LAUNCH = {"MinCount": 1, "MaxCount": 1}


def aws_behaviour(clients) -> bool:
    """A public parameter leads to an image that is described as well; what doesn't exist can't be launched."""
    ec2 = clients("ec2")
    image = "resolve:ssm:/aws/service/debian/release/12/latest/amd64"
    if error_code(ec2.run_instances, ImageId="ami-00000000000000000", **_LAUNCH) != "InvalidAMIID.NotFound":
        return False
    instance = ec2.run_instances(ImageId=image, **_LAUNCH)["Instances"][0]
    ec2.terminate_instances(InstanceIds=[instance["InstanceId"]])
    described = ec2.describe_images(ImageIds=[instance["ImageId"]])["Images"]
    return [item["OwnerId"] for item in described] == ["136693071363"] and error_code(
        ec2.run_instances, ImageId="resolve:ssm:/no/such", **_LAUNCH
    ) == "InvalidParameterValue"


def test_instance_images(patched_only):
    patched_only("ec2.instance_images", aws_behaviour)
