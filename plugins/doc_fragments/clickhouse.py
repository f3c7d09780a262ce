# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations


class ModuleDocFragment:
    """Document the options by which a module reaches a ClickHouse server and its backups."""

    DOCUMENTATION = r"""
options:
  login_port:
    description: Port of its HTTP interface.
    type: int
    default: 8443
  login_user:
    description: User on the server.
    type: str
    default: default
  login_password:
    description: The user's password. It is sent in a header, and is in no URL and no statement.
    type: str
    default: ''
  login_tls:
    description: Whether to connect over TLS.
    type: bool
    default: true
  login_ca_path:
    description: File with the certificate authorities that are trusted. Without it, those of the system.
    type: path
  login_validate_certs:
    description: Whether to validate the server's certificate.
    type: bool
    default: true
  bucket:
    description: The bucket that holds the backups.
    type: str
    required: true
  prefix:
    description: Prefix of the backups' keys. Each backup is a folder below it.
    type: str
    default: clickhouse/
"""
