# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""The lab's ClickHouse answers as ClickHouse does, backs up to the lab's S3, and keeps its data over a restart."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
import uuid
from xml.etree import ElementTree

import pytest

from lab.clickhouse.configuration import Collection, server_users
from lab.clickhouse.lifecycle import ADMINISTRATOR, USER, ClickHouseServer
from lab.clickhouse.rights import grants
from lab.runtime.control_client import ask
from tests.support.clickhouse import post, running_server


@pytest.fixture(scope="module")
def server(lab):
    with running_server(lab, "me-west-1") as running:
        yield running


def test_it_backs_up_by_collection_and_keeps_its_data_over_a_restart(server):
    server("CREATE DATABASE lab_test")
    server("CREATE TABLE lab_test.t (a UInt32) ENGINE = MergeTree ORDER BY a")
    server("INSERT INTO lab_test.t SELECT number FROM numbers(1000)")
    assert "BACKUP_CREATED" in server("BACKUP DATABASE lab_test TO S3(backups, 'one')")
    assert "clickhouse/one/.backup" in server.objects("one")
    server.process.stop()
    server.restart()
    assert server("SELECT sum(a) FROM lab_test.t") == str(sum(range(1000)))
    assert server("SELECT count() FROM system.backups") == "0", "a restart forgets backups, as ClickHouse does"


def test_errors_carry_clickhouses_own_code_and_a_wrong_password_is_refused(server):
    with pytest.raises(AssertionError, match=r"404 Code: 60\. DB::Exception"):
        server("SELECT * FROM system.no_such_table")
    with pytest.raises(AssertionError, match=r"403 Code: 516\. .*AUTHENTICATION_FAILED"):
        server.post("SELECT 1", "wrong")


def test_settings_of_a_request_hold_for_that_request_only(server):
    query = "SELECT value FROM system.settings WHERE name = 'max_backup_bandwidth'"
    assert server(query, max_backup_bandwidth="1234") == "1234"
    assert server(query) == "0"


def test_only_tls_with_the_labs_authority_is_spoken(server):
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(f"{server.process.url}/ping", timeout=5)
    with pytest.raises((urllib.error.URLError, ConnectionError, http.client.HTTPException)):
        urllib.request.urlopen(f"http://127.0.0.1:{server.process.port}/ping", timeout=5)


def test_the_backup_user_has_the_rights_of_the_readme_and_no_others(server):
    def refused(sql: str) -> str:
        with pytest.raises(AssertionError, match=r"403 Code: 497\. .*Not enough privileges") as raised:
            post(server.lab, server.process.url, server.process.password, sql, user=USER)
        return str(raised.value)

    server("CREATE DATABASE IF NOT EXISTS lab_rights")
    for sql in (
        "ALTER TABLE lab_rights.t DELETE WHERE 1",
        "OPTIMIZE TABLE lab_rights.t FINAL",
        "SYSTEM SHUTDOWN",
        "GRANT ALL ON *.* TO backup_operator",
        "RENAME TABLE lab_rights.t TO lab_rights.u",
        "SET max_threads = 1",
    ):
        assert sql.split()[0] in refused(sql)
    assert post(server.lab, server.process.url, server.process.password, "SELECT 1", user=USER) == "1"


def test_the_readme_grants_what_proofs_and_restores_run():
    granted = ", ".join(grants())
    for right in ("BACKUP", "NAMED COLLECTION", "CHECK", "SYSTEM MERGES", "TABLE ENGINE", "SET DEFINER", "DROP TABLE"):
        assert right in granted
    users = ElementTree.fromstring(server_users("u", "a", "secret", grants()))
    assert [query.text for query in users.iterfind("users/u/grants/query")] == grants()
    assert users.find("users/u/access_management") is None
    assert users.findtext("profiles/u/s3_allow_server_credentials_in_user_queries") == "1"


def test_only_the_backup_users_profile_lets_a_statement_use_the_servers_role(lab, role_of_the_server):
    """As since ClickHouse 26.7 (#106855); and a collection that doesn't ask for the role is sent unsigned."""
    bucket, environment = role_of_the_server
    url = f"{lab.stack.endpoints['eu-central-1']}/{bucket}/clickhouse/"
    process = ClickHouseServer(lab.stack, "eu-central-1")
    process.start([Collection("backups", url), Collection("unsigned", url, asks_for_role=False)], role=environment)

    def run(user: str, collection: str) -> str:
        sql = f"BACKUP DATABASE of_role TO S3({collection}, '{user}')"
        return post(lab, process.url, process.password, sql, user=user)

    try:
        post(lab, process.url, process.password, "CREATE DATABASE of_role")
        with pytest.raises(AssertionError, match=r"Code: 497\."):
            run(ADMINISTRATOR, "backups")
        with pytest.raises(AssertionError, match=r"Code: 499\."):
            run(USER, "unsigned")
        assert "BACKUP_CREATED" in run(USER, "backups")
    finally:
        process.remove()


@pytest.fixture
def role_of_the_server(lab):
    """Create a bucket and a role that may use it; yield the bucket and the variables with the role's credentials."""
    region, name = "eu-central-1", f"clickhouse-role-{uuid.uuid4().hex[:8]}"
    lab("s3", region).create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})
    trust = {"Effect": "Allow", "Principal": {"Service": "pods.eks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    rights = {"Effect": "Allow", "Action": "s3:*", "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]}
    iam = lab("iam", "us-east-1")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}))
    iam.put_role_policy(
        RoleName=name, PolicyName="s3", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [rights]})
    )
    question = {"region": region, "cluster": "test", "role": name}
    return name, ask(lab.stack.settings.control_socket, "pod-credentials", question)
