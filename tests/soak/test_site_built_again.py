# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The platform is destroyed, and built again by the installed artefact, whose first run is killed."""

from __future__ import annotations

import pytest

from tests.support import artefact, built_site, kills, playbooks, snapshot
from tests.support.built_site import HOSTS
from tests.support.labs import running_lab


@pytest.mark.soak
def test_the_installed_artefact_builds_after_destroy_though_it_is_killed(tmp_path):
    with running_lab(tmp_path / "lab", instances=True, copy_of=built_site.built()) as lab:
        built_site.wait_until_configured(lab)
        built = snapshot.digest(lab)
        playbooks.run(lab, "-e", "destroy_environment=lab", playbook="playbooks/destroy.yml").succeeded()
        site = artefact.install(lab, tmp_path)
        early, _late = kills.moments(2, built_site.build_seconds())
        print(kills.kill_after(lab, early, **site))
        assert set(playbooks.run(lab, **site).succeeded().recap) == HOSTS
        assert not snapshot.difference(snapshot.digest(lab), built)
