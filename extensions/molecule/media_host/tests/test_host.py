# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Test a media host: one that configured itself at boot (tests/e2e/test_site_use.py), or one that was configured by push."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import time

import boto3
import pytest

REGION = "me-west-1"
SECRET = os.environ["MEDIA_TOKENS_SECRET"]
SERVICES = ("media-server", "media-worker", "media-drain")
USER = "media-server"
CONFIG, WORK, CODE = "/etc/media-server", "/var/lib/media-server", "/opt/knowledgecity/media"


def state(host, unit: str) -> str:
    return host.run(f"systemctl is-active {unit}").stdout.strip()


def is_booted(host) -> bool:
    """Return whether the host configured itself; the other one started with its image only."""
    return host.backend.name == os.environ["MEDIA_HOST_BOOTED"]


def pid(host, service: str) -> str:
    return host.check_output(f"systemctl show --value --property MainPID {service}.service")


@pytest.mark.parametrize("unit", [*(f"{name}.service" for name in SERVICES), "media-leave.path"])
def test_the_units_are_active_and_enabled(host, unit):
    assert host.check_output(f"systemctl is-active {unit}") == "active"
    assert host.check_output(f"systemctl is-enabled {unit}") == "enabled"


def test_no_unit_failed_and_the_host_is_not_leaving(host):
    assert host.check_output("systemctl list-units --failed --plain --no-legend 'media-*'") == ""
    assert state(host, "media-leave.service") == "inactive"


@pytest.mark.parametrize("service", [*SERVICES, "media-leave"])
def test_the_units_are_sandboxed(host, service):
    said = host.check_output(f"systemd-analyze security --no-pager {service}.service")
    exposure = float(re.search(r"Overall exposure level for \S+: ([\d.]+)", said)[1])
    assert exposure <= 1.5, said


@pytest.mark.parametrize("service", SERVICES)
def test_the_processes_are_unprivileged(host, service):
    status = dict(
        line.split(":\t", 1) for line in host.file(f"/proc/{pid(host, service)}/status").content_string.splitlines()
    )
    user = str(host.user(USER).uid)
    assert status["Uid"].split() == [user] * 4
    assert {status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")


def test_the_server_answers_and_reaches_all_it_needs(host):
    answer = json.loads(host.check_output("curl --silent --insecure https://127.0.0.1:8443/readyz"))
    assert answer["ready"], answer
    assert answer["active_region"] == REGION


def test_nothing_else_listens(host):
    listening = host.check_output("ss --listening --tcp --udp --numeric --no-header").splitlines()
    addresses = {line.split()[4] for line in listening}
    assert {address for address in addresses if not re.match(r"127\.|\[::1\]", address)} == {"0.0.0.0:8443"}


@pytest.mark.parametrize(
    ("version", "is_spoken"), [("tls1", False), ("tls1_1", False), ("tls1_2", True), ("tls1_3", True)]
)
def test_old_tls_is_refused(host, version, is_spoken):
    # The client accepts any version and cipher.
    said = host.run(
        f"openssl s_client -connect 127.0.0.1:8443 -{version} -cipher ALL:@SECLEVEL=0 </dev/null 2>&1"
    ).stdout
    if is_spoken:
        assert "BEGIN CERTIFICATE" in said, said
    else:
        assert "Cipher is (NONE)" in said, said
        assert "BEGIN CERTIFICATE" not in said


def test_the_certificate_is_self_issued_for_the_host(host):
    told = host.check_output(f"openssl x509 -noout -subject -ext subjectAltName -in {CONFIG}/tls/certificate.pem")
    name = host.check_output("hostname")
    assert f"CN = {name}" in told
    assert f"DNS:{name}" in told
    assert host.run(f"openssl x509 -noout -checkend {396 * 86400} -in {CONFIG}/tls/certificate.pem").rc == 0


@pytest.mark.parametrize(
    ("path", "owner", "group", "mode"),
    [
        (CONFIG, "root", USER, 0o750),
        (f"{CONFIG}/settings.json", "root", USER, 0o640),
        (f"{CONFIG}/tls/key.pem", "root", USER, 0o640),
        (WORK, USER, USER, 0o700),
        (CODE, "root", "root", 0o755),
    ],
)
def test_owners_and_modes(host, path, owner, group, mode):
    found = host.file(path)
    assert (found.user, found.group, found.mode) == (owner, group, mode)


def test_only_root_changes_the_code(host):
    assert host.check_output(rf"find {CODE} ! -type l \( ! -user root -o -perm /022 \)") == ""
    assert len(host.check_output(f"find {CODE} -mindepth 1 -maxdepth 1 -type d").splitlines()) == 1


def test_the_user_neither_logs_in_nor_has_a_home(host):
    user = host.user(USER)
    assert user.shell == "/usr/sbin/nologin"
    assert not host.file(user.home).exists
    assert user.groups == [USER]
    assert host.check_output(f"getent shadow {USER}").split(":")[1].startswith("!")


def _searched(host, options: str, patterns: str, places: str) -> list[str]:
    """Return what grep finds; the patterns are piped, so that no process list contains them."""
    command = f"grep --text {options} --file=- {places}"
    ran = subprocess.run(
        ["docker", "exec", "--interactive", host.backend.name, "sh", "-c", command],
        input=patterns,
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.stdout.splitlines()


DISK = f"{CONFIG} {WORK} {CODE} /var/log /var/lib/cloud /run/cloud-init /run/log /root /tmp"
PROCESSES = "/proc/[0-9]*/environ /proc/[0-9]*/cmdline"


@pytest.fixture(scope="module")
def token_secrets() -> str:
    """Return each token key, as it is stored and as it is used."""
    endpoint = json.loads(os.environ["LAB_ENDPOINTS"])[REGION]
    client = boto3.client("secretsmanager", region_name=REGION, endpoint_url=endpoint)
    keys = json.loads(client.get_secret_value(SecretId=SECRET)["SecretString"])["keys"]
    return "".join(f"{key}\n{base64.b64decode(key).decode()}\n" for key in keys.values())


def test_no_secret_is_on_the_disk_or_in_an_environment(host, token_secrets):
    assert _searched(host, "--recursive --files-with-matches --fixed-strings", token_secrets, DISK) == []
    assert _searched(host, "--files-with-matches --fixed-strings", token_secrets, PROCESSES) == []


def test_no_key_of_aws_is_on_the_disk_or_in_an_environment(host):
    pattern = r"\b(AKIA|ASIA)[A-Z0-9]{12,}\b" + "\n"
    found = _searched(host, "--recursive --only-matching --no-filename --extended-regexp", pattern, DISK)
    found += _searched(host, "--only-matching --no-filename --extended-regexp", pattern, PROCESSES)
    # AWS's documentation keys, in a library's documentation.
    assert {key for key in found if not key.endswith("EXAMPLE")} == set()


def test_the_search_finds_a_known_string(host):
    settings = host.file(f"{CONFIG}/settings.json").content_string
    queue = json.loads(settings)["queue_url"]
    assert _searched(host, "--recursive --files-with-matches --fixed-strings", f"{queue}\n", DISK) != []


def test_the_journal_is_bounded(host):
    told = host.check_output("systemd-analyze cat-config systemd/journald.conf")
    settings = dict(re.findall(r"^(\w+)=(.*)$", told, re.MULTILINE))
    assert settings["SystemMaxUse"] == "1G"
    assert settings["MaxRetentionSec"] == "14day"
    assert settings["Storage"] == "persistent"


def test_security_updates_are_installed_by_themselves_and_nothing_else(host):
    said = host.run("unattended-upgrade --dry-run --verbose 2>&1").stdout
    assert "origin=Debian,codename=bookworm-security,label=Debian-Security" in said, said
    assert "label=Debian," not in said
    settings = host.check_output("apt-config dump APT::Periodic")
    assert 'APT::Periodic::Unattended-Upgrade "1";' in settings
    assert 'APT::Periodic::Update-Package-Lists "1";' in settings
    for timer in ("apt-daily.timer", "apt-daily-upgrade.timer"):
        assert host.check_output(f"systemctl is-active {timer}") == "active"


def test_the_time_comes_from_amazons_clock(host):
    assert "server 169.254.169.123 prefer iburst" in host.file("/etc/chrony/sources.d/media.sources").content_string
    assert "sourcedir /etc/chrony/sources.d" in host.file("/etc/chrony/chrony.conf").content_string
    assert host.service("chrony").is_enabled


def test_the_kernel_settings(host):
    told = host.check_output("systemd-analyze cat-config sysctl.d")
    # The last value counts.
    last = {name.strip(): value.strip() for name, value in re.findall(r"^([\w./-]+)\s*=\s*(.+)$", told, re.MULTILINE)}
    assert last["net.core.somaxconn"] == "4096"
    assert last["kernel.unprivileged_bpf_disabled"] == "1"
    assert last["fs.suid_dumpable"] == "0"


@pytest.mark.parametrize("service", ["media-server", "media-worker"])
def test_the_limits_hold(host, service):
    limits = host.file(f"/proc/{pid(host, service)}/limits").content_string
    # A container's limit of open files may be lower, and only root on the host can raise it.
    assert host.check_output(f"systemctl show --value --property LimitNOFILE {service}.service") == "65536"
    assert re.search(r"^Max core file size\s+0\s+0\s", limits, re.MULTILINE), limits
    assert host.check_output(f"systemctl show --value --property TasksMax {service}.service") == "512"


def test_the_worker_stops_before_the_host_leaves(host):
    """Test the host outside the group: the lifecycle action fails, and the worker stays stopped, whoever starts it."""
    if is_booted(host):
        # tests/e2e/test_media_hosts_killed.py terminates such a host.
        assert not host.file("/run/media-drain/leaving").exists
        return
    host.check_output(f"runuser --user {USER} -- touch /run/media-drain/leaving")
    try:
        deadline = time.monotonic() + 30
        while state(host, "media-leave.service") == "inactive":
            assert time.monotonic() < deadline, host.check_output("systemctl status 'media-*'")
            time.sleep(0.5)
        assert state(host, "media-worker.service") == "inactive"
        host.run("systemctl start media-worker.service")
        time.sleep(2)
        assert state(host, "media-worker.service") in ("inactive", "deactivating")
    finally:
        host.check_output("rm --force /run/media-drain/leaving")
        host.check_output("systemctl start media-worker.service")
    assert state(host, "media-worker.service") == "active"
    assert state(host, "media-leave.service") == "inactive"
