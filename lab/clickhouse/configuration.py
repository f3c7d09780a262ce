# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The engine's configuration file, as an administrator of ClickHouse would write it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree


@dataclass(frozen=True)
class Collection:
    """A named collection: where backups go, and with which key; without one, under the server's role.

    SQL and logs then hold its name only.
    """

    name: str
    url: str
    access_key_id: str = ""
    secret_access_key: str = ""
    session_token: str = ""

    @property
    def credentials(self) -> dict[str, str]:
        if not self.access_key_id:
            return {"use_environment_credentials": "1"}
        key = {"access_key_id": self.access_key_id, "secret_access_key": self.secret_access_key}
        return key | ({"session_token": self.session_token} if self.session_token else {})


def engine_configuration(collections: list[Collection], region: str, ca_certificate: Path) -> str:
    """XML for one engine: its named collections, the region that requests to S3 are signed for, its trust."""
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
    return ElementTree.tostring(root, encoding="unicode")


def _below(parent: ElementTree.Element, *names: str) -> ElementTree.Element:
    for name in names:
        found = parent.find(name)
        parent = ElementTree.SubElement(parent, name) if found is None else found
    return parent


def _text(parent: ElementTree.Element, **values: object) -> None:
    for name, value in values.items():
        ElementTree.SubElement(parent, name).text = str(value)
