# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and write tenants' secrets while ListSecrets lags behind."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.entries import undeclared_entry
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.model import Task
from ansible_collections.knowledgecity.platform.plugins.module_utils._rds_tenants.secrets import TenantSecrets
from botocore.exceptions import ClientError

_ACME, _SOHNE = undeclared_entry("acme", "tenant"), undeclared_entry("Müller & Söhne", "tenant")
_PREFIX = "tests/tenants/"


class _ResourceExistsError(ClientError):
    pass


class _InvalidRequestError(ClientError):
    pass


class _NotFoundError(ClientError):
    pass


def _error(kind: type[ClientError], code: str) -> ClientError:
    return kind({"Error": {"Code": code, "Message": "as told"}}, "Call")


class Manager:
    """Secrets Manager, whose list shows only what ``listed`` has."""

    exceptions = SimpleNamespace(
        ResourceExistsException=_ResourceExistsError,
        InvalidRequestException=_InvalidRequestError,
        ResourceNotFoundException=_NotFoundError,
    )

    def __init__(self, held: dict[str, dict], listed: dict[str, str] | None = None, denied: tuple[str, ...] = ()):
        self.held = {f"{_PREFIX}{name}": (json.dumps(content), "v1") for name, content in held.items()}
        self.listed = listed or {}
        self.denied = denied
        self.batches: list[int] = []
        self.lists = 0

    def get_paginator(self, _name):
        self.lists += 1
        items = [
            {"Name": f"{_PREFIX}{name}", "SecretVersionsToStages": {version: ["AWSCURRENT"]}}
            for name, version in self.listed.items()
        ]
        return SimpleNamespace(paginate=lambda **_options: [{"SecretList": items}])

    def batch_get_secret_value(self, **asked):
        names = asked["SecretIdList"]
        self.batches.append(len(names))
        found = [name for name in names if name in self.held and name not in self.denied]
        errors = [
            {
                "SecretId": name,
                "ErrorCode": "AccessDeniedException" if name in self.denied else "ResourceNotFoundException",
                "Message": "no",
            }
            for name in names
            if name not in found
        ]
        values = [{"Name": name, "SecretString": self.held[name][0], "VersionId": self.held[name][1]} for name in found]
        return {"SecretValues": values, "Errors": errors}

    def create_secret(self, **asked):
        if asked["Name"] in self.held:
            raise _error(_ResourceExistsError, "ResourceExistsException")
        self.held[asked["Name"]] = asked["SecretString"], "new"
        return {"VersionId": "new"}

    def put_secret_value(self, **asked):
        self.held[asked["SecretId"]] = asked["SecretString"], "put"
        return {"VersionId": "put"}

    def delete_secret(self, **asked):
        if self.held.pop(asked["SecretId"], None) is None:
            raise _error(_NotFoundError, "ResourceNotFoundException")

    def content(self, entry) -> dict:
        return json.loads(self.held[f"{_PREFIX}{entry.secret}"][0])


def _secrets(manager: Manager) -> TenantSecrets:
    return TenantSecrets(manager, _PREFIX, None, {}, {})


def _login(entry, **other) -> dict:
    return {"password": "known", "username": entry.user, "dbname": entry.schema} | other


def test_versions_are_by_tenant_also_of_those_whose_names_are_mapped():
    manager = Manager({}, listed={"acme": "v1", _SOHNE.secret: "v2", "somebody": "v3"})
    assert _secrets(manager).versions([_ACME, _SOHNE]) == {"acme": "v1", "Müller & Söhne": "v2", "somebody": "v3"}


def test_what_the_list_says_is_replaced_by_what_each_secret_says():
    manager = Manager({"acme": _login(_ACME)})
    versions = {"Müller & Söhne": "listed, and deleted since"}
    _secrets(manager).ask([_ACME, _SOHNE], versions)
    assert versions == {"acme": "v1"}


def test_what_was_written_is_known_although_the_list_lags():
    manager = Manager({})
    secrets = _secrets(manager)
    assert secrets.versions([_ACME, _SOHNE]) == {}
    secrets.prepare(
        [Task(_ACME, secret="create", password=True), Task(_SOHNE, secret="create", password=True)], "db.rds"
    )
    assert secrets.versions([_ACME, _SOHNE]) == {"acme": "new", "Müller & Söhne": "new"}
    secrets.remove([_SOHNE], 7)
    assert secrets.versions([_ACME, _SOHNE]) == {"acme": "new"}
    assert manager.lists == 1


def test_twenty_secrets_are_asked_for_at_once():
    entries = [undeclared_entry(f"t{number}", "tenant") for number in range(45)]
    manager = Manager({})
    _secrets(manager).ask(entries, {})
    assert sorted(manager.batches) == [5, 20, 20]


def test_a_secret_that_may_not_be_read_is_no_missing_one():
    manager = Manager({"acme": _login(_ACME)}, denied=(f"{_PREFIX}acme",))
    with pytest.raises(PlatformError, match="AccessDeniedException"):
        _secrets(manager).ask([_ACME], {})


def test_a_secret_that_was_not_listed_yet_is_adopted():
    manager = Manager({"acme": _login(_ACME)})
    credentials = _secrets(manager).prepare([Task(_ACME, secret="create", password=True)], "db.rds")
    assert credentials == {"acme": ("known", "v1")}


def test_a_secret_names_the_user_and_the_schema_that_are_adopted():
    manager = Manager({"acme": _login(_ACME, username="other", port=3306)})
    credentials = _secrets(manager).prepare([Task(_ACME, password=True)], "db.rds")
    assert credentials == {"acme": ("known", "put")}
    assert manager.content(_ACME) == _login(_ACME, port=3306)


def test_a_new_secret_has_the_mapped_names():
    manager = Manager({})
    _secrets(manager).prepare([Task(_SOHNE, secret="create", password=True)], "db.rds")
    assert manager.content(_SOHNE)["username"] == manager.content(_SOHNE)["dbname"] == "tenant0mullersohnenwnctplxg5"


def test_a_secret_that_is_still_listed_after_its_deletion_is_passed_over():
    manager = Manager({"acme": _login(_ACME)})
    _secrets(manager).remove([_SOHNE, _ACME], 7)
    assert manager.held == {}
