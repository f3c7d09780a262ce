# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

from tests.support.rights import ACCOUNT, allowed, user_with


def aws_behaviour(clients) -> bool:
    """A right on parameters by their name is good for several of them at once, and for none beside them."""
    ssm = clients("ssm")
    for name in ("/own/a", "/own/b", "/foreign/a"):
        ssm.put_parameter(Name=name, Value="x", Type="String", Overwrite=True)
    resources = [f"arn:aws:ssm:*:{ACCOUNT}:parameter/own/*", "arn:aws:ssm:*::parameter/aws/service/*"]
    read = clients("ssm", key=user_with(clients, [{"Action": "ssm:GetParameters", "Resource": resources}])[1])
    return (
        allowed(read.get_parameters, Names=["/own/a", "/own/b"]),
        allowed(read.get_parameters, Names=["/own/a", "/foreign/a"]),
        allowed(read.get_parameters, Names=["/aws/service/debian/release/12/latest/amd64"]),
    ) == (True, False, True)


def test_ssm_parameters_checked(patched_only):
    patched_only("ssm.parameters_checked", aws_behaviour)
