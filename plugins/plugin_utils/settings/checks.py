# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Check an environment's settings without calling AWS. Pure functions.

A check never raises on a value of the wrong type: it says what it found and what is expected.
"""

from __future__ import annotations

import ipaddress
import itertools
import re
import typing as t
from urllib.parse import urlsplit

from ansible_collections.knowledgecity.platform.plugins.module_utils._region_preflight.findings import (
    Problem,
    did_you_mean,
    joined,
)

Settings = t.Mapping[str, t.Any]

# Other variables that begin with platform_ are reported as typing errors where they are near one of these.
SETTINGS = (
    "platform_account_id",
    "platform_domain",
    "platform_endpoints",
    "platform_environment",
    "platform_expected_environment",
    "platform_initial_primary",
    "platform_name",
    "platform_protected",
    "platform_regions",
    "platform_residency",
)
REGION_KEYS = ("cidr",)
RESIDENCY_KEYS = ("acknowledged", "acknowledged_by")

# CloudFront's certificates, IAM and Route 53 are managed there, whatever regions a platform uses.
GLOBAL_REGION = "us-east-1"

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_BUCKET_NAME_MAX = 63
_LONGEST_BUCKET_THING = "storage-artefacts"
_NAME = re.compile(r"[a-z](-?[a-z0-9])+")
_NAME_MIN, _NAME_MAX = 2, 20

_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+){1,3}-\d{1,2}")
_ACCOUNT = re.compile(r"\d{12}")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
# The longest name that the platform puts before the domain must fit as well.
_DOMAIN_MAX = 200

_PRIVATE = [ipaddress.ip_network(net) for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")]
_PREFIX_MIN, _PREFIX_MAX = 16, 18
_REGIONS_EXPECTED = 2

_KINDS = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list", dict: "a mapping"}


def kind(value: t.Any) -> str:
    """Name the kind of a value in plain words."""
    if value is None:
        return "empty"
    return next((words for type_, words in _KINDS.items() if isinstance(value, type_)), type(value).__name__)


def problems_of(
    settings: Settings,
    region_hosts: t.Mapping[str, t.Any] | None = None,
    known_regions: t.Collection[str] = (),
) -> list[Problem]:
    """Return everything that is wrong with ``settings``.

    ``region_hosts`` are the hosts of the inventory group ``regions`` with their ``aws_region``; ``known_regions`` those that
    the AWS SDK knows, to guess what was meant.
    """
    checks: list[t.Iterable[Problem]] = [
        _names(settings),
        _expected(settings),
        _domain(settings.get("platform_domain")),
        _account(settings.get("platform_account_id")),
        _regions(settings.get("platform_regions"), known_regions),
        _ranges(settings.get("platform_regions")),
        _hosts(settings.get("platform_regions"), region_hosts),
        _initial_primary(settings.get("platform_initial_primary"), settings.get("platform_regions")),
        _residency(settings.get("platform_residency")),
        _protected(settings.get("platform_protected")),
        _endpoints(settings.get("platform_endpoints"), settings.get("platform_regions")),
        _unknown_settings(settings),
    ]
    return list(itertools.chain.from_iterable(checks))


def _missing(setting: str, what: str, example: str) -> Problem:
    return Problem(setting, f"is missing. It is {what}.", f"Set it, for example `{setting}: {example}`.")


def _wrong_kind(setting: str, value: t.Any, wanted: str, example: str) -> Problem:
    return Problem(
        setting, f"is {kind(value)} ({value!r}), but must be {wanted}.", f"Write it as `{setting}: {example}`."
    )


def _names(settings: Settings) -> t.Iterator[Problem]:
    sound = True
    for setting, what, example in (
        ("platform_name", "what every resource's name begins with", "kc"),
        ("platform_environment", "the second part of every resource's name", "production"),
    ):
        for finding in _name(setting, settings.get(setting), what, example):
            sound = False
            yield finding
    regions = settings.get("platform_regions")
    if sound and isinstance(regions, dict):
        yield from _name_lengths(settings["platform_name"], settings["platform_environment"], regions)


def _expected(settings: Settings) -> t.Iterator[Problem]:
    """Compare the environment that the run was started for, such as in a form, with that of the inventory."""
    expected, environment = settings.get("platform_expected_environment"), settings.get("platform_environment")
    if expected is not None and expected != environment:
        yield Problem(
            "platform_expected_environment",
            f"is {expected!r}, but this inventory describes the environment {environment!r}.",
            "Choose the other environment's inventory, or correct the name that was given for this run.",
        )


def _name(setting: str, value: t.Any, what: str, example: str) -> t.Iterator[Problem]:
    if value is None or value == "":
        yield _missing(setting, what, example)
    elif not isinstance(value, str):
        yield _wrong_kind(setting, value, "text", f'"{example}"')
    elif not _NAME.fullmatch(value) or not _NAME_MIN <= len(value) <= _NAME_MAX:
        yield Problem(
            setting,
            f"'{value}' can't begin the names of buckets, roles and keys.",
            f"Use {_NAME_MIN} to {_NAME_MAX} lower-case letters, digits and single hyphens, a letter first and no hyphen "
            f"last, for example `{setting}: {example}`.",
        )


def _name_lengths(name: str, environment: str, regions: t.Mapping[t.Any, t.Any]) -> t.Iterator[Problem]:
    longest = max((f"{name}-{environment}-{region}-{_LONGEST_BUCKET_THING}" for region in regions), key=len, default="")
    excess = len(longest) - _BUCKET_NAME_MAX
    if excess > 0:
        yield Problem(
            "platform_name",
            f"makes the bucket name {longest}, which has {len(longest)} characters; S3 allows {_BUCKET_NAME_MAX}.",
            f"Shorten platform_name or platform_environment by {excess} character(s) in all.",
        )


def _domain(value: t.Any) -> t.Iterator[Problem]:
    setting, example = "platform_domain", "learn.example.com"
    if value is None or value == "":
        yield _missing(setting, "the DNS domain that users reach the platform at", example)
    elif not isinstance(value, str):
        yield _wrong_kind(setting, value, "a domain name", example)
    else:
        labels = value.split(".")
        sound = len(labels) > 1 and all(_LABEL.fullmatch(label) for label in labels) and not labels[-1].isdigit()
        if not sound or len(value) > _DOMAIN_MAX:
            yield Problem(
                setting,
                f"'{value}' is not a domain name.",
                "Write the bare name in lower case, without scheme, port, path or a dot at the end, for example "
                f"`{setting}: {example}`.",
            )


def _account(value: t.Any) -> t.Iterator[Problem]:
    setting = "platform_account_id"
    fix = f'Write the 12 digits in quotes, for example `{setting}: "111122223333"`; `aws sts get-caller-identity` shows yours.'
    if value is None or value == "":
        yield Problem(setting, "is missing. It is the AWS account that this environment belongs to.", fix)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield Problem(setting, f"is a number ({value}): YAML drops leading zeros of an account ID without quotes.", fix)
    elif not isinstance(value, str) or not _ACCOUNT.fullmatch(value):
        yield Problem(setting, f"{value!r} is not an AWS account ID.", fix)


def _regions(value: t.Any, known_regions: t.Collection[str]) -> t.Iterator[Problem]:
    setting, example = "platform_regions", "{me-west-1: {cidr: 10.10.0.0/16}, eu-central-1: {cidr: 10.20.0.0/16}}"
    if not value and value is not False:
        yield _missing(setting, "the regions of the platform, each with its address range", example)
        return
    if not isinstance(value, dict):
        yield _wrong_kind(setting, value, "a mapping of region names", example)
        return
    if len(value) != _REGIONS_EXPECTED:
        yield Problem(
            setting,
            f"names {len(value)} region(s) ({joined(value)}). The platform is made for {_REGIONS_EXPECTED}: one that takes "
            "writes, one that can take over.",
            "Nothing to do if this is meant.",
            warning=True,
        )
    for region, entry in value.items():
        yield from _region_name(region, known_regions)
        yield from _region_keys(region, entry)


def _region_name(region: t.Any, known_regions: t.Collection[str]) -> t.Iterator[Problem]:
    setting = f"platform_regions['{region}']"
    guess = did_you_mean(region, known_regions)
    if not isinstance(region, str) or not _REGION.fullmatch(region):
        yield Problem(
            setting, f"'{region}' is not the name of an AWS region.{guess}", "Use a name such as eu-central-1; "
            "`aws ec2 describe-regions --all-regions` lists them."
        )  # fmt: skip
    elif known_regions and region not in known_regions:
        yield Problem(
            setting,
            f"the AWS SDK on this machine knows no region of that name.{guess}",
            "Correct the name; if the region is new, upgrade boto3 and botocore.",
            warning=True,
        )


def _region_keys(region: t.Any, entry: t.Any) -> t.Iterator[Problem]:
    setting, example = f"platform_regions['{region}']", "{cidr: 10.10.0.0/16}"
    if not isinstance(entry, dict):
        yield Problem(setting, f"is {kind(entry)}, but must be a mapping.", f"Write it as `{region}: {example}`.")
        return
    yield from _unknown_keys(setting, entry, REGION_KEYS)
    if not entry.get("cidr"):
        yield Problem(
            f"{setting}.cidr", "is missing. It is the region's address range.", f"Write `{region}: {example}`."
        )


def _unknown_keys(setting: str, entry: t.Mapping[t.Any, t.Any], known: t.Sequence[str]) -> t.Iterator[Problem]:
    for key in entry:
        if key not in known:
            yield Problem(
                f"{setting}.{key}",
                f"is not a setting.{did_you_mean(key, known)}",
                f"Correct or remove it. Known here: {joined(known)}.",
            )


def _ranges(regions: t.Any) -> t.Iterator[Problem]:
    networks: dict[str, ipaddress.IPv4Network] = {}
    for region, entry in regions.items() if isinstance(regions, dict) else ():
        value = entry.get("cidr") if isinstance(entry, dict) else None
        if not value:
            continue  # reported as missing
        network = _network(value)
        if network:
            networks[region] = network
        yield from _range(f"platform_regions['{region}'].cidr", value, network)
    for (one, first), (other, second) in itertools.combinations(networks.items(), 2):
        if first.overlaps(second):
            yield Problem(
                f"platform_regions['{other}'].cidr",
                f"{second} of {other} overlaps {first} of {one}: their networks could not be peered.",
                "Give each region a range of its own, for example 10.10.0.0/16 and 10.20.0.0/16.",
            )


def _network(value: t.Any) -> ipaddress.IPv4Network | None:
    try:
        return ipaddress.IPv4Network(value, strict=False) if isinstance(value, str) and "/" in value else None
    except ValueError:
        return None


def _range(setting: str, value: t.Any, network: ipaddress.IPv4Network | None) -> t.Iterator[Problem]:
    fix = f"Use a private range with a prefix of /{_PREFIX_MIN} to /{_PREFIX_MAX}, for example 10.10.0.0/16."
    if network is None:
        yield Problem(setting, f"{value!r} is not an IPv4 range.", fix)
    elif not any(network.subnet_of(private) for private in _PRIVATE):
        yield Problem(setting, f"{value} is not a private range (10/8, 172.16/12 or 192.168/16, RFC 1918).", fix)
    elif not _PREFIX_MIN <= network.prefixlen <= _PREFIX_MAX:
        size = (
            "more addresses than a VPC may have"
            if network.prefixlen < _PREFIX_MIN
            else "too few addresses for its subnets"
        )
        yield Problem(setting, f"{value} holds {size}.", fix)
    elif str(network) != value:
        yield Problem(
            setting, f"{value} has an address inside its range where its beginning belongs.", f"Write {network}."
        )


def _hosts(regions: t.Any, hosts: t.Mapping[str, t.Any] | None) -> t.Iterator[Problem]:
    if hosts is None or not isinstance(regions, dict) or not regions:
        return
    for region in regions:
        if region not in hosts:
            yield Problem(
                f"platform_regions['{region}']",
                f"the inventory group `regions` has no host {region}.{did_you_mean(region, hosts)}",
                f"Add it to the inventory (`{region}: {{aws_region: {region}}}`), or remove it from platform_regions.",
            )
    for host, aws_region in hosts.items():
        if host not in regions:
            yield Problem(
                "platform_regions",
                f"has no entry for {host}, a host of the inventory group `regions`.{did_you_mean(host, map(str, regions))}",
                f"Add it (`{host}: {{cidr: ...}}`), or remove the host from the inventory.",
            )
        if aws_region != host:
            yield Problem(
                "aws_region",
                f"of the host {host} is {aws_region or 'missing'}, but a host of the group `regions` is named by its region.",
                f"Write `{host}: {{aws_region: {host}}}` in the inventory.",
            )


def _initial_primary(value: t.Any, regions: t.Any) -> t.Iterator[Problem]:
    setting = "platform_initial_primary"
    names = [str(region) for region in regions] if isinstance(regions, dict) else []
    example = names[0] if names else "me-west-1"
    if value is None or value == "":
        yield _missing(setting, "the region that takes writes after the first build", example)
    elif not isinstance(value, str):
        yield _wrong_kind(setting, value, "the name of a region", example)
    elif names and value not in names:
        yield Problem(
            setting,
            f"{value} is none of platform_regions ({joined(names)}).{did_you_mean(value, names)}",
            f"Name one of them, for example `{setting}: {example}`.",
        )


def _residency(value: t.Any) -> t.Iterator[Problem]:
    setting = "platform_residency"
    example = '{acknowledged: true, acknowledged_by: "A. Name, data protection officer, 2026-11-01"}'
    fix = (
        "Both regions hold personal data, and Saudi rules restrict it abroad. When whoever is responsible has agreed, write "
        f"`{setting}: {example}`."
    )
    if not value and value is not False:
        yield Problem(setting, "is missing: nobody has acknowledged where personal data is kept.", fix)
        return
    if not isinstance(value, dict):
        yield _wrong_kind(setting, value, "a mapping", example)
        return
    yield from _unknown_keys(setting, value, RESIDENCY_KEYS)
    acknowledged, by = value.get("acknowledged"), value.get("acknowledged_by")
    if acknowledged is not True:
        found = "is missing" if acknowledged is None else f"is {acknowledged!r}, not true"
        yield Problem(f"{setting}.acknowledged", f"{found}: nobody has acknowledged where personal data is kept.", fix)
    elif not isinstance(by, str) or not by.strip():
        yield Problem(f"{setting}.acknowledged_by", "is missing: it names who agreed, and when.", fix)


def _protected(value: t.Any) -> t.Iterator[Problem]:
    if value is not None and not isinstance(value, bool) and str(value).lower() not in ("true", "false"):
        yield _wrong_kind("platform_protected", value, "true or false", "true")


def _endpoints(value: t.Any, regions: t.Any) -> t.Iterator[Problem]:
    setting, example = "platform_endpoints", "{me-west-1: https://aws-me-west-1.example.com}"
    if value is None:
        return
    if not isinstance(value, dict):
        yield _wrong_kind(setting, value, "a mapping of region names to URLs", example)
        return
    used = {GLOBAL_REGION, *map(str, regions if isinstance(regions, dict) else ())}
    for region, url in value.items():
        if not _is_url(url):
            yield Problem(
                f"{setting}['{region}']", f"{url!r} is not the URL of an API.", f"Write it as `{setting}: {example}`."
            )
        elif isinstance(regions, dict) and region not in used:
            yield Problem(
                f"{setting}['{region}']",
                f"is the endpoint of a region that the platform doesn't use.{did_you_mean(region, used)}",
                f"Correct or remove it. Used are {joined(sorted(used))}.",
                warning=True,
            )


def _is_url(value: t.Any) -> bool:
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
        return bool(parts and parts.scheme in ("http", "https") and parts.hostname and parts.port != 0)
    except ValueError:  # a port that is none
        return False


def _unknown_settings(settings: Settings) -> t.Iterator[Problem]:
    for name in settings:
        if name not in SETTINGS and (guess := did_you_mean(name, SETTINGS)):
            yield Problem(name, f"is not a setting of the platform.{guess}", "Correct or rename it.", warning=True)
