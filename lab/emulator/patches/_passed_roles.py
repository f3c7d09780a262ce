# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Make the checks of the right to pass a role to a service: shared by the patches of single services."""

from __future__ import annotations

from collections.abc import Iterator

import ministack.services.iam as iam

from lab.emulator.patches._access_checks import Check


def passing(role_arn: str, service: str) -> Check:
    """Return the check of the right to pass a role to a service."""
    return Check(role_arn, {"iam:PassedToService": f"{service}.amazonaws.com"}, action="iam:PassRole")


def of_profile(profile: str) -> Iterator[Check]:
    """Yield the checks for the role of an instance profile, which is given by its name or ARN."""
    found = iam._instance_profiles.get(profile.rpartition("/")[2]) or {}
    for name in found.get("Roles", []):
        if role := iam._roles.get(name):
            yield passing(role["Arn"], "ec2")
