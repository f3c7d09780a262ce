# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Runs queries in parallel, each service with one client."""

from __future__ import annotations

import typing as t
from concurrent.futures import ThreadPoolExecutor

from ansible_collections.knowledgecity.platform.plugins.module_utils._aws_describe.model import (
    Call,
    Query,
    calls_of,
    in_rounds,
    joined,
    select,
)
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError, doing, error_code

_WORKERS = 8


class Reader:
    """Reads what queries ask for. ``client_for(query)`` returns the client to use, the same one for queries that can share it."""

    def __init__(self, client_for: t.Callable[[Query], t.Any]):
        self._client_for = client_for
        self.errors: dict[str, str] = {}

    def read(self, queries: list[Query]) -> dict[str, list[t.Any]]:
        """Return the items of each query by its name. A failure of a query with ``ignore_errors`` goes to ``errors``."""
        rounds = in_rounds(queries)
        # Threads can share clients, but not make them.
        clients = {query.name: self._client(query) for query in queries}
        operations = {query.name: _operation(clients[query.name], query) for query in queries}
        found: dict[str, list[t.Any]] = {}
        with ThreadPoolExecutor(max_workers=_WORKERS) as pool:
            for ready in rounds:
                running = []
                for query in ready:
                    client, operation = clients[query.name], operations[query.name]
                    calls = calls_of(query, found, operation.input_shape)
                    running.append((calls, [pool.submit(_call, client, operation, query, call) for call in calls]))
                for query, (calls, futures) in zip(ready, running, strict=True):
                    found[query.name] = self._gather(query, calls, futures)
        return {query.name: found[query.name] for query in queries if not (query.for_each and query.for_each.merge)}

    def _client(self, query: Query) -> t.Any:
        with doing(f"make a client for the query {query}, whose service must be one that boto3 knows"):
            return self._client_for(query)

    def _gather(self, query: Query, calls: list[Call], futures: list[t.Any]) -> list[t.Any]:
        try:
            return joined(query, calls, [future.result() for future in futures])
        except PlatformError as error:
            if not query.ignore_errors:
                raise
            self.errors[query.name] = str(error)
            return []


def _operation(client: t.Any, query: Query) -> t.Any:
    names = client.meta.method_to_api_mapping
    if query.operation not in names:
        raise PlatformError(
            f"The service {query.service} has no operation {query.operation}, which the query {query.name} names. "
            "Fix: write it as boto3 does, such as describe_vpcs."
        )
    operation = client.meta.service_model.operation_model(names[query.operation])
    if operation.has_streaming_output or operation.output_shape is None:
        raise PlatformError(f"The query {query} returns content and no description. Fix: use the module that reads it.")
    return operation


def _call(client: t.Any, operation: t.Any, query: Query, call: Call) -> list[t.Any]:
    try:
        with doing(f"read {query} in {client.meta.region_name}"):
            answer = _answer(client, query.operation, call.parameters)
    except PlatformError as error:
        if error.__cause__ and error_code(error.__cause__) in query.absent_codes:
            return []
        raise
    return select(answer, operation.output_shape, query.key)


def _answer(client: t.Any, operation: str, parameters: dict[str, t.Any]) -> dict[str, t.Any]:
    if client.can_paginate(operation):
        return client.get_paginator(operation).paginate(**parameters).build_full_result()
    return getattr(client, operation)(**parameters)
