# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Build the results about certificates. Pure functions, no client."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._acm_public_certificate.model import (
    ISSUED,
    Current,
    Options,
    Wanted,
    find,
)

_MADE_BY_THE_RUN = "arn:aws:acm:{}:000000000000:certificate/made-by-the-run"


def results(entries: t.Sequence[Wanted], current: Current, options: Options, *, check_mode: bool) -> dict[str, t.Any]:
    """Return the certificates as a list, and their ARNs by domain name and region."""
    placeholders = check_mode and options.present and options.validate
    listed = [_result(entry, current, options, placeholders) for entry in entries]
    arns: dict[str, dict[str, str | None]] = {}
    for item in listed:
        arns.setdefault(item["domain_name"], {})[item["region"]] = item["arn"]
    return {"certificates": listed, "arns": arns}


def _result(entry: Wanted, current: Current, options: Options, placeholder: bool) -> dict[str, t.Any]:
    certificate = find(entry, current, options)
    issued = certificate is not None and certificate.status == ISSUED
    arn = certificate.arn if issued else _MADE_BY_THE_RUN.format(entry.region) if placeholder else None
    known = [current.record_of(base) for base in entry.bases]
    return {
        "domain_name": entry.domain_name,
        "names": list(entry.names),
        "region": entry.region,
        "key_algorithm": entry.key_algorithm,
        "status": certificate.status if certificate else "ABSENT",
        "arn": arn,
        "pending_arn": certificate.arn if certificate and not issued else None,
        "in_use_by": list(certificate.in_use_by) if certificate else [],
        "validation_records": [
            {"name": record.name, "type": record.type, "value": record.values[0]} for record in known if record
        ],
    }
