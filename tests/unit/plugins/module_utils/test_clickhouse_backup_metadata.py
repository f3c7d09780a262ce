# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Parse the description of a backup, and calculate the engine's checksum."""

from __future__ import annotations

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.checksum import checksum
from ansible_collections.knowledgecity.platform.plugins.module_utils._clickhouse_backup.metadata import (
    parse,
    parts_of,
    sizes_of,
    tables_of,
)

# As ClickHouse 26.9 writes it, shortened.
INCREMENTAL = b"""<config><version>1</version><deduplicate_files>1</deduplicate_files>
<timestamp>2026-11-25 02:53:38</timestamp><uuid>6092affb</uuid><base_backup>S3(backups, 'inc\\'1')</base_backup>
<base_backup_uuid>2f434c28</base_backup_uuid><contents>
<file><name>data/d/t%2Ea/all_1_1_0/checksums.txt</name><size>267</size><checksum>aa</checksum><use_base>true</use_base></file>
<file><name>data/d/t%2Ea/all_2_2_0/checksums.txt</name><size>267</size><checksum>bb</checksum></file>
<file><name>data/d/t%2Ea/all_2_2_0/columns.txt</name><size>40</size><checksum>cc</checksum>
<data_file>data/d/t%2Ea/all_1_1_0/columns.txt</data_file></file>
<file><name>data/d/log/data.bin</name><size>30</size><checksum>dd</checksum><use_base>true</use_base><base_size>20</base_size>
<base_checksum>ee</base_checksum></file>
<file><name>data/d/t%2Ea/all_2_2_0/empty</name><size>0</size></file>
<file><name>metadata/d.sql</name><size>1</size><checksum>ff</checksum></file>
<file><name>metadata/d/t%2Ea.sql</name><size>2</size><checksum>gg</checksum></file>
<file><name>metadata/d/%2Einner_id%2Ex.sql</name><size>3</size><checksum>hh</checksum></file>
</contents></config>"""


def test_what_a_backup_stored_itself_is_what_its_base_does_not_hold():
    described = parse(INCREMENTAL)
    assert (described.uuid, described.base, described.base_uuid) == ("6092affb", "inc'1", "2f434c28")
    assert {key: file.own_size for key, file in described.own.items()} == {
        "data/d/t%2Ea/all_2_2_0/checksums.txt": 267,
        "data/d/t%2Ea/all_1_1_0/columns.txt": 40,
        "data/d/log/data.bin": 10,
        "metadata/d.sql": 1,
        "metadata/d/t%2Ea.sql": 2,
        "metadata/d/%2Einner_id%2Ex.sql": 3,
    }
    assert described.own_size == 323
    assert described.size == 267 + 267 + 40 + 30 + 6
    assert (30, "dd") in described.contents


def test_tables_and_parts_are_told_from_the_files_names():
    described = parse(INCREMENTAL)
    assert parts_of(described) == {"d.t.a": {"all_1_1_0": "aa", "all_2_2_0": "bb"}}
    assert tables_of(described) == {"d.t.a"}
    assert sizes_of(described) == {"d.t.a": 267 + 267 + 40, "d.log": 30}


@pytest.mark.parametrize("content", [INCREMENTAL[:400], b"", b"<config></config>", b"<config><uuid>1</uuid></config>"])
def test_a_description_that_was_cut_off_is_refused(content):
    with pytest.raises(ValueError, match=r"its \.backup"):
        parse(content)


def test_a_base_by_address_is_refused_since_no_other_region_could_follow_it():
    with pytest.raises(ValueError, match="isn't named by a collection"):
        parse(INCREMENTAL.replace(b"S3(backups, 'inc\\'1')", b"S3('https://bucket/inc1')"))


# What ClickHouse 26.9 itself wrote for files of these contents.
@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"0", "1d5952e8223ea966def237d6e7e216f1")],
)
def test_the_checksum_is_the_engines(content, expected):
    assert checksum([content]) == expected


def test_the_checksum_does_not_depend_on_how_the_file_is_cut():
    content = bytes(range(256)) * 40
    whole = checksum([content])
    for size in (1, 15, 2047, 2048, 2049, 5000):
        assert checksum(content[start : start + size] for start in range(0, len(content), size)) == whole
    changed = bytearray(content)
    changed[2500] ^= 1
    assert checksum([bytes(changed)]) != whole


def test_a_collection_that_is_no_plain_word_is_a_base_too():
    described = parse(INCREMENTAL.replace(b"S3(backups, ", b"S3(`s3-back\\`ups`, "))
    assert described.base == "inc'1"


def test_files_that_share_an_object_at_two_lengths_are_a_fault():
    """As ClickHouse#112403 writes it of a TinyLog that grew: a restore reads one file's bytes for the other's."""
    shared = b"""<file><name>data/d/log/b.bin</name><size>30</size><checksum>dd</checksum><use_base>true</use_base>
<base_size>10</base_size><base_checksum>ff</base_checksum><data_file>data/d/log/data.bin</data_file></file></contents>"""
    (conflict,) = parse(INCREMENTAL.replace(b"</contents>", shared)).conflicts
    assert "data/d/log/data.bin" in conflict
    assert "10 and 20 bytes" in conflict
    assert parse(INCREMENTAL).conflicts == []
