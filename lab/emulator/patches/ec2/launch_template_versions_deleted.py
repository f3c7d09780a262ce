# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Versions of a launch template can be deleted, but for its default one. The emulator doesn't know the call.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteLaunchTemplateVersions.html
"""

from __future__ import annotations

import ministack.services.ec2 as ec2

_DELETED = "successfullyDeletedLaunchTemplateVersionSet"
_KEPT = "unsuccessfullyDeletedLaunchTemplateVersionSet"


def _template(params):
    wanted, name = ec2._p(params, "LaunchTemplateId"), ec2._p(params, "LaunchTemplateName")
    found = (item for item in ec2._launch_templates.values() if wanted == item["LaunchTemplateId"])
    named = (item for item in ec2._launch_templates.values() if name and name == item["LaunchTemplateName"])
    return next(found, None) or next(named, None)


def _item(template, number, error=""):
    return (
        f"<item><launchTemplateId>{template['LaunchTemplateId']}</launchTemplateId>"
        f"<launchTemplateName>{ec2._esc(template['LaunchTemplateName'])}</launchTemplateName>"
        f"<versionNumber>{number}</versionNumber>{error}</item>"
    )


def _delete(params):
    template = _template(params)
    if template is None:
        message = "The specified launch template does not exist"
        return ec2._error("InvalidLaunchTemplateId.NotFoundException", message, 400)
    deleted, kept = "", ""
    for wanted in ec2._parse_member_list(params, "LaunchTemplateVersion"):
        version = next((item for item in template["Versions"] if str(item["VersionNumber"]) == wanted), None)
        if version is None or version["VersionNumber"] == template["DefaultVersionNumber"]:
            code = "launchTemplateVersionDoesNotExist" if version is None else "unexpectedError"
            kept += _item(template, wanted, f"<responseError><code>{code}</code></responseError>")
        else:
            template["Versions"].remove(version)
            deleted += _item(template, wanted)
    return ec2._xml(
        200, "DeleteLaunchTemplateVersionsResponse", f"<{_DELETED}>{deleted}</{_DELETED}><{_KEPT}>{kept}</{_KEPT}>"
    )


def apply() -> None:
    ec2._ACTION_MAP["DeleteLaunchTemplateVersions"] = _delete
