# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""No test of a patch rests on another patch of its group, which would hide that its own is needless."""

from __future__ import annotations

import importlib.util

import pytest

from lab.emulator.patches import ORDER
from lab.settings import CHECKOUT
from tests.support import bare_labs


def _aws_behaviour(patch: str):
    service, _, name = patch.partition(".")
    file = CHECKOUT / "tests" / "lab" / "patches" / service / f"test_{name}.py"
    specification = importlib.util.spec_from_file_location(f"of_{service}_{name}", file)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module.aws_behaviour


@pytest.mark.soak
@pytest.mark.parametrize("patch", ORDER)
def test_a_patch_does_without_the_others_of_its_group(patch, tmp_path):
    others = [other for other in bare_labs.members(bare_labs.group_of(patch)) if other != patch]
    with bare_labs.lab_with_all_regions(tmp_path / "lab", ",".join(others)) as clients:
        assert _aws_behaviour(patch)(clients)
