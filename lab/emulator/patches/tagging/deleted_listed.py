# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""GetResources still lists what was deleted, for as long as the lab's lag of the list says.

On AWS the Resource Groups Tagging API lists deleted volumes, zones, listeners and others for minutes or hours. The emulator forgets
them at once. Known is what an earlier call listed.
https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
"""

from __future__ import annotations

import json
import time

import ministack.services.tagging as tagging
from ministack.core.responses import get_account_id, get_region

from lab.emulator.patches import _lags

# By account, region and ARN: the entry as it was listed last, and when it was first missed.
_known: dict[tuple[str, str, str], tuple[dict, float | None]] = {}


def _deleted(place: tuple[str, str], there: set[str], filters: list[dict]) -> list[dict]:
    lag, now, found = _lags.seconds("listed"), time.time(), []
    for key, (entry, missed) in list(_known.items()):
        if key[:2] != place or key[2] in there or not tagging._matches_tag_filters(entry["Tags"], filters):
            continue
        _known[key] = (entry, missed or now)
        if now - (missed or now) < lag:
            found.append(entry)
        else:
            del _known[key]
    return found


def apply() -> None:
    get = tagging._HANDLERS["GetResources"]

    def get_resources(data):
        answer = get(data)
        if answer[0] != 200 or data.get("ResourceARNList") or not _lags.seconds("listed"):
            return answer
        body, place = json.loads(answer[2]), (get_account_id(), get_region())
        listed = body["ResourceTagMappingList"]
        for entry in listed:
            _known[*place, entry["ResourceARN"]] = (entry, None)
        body["ResourceTagMappingList"] = listed + _deleted(
            place, {entry["ResourceARN"] for entry in listed}, data.get("TagFilters", [])
        )
        return answer[0], answer[1], json.dumps(body).encode()

    tagging._HANDLERS["GetResources"] = get_resources
