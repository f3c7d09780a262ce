# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Copies of the checkout in which only some roles are tiers, with settings of their own: platforms that are built in a minute."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import yaml

from lab.settings import CHECKOUT
from tests.support import playbooks
from tests.support.labs import Clients

COPIED = ("playbooks", "plugins", "roles", "inventories", "meta", "docs", "media_server")

Run = Callable[..., playbooks.Ran]


def partial_checkout(folder: Path, tiers: Collection[str], settings: dict[str, Any]) -> Path:
    """Copy the checkout to `folder`, with only `tiers` of the roles as tiers, and `settings` merged into the lab's inventory."""
    for name in COPIED:
        shutil.copytree(CHECKOUT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("ansible.cfg", "galaxy.yml"):
        shutil.copy(CHECKOUT / name, folder / name)
    collection = folder / ".build" / "collections" / "ansible_collections" / "knowledgecity" / "platform"
    collection.parent.mkdir(parents=True)
    collection.symlink_to(folder)
    for data in folder.glob("roles/*/meta/tier.yml"):
        if data.parents[1].name not in tiers:
            data.unlink()
    file = folder / "inventories" / "lab" / "group_vars" / "all" / "platform.yml"
    file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text()) | settings, sort_keys=False))
    return folder


def player(lab: Clients, checkout: Path) -> Run:
    """`play(*names, arguments=(...))`: run playbooks of a copy as the administrator, one after the other in one run."""

    def play(*names: str, arguments: tuple[str, ...] = ()) -> playbooks.Ran:
        first, *others = [str(checkout / "playbooks" / f"{name}.yml") for name in names]
        return playbooks.run(
            lab,
            *others,
            *arguments,
            playbook=first,
            inventory=checkout / "inventories" / "lab",
            administrator=True,
            ANSIBLE_CONFIG=str(checkout / "ansible.cfg"),
        )

    return play
