# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and change DB instances: their states, and AWS's refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from xml.sax.saxutils import escape

import ministack.services.rds as rds


class Reconciler:
    """Whether a reconciler realizes the DB instances. Without one every state is reached at once, as in the stock emulator."""

    attached = False


def realizable(instance: dict) -> bool:
    """Return whether an instance is one that the lab can make true: MySQL, and no member of an Aurora cluster."""
    return instance["Engine"] == "mysql" and not instance.get("DBClusterIdentifier")


def begin(record: dict, transitional: str, final: str, field: str = "DBInstanceStatus") -> None:
    """Begin a change of an instance's or a snapshot's state: it is over at once without a reconciler."""
    record[field] = transitional if Reconciler.attached else final


def refusal(code: str, message: str, status: int = 400) -> tuple:
    """Return an error answer of RDS."""
    return rds._error(code, escape(message), status)


def not_in(instance: dict, states: Iterable[str]) -> tuple | None:
    """Return the refusal for an instance that is in none of `states`."""
    if instance["DBInstanceStatus"] in states:
        return None
    return refusal("InvalidDBInstanceState", f"Instance {instance['DBInstanceIdentifier']} is not in available state.")


def answer(action: str, instance: dict) -> tuple:
    """Return the answer of an action that returns an instance."""
    return rds._single_instance_response(f"{action}Response", f"{action}Result", instance)


def found(params: dict) -> tuple[dict | None, tuple | None]:
    """Return the instance that a request names, or the refusal where there is none."""
    name = rds._p(params, "DBInstanceIdentifier")
    instance = rds._resolve_instance(name)
    return (instance, None) if instance else (None, refusal("DBInstanceNotFound", f"DBInstance {name} not found.", 404))


def anywhere(identifier: str) -> dict | None:
    """Return the instance with an identifier of this region, or an ARN of any region."""
    return rds._regional_get(rds._instances, identifier, "db")


def show(fragment: Callable[[dict], str]) -> None:
    """Add what `fragment` returns to an instance wherever the API describes it."""
    render = rds._instance_xml
    rds._instance_xml = lambda instance: render(instance) + fragment(instance)


# What single patches take back when an instance is gone.
RELEASES: list[Callable[[dict], object]] = []
# What single patches complete when a reconciler has brought an instance to a state.
ARRIVALS: list[Callable[[dict], object]] = []


def arrive(instance: dict, state: str) -> None:
    """Take in that an instance has reached a state."""
    instance["DBInstanceStatus"] = state
    for complete in ARRIVALS:
        complete(instance)


def forget(instance: dict) -> None:
    """Remove a deleted instance from the API, with what it held."""
    for release in RELEASES:
        release(instance)
    rds._tags.pop(instance["DBInstanceArn"], None)
    del rds._instances[instance["DBInstanceIdentifier"]]
