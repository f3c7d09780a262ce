# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""IAM users with given rights, for tests of what the lab allows."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Sequence

from botocore.exceptions import ClientError

from tests.support.labs import Clients

ACCOUNT = "111122223333"
_REFUSALS = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}


def user_with(clients: Clients, statements: Sequence[dict]) -> tuple[str, tuple[str, str]]:
    """A new user who may do what the statements (without their effect) allow: its ARN and its access key."""
    iam, name = clients("iam", "us-east-1"), f"rights-{uuid.uuid4().hex[:8]}"
    user = iam.create_user(UserName=name)["User"]
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow"} | statement for statement in statements]}
    iam.put_user_policy(UserName=name, PolicyName="rights", PolicyDocument=json.dumps(document))
    made = iam.create_access_key(UserName=name)["AccessKey"]
    return user["Arn"], (made["AccessKeyId"], made["SecretAccessKey"])


def allowed(call: Callable, **parameters) -> bool:
    """Whether a call isn't refused for want of a right."""
    try:
        call(**parameters)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _REFUSALS:
            raise
        return False
    return True
