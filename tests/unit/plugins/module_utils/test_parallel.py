# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
from __future__ import annotations

import threading

import pytest
from ansible_collections.knowledgecity.platform.plugins.module_utils._parallel import grouped, in_parallel


def test_results_have_the_order_of_the_items():
    assert in_parallel(lambda item: item * 2, [3, 1, 2]) == [6, 2, 4]
    assert in_parallel(lambda item: item * 2, iter(())) == []


def test_calls_run_at_the_same_time():
    both = threading.Barrier(2, timeout=60)
    assert sorted(in_parallel(lambda _item: both.wait(), "ab")) == [0, 1]


def test_an_error_is_raised_once_the_calls_that_have_begun_have_ended():
    begun, ended = threading.Barrier(3, timeout=60), []

    def work(item: int) -> None:
        begun.wait()
        if item == 1:
            raise ValueError(item)
        ended.append(item)

    with pytest.raises(ValueError, match="1"):
        in_parallel(work, [1, 2, 3])
    assert sorted(ended) == [2, 3]


def test_groups_keep_the_order_of_their_items():
    assert grouped(["a1", "b1", "a2"], lambda item: item[0]) == [["a1", "a2"], ["b1"]]
