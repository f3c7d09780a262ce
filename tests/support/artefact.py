# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Install the collection as a user does: built, and installed elsewhere than in the checkout."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.support.labs import Clients

_SITE = "knowledgecity.platform.site"
_ONLY_IN_A_CHECKOUT = ("lab", "tests", "tools", "inventories")


def install(lab: Clients, folder: Path) -> dict:
    """Build the artefact and install it below a folder; returns the options with which `playbooks.run` runs its site.yml."""
    config, collections = folder / "ansible.cfg", folder / "installed"
    config.write_text(f"[defaults]\ncollections_path = {collections}\n")
    environment = lab.environment() | {"ANSIBLE_CONFIG": str(config)}

    def galaxy(*arguments: str) -> None:
        command = ["ansible-galaxy", "collection", *arguments]
        subprocess.run(command, check=True, env=environment, capture_output=True)

    galaxy("build", "--output-path", str(folder))
    artefact = next(folder.glob("knowledgecity-platform-*.tar.gz"))
    galaxy("install", "--offline", "--no-deps", "-p", str(collections), str(artefact))
    installed = collections / "ansible_collections" / "knowledgecity" / "platform"
    hidden = [path.name for path in installed.iterdir() if path.name.startswith(".")]
    assert not hidden, "the artefact holds what only a checkout needs"
    assert not any((installed / name).exists() for name in _ONLY_IN_A_CHECKOUT)
    return {"playbook": _SITE, "inventory": Path("inventories/lab").resolve(), "ANSIBLE_CONFIG": str(config)}
