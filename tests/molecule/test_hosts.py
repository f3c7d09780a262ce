# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The scenario of the media hosts: one that configured itself at boot, and one that was configured by push."""

from __future__ import annotations

import pytest

from tests.support import molecule


@pytest.mark.parametrize("scenario", molecule.HOSTS)
def test_scenario(start_lab, scenario, tmp_path):
    molecule.run(scenario, start_lab(instances=True), tmp_path)
