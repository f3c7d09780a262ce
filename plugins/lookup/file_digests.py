# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lookup `file_digests`: hashes of the files in a folder of the control machine."""

from __future__ import annotations

DOCUMENTATION = r"""
name: file_digests
short_description: Hash the files of folders on the control machine
version_added: 0.3.0
author:
  - KnowledgeCity platform contributors (@knowledgecity)
description:
  - Lists the files of each folder, and of those below it, with their SHA-256. Compiled Python files are left out.
  - The result is the same for the same files, whatever the machine, so that it can name what is made of them.
options:
  _terms:
    description: Paths of folders.
    type: list
    elements: path
    required: true
"""

EXAMPLES = r"""
- name: Say what would be packed
  ansible.builtin.debug:
    msg: "{{ lookup('knowledgecity.platform.file_digests', playbook_dir ~ '/media_server') }}"
"""

RETURN = r"""
_raw:
  description: A dictionary for each folder, relative path to SHA-256.
  type: list
  elements: dict
  sample: [{src/media_server/cli.py: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855}]
"""

import hashlib
import typing as t
from pathlib import Path

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

_SUFFIXES_LEFT_OUT = (".pyc", ".egg-info")


class LookupModule(LookupBase):
    """Ansible's entry point."""

    def run(self, terms: list[str], variables: t.Any = None, **kwargs: t.Any) -> list[dict[str, str]]:
        self.set_options(var_options=variables, direct=kwargs)
        return [file_digests(Path(term)) for term in terms]


def file_digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file below a folder, by its path in it."""
    if not folder.is_dir():
        raise AnsibleLookupError(f"file_digests: {folder} is not a folder")
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not _is_left_out(path.relative_to(folder)))
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _is_left_out(path: Path) -> bool:
    return any(part == "__pycache__" or part.endswith(_SUFFIXES_LEFT_OUT) for part in path.parts)
