# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Role clickhouse_backup: two regions that back up in the same hour, and copy to each other, use two names."""

from __future__ import annotations

import re


def test_the_default_name_tells_the_hour_and_the_region(play):
    regions = ("me-west-1", "eu-central-1")
    tasks = [{"ansible.builtin.set_fact": {"answer": "{{ clickhouse_backup_name }}"}}]
    names = play("clickhouse_backup", {region: {"aws_region": region} for region in regions}, tasks)
    for region in regions:
        assert re.fullmatch(rf"\d{{4}}-\d\d-\d\dT\d\d-{region}", names[region])
