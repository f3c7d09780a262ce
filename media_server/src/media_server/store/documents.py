# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read typed fields of stored documents. An invalid document is refused by name, without quoting its content."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from media_server.errors import UnprocessableError

SCHEMA = 1


def to_bytes(document: dict[str, Any]) -> bytes:
    """Return the document as it is stored. The same content gives the same bytes."""
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def encoded(data: bytes) -> str:
    """Encode bytes as base64."""
    return base64.b64encode(data).decode()


class Fields:
    """The fields of a document of schema 1, read with their types. Raises UnprocessableError."""

    def __init__(self, name: str, data: Any, schema: int | None = SCHEMA):
        self._name = name
        if not isinstance(data, dict) or (schema is not None and data.get("schema") != schema):
            raise self._wrong("schema")
        self._data = data

    def _wrong(self, field: str) -> UnprocessableError:
        return UnprocessableError("bad-document", f"{self._name} is not readable: field {field} is missing or wrong.")

    def _typed(self, field: str, type_: type) -> Any:
        value = self._data.get(field)
        if not isinstance(value, type_) or (type_ is int and isinstance(value, bool)):
            raise self._wrong(field)
        return value

    def text(self, field: str) -> str:
        """Return a string."""
        return self._typed(field, str)

    def number(self, field: str) -> int:
        """Return a non-negative integer."""
        value = self._typed(field, int)
        if value < 0:
            raise self._wrong(field)
        return value

    def optional_text(self, field: str) -> str | None:
        """Return a string, or None."""
        return None if self._data.get(field) is None else self.text(field)

    def optional_number(self, field: str) -> int | None:
        """Return a non-negative integer, or None."""
        return None if self._data.get(field) is None else self.number(field)

    def hexadecimal(self, field: str) -> bytes:
        """Decode bytes written in hexadecimal."""
        try:
            return bytes.fromhex(self.text(field))
        except ValueError:
            raise self._wrong(field) from None

    def base64(self, field: str) -> bytes:
        """Decode bytes written in base64."""
        try:
            return base64.b64decode(self.text(field), validate=True)
        except binascii.Error:
            raise self._wrong(field) from None

    def texts(self, field: str) -> tuple[str, ...]:
        """Return a list of strings."""
        value = self._typed(field, list)
        if not all(isinstance(item, str) for item in value):
            raise self._wrong(field)
        return tuple(value)

    def optional_numbers(self, field: str) -> tuple[int, ...] | None:
        """Return a list of integers, or None."""
        if self._data.get(field) is None:
            return None
        value = self._typed(field, list)
        if not all(type(item) is int for item in value):
            raise self._wrong(field)
        return tuple(value)

    def numbered(self, field: str) -> dict[int, Fields]:
        """Return nested documents by number."""
        value = self._typed(field, dict)
        if not all(key.isdecimal() for key in value):
            raise self._wrong(field)
        return {int(key): Fields(f"{self._name}, {field} {key}", item, schema=None) for key, item in value.items()}

    def optional(self, field: str) -> Fields | None:
        """Return a nested document, or None."""
        value = self._data.get(field)
        return None if value is None else Fields(f"{self._name}, {field}", value, schema=None)
