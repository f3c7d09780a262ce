#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
#
# Run by mmdebstrap once the packages are there: customize.sh RECIPE ROOT
set -eu
root=$2
chroot "$root" haproxy -v | grep -q ' 2\.6\.'
rm -f "$root/etc/hostname" "$root/etc/resolv.conf"
