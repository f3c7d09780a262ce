# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations


class ModuleDocFragment:
    """Options and attributes that all AWS modules of this collection share."""

    DOCUMENTATION = r"""
options:
  region_endpoints:
    description:
      - API endpoints by region, for regions that are reached through another address than AWS's public one.
      - A region without an entry is reached at AWS's own endpoint.
    type: dict
    default: {}
attributes:
  check_mode:
    description: Can run in check_mode and return the changes that a run would make, without making them.
    support: full
  diff_mode:
    description: Returns what changes as a diff, with and without check_mode.
    support: full
  action_group:
    description: Use R(group/knowledgecity.platform.aws,) in C(module_defaults) to set the shared options.
    support: full
    membership:
      - knowledgecity.platform.aws
"""
