#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
#
# Run by mmdebstrap once the packages are there: customize.sh RECIPE ROOT
set -eu
recipe=$1
root=$2
cp -rT --no-preserve=ownership "$recipe/root" "$root"
# The card is configured before the machine boots: nothing is to be asked by DHCP.
rm -f "$root/usr/sbin/dhclient" "$root/sbin/dhclient"
systemctl --root="$root" --quiet enable provider-trust.service
# Nobody logs in at a console, and a container has no devices or kernel of its own to look after.
systemctl --root="$root" --quiet mask getty.target console-getty.service systemd-udevd.service \
    systemd-journal-flush.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
    e2scrub_all.timer e2scrub_reap.service fstrim.timer cloud-init-hotplugd.socket
# EC2 shows its virtual machines what they are in firmware tables that a container can't be given: cloud-init reads the same
# from a file here, and from there on does what it does on EC2 (it asks for a token first).
source=$root/usr/lib/python3/dist-packages/cloudinit/sources/DataSourceEc2.py
grep -q '"/sys/hypervisor/uuid"' "$source"
sed -i 's#"/sys/hypervisor/uuid"#"/etc/ec2-hypervisor-uuid"#' "$source"
: >"$root/etc/machine-id"
rm -f "$root/etc/hostname" "$root/etc/resolv.conf"
