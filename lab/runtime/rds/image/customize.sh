#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
#
# Run by mmdebstrap once the packages are there: customize.sh RECIPE ROOT
set -eu
root=$2
# The series that the lab is written for: what a rolling release changes is to be seen here, and not in a test.
chroot "$root" mysqld --version | grep -q ' Ver 9\.7\.'
chroot "$root" useradd --system --home-dir /var/lib/mysql --shell /usr/sbin/nologin --uid 3306 mysql
install -d -m 750 "$root/var/lib/mysql"
chroot "$root" chown mysql:mysql /var/lib/mysql
# An empty data folder, so that a new instance starts in seconds. Its server's identity is not to be shared.
chroot "$root" mysqld --no-defaults --initialize-insecure --skip-log-bin --user=mysql --datadir=/var/lib/mysql \
    --innodb-redo-log-capacity=8M
rm -f "$root/var/lib/mysql/auto.cnf" "$root"/var/lib/mysql/*.pem
rm -f "$root/etc/hostname" "$root/etc/resolv.conf"
