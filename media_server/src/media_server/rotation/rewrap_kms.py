# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Rotate the KMS key: rewrap each tenant's keys inside KMS, with one call per key. Media and content keys don't change."""

from __future__ import annotations

from collections.abc import Sequence

from media_server.errors import ConflictError
from media_server.keys.documents import TenantKeyDocument
from media_server.keys.kms import WrappedKey, same_key
from media_server.rotation.model import Item, Outcome
from media_server.rotation.work import Work, each
from media_server.store.objects import PreconditionFailed


def rotate(work: Work, items: Sequence[Item]) -> Outcome:
    """Rewrap the tenants' keys with the target key."""
    return each(work, items, lambda item: _rewrap(work, item))


def _rewrap(work: Work, item: Item) -> Outcome:
    services, target = work.services, work.plan.target_kms_key_arn or ""
    document, etag = services.tenants.document(item.tenant)
    if not (left := _under_another(document, target)):
        done = document.previous is not None and document.previous.rotation == work.rotation
        return Outcome(done=item.assets) if done else Outcome(skipped=item.assets)
    if document.previous:
        message = f"Rotation {document.previous.rotation} of tenant {item.tenant} is neither finalized nor rolled back."
        raise ConflictError("rotation-open", message)
    services.active.require()
    wraps = {number: services.tenants.kms.re_encrypt(wrap, target, item.tenant) for number, wrap in left.items()}
    replace(work, document.rewrapped(wraps, work.rotation), etag)
    return Outcome(done=item.assets, objects=1)


def _under_another(document: TenantKeyDocument, target: str) -> dict[int, WrappedKey]:
    versions = document.versions.items()
    return {number: item.wrap for number, item in versions if not same_key(item.kms_key_arn, target)}


def replace(work: Work, document: TenantKeyDocument, etag: str) -> None:
    """Replace a tenant's document. Raise ConflictError if it was changed in the meantime."""
    try:
        work.services.tenants.replace(document, etag)
    except PreconditionFailed:
        message = f"The keys of tenant {document.tenant} were changed in the meantime."
        raise ConflictError("changed-meanwhile", message) from None


def roll_back(work: Work, items: Sequence[Item]) -> Outcome:
    """Restore the previous wraps from the document, without a call to KMS."""
    return each(work, items, lambda item: _put_back(work, item))


def _put_back(work: Work, item: Item) -> Outcome:
    document, etag = work.services.tenants.document(item.tenant)
    if document.previous is None or document.previous.rotation != work.rotation:
        return Outcome(skipped=item.assets)
    work.services.active.require()
    replace(work, document.with_previous_wraps(), etag)
    return Outcome(done=item.assets, objects=1)
