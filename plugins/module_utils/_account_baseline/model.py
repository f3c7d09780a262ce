# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Compare the defaults of an account as wanted and as AWS holds them, by aspect. Pure functions, no client."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change

Settings = dict[str, t.Any]

EBS_ENCRYPTION = "EBS encryption by default"
EBS_KEY = "default key of EBS"
METADATA = "defaults of instance metadata"
PUBLIC_ACCESS = "public access block of the account"

# What AWS names where no key of the account's own is set.
AWS_EBS_KEY = "alias/aws/ebs"

_PUBLIC_ACCESS_BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
_METADATA_NAMES = {"http_tokens": "HttpTokens", "hop_limit": "HttpPutResponseHopLimit"}


def desired(options: t.Mapping[str, t.Any]) -> Settings:
    """Return the settings that the module's options ask for; an option without a value asks for nothing.

    Encryption comes before its key, so that an interrupted run leaves volumes encrypted in any case.
    """
    settings: Settings = {}
    if options["ebs_encryption"] is not None:
        settings[EBS_ENCRYPTION] = options["ebs_encryption"]
    if options["ebs_key"] is not None:
        settings[EBS_KEY] = options["ebs_key"]
    if options["instance_metadata"] is not None:
        given = {api: options["instance_metadata"].get(name) for name, api in _METADATA_NAMES.items()}
        settings[METADATA] = {name: value for name, value in given.items() if value is not None}
    if options["s3_public_access_block"] is not None:
        settings[PUBLIC_ACCESS] = dict.fromkeys(_PUBLIC_ACCESS_BLOCKS, options["s3_public_access_block"])
    return settings


def plan(current: Settings, wanted: Settings) -> list[Change]:
    """Plan one change for each aspect that isn't as wanted."""
    return [
        Change("set", aspect, before=current.get(aspect), after=value)
        for aspect, value in wanted.items()
        if not is_so(current.get(aspect), value)
    ]


def is_so(current: t.Any, wanted: t.Any) -> bool:
    """Tell whether a setting is as wanted; of a setting with parts, those that are wanted count."""
    if isinstance(wanted, dict):
        return all((current or {}).get(name) == value for name, value in wanted.items())
    return current == wanted
