# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The scenario of the media tier in two regions, as the API shows it."""

from __future__ import annotations

import pytest

from tests.support import molecule


@pytest.mark.parametrize("scenario", molecule.MEDIA)
def test_scenario(lab, scenario, tmp_path):
    molecule.run(scenario, lab, tmp_path)
