# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""AES with the openssl command, independent of the code under test."""

from __future__ import annotations

import subprocess


def aes(mode: str, key: bytes, iv: bytes, data: bytes, *, decrypt: bool = False, padding: bool = False) -> bytes:
    """Encrypt or decrypt; `mode` is ctr or cbc. Raise CalledProcessError if the padding is wrong."""
    arguments = ["openssl", "enc", "-d" if decrypt else "-e", f"-aes-128-{mode}", "-K", key.hex(), "-iv", iv.hex()]
    ran = subprocess.run(arguments + ([] if padding else ["-nopad"]), input=data, capture_output=True, check=True)
    return ran.stdout
