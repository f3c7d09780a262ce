# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Report what is wrong with the settings and with what the regions answered."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import typing as t
from pathlib import Path

from ansible.errors import AnsibleTypeError
from ansible_collections.knowledgecity.platform.plugins.module_utils._region_preflight.findings import (
    Problem,
    merged,
    numbered,
)
from ansible_collections.knowledgecity.platform.plugins.plugin_utils.settings.checks import problems_of


def _known_regions() -> frozenset[str]:
    """Return the regions in the SDK's partitions.json (endpoints.json lacks me-west-1); none where there is no such file.

    Read as a file, since importing botocore takes longer than all the rest.
    """
    library = importlib.util.find_spec("botocore")
    try:
        file = Path(library.submodule_search_locations[0]) / "data" / "partitions.json"
        partitions = json.loads(file.read_text(encoding="utf-8"))["partitions"]
    except (
        AttributeError,
        OSError,
        KeyError,
        ValueError,
    ):  # a library that is missing or broken is reported by the probes
        return frozenset()
    return frozenset(region for partition in partitions for region in partition["regions"] if region[-1].isdigit())


def _probed(host: str, result: t.Any, wrong: t.Collection[str]) -> t.Iterator[Problem]:
    """Return what a host's region_preflight_info found, except what follows from the settings in `wrong`."""
    if not isinstance(result, dict) or "problems" not in result:
        if f"platform_regions['{host}']" not in wrong and not any(
            name.startswith("platform_endpoints") for name in wrong
        ):
            answer = str(result.get("msg", "no answer")) if isinstance(result, dict) else "no answer"
            yield Problem(
                "region_preflight_info",
                f"could not read the region. {answer.strip().splitlines()[0]}",
                "Read the whole answer with -v. A missing collection comes with `ansible-galaxy collection install`.",
                host,
            )
        return
    for found in result["problems"]:
        if not _follows(found["setting"], wrong):
            yield Problem(**found)
    for found in result.get("remarks", []):
        if not _follows(found["setting"], wrong):
            yield Problem(**found, warning=True)


def _follows(setting: str, wrong: t.Collection[str]) -> bool:
    """Tell whether a problem only follows from settings that are wrong themselves."""
    if setting.startswith("operator policy"):  # made from the settings, all of them
        return bool(wrong)
    return setting in wrong or (setting == "platform_name" and "platform_environment" in wrong)


def _message(problems: list[Problem], warnings: list[Problem]) -> str:
    """Return everything in one text, with the warnings apart."""
    count = f"{len(problems)} problem{'s'[: len(problems) > 1]}"
    parts = (
        [f"Nothing was changed. {count} to fix first:", numbered(problems)] if problems else ["No problem was found."]
    )
    if warnings:
        parts += ["Worth knowing, but no obstacle:", numbered(warnings)]
    return "\n".join(parts)


def settings_problems(
    settings: dict[str, t.Any],
    region_hosts: dict[str, t.Any] | None = None,
    probes: dict[str, t.Any] | None = None,
    where: str = "",
    further: t.Sequence[dict[str, t.Any]] = (),
) -> dict[str, t.Any]:
    """Return what is wrong with the settings and, with `probes`, with the regions' responses; `further` problems come with them."""
    if not isinstance(settings, dict):
        raise AnsibleTypeError(f"settings_problems wants a mapping of settings, got {type(settings).__name__}")
    findings = [
        dataclasses.replace(finding, where=where) for finding in problems_of(settings, region_hosts, _known_regions())
    ]
    findings += [Problem(**found, where=where) for found in further]
    wrong = {finding.setting for finding in findings if not finding.warning}
    for host, result in (probes or {}).items():
        findings += _probed(host, result, wrong)
    findings = merged(findings)
    problems = [finding for finding in findings if not finding.warning]
    warnings = [finding for finding in findings if finding.warning]
    return {
        "problems": [finding.as_dict() for finding in problems],
        "warnings": [finding.as_dict() for finding in warnings],
        "message": _message(problems, warnings),
    }
