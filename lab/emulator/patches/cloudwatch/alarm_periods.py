# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""An alarm evaluates its own metric, period by period, and periods without data as it was told to.

On AWS an alarm is for one set of dimensions, compares the statistic of each of the last EvaluationPeriods, and takes a period
without data for breaching, for not breaching, or for none, by TreatMissingData. The emulator mixes all dimensions of a metric,
makes one period of all, and leaves an alarm as it is where there are no data: one on something that has stopped never goes off.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

from __future__ import annotations

import operator
import time

import ministack.services.cloudwatch as cloudwatch

from lab.emulator.state.alarms import values

_COMPARISONS = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


def _state(alarm: dict) -> str:
    compare, treatment = _COMPARISONS[alarm["ComparisonOperator"]], alarm.get("TreatMissingData") or "missing"
    missing = {"breaching": True, "notBreaching": False}.get(treatment)
    found = values(alarm)
    breaches = [missing if value is None else compare(value, alarm["Threshold"]) for value in found]
    if all(breach is None for breach in breaches):
        return alarm["StateValue"] if treatment == "ignore" else "INSUFFICIENT_DATA"
    wanted = alarm.get("DatapointsToAlarm") or len(breaches)
    # A period without data that counts for nothing doesn't keep the others from it.
    return "ALARM" if sum(breach is not False for breach in breaches) >= wanted else "OK"


def _evaluate(alarm: dict) -> None:
    if not alarm.get("MetricName") or alarm["ComparisonOperator"] not in _COMPARISONS:
        return
    before, after = alarm["StateValue"], _state(alarm)
    if before == after:
        return
    reason = f"Threshold Crossed: {alarm['EvaluationPeriods']} periods evaluated"
    alarm |= {"StateValue": after, "StateReason": reason, "StateUpdatedTimestamp": int(time.time())}
    cloudwatch._record_history(alarm["AlarmName"], before, after, reason)
    cloudwatch._dispatch_alarm_actions(alarm, before, after, reason)
    cloudwatch._evaluate_parent_alarms(alarm)


def apply() -> None:
    describe = cloudwatch._describe_alarms

    def describe_alarms(*request):
        # AWS evaluates every minute: an alarm that is described has been evaluated.
        cloudwatch._evaluate_all_alarms()
        return describe(*request)

    cloudwatch._evaluate_alarm, cloudwatch._describe_alarms = _evaluate, describe_alarms
