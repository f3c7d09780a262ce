# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Render the engine's configuration file, as an administrator of ClickHouse would write it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from lab.clickhouse.rights import BACKUP_PROFILE

# What ClickHouse takes by default is for a machine of its own.
_MARK_CACHE_BYTES = 256 << 20


@dataclass(frozen=True)
class Collection:
    """A named collection: where backups go, and with which key; without one, under the server's role, or unsigned.

    SQL and logs then hold its name only.
    """

    name: str
    url: str
    access_key_id: str = ""
    secret_access_key: str = ""
    session_token: str = ""
    asks_for_role: bool = True

    @property
    def uses_role(self) -> bool:
        return self.asks_for_role and not self.access_key_id

    @property
    def credentials(self) -> dict[str, str]:
        if not self.access_key_id:
            return {"use_environment_credentials": "1"} if self.uses_role else {}
        key = {"access_key_id": self.access_key_id, "secret_access_key": self.secret_access_key}
        return key | ({"session_token": self.session_token} if self.session_token else {})


@dataclass(frozen=True)
class Listener:
    """What a server of its own needs beyond what its engine does."""

    folder: Path
    address: str
    port: int
    certificate: Path
    key: Path


def server_configuration(collections: list[Collection], region: str, ca_certificate: Path, listener: Listener) -> str:
    """XML for ClickHouse's own server: what the engine is told, where it listens, and where its files and users are."""
    root = _engine(collections, region, ca_certificate)
    _text(root, https_port=listener.port, listen_host=listener.address, users_config=listener.folder / "users.xml")
    _text(_below(root, "logger"), level="information", console="1")
    _text(root, mark_cache_size=_MARK_CACHE_BYTES)
    server = _below(root, "openSSL", "server")
    _text(server, certificateFile=listener.certificate, privateKeyFile=listener.key, verificationMode="none")
    data = listener.folder / "server"
    for name, part in (
        ("path", ""),
        ("tmp_path", "tmp"),
        ("user_files_path", "user_files"),
        ("format_schema_path", "schemas"),
    ):
        _text(root, **{name: f"{data / part}/"})
    _text(_below(root, "user_directories", "users_xml"), path=listener.folder / "users.xml")
    _text(_below(root, "user_directories", "local_directory"), path=f"{data / 'access'}/")
    return ElementTree.tostring(root, encoding="unicode")


def server_users(name: str, administrator: str, password: str, grants: list[str]) -> str:
    """XML for the server's users: one with these rights, who may use the server's role, and an administrator."""
    root = ElementTree.Element("clickhouse")
    _below(root, "profiles", "default")
    _text(_below(root, "profiles", name), **BACKUP_PROFILE)
    _below(root, "quotas", "default")
    for user, profile in ((name, name), (administrator, "default")):
        element = _below(root, "users", user)
        _text(
            element, password_sha256_hex=hashlib.sha256(password.encode()).hexdigest(), profile=profile, quota="default"
        )
        _text(_below(element, "networks"), ip="::/0")
    _text(_below(root, "users", administrator), access_management="1", named_collection_control="1")
    granted = _below(root, "users", name, "grants")
    for grant in grants:
        ElementTree.SubElement(granted, "query").text = grant
    return ElementTree.tostring(root, encoding="unicode")


def engine_configuration(collections: list[Collection], region: str, ca_certificate: Path, extra: str = "") -> str:
    """XML for one engine: its named collections, the region that requests to S3 are signed for, its trust; `extra` is added."""
    root = _engine(collections, region, ca_certificate)
    root.extend(ElementTree.fromstring(f"<clickhouse>{extra}</clickhouse>"))
    return ElementTree.tostring(root, encoding="unicode")


def _engine(collections: list[Collection], region: str, ca_certificate: Path) -> ElementTree.Element:
    root = ElementTree.Element("clickhouse")
    client = _below(root, "openSSL", "client")
    _text(client, caConfig=ca_certificate, loadDefaultCAFile="false", verificationMode="strict")
    _text(_below(client, "invalidCertificateHandler"), name="RejectCertificateHandler")
    for collection in collections:
        _text(
            _below(root, "named_collections", collection.name),
            url=collection.url,
            **collection.credentials,
        )
    # On AWS an endpoint's name tells its region; the lab's are addresses.
    origins = {"/".join(collection.url.split("/", 3)[:3]) for collection in collections}
    for number, origin in enumerate(sorted(origins)):
        _text(_below(root, "s3", f"lab_{number}"), endpoint=f"{origin}/", region=region)
    _text(_below(root, "query_log"), database="system", table="query_log", flush_interval_milliseconds="1000")
    return root


def _below(parent: ElementTree.Element, *names: str) -> ElementTree.Element:
    for name in names:
        found = parent.find(name)
        parent = ElementTree.SubElement(parent, name) if found is None else found
    return parent


def _text(parent: ElementTree.Element, **values: object) -> None:
    for name, value in values.items():
        ElementTree.SubElement(parent, name).text = str(value)
