# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The right to open a ciphertext of a multi-Region key is checked on that key, even where the request doesn't name it.

The emulator reads the key from the ciphertext, too, but doesn't know an id that begins with `mrk-`: it then asks for the right to
every key.
https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html
"""

from __future__ import annotations

import re

from ministack.core import iam_actions


def apply() -> None:
    iam_actions._KMS_KEY_ID_RE = re.compile(rf"{iam_actions._KMS_KEY_ID_RE.pattern}|^mrk-[0-9a-f]{{32}}$")
