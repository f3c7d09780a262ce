# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Model tenants' schemas and users, as wanted and as MySQL and Secrets Manager hold them, and plan the changes. No client in here.

An attribute of the user says which version of its secret the password is. A run that is cut off leaves the secret ahead of the
user, and the next run sets the password without having to log in.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils import _tenant_names as names
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql.quoting import grant_pattern, quoted
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change

# The column of each privilege in mysql.db.
PRIVILEGES = {
    "SELECT": "Select_priv",
    "INSERT": "Insert_priv",
    "UPDATE": "Update_priv",
    "DELETE": "Delete_priv",
    "CREATE": "Create_priv",
    "DROP": "Drop_priv",
    "REFERENCES": "References_priv",
    "INDEX": "Index_priv",
    "ALTER": "Alter_priv",
    "CREATE TEMPORARY TABLES": "Create_tmp_table_priv",
    "LOCK TABLES": "Lock_tables_priv",
    "CREATE VIEW": "Create_view_priv",
    "SHOW VIEW": "Show_view_priv",
    "CREATE ROUTINE": "Create_routine_priv",
    "ALTER ROUTINE": "Alter_routine_priv",
    "EXECUTE": "Execute_priv",
    "EVENT": "Event_priv",
    "TRIGGER": "Trigger_priv",
}


@dataclasses.dataclass(frozen=True)
class Wanted:
    """A tenant as the options ask for it. ``database`` and ``username`` name a schema and a user otherwise than the rule."""

    name: str
    prefix: str
    state: str
    privileges: frozenset[str]
    max_connections: int
    max_queries_per_hour: int
    password_lifetime_days: int
    protected: bool
    # The regions that its data, and so its secret, may be in; None for any.
    residency: frozenset[str] | None = None
    failed_login_attempts: int = 0
    database: str | None = None
    username: str | None = None

    @property
    def schema(self) -> str:
        """Return the name of its schema."""
        return self.database or names.identifier(self.name, names.SCHEMA_LENGTH, self.prefix)

    @property
    def user(self) -> str:
        """Return the name of its user."""
        return self.username or names.identifier(self.name, names.USER_LENGTH, self.prefix)

    @property
    def secret(self) -> str:
        """Return the name of its secret, behind the prefix of all."""
        return names.identifier(self.name, names.SECRET_LENGTH)

    @property
    def settings(self) -> dict[str, t.Any]:
        """Return the settings of its user."""
        return {
            "privileges": sorted(self.privileges),
            "max_connections": self.max_connections,
            "max_queries_per_hour": self.max_queries_per_hour,
            "password_lifetime_days": self.password_lifetime_days,
            "failed_login_attempts": self.failed_login_attempts,
            "require_ssl": True,
            "locked": self.state == "locked",
        }


@dataclasses.dataclass(frozen=True)
class User:
    """A user as the server holds it.

    ``excess_rights`` are the privileges beyond those on its schema, each as it stands in REVOKE. ``tenant`` and ``schema``
    are those that it was made for.
    """

    settings: dict[str, t.Any]
    secret_version: str | None
    two_passwords: bool
    excess_rights: tuple[str, ...] = ()
    has_password: bool = True
    plugin: str = "caching_sha2_password"
    tenant: str | None = None
    schema: str | None = None


@dataclasses.dataclass(frozen=True)
class State:
    """What was read: schemas, users and open sessions by user, and the current version of each tenant's secret.

    ``other_hosts`` are the hosts of users that aren't there for any host. ``triggers``: whether TRIGGER can be used.
    """

    schemas: frozenset[str]
    users: dict[str, User]
    sessions: dict[str, tuple[int, ...]]
    secrets: dict[str, str]
    other_hosts: dict[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    triggers: bool = True
    partial_revokes: bool = False
    small_letters: bool = False


@dataclasses.dataclass(frozen=True)
class Task:
    """The data of a change: the parts of what is done for a tenant. ``secret`` is ``create`` or ``renew``.

    ``grant`` are privileges on ``pattern``, its schema; each of ``revoke`` is what stands between REVOKE and FROM.
    """

    wanted: Wanted
    remove: bool = False
    secret: str = ""
    password: bool = False
    retain: bool = False
    discard: bool = False
    new_user: bool = False
    new_schema: bool = False
    pattern: str = ""
    grant: tuple[str, ...] = ()
    revoke: tuple[str, ...] = ()
    kill: tuple[int, ...] = ()


def plan(entries: t.Sequence[Wanted], state: State, rotate: str, renewed: t.Collection[str] = ()) -> list[Change]:
    """Plan a change for each tenant that needs one. ``renewed``: tenants whose password this run has set already."""
    changes = (_change(entry, state, rotate, entry.name in renewed) for entry in entries)
    return [change for change in changes if change]


def plan_unread(entry: Wanted, action: str) -> Change:
    """Plan the change of a tenant whose server can't be read yet: only the result is known."""
    return Change(action, "tenant", entry.name, None, entry.settings, data=Task(entry))


def plan_secrets(entries: t.Sequence[Wanted], versions: t.Collection[str]) -> list[Change]:
    """Plan the deletion of secrets whose tenants are gone or are being removed."""
    return [
        Change("delete", "tenant secret", entry.name, title=f"secret of tenant {entry.name}")
        for entry in entries
        if entry.state == "absent" and entry.name in versions
    ]


def doubtful(entries: t.Sequence[Wanted], state: State) -> list[Wanted]:
    """Return the tenants whose listed secret doesn't fit their users: ListSecrets may lag behind by minutes."""
    return [
        entry
        for entry in entries
        if entry.state != "absent"
        and entry.user in state.users
        and state.users[entry.user].secret_version != state.secrets.get(entry.name)
    ]


def has_third_password(entry: Wanted, state: State) -> bool:
    """Tell whether a user has two passwords, and its secret another: MySQL keeps two, so setting it would end one in use."""
    user = state.users.get(entry.user)
    return bool(user and user.two_passwords and user.secret_version != state.secrets.get(entry.name))


def _change(entry: Wanted, state: State, rotate: str, renewed: bool) -> Change | None:
    user, sessions = state.users.get(entry.user), state.sessions.get(entry.user, ())
    has_schema = entry.schema in state.schemas
    before = _shown(entry, user, has_schema)
    if entry.state == "absent":
        if user is None and not has_schema:
            return None
        return Change("delete", "tenant", entry.name, before, None, data=Task(entry, remove=True, kill=sessions))
    version = state.secrets.get(entry.name)
    start = rotate == "start" and user is not None and not user.two_passwords and not renewed
    secret = "create" if version is None else "renew" if start else ""
    settings = _wanted_settings(entry, user, state)
    pattern, grant, revoke = _rights(entry, user, state, settings["privileges"])
    discard = rotate == "finish" and user is not None and user.two_passwords and not renewed
    task = Task(
        entry,
        secret=secret,
        password=bool(secret) or user is None or user.secret_version != version,
        # MySQL retains no empty password. Where there are two, the older one was discarded before.
        retain=user is not None and user.has_password and (discard or not user.two_passwords),
        discard=discard,
        new_user=user is None,
        new_schema=not has_schema,
        pattern=pattern,
        grant=grant,
        revoke=revoke,
        kill=sessions if entry.state == "locked" else (),
    )
    action = _action(entry, user, has_schema, secret)
    if action == "update" and not _differs(user, settings, task):
        return None
    after = settings | {"schema": entry.schema, "user": entry.user}
    return Change(action, "tenant", entry.name, before, after, data=task)


def _action(entry: Wanted, user: User | None, has_schema: bool, secret: str) -> str:
    """Name the change. What has one of its stated names and wasn't made by this module is adopted."""
    found = (entry.database and has_schema) or (entry.username and user)
    if found and (user is None or user.secret_version is None):
        return "adopt"
    if user is None or not has_schema:
        return "create"
    return "rotate" if secret == "renew" else "update"


def _wanted_settings(entry: Wanted, user: User | None, state: State) -> dict[str, t.Any]:
    """Return the settings to keep. TRIGGER that can't be used is neither granted nor revoked: triggers that are there need it."""
    wanted = entry.settings
    if state.triggers:
        return wanted
    held = set(user.settings["privileges"]) if user else set()
    return wanted | {"privileges": sorted((set(wanted["privileges"]) - {"TRIGGER"}) | (held & {"TRIGGER"}))}


def _rights(
    entry: Wanted, user: User | None, state: State, privileges: t.Sequence[str]
) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Return the schema's name in GRANT, what to grant on it, and what to revoke."""
    pattern = grant_pattern(entry.schema, partial_revokes=state.partial_revokes)
    held = set(user.settings["privileges"]) if user else set()
    grant, spare = sorted(set(privileges) - held), sorted(held - set(privileges))
    revoke = [f"{', '.join(spare)} ON {quoted(pattern)}.*"] if spare else []
    return pattern, tuple(grant), (*revoke, *(user.excess_rights if user else ()))


def _differs(user: User, settings: dict[str, t.Any], task: Task) -> bool:
    changed = task.password or task.discard or bool(task.kill) or bool(task.revoke)
    return changed or user.settings != settings


def _shown(entry: Wanted, user: User | None, has_schema: bool) -> dict[str, t.Any] | None:
    if user is None and not has_schema:
        return None
    shown: dict[str, t.Any] = dict(user.settings) if user else {}
    if user and user.excess_rights:
        shown["other_rights"] = list(user.excess_rights)
    return shown | {"schema": entry.schema if has_schema else None, "user": entry.user if user else None}
