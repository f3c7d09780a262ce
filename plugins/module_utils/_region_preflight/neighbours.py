# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Find platforms of the same account whose names begin as this one's: rights and destruction go by the beginning of a name."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._answers import Answer
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_preflight.findings import Problem, joined

# What each platform has once an account, by which its name is known.
_BOUNDARIES = "/platform-operators/"
_BOUNDARY = re.compile(r"(.+)-operator-roles-boundary")
_ROLE = re.compile(r"(.+)-(?:network-flow-logs|storage-replication)")


def platforms(iam: t.Any) -> t.Callable[[], set[str]]:
    """Make a question for the platforms of the account, each as <platform>-<environment>."""

    def ask() -> set[str]:
        pages = iam.get_paginator("list_policies").paginate(Scope="Local", PathPrefix=_BOUNDARIES)
        names = [_BOUNDARY.fullmatch(policy["PolicyName"]) for page in pages for policy in page["Policies"]]
        pages = iam.get_paginator("list_roles").paginate()
        names += [_ROLE.fullmatch(role["RoleName"]) for page in pages for role in page["Roles"]]
        return {found[1] for found in names if found}

    return ask


def neighbour_findings(answer: Answer, own: str) -> t.Iterator[Problem]:
    """Find platforms whose resources this one's operators could change, or the other way round; none where nobody may ask."""
    if not answer.good:
        return
    overlapping = sorted(
        other
        for other in answer.value
        if other != own and (f"{other}-".startswith(f"{own}-") or f"{own}-".startswith(f"{other}-"))
    )
    if overlapping:
        yield Problem(
            "platform_environment",
            f"makes names that begin with {own}-, and the account holds {joined(overlapping)}. Of two names of which one is the "
            "beginning of the other, the shorter one's operators have the rights to both.",
            "Choose another platform_name or platform_environment, such as one without a hyphen, or another account.",
        )
