# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The filter `network_plan`; network_plan.yml documents it."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.plugin_utils.network.plan import network_plan


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable]:
        return {"network_plan": network_plan}
