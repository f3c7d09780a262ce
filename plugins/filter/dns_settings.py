# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The filters `dns_records` and `dns_problems`; the .yml files of these names document them."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.plugin_utils.dns.settings import dns_problems, dns_records


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, t.Callable]:
        return {"dns_problems": dns_problems, "dns_records": dns_records}
