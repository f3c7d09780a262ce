# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from botocore.exceptions import ClientError


def aws_behaviour(clients) -> bool:
    """A version goes, the default one stays."""
    ec2 = clients("ec2")
    name, data = {"LaunchTemplateName": "of-versions"}, {"InstanceType": "t3.small"}
    ec2.create_launch_template(**name, LaunchTemplateData=data)
    try:
        for _ in range(2):
            ec2.create_launch_template_version(**name, LaunchTemplateData=data)
        answer = ec2.delete_launch_template_versions(**name, Versions=["1", "2", "9"])
        left = ec2.describe_launch_template_versions(**name)["LaunchTemplateVersions"]
    except ClientError:
        return False
    finally:
        ec2.delete_launch_template(**name)
    kept = answer["UnsuccessfullyDeletedLaunchTemplateVersions"]
    return (
        [item["VersionNumber"] for item in answer["SuccessfullyDeletedLaunchTemplateVersions"]] == [2]
        and [item["VersionNumber"] for item in kept] == [1, 9]
        and kept[1]["ResponseError"]["Code"] == "launchTemplateVersionDoesNotExist"
        and sorted(item["VersionNumber"] for item in left) == [1, 3]
    )


def test_launch_template_versions_deleted(patched_only):
    patched_only("ec2.launch_template_versions_deleted", aws_behaviour)
