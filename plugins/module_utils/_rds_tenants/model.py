# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Model tenants' schemas and users, as wanted and as MySQL and Secrets Manager hold them, and plan the changes. No client in here.

An attribute of the user says which version of its secret the password is. A run that is cut off leaves the secret ahead of the
user, and the next run sets the password without having to log in.
"""

from __future__ import annotations

import collections
import dataclasses
import re
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._findings import Finding
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change

# Such a name holds no wildcard of GRANT, and can be used in file names and logs.
_NAME = re.compile(r"[a-z][a-z0-9]*")
_PREFIX = re.compile(r"[a-z][a-z0-9]*|")
_LONGEST = 32  # of a user's name in MySQL

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
    """A tenant as the options ask for it."""

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

    @property
    def account(self) -> str:
        """Return the name of its schema, which is that of its user too."""
        return f"{self.prefix}{self.name}"

    @property
    def settings(self) -> dict[str, t.Any]:
        """Return the settings of its user."""
        return {
            "privileges": sorted(self.privileges),
            "max_connections": self.max_connections,
            "max_queries_per_hour": self.max_queries_per_hour,
            "password_lifetime_days": self.password_lifetime_days,
            "require_ssl": True,
            "locked": self.state == "locked",
        }


@dataclasses.dataclass(frozen=True)
class User:
    """A user as the server holds it. ``excess_rights``: it has privileges beyond those on its schema."""

    settings: dict[str, t.Any]
    secret_version: str | None
    two_passwords: bool
    excess_rights: bool


@dataclasses.dataclass(frozen=True)
class State:
    """What was read: schemas, users and open sessions by account, and the current version of each tenant's secret."""

    schemas: frozenset[str]
    users: dict[str, User]
    sessions: dict[str, tuple[int, ...]]
    secrets: dict[str, str]


@dataclasses.dataclass(frozen=True)
class Task:
    """The data of a change: the parts of what is done for a tenant. ``secret`` is ``create`` or ``renew``."""

    wanted: Wanted
    remove: bool = False
    secret: str = ""
    password: bool = False
    retain: bool = False
    discard: bool = False
    new_user: bool = False
    regrant: bool = False
    kill: tuple[int, ...] = ()


def check(
    entries: t.Sequence[Wanted], *, has_final_snapshot: bool, dedicated: t.Collection[str] = frozenset()
) -> list[Finding]:
    """Find what is wrong with the entries by themselves. ``dedicated``: tenants with a dedicated instance and its own snapshot."""
    texts = []
    for entry in entries:
        texts += [*_names(entry), *_rules(entry, has_final_snapshot or entry.name in dedicated)]
    for name, count in collections.Counter(entry.name for entry in entries).items():
        if count > 1:
            texts.append(f"{name} is stated {count} times.")
    return [Finding("wrong", text, text) for text in texts]


def _names(entry: Wanted) -> t.Iterator[str]:
    if not _NAME.fullmatch(entry.name):
        yield f"{entry.name!r} is no name of a tenant: small letters and digits, beginning with a letter."
    elif not _PREFIX.fullmatch(entry.prefix):
        yield f"{entry.prefix!r} is no prefix of schemas: small letters and digits, beginning with a letter."
    elif len(entry.account) > _LONGEST:
        yield f"{entry.account} has more than the {_LONGEST} characters that MySQL allows a user's name."


def _rules(entry: Wanted, has_final_snapshot: bool) -> t.Iterator[str]:
    for unknown in sorted(entry.privileges - PRIVILEGES.keys()):
        yield f"{entry.name}: {unknown} is no privilege that a tenant can have on its schema."
    if entry.max_connections < 1:
        yield f"{entry.name}: max_connections is {entry.max_connections}, and 0 would mean no limit."
    if entry.state == "absent" and entry.protected:
        yield f"{entry.name} is protected. Fix: remove protected first, in a run of its own."
    if entry.state == "absent" and not has_final_snapshot:
        yield f"{entry.name} is removed only with a final_snapshot of the instance."


def plan(entries: t.Sequence[Wanted], state: State, rotate: str, renewed: t.Collection[str] = ()) -> list[Change]:
    """Plan a change for each tenant that needs one. ``renewed``: tenants whose secret this run has renewed already."""
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


def _change(entry: Wanted, state: State, rotate: str, renewed: bool) -> Change | None:
    user, sessions = state.users.get(entry.account), state.sessions.get(entry.account, ())
    if entry.state == "absent":
        if user is None and entry.account not in state.schemas:
            return None
        return Change("delete", "tenant", entry.name, _shown(user), None, data=Task(entry, remove=True, kill=sessions))
    version = state.secrets.get(entry.name)
    start = rotate == "start" and user is not None and not user.two_passwords and not renewed
    secret = "create" if version is None else "renew" if start else ""
    task = Task(
        entry,
        secret=secret,
        password=bool(secret) or user is None or user.secret_version != version,
        retain=user is not None and not user.two_passwords,
        discard=rotate == "finish" and user is not None and user.two_passwords,
        new_user=user is None,
        regrant=user is None or user.excess_rights or user.settings["privileges"] != entry.settings["privileges"],
        kill=sessions if entry.state == "locked" else (),
    )
    action = "rotate" if secret == "renew" else "update"
    if user is None or entry.account not in state.schemas:
        action = "create"
    elif action == "update" and not _differs(user, entry, task):
        return None
    return Change(action, "tenant", entry.name, _shown(user), entry.settings, data=task)


def _differs(user: User, entry: Wanted, task: Task) -> bool:
    return user.settings != entry.settings or user.excess_rights or task.password or task.discard or bool(task.kill)


def _shown(user: User | None) -> dict[str, t.Any] | None:
    return user.settings | ({"other_rights": True} if user.excess_rights else {}) if user else None
