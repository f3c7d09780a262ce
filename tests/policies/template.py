# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Resources as CloudFormation writes them."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterable
from dataclasses import dataclass

Properties = dict[str, t.Any]


@dataclass(frozen=True)
class Resource:
    """A resource by its kind, as CloudFormation calls it (AWS::S3::Bucket), and by the name that people know it by."""

    kind: str
    name: str
    properties: Properties

    @property
    def logical_id(self) -> str:
        """Its name in a template, which has letters and digits only."""
        words = re.split(r"[^A-Za-z0-9]+", f"{self.kind.rpartition(':')[2]} {self.name}")
        return "".join(word[:1].upper() + word[1:] for word in words)


def template(resources: Iterable[Resource]) -> dict[str, t.Any]:
    """A template that would make these resources."""
    body: dict[str, t.Any] = {}
    for resource in resources:
        if resource.logical_id in body:
            raise ValueError(f"two resources are called {resource.logical_id}")
        body[resource.logical_id] = {"Type": resource.kind, "Properties": resource.properties}
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": body}


def chosen(source: t.Mapping[str, t.Any], *names: str) -> Properties:
    """Those of the named fields that are there, where the API and CloudFormation call them the same."""
    return {name: source[name] for name in names if name in source}
