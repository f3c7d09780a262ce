# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Check the rights of a service's requests otherwise than the emulator does: shared by the patches of single services."""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ministack.core import iam_actions, iam_evaluator


@dataclass(frozen=True)
class Request:
    """What the emulator knows of a request when it looks for the resource to check."""

    action: str  # without its service
    params: dict
    body: bytes
    region: str
    account_id: str
    resource: str  # what the emulator itself would check

    def param(self, name: str) -> str:
        return iam_actions._param(self.body, self.params, name)

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account_id}:{resource}"


@dataclass(frozen=True)
class Check:
    """A resource on which an action must be allowed, with condition keys of its own; `action` where it isn't the request's."""

    resource: str
    keys: dict = field(default_factory=dict)
    action: str = ""


ChecksOf = Callable[[Request], Iterable[Check]]

_request: contextvars.ContextVar[Request | None] = contextvars.ContextVar("request_to_check", default=None)
# Per service: for which actions (none: for all), and what to check.
_replaced: dict[str, list[tuple[frozenset[str], ChecksOf]]] = {}
# Per service: what is checked beside that.
_added: dict[str, list[ChecksOf]] = {}


def replace(service: str, checks_of: ChecksOf, actions: frozenset[str] = frozenset()) -> None:
    """Check what `checks_of` says, all of it, instead of the one resource that the emulator found.

    With `actions` only for these: the first that knows the action decides.
    """
    _look_at(service)
    _replaced[service].append((actions, checks_of))


def add(service: str, checks_of: ChecksOf) -> None:
    """Check also what `checks_of` says, once the request itself is allowed."""
    _look_at(service)
    _added[service].append(checks_of)


def _look_at(service: str) -> None:
    """Take the checks of a service's requests over, once."""
    if service in _replaced:
        return
    _replaced[service], _added[service] = [], []
    resource_of, enforce = iam_actions.extract_resource_arn, iam_evaluator.enforce

    def remember(of, method, path, headers, body, params, region, account_id):
        resource = resource_of(of, method, path, headers, body, params, region, account_id)
        if of == service:
            named = iam_actions.extract_iam_action(of, method, path, headers, body, params) or ""
            _request.set(Request(named.partition(":")[2], params, body, region, account_id, resource))
        return resource

    def enforce_all(access_key_id, iam_action, of, region, resource_arn="*", service_context=None):
        request = _request.get() if of == service else None
        if request is None:
            return enforce(access_key_id, iam_action, of, region, resource_arn, service_context)
        _request.set(None)
        for check in _checks(service=of, request=request):
            # Another action is a check of its own, which has its own patches.
            ask = iam_evaluator.enforce if check.action else enforce
            context = check.keys if check.action else (service_context or {}) | check.keys
            refusal = ask(access_key_id, check.action or iam_action, of, region, check.resource, context)
            if refusal is not None:
                return refusal
        return None

    iam_actions.extract_resource_arn, iam_evaluator.enforce = remember, enforce_all


def _checks(service: str, request: Request) -> Iterable[Check]:
    for actions, checks_of in _replaced[service]:
        if not actions or request.action in actions:
            yield from checks_of(request)
            break
    else:
        yield Check(request.resource)
    for checks_of in _added[service]:
        yield from checks_of(request)
