# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations


class ModuleDocFragment:
    """Document the options by which a module reaches MySQL servers of RDS."""

    DOCUMENTATION = r"""
options:
  port:
    description: Port of the MySQL server.
    type: int
    default: 3306
  tls_ca:
    description: File with the certificate authorities that are trusted, such as RDS's own. Without it, those of the system.
    type: path
  admin_secret:
    description:
      - Name of the secret with C(username) and C(password) of the master user, such as
        M(knowledgecity.platform.rds_master_secret) creates it.
    type: str
"""

    SERVER = r"""
options:
  host:
    description: Endpoint of the instance. The server's certificate must name it.
    type: str
  address:
    description: Where O(host) is reached if not by its name, such as the end of a tunnel, as C(address) or C(address:port).
    type: str
"""
