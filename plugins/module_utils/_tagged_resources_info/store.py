# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Find the resources with given tags in a region, and whether they are still there."""

from __future__ import annotations

import fnmatch
import time
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import doing, error_code
from ansible_collections.knowledgecity.platform.plugins.module_utils._parallel import in_parallel
from ansible_collections.knowledgecity.platform.plugins.module_utils._tagged_resources_info.kinds import (
    GONE,
    LISTED,
    PRESENT,
    kind_of,
)

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule reports the missing library
    ClientError = Exception

Resource = dict[str, t.Any]

_BETWEEN_LOOKS = 10.0
_DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "403")
# How an IAM entry of each kind is read with its tags.
_IAM = {
    "list_roles": ("Roles", "RoleName", {}, "get_role", "Role", "RoleName"),
    "list_instance_profiles": (
        "InstanceProfiles",
        "InstanceProfileName",
        {},
        "get_instance_profile",
        "InstanceProfile",
        "InstanceProfileName",
    ),
    "list_policies": ("Policies", "PolicyName", {"Scope": "Local"}, "get_policy", "Policy", "Arn"),
}


class TaggedResources:
    """Find resources. ``client_for(service)`` gives a client of the region that is searched."""

    def __init__(self, client_for: t.Callable[[str], t.Any], region: str):
        self._client_for = client_for
        self._region = region

    def find(self, tags: dict[str, t.Any]) -> list[Resource]:
        """Return what the Resource Groups Tagging API lists for all of ``tags``, each as its own API knows it."""
        filters = [{"Key": key, "Values": [str(value)]} for key, value in tags.items()]
        with doing(f"list the resources with the tags {tags} in {self._region}"):
            pages = (
                self._client_for("resourcegroupstaggingapi").get_paginator("get_resources").paginate(TagFilters=filters)
            )
            found = [
                {"arn": resource["ResourceARN"], "tags": _as_dict(resource["Tags"])}
                for page in pages
                for resource in page["ResourceTagMappingList"]
            ]
        # Clients are made one after the other: a session isn't made for threads.
        for service in sorted({kind.service for kind, _name in map(kind_of, (each["arn"] for each in found)) if kind}):
            self._client_for(service)
        statuses = in_parallel(self._status, [resource["arn"] for resource in found])
        return [resource | {"status": status} for resource, status in zip(found, statuses, strict=True)]

    def find_iam(self, prefix: str, tags: dict[str, t.Any]) -> list[Resource]:
        """Find the account's IAM roles, instance profiles and policies by the beginning of their name.

        Those with another platform's values of ``tags`` are left out: kc-prod-eu-runner begins as what belongs to kc-prod does.
        """
        iam = self._client_for("iam")
        found = []
        for operation, (key, name, arguments, _get, _item, identity) in _IAM.items():
            with doing(f"list what begins with {prefix} in IAM ({operation})"):
                pages = iam.get_paginator(operation).paginate(**arguments)
                found += [
                    (operation, entry["Arn"], entry[identity])
                    for page in pages
                    for entry in page[key]
                    if entry[name].startswith(prefix)
                ]
        read = in_parallel(lambda entry: self._iam_tags(entry[0], entry[2]), found)
        return [
            {"arn": arn, "tags": own or {}, "status": PRESENT}
            for (_operation, arn, _identity), own in zip(found, read, strict=True)
            if own is not None and all(own.get(tag, str(value)) == str(value) for tag, value in tags.items())
        ]

    def _iam_tags(self, operation: str, identity: str) -> dict[str, str] | None:
        """Read an entry's tags; None where it went meanwhile. What may not be read counts as untagged."""
        _key, _name, _arguments, get, item, _identity = _IAM[operation]
        argument = {"get_role": "RoleName", "get_instance_profile": "InstanceProfileName", "get_policy": "PolicyArn"}[
            get
        ]
        with doing(f"read the tags of {identity} in IAM ({get})"):
            try:
                return _as_dict(getattr(self._client_for("iam"), get)(**{argument: identity})[item].get("Tags", []))
            except ClientError as error:
                if error_code(error) == "NoSuchEntity":
                    return None
                if error_code(error) in _DENIED:
                    return {}
                raise

    def _status(self, arn: str) -> str:
        """Ask a resource's own API. Where there is none to ask, or it may not be asked, the resource is only listed."""
        kind, identity = kind_of(arn)
        if kind is None:
            return LISTED
        with doing(f"describe the {kind.title} {identity} in {self._region}"):
            try:
                answer = getattr(self._client_for(kind.service), kind.operation)(**kind.arguments(arn, identity))
            except ClientError as error:
                if error_code(error) in kind.missing:
                    return GONE
                if error_code(error) in _DENIED:
                    return LISTED
                raise
        return kind.status(answer, identity)


def settle(look: t.Callable[[], list[Resource]], *, kept: t.Sequence[str], timeout: float) -> list[Resource]:
    """Look again until nothing is left but what waits for its deletion or is kept, or the time is over. Return what was seen last.

    In ``kept`` a * stands for anything.
    """
    deadline = time.monotonic() + timeout
    while True:
        found = look()
        left = [each["arn"] for each in found if each["status"] in (PRESENT, LISTED)]
        if all(any(fnmatch.fnmatchcase(arn, pattern) for pattern in kept) for arn in left):
            return found
        if time.monotonic() + _BETWEEN_LOOKS > deadline:
            return found
        time.sleep(_BETWEEN_LOOKS)


def _as_dict(tags: t.Sequence[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}
