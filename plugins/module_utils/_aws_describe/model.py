# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Queries of describe, get and list operations: what they may ask, in which order they run, and how answers are returned."""

from __future__ import annotations

import base64
import dataclasses
import datetime
import typing as t

from ansible.module_utils.common.dict_transformations import _camel_to_snake
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError

READING = ("describe_", "get_", "list_")

# Operations whose answer is a secret or a credential, by service; None stands for all services.
_SECRET: dict[str | None, frozenset[str]] = {
    None: frozenset({"get_authorization_token", "get_session_token", "get_federation_token"}),
    "secretsmanager": frozenset({"get_secret_value", "get_random_password"}),
    "ec2": frozenset({"get_password_data"}),
    "lambda": frozenset({"get_function"}),
    "cognito-identity": frozenset({"get_credentials_for_identity", "get_open_id_token"}),
    "redshift": frozenset({"get_cluster_credentials", "get_cluster_credentials_with_iam"}),
    "redshift-serverless": frozenset({"get_credentials"}),
    "sso": frozenset({"get_role_credentials"}),
}


@dataclasses.dataclass(frozen=True)
class ForEach:
    """Repeats a query for each item of another one. The item's ``attribute`` becomes the ``parameter`` or the ``filter``.

    With ``merge`` the answer is added to the item, and the query has no items of its own.
    """

    query: str
    attribute: str
    parameter: str | None
    filter: str | None
    merge: bool


@dataclasses.dataclass(frozen=True)
class Query:
    """One operation of one service, and what of its answer is returned."""

    name: str
    service: str
    operation: str
    parameters: dict[str, t.Any]
    filters: dict[str, t.Any]
    key: str | None
    for_each: ForEach | None
    absent_codes: tuple[str, ...]
    ignore_errors: bool
    region: str | None
    timeout: float | None

    def __str__(self) -> str:
        return f"{self.name} ({self.service} {self.operation})"


def queries_of(options: list[dict[str, t.Any]]) -> list[Query]:
    """Build the queries that the module's options name. Raises PlatformError where one can't or must not be made."""
    queries = [
        Query(
            option["name"],
            option["service"],
            option["operation"],
            option["parameters"] or {},
            option["filters"] or {},
            option["key"],
            ForEach(**option["for_each"]) if option["for_each"] else None,
            tuple(option["absent_codes"] or ()),
            option["ignore_errors"],
            option["region"],
            option["timeout"],
        )
        for option in options
    ]
    names = [query.name for query in queries]
    for name in names:
        if names.count(name) > 1:
            raise PlatformError(f"Two queries are named {name}. Fix: give each query of O(queries) a name of its own.")
    for query in queries:
        _refuse_changes(query)
        _refuse_secrets(query)
    return queries


def _texts(values: t.Any) -> list[str]:
    values = values if isinstance(values, list) else [values]
    return [str(value).lower() if isinstance(value, bool) else str(value) for value in values]


def _refuse_changes(query: Query) -> None:
    if not query.operation.startswith(READING):
        raise PlatformError(
            f"The query {query} does not read: only operations that begin with describe_, get_ or list_ are allowed. "
            "Fix: use the module that manages this resource."
        )


def _refuse_secrets(query: Query) -> None:
    secret = query.operation in _SECRET[None] | _SECRET.get(query.service, frozenset())
    decrypts = query.service == "ssm" and str(query.parameters.get("WithDecryption", "")).lower() in (
        "true",
        "yes",
        "1",
    )
    if secret or decrypts:
        raise PlatformError(
            f"The query {query} would return a secret, which must not stand in a task's result. "
            "Fix: let the service that needs the secret read it under its own role."
        )


def in_rounds(queries: list[Query]) -> list[list[Query]]:
    """Group the queries so that each one comes after the query that its ``for_each`` names."""
    rounds: list[list[Query]] = []
    answered: set[str] = set()
    left = list(queries)
    while left:
        ready = [query for query in left if query.for_each is None or query.for_each.query in answered]
        if not ready:
            raise PlatformError(
                f"The query {left[0]} repeats for each item of {left[0].for_each.query}, which is no other query, or waits for "
                "this one. Fix: name a query of O(queries) that does not depend on it."
            )
        rounds.append(ready)
        answered |= {query.name for query in ready}
        left = [query for query in left if query not in ready]
    return rounds


@dataclasses.dataclass(frozen=True)
class Call:
    """One call of a query, and the item of the other query that it is made for."""

    parameters: dict[str, t.Any]
    item: t.Any = None


def calls_of(query: Query, found: dict[str, list[t.Any]], input_shape: t.Any) -> list[Call]:
    """List the calls of a query. ``found`` holds the items of the queries that it may repeat for."""
    each = query.for_each
    if each is None:
        return [Call(_parameters(query, input_shape, query.filters))]
    calls = []
    for item in found[each.query]:
        value = item.get(each.attribute) if isinstance(item, dict) else item
        if value is None:
            continue
        filters = query.filters | ({each.filter: value} if each.filter else {})
        parameters = _parameters(query, input_shape, filters)
        if each.parameter:
            shape = input_shape.members.get(each.parameter)
            listed = shape is not None and shape.type_name == "list" and not isinstance(value, list)
            parameters = parameters | {each.parameter: [value] if listed else value}
        calls.append(Call(parameters, item))
    return calls


def joined(query: Query, calls: list[Call], answers: list[list[t.Any]]) -> list[t.Any]:
    """Return the items of a query that was called several times, or merge them into those it was called for."""
    each = query.for_each
    if each is None or not each.merge:
        return [_marked(query, call, item) for call, items in zip(calls, answers, strict=True) for item in items]
    for call, items in zip(calls, answers, strict=True):
        if not isinstance(call.item, dict) or len(items) > 1 or not all(isinstance(item, dict) for item in items):
            raise PlatformError(f"The query {query} can't be merged. Fix: merge a query with one answer for each item.")
        for item in items:
            call.item.update(item)
    return []


def _marked(query: Query, call: Call, item: t.Any) -> t.Any:
    if query.for_each is None or not isinstance(call.item, dict) or not isinstance(item, dict):
        return item
    return {query.for_each.attribute: call.item[query.for_each.attribute]} | item


def _parameters(query: Query, input_shape: t.Any, filters: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return a query's parameters with filters in the form that EC2 and its relatives take."""
    if not filters:
        return query.parameters
    name = next((name for name in ("Filters", "Filter") if name in input_shape.members), None)
    if name is None:
        raise PlatformError(f"The query {query} takes no filters. Fix: use O(queries[].parameters).")
    listed = [{"Name": key, "Values": _texts(values)} for key, values in filters.items()]
    return query.parameters | {name: query.parameters.get(name, []) + listed}


def select(answer: dict[str, t.Any], shape: t.Any, key: str | None) -> list[t.Any]:
    """Return what stands under ``key`` as a list of items, in snake case; without ``key`` the whole answer as one item.

    ``key`` is a member of the answer, or a path of them with dots. Lists on the way are joined.
    """
    found: list[tuple[t.Any, t.Any]] = [(answer, shape)]
    for part in key.split(".") if key else ():
        found = [step for value, kind in found for step in _members(value, kind, part)]
    return [_converted(value, kind) for value, kind in found]


def _members(value: dict[str, t.Any], shape: t.Any, part: str) -> list[tuple[t.Any, t.Any]]:
    members = getattr(shape, "members", {})
    if part not in members:
        raise PlatformError(
            f"The answer has no member {part}. Fix: set O(queries[].key) to one of {', '.join(sorted(members)) or 'none'}."
        )
    member = members[part]
    if value.get(part) is None:
        return []
    if member.type_name == "list":
        return [(item, member.member) for item in value[part]]
    return [(value[part], member)]


def _is_sensitive(shape: t.Any) -> bool:
    return bool(getattr(shape, "metadata", {}).get("sensitive"))


def _converted(value: t.Any, shape: t.Any) -> t.Any:
    """Convert an answer: members in snake case, tags as dictionaries, times as text; what the API calls sensitive is left out."""
    if value is None:
        return None
    if shape.type_name == "structure":
        return _structure(value, shape)
    if shape.type_name == "list":
        if _are_tags(shape):
            key, text = sorted(shape.member.members)
            return {tag[key]: tag.get(text, "") for tag in value}
        return [_converted(item, shape.member) for item in value if not _is_sensitive(shape.member)]
    if shape.type_name == "map":
        return _map(value, shape)
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value


def _structure(value: dict[str, t.Any], shape: t.Any) -> dict[str, t.Any]:
    converted = {}
    for name, member in shape.members.items():
        if name not in value or _is_sensitive(member):
            continue
        is_tags = member.type_name == "list" and _are_tags(member)
        converted["tags" if is_tags else snake(name)] = _converted(value[name], member)
    return converted


def _are_tags(shape: t.Any) -> bool:
    """Tell whether a list holds tags: pairs of Key and Value (in KMS TagKey and TagValue), and a name that says so."""
    members = set(getattr(shape.member, "members", ()))
    return members in ({"Key", "Value"}, {"TagKey", "TagValue"}) and "tag" in (shape.name + shape.member.name).lower()


def _map(value: dict[str, t.Any], shape: t.Any) -> dict[str, t.Any]:
    """Convert a map. Its keys are data, such as tags, unless the API lists them: then they are members."""
    is_listed = bool(getattr(shape.key, "enum", None))
    return {
        (snake(name) if is_listed else name): _converted(item, shape.value)
        for name, item in value.items()
        if not _is_sensitive(shape.value)
    }


def snake(name: str) -> str:
    """Write an API's name in snake case, as amazon.aws does (VpcId: vpc_id, DBInstanceArn: db_instance_arn)."""
    return _camel_to_snake(name)
