# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Run each integration target in a lab, as a role of a play that sets what the playbooks' plays set."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from tests.support.playbooks import run

TARGETS = Path(__file__).parent / "targets"
NAMES = sorted(path.name for path in TARGETS.iterdir() if path.is_dir() and not path.name.startswith("setup_"))

PLAY = """
- name: Run the integration target {name}
  hosts: localhost
  connection: local
  gather_facts: false
  vars:
    ansible_python_interpreter: "{{{{ ansible_playbook_python }}}}"
    endpoints: "{{{{ lookup('ansible.builtin.env', 'LAB_ENDPOINTS') | from_json }}}}"
    home_region: me-west-1
    other_region: eu-central-1
    prefix: {prefix}
    scratch: {scratch}
  environment: "{{{{ home_region | knowledgecity.platform.aws_environment(endpoints) }}}}"
  module_defaults:
    group/knowledgecity.platform.aws:
      region_endpoints: "{{{{ endpoints }}}}"
  roles:
    - role: {name}
"""


@pytest.mark.parametrize("name", NAMES)
def test_target(lab, tmp_path, name):
    play = tmp_path / "play.yml"
    play.write_text(PLAY.format(name=name, prefix=f"t{uuid.uuid4().hex[:8]}", scratch=tmp_path))
    ran = run(
        lab, "-v", playbook=str(play), inventory="localhost,", administrator=True, ANSIBLE_ROLES_PATH=str(TARGETS)
    )
    assert ran.returncode == 0, ran.output[-8000:]
    assert ran.recap["localhost"]["failed"] == 0
