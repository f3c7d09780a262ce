# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Realize application load balancers: HAProxy in a container with the load balancer's address in its VPC."""
