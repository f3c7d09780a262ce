# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The scenarios of the roles that keep data and names."""

from __future__ import annotations

import pytest

from tests.support import molecule


@pytest.mark.parametrize("scenario", molecule.DATA)
def test_scenario(lab, scenario, tmp_path):
    molecule.run(scenario, lab, tmp_path)
