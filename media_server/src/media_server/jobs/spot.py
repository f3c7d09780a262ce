# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Watch for the spot interruption notice in the instance metadata (IMDSv2 only).

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable

ADDRESS = "169.254.169.254"
EVERY_S = 5.0
_TIMEOUT_S = 2.0
_TOKEN_S = 21600


class SpotNotice:
    """Reads the instance metadata at `address` and `port`."""

    def __init__(self, address: str = ADDRESS, port: int = 80) -> None:
        self._address = address
        self._port = port
        self._token = ""

    def is_given(self) -> bool:
        """Return whether the instance will be interrupted. Return False if the metadata service doesn't answer."""
        try:
            status = self._ask()
            if status == 401:
                self._token = ""
                status = self._ask()
        except (OSError, http.client.HTTPException):
            return False
        return status == 200

    def watch(self, ended: threading.Event, call: Callable[[], None], every_s: float = EVERY_S) -> None:
        """Call `call` once the notice is given. Return then, or when `ended` is set."""
        while not ended.is_set():
            if self.is_given():
                call()
                return
            ended.wait(every_s)

    def _ask(self) -> int:
        if not self._token:
            status, text = self._request(
                "PUT", "/latest/api/token", {"X-aws-ec2-metadata-token-ttl-seconds": str(_TOKEN_S)}
            )
            if status != 200:
                return status
            self._token = text
        headers = {"X-aws-ec2-metadata-token": self._token}
        return self._request("GET", "/latest/meta-data/spot/instance-action", headers)[0]

    def _request(self, method: str, path: str, headers: dict[str, str]) -> tuple[int, str]:
        connection = http.client.HTTPConnection(self._address, self._port, timeout=_TIMEOUT_S)
        try:
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read(4096).decode("ascii", "replace").strip()
        finally:
            connection.close()
