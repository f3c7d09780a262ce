# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Map names of tenants, which are called as companies are, to the names of what belongs to them. Pure functions.

A name of lower-case letters and digits that begins with a letter stands as it is, where it fits. Any other becomes ``0``, its
letters and digits as far as ASCII has them, in lower case and cut to fit, and ten characters of its digest. No name of the first
kind begins with ``0``, and two of the second have different digests: none meets another's.
"""

from __future__ import annotations

import base64
import hashlib
import re
import typing as t
import unicodedata

SCHEMA_LENGTH, USER_LENGTH = 64, 32  # https://dev.mysql.com/doc/refman/8.4/en/identifier-length.html
SECRET_LENGTH = 64  # of the last part of its name
INSTANCE_LENGTH = 63

_PLAIN = re.compile(r"[a-z][a-z0-9]*")
_PREFIX = re.compile(r"[a-z][a-z0-9]*|")
_MARK, _DIGEST = "0", 10
_LONGEST = 128
_JOINERS = "\u200c\u200d"  # Persian and other scripts need them within words

_SYSTEM_SCHEMAS = frozenset({"information_schema", "mysql", "performance_schema", "sys"})
_SYSTEM_USERS = re.compile(r"mysql\..*|rds.*|root")


def normalized(name: str) -> str:
    """Return a name in the one form that Unicode has for it."""
    return unicodedata.normalize("NFC", name)


def identifier(name: str, longest: int, prefix: str = "") -> str:
    """Return the name, behind the prefix, of what belongs to a tenant: at most ``longest`` letters and digits."""
    if _PLAIN.fullmatch(name) and len(prefix + name) <= longest:
        return prefix + name
    room = max(longest - len(prefix) - len(_MARK) - _DIGEST, 0)
    return f"{prefix}{_MARK}{_letters(name)[:room]}{_digest(name)}"


def _letters(name: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return re.sub("[^a-z0-9]", "", ascii_only.lower())


def _digest(name: str) -> str:
    hashed = hashlib.sha256(normalized(name).encode("utf-8", "surrogatepass")).digest()
    return base64.b32encode(hashed).decode().lower()[:_DIGEST]


def faults(name: str, prefix: str) -> t.Iterator[str]:
    """Say why a name, or the prefix before it, can't be mapped."""
    if not name.strip():
        yield "a tenant needs a name."
    elif name != name.strip():
        yield "its name begins or ends with a space. Fix: remove it."
    if len(name) > _LONGEST:
        yield f"its name has {len(name)} characters, and {_LONGEST} are allowed."
    hidden = sorted({f"U+{ord(sign):04X}" for sign in name if _is_hidden(sign)})
    if hidden:
        yield f"its name holds characters that can't be seen ({', '.join(hidden)}). Fix: remove them."
    if not _PREFIX.fullmatch(prefix):
        yield f"{prefix!r} is no prefix of schemas: small letters and digits, beginning with a letter."
    elif len(identifier(name, USER_LENGTH, prefix)) > USER_LENGTH:
        yield f"the prefix {prefix} leaves no room for it in the {USER_LENGTH} characters that MySQL allows a user's name."


def _is_hidden(sign: str) -> bool:
    return sign not in _JOINERS and (unicodedata.category(sign)[0] == "C" or sign in "\u2028\u2029")


def schema_faults(name: str) -> t.Iterator[str]:
    """Say why a schema can't have the name that a person stated."""
    yield from _stated_faults("database", name, SCHEMA_LENGTH)
    if name.lower() in _SYSTEM_SCHEMAS:
        yield f"the schema {name} is MySQL's own."


def user_faults(name: str) -> t.Iterator[str]:
    """Say why a user can't have the name that a person stated."""
    yield from _stated_faults("user", name, USER_LENGTH)
    if _SYSTEM_USERS.fullmatch(name.lower()):
        yield f"the user {name} is one of MySQL's or of RDS's own."


def _stated_faults(option: str, name: str, longest: int) -> t.Iterator[str]:
    if not 1 <= len(name) <= longest:
        yield f"{option} has 1 to {longest} characters, not {len(name)}."
    if name != name.strip() or any(_is_hidden(sign) or sign == "\\" or ord(sign) > 0xFFFF for sign in name):
        yield f"{option} {name!r} begins or ends with a space, or holds a backslash or characters that MySQL doesn't take in names."
