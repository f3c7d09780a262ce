# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Runners trust RDS by certificate authorities that the collection brings along, pinned by their hash."""

from __future__ import annotations

import datetime
import hashlib
import re
import socket
import ssl
import threading
from pathlib import Path

import pytest
import yaml
from ansible_collections.knowledgecity.platform.plugins.module_utils._mysql import connection
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from lab.settings import CHECKOUT

FILES = CHECKOUT / "roles" / "runner" / "files"
NAME = "Amazon RDS ([a-z0-9-]+) Root CA (?:RSA2048|RSA4096|ECC384) G1"


@pytest.fixture(scope="module")
def described() -> dict:
    return yaml.safe_load((FILES / "rds-global-bundle.yml").read_text())


@pytest.fixture(scope="module")
def authorities() -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates((FILES / "rds-global-bundle.pem").read_bytes())


def test_the_bundle_is_the_one_that_its_description_names(described, authorities):
    assert hashlib.sha256((FILES / "rds-global-bundle.pem").read_bytes()).hexdigest() == described["sha256"]
    names = [each.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value for each in authorities]
    assert len(names) == len(set(names)) == described["certificates"]
    found = [re.fullmatch(NAME, name) for name in names]
    assert all(found), "an authority that isn't one of RDS's"
    assert sorted({match[1] for match in found}) == described["regions"]


def test_every_authority_signs_for_itself_and_lasts(authorities):
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=365)
    for each in authorities:
        each.verify_directly_issued_by(each)
        assert each.not_valid_after_utc > soon
        assert each.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_the_databases_are_spoken_to_with_the_bundle_of_their_runner(play):
    show = [{"ansible.builtin.set_fact": {"answer": "{{ database_tls_ca }}"}}]
    assert play("database", {"no_runner": {}}, show) == {"no_runner": ""}
    runners = {"name": "{{ item }}", "groups": "runner_me_west_1"}
    tasks = [{"ansible.builtin.add_host": runners, "loop": ["i-1", "i-2"]}, *show]
    cases = {"runner": {}, "bastion": {"database_runner": "bastion"}, "own": {"database_tls_ca": "/etc/ssl/ours.pem"}}
    assert play("database", cases, tasks) == {
        "runner": "/opt/knowledgecity/runner/current/rds-global-bundle.pem",
        "bastion": "",
        "own": "/etc/ssl/ours.pem",
    }


def test_preflight_stops_for_a_region_whose_authority_the_bundle_lacks(play):
    newer = {"runner_rds_ca_sha256": "0" * 64}
    cases = {
        "known": {"platform_regions": {"me-central-1": {}, "eu-central-1": {}}},
        "new": {},
        "newer bundle": newer,
        "no regions": {"platform_regions": None},
    }
    hosts = {case.replace(" ", "_"): said for case, said in cases.items()}
    answers = play("preflight", hosts, [{"ansible.builtin.set_fact": {"answer": "{{ __preflight_further }}"}}])
    assert {case: [each["setting"] for each in found] for case, found in answers.items()} == {
        "known": [],
        "new": ["runner_rds_ca"],
        "newer_bundle": [],
        "no_regions": [],
    }
    assert "of RDS in me-west-1:" in answers["new"][0]["problem"]


def test_preflight_says_what_the_accounts_defaults_hit(play):
    case = {"on": {"security_account_baseline": True} | {"runner_rds_ca_sha256": "0" * 64}}
    (found,) = play("preflight", case, [{"ansible.builtin.set_fact": {"answer": "{{ __preflight_further }}"}}])["on"]
    assert found["warning"] is True
    assert "public access to every bucket" in found["problem"]


def _signed(name: str, key, issuer: str, issuer_key, *extensions) -> x509.Certificate:
    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])

    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(named(name)).issuer_name(named(issuer))
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(
        now + datetime.timedelta(days=1)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer_key, hashes.SHA256())


def _pem(path: Path, *things) -> Path:
    text = b""
    for thing in things:
        if isinstance(thing, x509.Certificate):
            text += thing.public_bytes(serialization.Encoding.PEM)
        else:
            form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            text += thing.private_bytes(*form)
    path.write_bytes(text)
    return path


def test_a_certificate_without_every_extension_is_accepted_from_a_named_authority_alone(tmp_path, monkeypatch):
    """A server's certificate without an authority key identifier, which Python refuses from 3.13 on."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = _signed("root", root_key, "root", root_key, (x509.BasicConstraints(ca=True, path_length=None), True))
    names = (x509.SubjectAlternativeName([x509.DNSName("database.example")]), False)
    server = _pem(tmp_path / "server.pem", key, _signed("database.example", key, "root", root_key, names))
    other_key = ec.generate_private_key(ec.SECP256R1())
    other = _signed("other", other_key, "other", other_key, (x509.BasicConstraints(ca=True, path_length=None), True))

    def trust(authority: Path) -> ssl.SSLContext:
        used = []
        monkeypatch.setattr(connection.pymysql, "connect", lambda **options: used.append(options["ssl"]) or _Refusing())
        with socket.create_server(("127.0.0.1", 0)) as listener:
            address = f"127.0.0.1:{listener.getsockname()[1]}"
            connect = connection.connector("database.example", 3306, address, str(authority))
            with pytest.raises(ConnectionAbortedError):
                connect("user", "password")
        return used[0]

    assert _shakes_hands(trust(_pem(tmp_path / "root.pem", root)), server)
    assert not _shakes_hands(trust(_pem(tmp_path / "other.pem", other)), server)


class _Refusing:
    """A connection of pymysql that goes no further than its socket."""

    def connect(self, _socket) -> None:
        raise ConnectionAbortedError


def _shakes_hands(trust: ssl.SSLContext, server: Path) -> bool:
    here, there = socket.socketpair()
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(server)

    def serve() -> None:
        try:
            own.wrap_socket(there, server_side=True).close()
        except (ssl.SSLError, OSError):
            there.close()

    serving = threading.Thread(target=serve)
    serving.start()
    try:
        trust.wrap_socket(here, server_hostname="database.example").close()
    except ssl.SSLCertVerificationError:
        return False
    finally:
        here.close()
        serving.join(timeout=10)
    return True
