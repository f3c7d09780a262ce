# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The filter `operator_policies`; operator_policies.yml documents it."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.knowledgecity.platform.plugins.plugin_utils.operator_policy.render import rendered


def operator_policies(policy: dict[str, t.Any], **values: t.Any) -> list[dict[str, t.Any]]:
    """Fill in the placeholders of the policies of docs/operator-policy.json."""
    try:
        return rendered(policy, values)
    except KeyError as missing:
        raise AnsibleFilterError(f"operator_policies wants a value for {missing}") from missing


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable]:
        return {"operator_policies": operator_policies}
