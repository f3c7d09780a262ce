# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Labs of the end-to-end scenarios, one a file: an empty account, or a copy of the one in which site.yml built the platform."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import built_site
from tests.support.labs import Clients, running_lab


@pytest.fixture(scope="module")
def rights_record(tmp_path_factory) -> Iterator[Path]:
    """The file in which the module's labs record which rights were needed, also after a restart."""
    file = tmp_path_factory.mktemp("record") / built_site.RIGHTS
    with built_site.recorded(file):
        yield file


@pytest.fixture(scope="module")
def own_lab(tmp_path_factory, rights_record) -> Iterator[Clients]:
    """An empty account at the beginning of the module; the tests of a module build on one another."""
    with running_lab(tmp_path_factory.mktemp("empty"), instances=True) as clients:
        yield clients


@pytest.fixture(scope="module")
def copied_lab(tmp_path_factory, rights_record) -> Iterator[Clients]:
    """The built platform at the beginning of the module, once its instances have configured themselves again."""
    template = built_site.built()
    with running_lab(tmp_path_factory.mktemp("copy"), instances=True, copy_of=template) as clients:
        built_site.wait_until_configured(clients)
        yield clients
