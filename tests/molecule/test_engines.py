# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The scenarios of the roles whose instances and databases are looked into."""

from __future__ import annotations

import pytest

from tests.support import molecule


@pytest.mark.parametrize("scenario", molecule.ENGINES)
def test_scenario(start_lab, scenario, tmp_path):
    molecule.run(scenario, start_lab(instances=True), tmp_path)
