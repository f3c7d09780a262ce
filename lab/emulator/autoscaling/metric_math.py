# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""CloudWatch's metric math, as far as scaling policies here need it: numbers, metrics, + - * /, comparisons, IF and FILL. Pure.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping

Value = float | None  # None: no data

_OPERATIONS: dict[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


class MetricMathError(Exception):
    """An expression that this lab doesn't compute."""


def compute(expression: str, metrics: Mapping[str, Value]) -> Value:
    """Return the value of an expression; None where a metric that it needs has no data, and where it divides by zero."""
    try:
        return _value(ast.parse(expression, mode="eval").body, metrics)
    except SyntaxError as error:
        raise MetricMathError(f"The lab can't read the expression {expression!r}") from error
    except ZeroDivisionError:
        return None


def _value(node: ast.expr, metrics: Mapping[str, Value]) -> Value:
    match node:
        case ast.Constant(value=int() | float()):
            return float(node.value)
        case ast.Name(id=name) if name in metrics:
            return metrics[name]
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _OPERATIONS:
            return _applied(_OPERATIONS[type(sign)], _value(left, metrics), _value(right, metrics))
        case ast.Compare(left=left, ops=[sign], comparators=[right]) if type(sign) in _OPERATIONS:
            return _applied(_OPERATIONS[type(sign)], _value(left, metrics), _value(right, metrics))
        case ast.Call(func=ast.Name(id="IF"), args=[condition, yes, no]):
            asked = _value(condition, metrics)
            return None if asked is None else _value(yes if asked else no, metrics)
        case ast.Call(func=ast.Name(id="FILL"), args=[filled, value]):
            found = _value(filled, metrics)
            return _value(value, metrics) if found is None else found
    raise MetricMathError(f"The lab doesn't compute {ast.unparse(node)!r}")


def _applied(operation: Callable[[float, float], float], left: Value, right: Value) -> Value:
    return None if left is None or right is None else float(operation(left, right))
