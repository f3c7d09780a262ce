# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""An action of a listener or rule has the order that it was given, or none.

AWS shows no order for an action that was made without one. The emulator numbers all of them, so that amazon.aws.elb_application_lb
finds every listener changed at every run.
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Action.html
"""

from __future__ import annotations

import ministack.services.alb as alb


def apply() -> None:
    parse, render = alb._parse_actions, alb._action_xml

    def parse_as_given(params: dict, prefix: str = "DefaultActions") -> list[dict]:
        actions = parse(params, prefix)
        for number, action in enumerate(actions, 1):
            if not alb._p(params, f"{prefix}.member.{number}.Order"):
                del action["Order"]
        return actions

    def render_as_given(action: dict) -> str:
        shown = render(action)
        return shown if "Order" in action else shown.replace("<Order>1</Order>", "", 1)

    alb._parse_actions, alb._action_xml = parse_as_given, render_as_given
