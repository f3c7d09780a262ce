# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Parse a backup's description, the object `.backup`. Pure functions.

The engine writes it last (BackupImpl::writeBackupMetadata in ClickHouse's src/Backups). A file of size s of which the base
backup holds the first b bytes has s - b bytes of its own, stored under its name or under the `data_file` it shares with
others of the same content. `checksum` is the engine's hash of the whole file.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import typing as t
from xml.etree import ElementTree

# A name that isn't a plain word is in backticks.
_REFERENCE = re.compile(r"S3\(\s*(\w+|`(?:[^`\\]|\\.)+`)\s*,\s*'((?:[^'\\]|\\.)*)'\s*\)")


@dataclasses.dataclass(frozen=True)
class File:
    """One file of a backup; sizes are bytes."""

    name: str
    size: int
    checksum: str
    base_size: int = 0
    base_checksum: str = ""
    data_file: str = ""

    @property
    def own_size(self) -> int:
        """Return the bytes that are stored in this backup."""
        return self.size - self.base_size

    @property
    def key(self) -> str:
        """Return the key of its own bytes, below the backup's name."""
        return self.data_file or self.name


@dataclasses.dataclass(frozen=True)
class Metadata:
    """A complete `.backup`."""

    uuid: str
    timestamp: str
    base: str | None
    base_uuid: str
    files: tuple[File, ...]

    @functools.cached_property
    def own(self) -> dict[str, File]:
        """Return one file for each object that the backup stored itself, by its key."""
        return {file.key: file for file in self.files if file.own_size > 0}

    @functools.cached_property
    def conflicts(self) -> list[str]:
        """Return the files that share an object with others of which the base holds another length: a restore mixes them up.

        The engine writes such descriptions of tables that only grow (ClickHouse#112403).
        """
        return [
            f"{file.name} and {self.own[file.key].name} share {file.key}, but have {file.own_size} and "
            f"{self.own[file.key].own_size} bytes of it"
            for file in self.files
            if file.own_size > 0 and file.own_size != self.own[file.key].own_size
        ]

    @functools.cached_property
    def contents(self) -> dict[tuple[int, str], File]:
        """Return the files by size and checksum, as a later backup refers to them."""
        return {(file.size, file.checksum): file for file in self.files}

    @property
    def size(self) -> int:
        """Return the bytes of all files, stored here or in a base."""
        return sum(file.size for file in self.files)

    @property
    def own_size(self) -> int:
        """Return the bytes that the backup stored itself."""
        return sum(file.own_size for file in self.own.values())


def parse(content: bytes) -> Metadata:
    """Parse a `.backup`. Raise ValueError where it is cut off, or isn't one."""
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise ValueError(f"its .backup can't be read: {error}") from error
    contents = root.find("contents")
    if contents is None or root.findtext("uuid") is None:
        raise ValueError("its .backup has no contents or no uuid")
    return Metadata(
        uuid=root.findtext("uuid", ""),
        timestamp=root.findtext("timestamp", ""),
        base=_base(root.findtext("base_backup")),
        base_uuid=root.findtext("base_backup_uuid", ""),
        files=tuple(_file(element) for element in contents.iterfind("file")),
    )


def _base(reference: str | None) -> str | None:
    """Return the base's name. Only a reference by collection works in another region."""
    if not reference:
        return None
    found = _REFERENCE.fullmatch(reference.strip())
    if not found:
        raise ValueError("its base isn't named by a collection, so it can't be told where it is")
    return re.sub(r"\\(.)", r"\1", found.group(2)).strip("/")


def _file(element: ElementTree.Element) -> File:
    values: dict[str, str] = {child.tag: child.text or "" for child in element}
    size = int(values["size"])
    uses_base = values.get("use_base") == "true"
    return File(
        name=values["name"],
        size=size,
        checksum=values.get("checksum", ""),
        base_size=int(values.get("base_size", size)) if uses_base else 0,
        base_checksum=values.get("base_checksum", values.get("checksum", "")) if uses_base else "",
        data_file=values.get("data_file", ""),
    )


def parts_of(metadata: Metadata) -> dict[str, dict[str, str]]:
    """Return the data parts of a backup by `database.table` and name; tables without parts are missing.

    The value identifies a part's content: it is the checksum of the part's own list of checksums.
    """
    found: dict[str, dict[str, str]] = {}
    for file in metadata.files:
        place = _PART.match(file.name)
        if place:
            table = f"{unescape(place.group(1))}.{unescape(place.group(2))}"
            found.setdefault(table, {})[place.group(3)] = file.checksum
    return found


_DEFINITION = re.compile(r"(?:shards/\d+/replicas/\d+/)?metadata/([^/]+)/([^/]+)\.sql$")
# In a backup of a cluster each replica's files are below shards/N/replicas/M.
_DATA = re.compile(r"(?:shards/\d+/replicas/\d+/)?data/([^/]+)/([^/]+)/")
_PART = re.compile(r"(?:shards/\d+/replicas/\d+/)?data/([^/]+)/([^/]+)/([^/]+)/checksums\.txt$")


def tables_of(metadata: Metadata) -> set[str]:
    """Return all tables, views and dictionaries of a backup, as `database.table`, without inner tables of views."""
    return set(definitions_of(metadata))


def definitions_of(metadata: Metadata) -> dict[str, File]:
    """Return the files with the definitions of `tables_of`, by `database.table`."""
    found = {}
    for file in metadata.files:
        place = _DEFINITION.match(file.name)
        if place and not unescape(place.group(2)).startswith(".inner"):
            found[f"{unescape(place.group(1))}.{unescape(place.group(2))}"] = file
    return found


def tables_with_data(metadata: Metadata) -> set[str]:
    """Return the tables of which the backup holds files beside their definitions."""
    return set(sizes_of(metadata))


def sizes_of(metadata: Metadata) -> dict[str, int]:
    """Return the bytes of the files of each table, as a restore brings them back."""
    found: dict[str, int] = {}
    for file in metadata.files:
        place = _DATA.match(file.name)
        if place:
            name = f"{unescape(place.group(1))}.{unescape(place.group(2))}"
            found[name] = found.get(name, 0) + file.size
    return found


def unescape(name: str) -> str:
    """Decode a name that ClickHouse's escapeForFileName wrote."""
    return re.sub(rb"%([0-9A-F]{2})", lambda code: bytes([int(code.group(1), 16)]), name.encode()).decode()


def describe(metadata: Metadata) -> dict[str, t.Any]:
    """Describe it for results; sizes are bytes."""
    return {
        "uuid": metadata.uuid,
        "base": metadata.base,
        "files": len(metadata.files),
        "bytes": metadata.size,
        "stored_files": len(metadata.own),
        "stored_bytes": metadata.own_size,
    }
