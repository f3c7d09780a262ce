# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lookup `tiers`: which roles are tiers of the platform, and what they register."""

from __future__ import annotations

DOCUMENTATION = r"""
name: tiers
short_description: List the platform's tiers, or what they register
version_added: 0.3.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - A role of this collection is a tier if it has a file C(meta/tier.yml). What it registers with other tiers stands there.
  - Without terms, lists the names of the roles in the order in which they are built.
  - With terms, returns what all tiers register under each of these keys. Lists are joined, dictionaries are merged.
options:
  _terms:
    description: Keys of C(meta/tier.yml).
    type: list
    elements: str
  entry_point:
    description: List only the roles that have this entry point, a file in C(tasks).
    type: str
"""

EXAMPLES = r"""
- name: Build the tiers
  ansible.builtin.include_role:
    name: "knowledgecity.platform.{{ item }}"
  loop: "{{ query('knowledgecity.platform.tiers', entry_point='main') }}"

- name: Show which names fail over
  ansible.builtin.debug:
    msg: "{{ lookup('knowledgecity.platform.tiers', 'services') }}"
"""

RETURN = r"""
_list:
  description: Names of roles; or one value for each term, V({}) where no tier registers anything under it.
  type: list
  elements: raw
"""

import dataclasses
import typing as t
from pathlib import Path

import yaml
from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

ROLES = Path(__file__).parents[2] / "roles"
KEYS = {"order", "services", "capabilities", "buckets", "network", "rights"}


@dataclasses.dataclass(frozen=True)
class Tier:
    """A role that is a tier, and what it registers."""

    name: str
    folder: Path
    registers: dict[str, t.Any]

    def has(self, entry_point: str) -> bool:
        """Whether the role has an entry point."""
        return (self.folder / "tasks" / f"{entry_point}.yml").exists()


class LookupModule(LookupBase):
    """Ansible's entry point."""

    def run(self, terms: list[str], variables: t.Any = None, **kwargs: t.Any) -> list[t.Any]:
        self.set_options(var_options=variables, direct=kwargs)
        tiers, entry_point = read_tiers(ROLES), self.get_option("entry_point")
        if not terms:
            return [tier.name for tier in tiers if entry_point is None or tier.has(entry_point)]
        return [registered(tiers, term) for term in terms]


def read_tiers(roles: Path) -> list[Tier]:
    """Read the tiers of a folder with roles, in the order in which they are built."""
    tiers = []
    for file in roles.glob("*/meta/tier.yml"):
        registers = yaml.safe_load(file.read_text(encoding="utf-8"))
        unknown = sorted(set(registers) - KEYS)
        if unknown or not isinstance(registers.get("order"), int):
            raise AnsibleLookupError(
                f"tiers: {file} {'has unknown keys: ' + ', '.join(unknown) if unknown else 'has no order'}. "
                f"Fix: Write `order`, a number, and what the tier registers: {', '.join(sorted(KEYS - {'order'}))}."
            )
        tiers.append(Tier(file.parents[1].name, file.parents[1], registers))
    return sorted(tiers, key=lambda tier: (tier.registers["order"], tier.name))


def registered(tiers: t.Sequence[Tier], key: str) -> t.Any:
    """Return what all tiers register under a key, merged; an empty dictionary where none does."""
    if key not in KEYS:
        raise AnsibleLookupError(f"tiers: {key} is not a key of meta/tier.yml. Known are {', '.join(sorted(KEYS))}.")
    found: t.Any = None
    for tier in tiers:
        if key in tier.registers:
            found = _merged(found, tier.registers[key], f"roles/{tier.name}/meta/tier.yml, {key}")
    return {} if found is None else found


def _merged(one: t.Any, other: t.Any, where: str) -> t.Any:
    """Join lists, and merge dictionaries; two values of one key can't be merged."""
    if one is None:
        return other
    if isinstance(one, list) and isinstance(other, list):
        return one + [each for each in other if each not in one]
    if isinstance(one, dict) and isinstance(other, dict):
        merged = {key: _merged(one.get(key), value, f"{where}.{key}") for key, value in other.items()}
        return one | merged
    raise AnsibleLookupError(f"tiers: {where} is registered by another tier already. Fix: Choose another name.")
