# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""DeleteObjects wants s3:DeleteObjectVersion for every entry that names a version, the first one too.

On AWS each entry is checked for itself. The emulator asks for s3:DeleteObject on the first, whatever it names, so that emptying a
versioned bucket seems to need a right that AWS doesn't ask for.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
"""

from __future__ import annotations

from collections.abc import Iterator

from ministack.core import iam_actions

from lab.emulator.patches._access_checks import Check, Request, replace


def _checks(request: Request) -> Iterator[Check]:
    batch = request.action == "DeleteObject" and "delete" in request.params
    targets = iam_actions._s3_batch_delete_targets("", request.body) if batch else []
    versioned = bool(targets and targets[0][1])
    yield Check(request.resource, action="s3:DeleteObjectVersion" if versioned else "")


def apply() -> None:
    replace("s3", _checks)
