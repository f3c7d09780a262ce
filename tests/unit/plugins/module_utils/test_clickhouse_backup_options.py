# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Check the options of the module clickhouse_backup."""

from __future__ import annotations

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.options import check_options
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError

OPTIONS = {
    "name": "nightly-2026.11",
    "state": "verified",
    "max_chain": 7,
    "max_bandwidth": 0,
    "stale_after": 600,
    "restore": {"partitions": {}, "tables": []},
}


def test_a_plain_name_is_taken():
    check_options(OPTIONS)


@pytest.mark.parametrize("name", ["x.tar.gz", "x.tzst", "x.ZIP", "x.tar"])
def test_a_name_by_which_the_engine_makes_an_archive_is_refused(name):
    with pytest.raises(PlatformError, match="ClickHouse makes an archive"):
        check_options(OPTIONS | {"name": name})
