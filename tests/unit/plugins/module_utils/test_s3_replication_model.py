# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import copy

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._s3_replication.model import (
    Configuration,
    Replication,
    canonical_rule,
    plan_replications,
    rule_id,
    wanted_rules,
)

ROLE = "arn:aws:iam::111122223333:role/replication"
KEY = "arn:aws:kms:eu-central-1:111122223333:alias/storage"
MEDIA = {"bucket": "me-media", "destination_bucket": "eu-media", "destination_region": "eu-central-1"}
RTC = {"Status": "Enabled", "Time": {"Minutes": 15}}


def entry(**options) -> Replication:
    return Replication(**({"role_arn": ROLE} | MEDIA | options))


def plan(*entries: Replication, current: Configuration | None = None, purge: bool = True, present: bool = True):
    held = {item.bucket: current or Configuration() for item in entries}
    return plan_replications(entries, held, purge=purge, present=present, region="me-west-1")


def held(*rules: dict, role: str = ROLE) -> Configuration:
    return Configuration(role=role, rules=rules)


def as_s3_answers(*entries: Replication) -> Configuration:
    """What S3 would hold after a run: our rules, in another order, with what S3 adds."""
    (change,) = plan(*entries).values()
    rules = copy.deepcopy(change.data["Rules"])
    for rule in rules:
        rule["Destination"].setdefault("Metrics", {"Status": "Disabled"})
    return held(*reversed(rules))


def foreign(prefix: str = "logs/", priority: int = 1, bucket: str = "audit") -> dict:
    return {
        "ID": "by-hand",
        "Priority": priority,
        "Status": "Enabled",
        "Filter": {"And": {"Prefix": prefix, "Tags": [{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}]}},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": {"Bucket": f"arn:aws:s3:::{bucket}"},
    }


def test_options_without_prefixes_and_role_mean_the_whole_bucket_under_the_modules_role():
    options = dict.fromkeys(Replication.__dataclass_fields__) | MEDIA
    assert Replication.from_options(options, ROLE).prefixes == ("",)
    assert Replication.from_options(options, ROLE).role_arn == ROLE
    own = Replication.from_options(options | {"role_arn": "other", "prefixes": ["a/", "b/"]}, ROLE)
    assert (own.role_arn, own.prefixes) == ("other", ("a/", "b/"))


def test_the_rule_of_a_plain_entry():
    (change,) = plan(entry()).values()
    assert change.action == "create"
    assert change.before is None
    assert change.after == {
        "Role": ROLE,
        "Rules": [
            {
                "ID": "eu-media",
                "Priority": 1,
                "Status": "Enabled",
                "Filter": {"Prefix": ""},
                "DeleteMarkerReplication": {"Status": "Enabled"},
                "Destination": {"Bucket": "arn:aws:s3:::eu-media", "Metrics": {"Status": "Enabled"}},
            }
        ],
    }


@pytest.mark.parametrize(
    ("options", "part", "expected"),
    [
        ({"destination_kms_key": KEY}, "EncryptionConfiguration", {"ReplicaKmsKeyID": KEY}),
        ({"storage_class": "STANDARD_IA"}, "StorageClass", "STANDARD_IA"),
        ({"replication_time_control": True}, "ReplicationTime", RTC),
        ({"replication_time_control": True}, "Metrics", {"Status": "Enabled", "EventThreshold": {"Minutes": 15}}),
        ({"metrics": False}, "Metrics", None),
    ],
)
def test_what_an_option_does_to_the_destination(options, part, expected):
    (rule,) = wanted_rules([entry(**options)], [], [])
    assert rule["Destination"].get(part) == expected


def test_what_options_do_to_the_selection():
    (rule,) = wanted_rules([entry(destination_kms_key=KEY, replica_modifications=True)], [], [])
    enabled = {"Status": "Enabled"}
    assert rule["SourceSelectionCriteria"] == {"SseKmsEncryptedObjects": enabled, "ReplicaModifications": enabled}
    (rule,) = wanted_rules([entry(delete_markers=False)], [], [])
    assert rule["DeleteMarkerReplication"] == {"Status": "Disabled"}
    assert "SourceSelectionCriteria" not in rule


def test_the_partition_is_the_roles():
    (rule,) = wanted_rules([entry(role_arn="arn:aws-cn:iam::111122223333:role/r")], [], [])
    assert rule["Destination"]["Bucket"] == "arn:aws-cn:s3:::eu-media"


def test_rule_ids_are_readable_unique_and_fit():
    assert rule_id("eu-media", "") == "eu-media"
    assert rule_id("eu-media", "a/") == "eu-media/a/"
    long = [rule_id("b" * 63, "p" * 1000 + end) for end in ("1", "2")]
    assert all(len(identifier) == 255 for identifier in long)
    assert long[0] != long[1]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"prefixes": ("a/", "b/", "c/")},
        {"destination_kms_key": KEY, "replication_time_control": True, "replica_modifications": True},
        {"metrics": False, "delete_markers": False, "storage_class": "GLACIER_IR", "priority": 7},
    ],
)
def test_what_a_run_wrote_needs_no_second_one(options):
    assert plan(entry(**options), current=as_s3_answers(entry(**options))) == {}


@pytest.mark.parametrize(
    "change",
    [
        {"destination_bucket": "other"},
        {"destination_kms_key": KEY},
        {"prefixes": ("a/",)},
        {"priority": 9},
        {"replication_time_control": True},
        {"metrics": False},
        {"delete_markers": False},
        {"replica_modifications": True},
        {"storage_class": "STANDARD_IA"},
        {"role_arn": "arn:aws:iam::111122223333:role/other"},
    ],
)
def test_every_option_makes_a_difference(change):
    changes = plan(entry(**change), current=as_s3_answers(entry()))
    assert [item.action for item in changes.values()] == ["update"]
    assert changes["me-media"].before != changes["me-media"].after


def test_the_order_of_entries_and_prefixes_says_nothing_once_rules_exist():
    one, two = entry(prefixes=("a/", "b/")), entry(destination_bucket="other", prefixes=("c/",))
    current = as_s3_answers(one, two)
    swapped = entry(prefixes=("b/", "a/"))
    assert plan(two, swapped, current=current) == {}


def test_a_new_rule_takes_the_lowest_free_priority_and_the_others_keep_theirs():
    current = as_s3_answers(entry(prefixes=("a/", "b/")))
    (change,) = plan(entry(prefixes=("new/", "b/")), current=current).values()
    assert {rule["ID"]: rule["Priority"] for rule in change.after["Rules"]} == {"eu-media/new/": 1, "eu-media/b/": 2}


def test_stated_priorities_count_up_and_others_keep_out_of_their_way():
    rules = wanted_rules([entry(prefixes=("a/", "b/"), priority=1), entry(destination_bucket="other")], [], [])
    assert [rule["Priority"] for rule in rules] == [1, 2, 3]


def test_a_held_priority_gives_way_to_a_stated_one():
    current = as_s3_answers(entry(prefixes=("a/",)))  # has priority 1
    rules = wanted_rules([entry(prefixes=("a/",)), entry(destination_bucket="other", priority=1)], current.rules, [])
    assert [rule["Priority"] for rule in rules] == [2, 1]


def test_purge_removes_the_rules_of_others_and_without_it_they_stay_as_they_were():
    current = held(foreign(), role="arn:aws:iam::111122223333:role/old")
    (purged,) = plan(entry(), current=current).values()
    assert [rule["ID"] for rule in purged.after["Rules"]] == ["eu-media"]
    (kept,) = plan(entry(), current=current, purge=False).values()
    assert {rule["ID"]: rule["Priority"] for rule in kept.after["Rules"]} == {"by-hand": 1, "eu-media": 2}
    assert kept.after["Role"] == ROLE
    assert foreign() in kept.data["Rules"]


def test_absent_removes_all_or_only_what_goes_to_the_destinations():
    ours = as_s3_answers(entry(prefixes=("a/", "b/"))).rules
    current = held(*ours, foreign(priority=5))
    assert plan(entry(), current=current, present=False)["me-media"].action == "delete"
    (change,) = plan(entry(), current=current, present=False, purge=False).values()
    assert change.action == "update"
    assert change.data == {"Role": ROLE, "Rules": [foreign(priority=5)]}
    assert plan(entry(), current=held(*ours), present=False, purge=False)["me-media"].after is None
    assert plan(entry(), present=False) == {}
    assert plan(entry(), current=Configuration(exists=False), present=False) == {}


def test_buckets_are_planned_each_for_itself():
    other = entry(bucket="me-backups", destination_bucket="eu-backups")
    current = {"me-media": as_s3_answers(entry()), "me-backups": Configuration()}
    changes = plan_replications([entry(), other], current, purge=True, present=True, region="me-west-1")
    assert list(changes) == ["me-backups"]
    assert changes["me-backups"].resource == "replication of bucket me-backups"


def test_several_destinations_of_one_bucket_are_one_change():
    (change,) = plan(entry(), entry(destination_bucket="third")).values()
    assert [rule["Destination"]["Bucket"] for rule in change.after["Rules"]] == [
        "arn:aws:s3:::eu-media",
        "arn:aws:s3:::third",
    ]


def test_defaults_of_s3_are_no_difference():
    plain = wanted_rules([entry(metrics=False)], [], [])[0]
    disabled = {"Status": "Disabled"}
    verbose = copy.deepcopy(plain)
    verbose["Filter"] = {"And": {"Prefix": ""}}
    verbose["SourceSelectionCriteria"] = {"SseKmsEncryptedObjects": disabled, "ReplicaModifications": disabled}
    verbose["Destination"] |= {"Metrics": disabled, "ReplicationTime": disabled | {"Time": {"Minutes": 15}}}
    assert canonical_rule(verbose) == plain
    assert canonical_rule(plain | {"Filter": {}}) == plain


def test_what_differs_for_s3_differs_in_canonical_form():
    plain = wanted_rules([entry()], [], [])[0]
    old_schema = {key: value for key, value in plain.items() if key not in ("Filter", "DeleteMarkerReplication")}
    old_schema["Prefix"] = ""
    assert canonical_rule(old_schema) != plain
    assert canonical_rule(plain | {"Status": "Disabled"}) != plain
    tagged = canonical_rule(foreign())
    assert tagged["Filter"] == {"Prefix": "logs/", "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]}
    single = {"Filter": {"Tag": {"Key": "a", "Value": "1"}}}
    assert canonical_rule(foreign() | single)["Filter"] == {"Prefix": "", "Tags": [{"Key": "a", "Value": "1"}]}


def _older(identifier: str, prefix: str) -> dict:
    """A rule of the schema before filters: https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html"""
    return {
        "ID": identifier,
        "Status": "Enabled",
        "Prefix": prefix,
        "Destination": {"Bucket": "arn:aws:s3:::audit"},
    }


def test_kept_rules_of_the_older_schema_are_rewritten_since_s3_takes_no_mixture():
    """https://github.com/aws/aws-cdk/issues/30966"""
    current = held(_older("one", "one/"), _older("two", "two/"))
    (change,) = plan(entry(), current=current, purge=False).values()
    rules = {rule["ID"]: rule for rule in change.data["Rules"]}
    assert set(rules) == {"one", "two", "eu-media"}
    assert all({"Filter", "Priority", "DeleteMarkerReplication"} <= rule.keys() for rule in rules.values())
    assert len({rule["Priority"] for rule in rules.values()}) == 3
    assert rules["one"]["Filter"] == {"Prefix": "one/"}
    assert rules["one"]["DeleteMarkerReplication"] == {"Status": "Enabled"}
    assert "Prefix" not in rules["one"]
    assert plan(entry(), current=held(*change.data["Rules"]), purge=False) == {}


def test_rules_of_the_older_schema_stay_as_they_are_where_ours_go():
    ours = dict(_older("ours", ""), Destination={"Bucket": "arn:aws:s3:::eu-media"})
    current = held(_older("one", "one/"), ours)
    (change,) = plan(entry(), current=current, purge=False, present=False).values()
    assert change.data["Rules"] == [_older("one", "one/")]
