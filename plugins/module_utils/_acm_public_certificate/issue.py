# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Wait until certificates are issued, and explain why they aren't."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._acm_public_certificate import model
from ansible_collections.knowledgecity.platform.plugins.module_utils._acm_public_certificate.model import (
    ISSUED,
    USABLE,
    Certificate,
    Current,
    Hosted,
    Options,
    Wanted,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._acm_public_certificate.reconciler import (
    CertificateReconciler,
    State,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError

# Route 53 takes five requests a second from an account.
_INTERVAL = 3.0


def wait_until_issued(reconciler: CertificateReconciler, state: State, options: Options, timeout: float) -> State:
    """Wait until every certificate is issued.

    Raise PlatformError at once where that can't happen any more: a certificate failed, a record was changed meanwhile.
    """
    started = time.monotonic()
    while True:
        entries = reconciler.workable(state)
        waiting = [entry for entry in entries if _status(entry, state.current, options) != ISSUED]
        if not waiting:
            return state
        problems = [text for entry in waiting for text in hopeless(entry, state.current, options)]
        if problems:
            raise PlatformError(" ".join(dict.fromkeys(problems)))
        if time.monotonic() - started >= timeout:
            raise PlatformError(overdue(waiting, state.current, timeout, reconciler.name_servers))
        time.sleep(min(_INTERVAL, max(0.1, timeout)))
        state = reconciler.read()


def _status(entry: Wanted, current: Current, options: Options) -> str:
    certificate = model.find(entry, current, options)
    return certificate.status if certificate else "GONE"


def hopeless(entry: Wanted, current: Current, options: Options) -> t.Iterator[str]:
    """Explain why the certificate of an entry will never be issued."""
    if entry.region in current.unreachable:
        return
    if model.find(entry, current, options) is None:
        yield _lost(entry, [item for item in current.certificates if model.is_ours(entry, item, options)])
    for base in entry.bases:
        record = current.record_of(base)
        held = current.hosted.get(entry.zone or "", Hosted()).at(record.name) if record else []
        if record and not any(model.is_right(item, record) for item in held):
            there = "; ".join(str(item) for item in held) or "nothing"
            yield (
                f"The validation record of {base} was changed while ACM was validating it. Wanted in the zone {entry.zone}: "
                f"{record}. There: {there}. Find out who changes records of this zone, and run again."
            )


def _lost(entry: Wanted, left: t.Sequence[Certificate]) -> str:
    failed = next((item for item in left if item.status not in USABLE), None)
    if failed is None:
        return f"The {entry.name} was removed while it was waited for. Run again."
    reason = f" ({failed.failure_reason})" if failed.failure_reason else ""
    return (
        f"The {entry.name} is {failed.status}{reason}: {failed.arn}. A CAA record of the domain must allow amazon.com, and the "
        "zone must be delegated. Fix that, and run again: a new certificate is requested."
    )


def overdue(
    waiting: t.Sequence[Wanted], current: Current, timeout: float, name_servers: t.Callable[[t.Any], list[str]]
) -> str:
    """Explain what is still waited for, and what to check."""
    parts = [f"Not issued after {timeout:.0f} s: {', '.join(entry.name for entry in waiting)}."]
    for zone_name in dict.fromkeys(entry.zone for entry in waiting if entry.zone):
        bases = sorted({base for entry in waiting if entry.zone == zone_name for base in entry.bases})
        records = [str(record) for base in bases if (record := current.record_of(base))]
        zone = current.hosted[zone_name].zone
        domain = zone.name.rstrip(".")
        parts.append(
            f"The hosted zone {domain} ({zone.zone_id}) holds what ACM needs: {'; '.join(records)}. ACM does not find it in "
            f"public DNS: the registrar or the parent zone must name exactly the servers {', '.join(name_servers(zone))} for "
            f"{domain} (`dig NS {domain}` shows what it does). A new delegation can take hours. Run again then; raise "
            "O(wait_timeout) to wait longer."
        )
    return " ".join(parts)
