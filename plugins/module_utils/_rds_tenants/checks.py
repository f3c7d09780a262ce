# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Find what is wrong with tenants, by themselves and against their server, before the first change. Pure functions."""

from __future__ import annotations

import collections
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils import _tenant_names as names
from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Finding
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.model import (
    PRIVILEGES,
    State,
    Wanted,
    has_third_password,
)

# They keep a password in MySQL, and can have two.
_WITH_PASSWORDS = frozenset({"caching_sha2_password", "mysql_native_password", "sha256_password"})


def check(
    entries: t.Sequence[Wanted], *, has_final_snapshot: bool, dedicated: t.Collection[str] = frozenset()
) -> list[Finding]:
    """Find what is wrong with the entries by themselves. ``dedicated``: tenants with a dedicated instance and its own snapshot."""
    texts = []
    for entry in entries:
        texts += [f"{_called(entry)}: {text}" for text in _names(entry)]
        texts += _rules(entry, has_final_snapshot or entry.name in dedicated)
    for name, count in collections.Counter(entry.name for entry in entries).items():
        if count > 1:
            texts.append(f"{name} is stated {count} times.")
    texts += _shared(entries, dedicated)
    return [Finding("wrong", text, text) for text in texts]


def check_server(entries: t.Sequence[Wanted], state: State, rotate: str, *, master: str) -> list[Finding]:
    """Find what keeps tenants from being what is wanted in their server. ``master`` is the user that changes them."""
    texts = [text for entry in entries if entry.state != "absent" for text in _in_server(entry, state, rotate)]
    texts += [f"{entry.name}: {master} is the server's master user." for entry in entries if entry.user == master]
    return [Finding("wrong", text, text) for text in texts]


def _called(entry: Wanted) -> str:
    return entry.name if entry.name.isprintable() and entry.name.strip() == entry.name != "" else repr(entry.name)


def _names(entry: Wanted) -> t.Iterator[str]:
    yield from names.faults(entry.name, entry.prefix)
    if entry.database is not None:
        yield from names.schema_faults(entry.database)
    if entry.username is not None:
        yield from names.user_faults(entry.username)


def _shared(entries: t.Sequence[Wanted], dedicated: t.Collection[str]) -> t.Iterator[str]:
    """Find schemas and users of the shared instance that several tenants would have."""
    for kind in ("schema", "user"):
        owners: dict[str, list[str]] = {}
        for entry in entries:
            if entry.name not in dedicated:
                owners.setdefault(getattr(entry, kind), []).append(entry.name)
        for name, tenants in owners.items():
            if len(set(tenants)) > 1:
                yield f"{', '.join(tenants)} would share the {kind} {name}. Fix: state another {_OPTIONS[kind]} for all but one."


_OPTIONS = {"schema": "database", "user": "user"}


def _rules(entry: Wanted, has_final_snapshot: bool) -> t.Iterator[str]:
    for unknown in sorted(entry.privileges - PRIVILEGES.keys()):
        yield f"{entry.name}: {unknown} is no privilege that a tenant can have on its schema."
    if not entry.privileges:
        yield f"{entry.name}: privileges is empty. Fix: name at least one, or set state: locked."
    if entry.max_connections < 1:
        yield f"{entry.name}: max_connections is {entry.max_connections}, and 0 would mean no limit."
    if not 0 <= entry.failed_login_attempts <= 32767:
        yield f"{entry.name}: failed_login_attempts is {entry.failed_login_attempts}, and MySQL takes 0 to 32767."
    if entry.state == "absent" and entry.protected:
        yield f"{entry.name} is protected. Fix: remove protected first, in a run of its own."
    if entry.state == "absent" and not has_final_snapshot:
        yield f"{entry.name} is removed only with a final_snapshot of the instance."


def _in_server(entry: Wanted, state: State, rotate: str) -> t.Iterator[str]:
    user, hosts = state.users.get(entry.user), state.other_hosts.get(entry.user, ())
    if user is None and hosts and entry.username:
        yield (
            f"{entry.name}: the user {entry.user} is there for {', '.join(hosts)} only, and tenants' users are for any host. Fix: "
            f"RENAME USER '{entry.user}'@'{hosts[0]}' TO '{entry.user}'@'%', or leave user out for a new one."
        )
    if user and user.plugin not in _WITH_PASSWORDS:
        yield (
            f"{entry.name}: the user {entry.user} authenticates by {user.plugin}, and would be given a password. Fix: leave user "
            "out, so that the tenant gets one of its own."
        )
    if rotate != "finish" and has_third_password(entry, state):
        yield (
            f"{entry.name}: its user has two passwords, and its secret holds a third: setting that one would end one in use. Fix: "
            "once all that log in use the newer one, run with rotate: finish, which discards the older one first."
        )
    if state.small_letters and entry.schema != entry.schema.lower():
        yield (
            f"{entry.name}: the server has lower_case_table_names, so no schema is called {entry.schema}. Fix: state database in "
            "small letters."
        )
