# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""A group of spot instances that serve a page behind a load balancer with a name, a certificate and a redirection."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from tests.support.groups import Group, mixed
from tests.support.machines import LISTENER, Place, wait_for

NAME = "serving"
DOMAIN, HOST = "serving.example", "play.serving.example"
_SCRIPT = f"#!/bin/sh\nset -ex\nmkdir -p /srv\necho ok >/srv/healthz\n{LISTENER}\n"
USER_DATA = base64.b64encode(_SCRIPT.encode()).decode()


@dataclass(frozen=True)
class Serving:
    """The group with its target group; `zones` are those of its subnets."""

    place: Place
    group: Group
    target_group: str
    zones: tuple[str, ...]

    @property
    def balancer(self) -> str:
        """The name that AWS gave to the load balancer."""
        return self.place.api("elbv2").describe_load_balancers(Names=[NAME])["LoadBalancers"][0]["DNSName"]

    def targets(self) -> dict[str, str]:
        found = self.place.api("elbv2").describe_target_health(TargetGroupArn=self.target_group)
        return {item["Target"]["Id"]: item["TargetHealth"]["State"] for item in found["TargetHealthDescriptions"]}

    def healthy(self) -> list[str]:
        return [name for name, state in self.targets().items() if state == "healthy"]

    def activity(self, verb: str, instance: str) -> dict:
        """What the group says of a launch or an end."""
        return next(item for item in self.group.activities() if item["Description"] == f"{verb}: {instance}")

    def living(self) -> list[str]:
        """Instances of the group that haven't ended, whatever the group thinks of them."""
        of_group = [{"Name": "tag:aws:autoscaling:groupName", "Values": [NAME]}]
        pages = self.place.api("ec2").describe_instances(Filters=of_group)["Reservations"]
        found = [item for page in pages for item in page["Instances"]]
        return [item["InstanceId"] for item in found if item["State"]["Name"] != "terminated"]

    def asking(self) -> tuple[str, ...]:
        """Ask by the name of the certificate, which only the lab's outer DNS knows, at the load balancer's own."""
        connect = ("--connect-to", f"{HOST}:443:{self.balancer}:443", "--connect-to", f"{HOST}:80:{self.balancer}:80")
        return ("curl", "--silent", "--show-error", "--fail", "--max-time", "5", *connect)


def make_serving(place: Place) -> Serving:
    """Build all of it in two zones, with one instance."""
    cidr, zones = "10.30.96.0/20", (f"{place.region}a", f"{place.region}b")
    made = place.api("ec2").create_subnet(VpcId=place.vpc, CidrBlock=cidr, AvailabilityZone=zones[1])
    elsewhere = made["Subnet"]["SubnetId"]
    target_group = _target_group(place)
    _balancer(place, [place.subnets["public"], elsewhere], target_group)
    data = {"ImageId": "ami-0abcdef1234567890", "InstanceType": "t3.small", "UserData": USER_DATA}
    place.api("ec2").create_launch_template(LaunchTemplateName=NAME, LaunchTemplateData=data)
    place.api("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName=NAME,
        MinSize=1,
        MaxSize=2,
        DesiredCapacity=1,
        VPCZoneIdentifier=f"{place.subnets['private']},{elsewhere}",
        MixedInstancesPolicy=mixed(NAME, "c7i.large", OnDemandPercentageAboveBaseCapacity=0),
        HealthCheckType="ELB",
        HealthCheckGracePeriod=30,
        TargetGroupARNs=[target_group],
    )
    return Serving(place, Group(place.clients, NAME, place.vpc), target_group, zones)


def _target_group(place: Place) -> str:
    elb = place.api("elbv2")
    made = elb.create_target_group(
        Name=NAME,
        Protocol="HTTP",
        Port=8080,
        VpcId=place.vpc,
        HealthCheckPath="/healthz",
        HealthCheckIntervalSeconds=5,
        HealthCheckTimeoutSeconds=4,
        HealthyThresholdCount=2,
        UnhealthyThresholdCount=2,
    )["TargetGroups"][0]["TargetGroupArn"]
    delay = [{"Key": "deregistration_delay.timeout_seconds", "Value": "3"}]
    elb.modify_target_group_attributes(TargetGroupArn=made, Attributes=delay)
    return made


def _balancer(place: Place, subnets: list[str], target_group: str) -> None:
    """By TLS it forwards what asks for its name, and knows nothing else; without TLS it redirects."""
    elb = place.api("elbv2")
    balancer = elb.create_load_balancer(Name=NAME, Subnets=subnets)["LoadBalancers"][0]
    arn = {"LoadBalancerArn": balancer["LoadBalancerArn"]}
    unknown = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    tls = {"Protocol": "HTTPS", "Port": 443, "Certificates": [{"CertificateArn": _certificate(place)}]}
    secure = elb.create_listener(**arn, **tls, DefaultActions=[unknown])["Listeners"][0]
    elb.create_rule(
        ListenerArn=secure["ListenerArn"],
        Priority=1,
        Conditions=[{"Field": "host-header", "Values": [HOST]}],
        Actions=[{"Type": "forward", "TargetGroupArn": target_group}],
    )
    elsewhere = {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
    redirect = {"Type": "redirect", "RedirectConfig": elsewhere}
    elb.create_listener(**arn, Protocol="HTTP", Port=80, DefaultActions=[redirect])
    alias = {
        "HostedZoneId": balancer["CanonicalHostedZoneId"],
        "DNSName": f"dualstack.{balancer['DNSName']}",
        "EvaluateTargetHealth": True,
    }
    _record(place, {"Name": HOST, "Type": "A", "AliasTarget": alias})


def _certificate(place: Place) -> str:
    """One of ACM's, issued by what the lab's DNS shows."""
    acm = place.api("acm")
    place.clients("route53", "us-east-1").create_hosted_zone(Name=DOMAIN, CallerReference=DOMAIN)
    arn = acm.request_certificate(DomainName=HOST, ValidationMethod="DNS")["CertificateArn"]

    def described() -> dict:
        return acm.describe_certificate(CertificateArn=arn)["Certificate"]

    asked = wait_for("the record", lambda: described()["DomainValidationOptions"][0].get("ResourceRecord"))
    values = [{"Value": asked["Value"]}]
    _record(place, {"Name": asked["Name"], "Type": "CNAME", "TTL": 60, "ResourceRecords": values})
    wait_for("the certificate", lambda: described()["Status"] == "ISSUED")
    return arn


def _record(place: Place, wanted: dict) -> None:
    route53 = place.clients("route53", "us-east-1")
    zone = route53.list_hosted_zones_by_name(DNSName=DOMAIN)["HostedZones"][0]["Id"]
    changes = [{"Action": "UPSERT", "ResourceRecordSet": wanted}]
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
