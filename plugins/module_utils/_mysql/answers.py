# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What a MySQL server answers when it refuses, in words that may be shown."""

from __future__ import annotations


def explain(error: Exception) -> str:
    """MySQL's number and words, without the statement that some of its errors repeat."""
    number = error.args[0] if error.args else type(error).__name__
    words = str(error.args[1]) if len(error.args) > 1 else str(error)
    if number in (1064, 1149):
        words = "the server does not understand a statement"
    if "certificate" in words.lower():
        return f"MySQL's certificate is not accepted: {words.rstrip('.')}. Check O(host) and O(tls_ca)."
    mend = {
        1045: " Check user name and password, or the secret that holds them.",
        2003: " Run this where the server can be reached: on the runner of its region.",
    }.get(number, "")
    return f"MySQL answered {number}: {words.rstrip('.')}.{mend}"
