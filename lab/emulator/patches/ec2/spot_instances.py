# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""An instance that is launched on the spot market is one: it says so, and can be interrupted.

AWS shows `spot` as its lifecycle and the id of its request; before it is interrupted its metadata tell so (`lab interrupt`).
The emulator ignores the market options of a launch.
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
"""

from __future__ import annotations

import ministack.services.ec2 as ec2

from lab.emulator.state.instances import created_by, show

_MARKET = "InstanceMarketOptions.MarketType"


def _spot_xml(instance: dict) -> str:
    if instance.get("InstanceLifecycle") != "spot":
        return ""
    request = f"sir-{instance['InstanceId'][-8:]}"
    return f"<instanceLifecycle>spot</instanceLifecycle><spotInstanceRequestId>{request}</spotInstanceRequestId>"


def apply() -> None:
    run, parse, render = ec2._ACTION_MAP["RunInstances"], ec2._parse_lt_data, ec2._lt_data_xml

    def run_on_market(params: dict) -> tuple:
        answer, created = created_by(run, params)
        for instance in created:
            if (ec2._p(params, _MARKET) or _of_template(params)) == "spot":
                instance["InstanceLifecycle"] = "spot"
        return answer

    def parse_with_market(params: dict, prefix: str = "LaunchTemplateData") -> dict:
        market = ec2._p(params, f"{prefix}.{_MARKET}")
        return parse(params, prefix) | ({"InstanceMarketOptions": {"MarketType": market}} if market else {})

    def render_with_market(data: dict) -> str:
        market = data.get("InstanceMarketOptions", {}).get("MarketType")
        more = f"<instanceMarketOptions><marketType>{market}</marketType></instanceMarketOptions>" if market else ""
        return render(data) + more

    ec2._ACTION_MAP["RunInstances"] = run_on_market
    ec2._parse_lt_data, ec2._lt_data_xml = parse_with_market, render_with_market
    show(_spot_xml)


def _of_template(params: dict) -> str:
    spec = {
        key: ec2._p(params, f"LaunchTemplate.{key}") for key in ("LaunchTemplateId", "LaunchTemplateName", "Version")
    }
    data, _template, _problem = ec2._resolve_launch_template_data(spec)
    return (data or {}).get("InstanceMarketOptions", {}).get("MarketType", "")
