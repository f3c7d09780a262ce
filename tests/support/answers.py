# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""What an API answers, for tests that look at refusals."""

from __future__ import annotations

from botocore.exceptions import ClientError


def error_code(call, **arguments) -> str | None:
    """The code of the error that a call is answered with; None where it is not refused."""
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None
