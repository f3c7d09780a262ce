# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Check the versions of the tools that a run needs on the control machine."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import re
import sys
import typing as t

from ansible.module_utils.ansible_release import __version__ as core_version
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_preflight.findings import Problem

try:
    from ansible_collections.amazon.aws.plugins.module_utils.common import AMAZON_AWS_COLLECTION_VERSION
except ImportError:
    AMAZON_AWS_COLLECTION_VERSION = None
try:
    from ansible_collections.community.aws.plugins.module_utils.common import COMMUNITY_AWS_COLLECTION_VERSION
except ImportError:
    COMMUNITY_AWS_COLLECTION_VERSION = None


@dataclasses.dataclass(frozen=True)
class Tool:
    """A tool with its supported versions: from ``least`` on, below ``below``."""

    least: str
    fix: str
    below: str | None = None


# The same as in galaxy.yml and meta/runtime.yml, which an installed collection can't read from here; a test compares.
REQUIRED = {
    "Python": Tool("3.12", "Create the environment again with a newer Python (`make clean setup` in a checkout)."),
    "ansible-core": Tool("2.19.0", "`pip install 'ansible-core>=2.19'`"),
    "boto3": Tool("1.40.0", "`pip install 'boto3>=1.40'` for the Python that runs ansible-playbook."),
    "botocore": Tool("1.40.0", "`pip install 'botocore>=1.40'` for the Python that runs ansible-playbook."),
    "dnspython": Tool("2.4.0", "`pip install 'dnspython>=2.4'` for the Python that runs ansible-playbook."),
    "amazon.aws": Tool("11.4.0", "`ansible-galaxy collection install 'amazon.aws:>=11.4.0,<12.0.0'`", "12.0.0"),
    "community.aws": Tool("11.2.0", "`ansible-galaxy collection install 'community.aws:>=11.2.0,<12.0.0'`", "12.0.0"),
}


def found_versions() -> dict[str, str | None]:
    """Return the tools' versions as this process finds them; None for one that is missing."""
    versions: dict[str, str | None] = {
        "Python": ".".join(str(part) for part in sys.version_info[:3]),
        "ansible-core": core_version,
        "amazon.aws": AMAZON_AWS_COLLECTION_VERSION,
        "community.aws": COMMUNITY_AWS_COLLECTION_VERSION,
    }
    for library in ("boto3", "botocore", "dnspython"):
        try:
            versions[library] = importlib.metadata.version(library)
        except importlib.metadata.PackageNotFoundError:
            versions[library] = None
    return versions


def _parts(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)[:3]]


_PLACE = "the control machine"


def tool_findings(versions: t.Mapping[str, str | None]) -> t.Iterator[Problem]:
    """Return the tools that are missing, too old or too new."""
    for name, tool in REQUIRED.items():
        version = versions.get(name)
        wanted = f"{tool.least} or newer" + (f", below {tool.below}" if tool.below else "")
        if not version:
            yield Problem(name, f"is missing; the platform needs {wanted}.", tool.fix, _PLACE)
        elif _parts(version) < _parts(tool.least) or (tool.below and _parts(version) >= _parts(tool.below)):
            yield Problem(name, f"is {version}; the platform needs {wanted}.", tool.fix, _PLACE)
