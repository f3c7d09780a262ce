# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Who gives a service a role needs iam:PassRole on it, with iam:PassedToService naming the service.

So it is for flow logs, replication, the monitoring of databases, and the profiles of instances. The emulator checks no such right.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import ministack.services.iam as iam

from lab.emulator.patches._access_checks import Check, Request, add
from lab.emulator.patches._passed_roles import of_profile, passing

_REPLICATION_ROLE = re.compile(rb"<Role>([^<]+)</Role>")


def _of_ec2(request: Request) -> Iterator[Check]:
    if request.action == "CreateFlowLogs" and (role := request.param("DeliverLogsPermissionArn")):
        yield passing(role, "vpc-flow-logs")
    for name in ("IamInstanceProfile.Arn", "IamInstanceProfile.Name"):
        if profile := request.param(name):
            yield from of_profile(profile)


def _of_rds(request: Request) -> Iterator[Check]:
    if role := request.param("MonitoringRoleArn"):
        yield passing(role, "monitoring.rds")


def _of_s3(request: Request) -> Iterator[Check]:
    found = _REPLICATION_ROLE.search(request.body) if request.action == "PutReplicationConfiguration" else None
    if found:
        yield passing(found[1].decode(), "s3")


def _of_iam(request: Request) -> Iterator[Check]:
    if request.action == "AddRoleToInstanceProfile" and (role := iam._roles.get(request.param("RoleName"))):
        yield passing(role["Arn"], "ec2")


def apply() -> None:
    for service, checks_of in (("ec2", _of_ec2), ("rds", _of_rds), ("s3", _of_s3), ("iam", _of_iam)):
        add(service, checks_of)
