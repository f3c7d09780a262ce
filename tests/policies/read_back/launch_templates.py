# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Launch templates as they are."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

from tests.policies.template import Resource


def launch_templates(ec2: t.Any, prefix: str) -> Iterator[Resource]:
    """The newest versions of the templates whose names begin so."""
    for template in ec2.describe_launch_templates()["LaunchTemplates"]:
        name = template["LaunchTemplateName"]
        if name.startswith(prefix):
            (newest,) = ec2.describe_launch_template_versions(LaunchTemplateName=name, Versions=["$Latest"])[
                "LaunchTemplateVersions"
            ]
            properties = {"LaunchTemplateName": name, "LaunchTemplateData": newest["LaunchTemplateData"]}
            yield Resource("AWS::EC2::LaunchTemplate", name, properties)
