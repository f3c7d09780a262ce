# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Judge what was found before the first change: whether it ends the run, is a warning, or skips a resource."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import PlatformError, error_code

try:
    from botocore.exceptions import ConnectionError as NoConnection
    from botocore.exceptions import HTTPClientError, SSLError
except ImportError:  # AnsibleAWSModule reports the missing library
    HTTPClientError = NoConnection = SSLError = ()

_UNAVAILABLE = {"ServiceUnavailable", "ServiceUnavailableException", "RequestTimeout", "500", "502", "503", "504"}


@dataclasses.dataclass(frozen=True)
class Finding:
    """Something about `subject` that keeps the module from a change.

    `kind` is one of these:

    - `wrong`: the settings, or what they refer to.
    - `not_yet`: an earlier task of the same run may make it right.
    - `not_yet_elsewhere`: likewise, and it belongs to another region.
    - `unreachable`: another region does not answer.
    """

    kind: str
    subject: str
    text: str


@dataclasses.dataclass(frozen=True)
class Verdict:
    """The consequence of findings: problems end the run, skipped subjects are left as they are."""

    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    skipped: frozenset[str] = frozenset()

    def enforce(self) -> None:
        """Raise PlatformError with all problems where there are any."""
        if len(self.problems) == 1:
            raise PlatformError(f"{self.problems[0]} Nothing was changed.")
        if self.problems:
            numbered = " ".join(f"({number}) {text}" for number, text in enumerate(self.problems, start=1))
            raise PlatformError(f"{len(self.problems)} problems, and nothing was changed: {numbered}")


def judge(findings: t.Sequence[Finding], *, check_mode: bool, skip_unavailable: bool) -> Verdict:
    """Decide the consequence of each finding.

    In check mode, what a run may have created by then is a warning: a whole playbook can be checked on an empty account.
    """
    problems, warnings, skipped = [], [], set()
    for finding in findings:
        if finding.kind in ("not_yet_elsewhere", "unreachable") and skip_unavailable:
            warnings.append(f"{finding.text} {finding.subject} was left as it is.")
            skipped.add(finding.subject)
        elif finding.kind in ("not_yet", "not_yet_elsewhere") and check_mode:
            warnings.append(f"{finding.text} A run needs it by then.")
        else:
            problems.append(finding.text)
    return Verdict(tuple(dict.fromkeys(problems)), tuple(dict.fromkeys(warnings)), frozenset(skipped))


def is_unavailable(error: Exception) -> bool:
    """Tell whether a region's API is unavailable. An untrusted certificate is another error."""
    if isinstance(error, SSLError):
        return False
    return isinstance(error, (HTTPClientError, NoConnection)) or error_code(error) in _UNAVAILABLE
