"""Arithmetic as people type it, evaluated without `eval`: a small grammar over Python's own syntax tree.

Every node that is not arithmetic is refused, and so is every number that grows out of bounds.
"""

import ast
import math
import operator
import statistics
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeAlias

from trivet_calculate.spelling import clean
from trivet_sdk import ToolError

Number: TypeAlias = int | float

MAX_LENGTH = 2000  # characters of an expression
MAX_BITS = 4096  # of a whole number on the way; 1,233 decimal digits


def evaluate(expression: str, values: Mapping[str, Number] | None = None) -> Number:
    """The value of an expression; `values` are its variables. Raises ToolError with the reason and the cure."""
    if len(expression) > MAX_LENGTH:
        raise ToolError(f"the expression has {len(expression)} characters; at most {MAX_LENGTH} are read.")
    names = {name: f"_{index}_" for index, name in enumerate(values or {})}
    try:
        tree = ast.parse(clean(expression, names).strip(), mode="eval")
        result = _Evaluation({names[name]: value for name, value in (values or {}).items()}, names).of(tree.body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # a NUL is the second for some releases of Python
        raise ToolError(f"'{expression}' is not arithmetic. Write it like 3 * 24.90 * (1 - 15%).") from None
    except ZeroDivisionError:
        raise ToolError(f"'{expression}' divides by zero.") from None
    except OverflowError:
        raise ToolError(f"'{expression}' is too large to compute.") from None
    return tidy(result)


def tidy(value: Number) -> Number:
    """Without the noise that binary fractions leave in the sixteenth digit."""
    return float(f"{value:.14g}") if isinstance(value, float) else value


def shown(value: Number) -> str:
    """A figure for people: ten significant digits, no trailing zeros."""
    if isinstance(value, int):
        return str(value)
    text = f"{value:.10g}"
    return text if "e" in text else text.rstrip("0").rstrip(".") if "." in text else text


def _rounded(value: Number, digits: int = 0) -> Number:
    """Half away from zero, as in school; Python alone would round 2.5 to 2."""
    rounded = Decimal(repr(value)).quantize(Decimal(1).scaleb(-int(digits)), ROUND_HALF_UP)
    return int(rounded) if digits <= 0 else float(rounded)


def _factorial(value: Number) -> int:
    if value != int(value) or not 0 <= value <= 300:
        raise ToolError("factorial takes a whole number from 0 to 300.")
    return math.factorial(int(value))


FUNCTIONS: dict[str, Callable[..., Number]] = {
    "abs": abs, "round": _rounded, "min": min, "max": max, "sum": lambda *n: math.fsum(n) if any(map(_is_float, n)) else sum(n),
    "mean": lambda *n: statistics.fmean(n), "average": lambda *n: statistics.fmean(n),
    "median": lambda *n: statistics.median(n), "sqrt": math.sqrt, "cbrt": math.cbrt, "exp": math.exp,
    "log": math.log, "ln": math.log, "log10": math.log10, "log2": math.log2, "floor": math.floor, "ceil": math.ceil,
    "sin": math.sin, "cos": math.cos, "tan": math.tan, "asin": math.asin, "acos": math.acos, "atan": math.atan,
    "degrees": math.degrees, "radians": math.radians, "hypot": math.hypot, "factorial": _factorial,
    "pow": lambda base, exponent: _power(base, exponent), "percent": lambda n: n / 100,
}  # fmt: skip
CONSTANTS = {"pi": math.pi, "π": math.pi, "e": math.e, "tau": math.tau}


def _is_float(value: Number) -> bool:
    return isinstance(value, float)


def _power(base: Number, exponent: Number) -> Number:
    """Refuses whole numbers beyond MAX_BITS before computing them."""
    is_whole = isinstance(base, int) and isinstance(exponent, int)
    if is_whole and int(base).bit_length() * exponent > MAX_BITS:
        raise OverflowError
    result = base**exponent
    if isinstance(result, complex):
        raise ToolError(f"{shown(base)} to the power of {shown(exponent)} is no real number.")
    return result


_BINARY: dict[type[ast.operator], Callable[[Number, Number], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: _power,
}


class _Evaluation:
    def __init__(self, values: Mapping[str, Number], names: Mapping[str, str]) -> None:
        self._values = values
        self._names = names

    def of(self, node: ast.expr) -> Number:
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                return self._bounded(value)
            case ast.Name(id=name):
                return self._named(name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.of(operand)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.of(operand)
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right) if _is_percent(right):
                return self._with_percent(left, op, right)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
                return self._bounded(_BINARY[type(op)](self.of(left), self.of(right)))
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._call(name, [self.of(argument) for argument in arguments])
        raise SyntaxError

    def _with_percent(self, left: ast.expr, op: ast.operator, right: ast.expr) -> Number:
        """`100 + 19%` is 119, as on a pocket calculator; `5% + 3%` is 0.08."""
        base, share = self.of(left), self.of(right)
        return _BINARY[type(op)](base, share if _is_percent(left) else base * share)

    def _named(self, name: str) -> Number:
        if name in self._values:
            return self._values[name]
        if name.casefold() in CONSTANTS:
            return CONSTANTS[name.casefold()]
        known = [*self._names, *CONSTANTS]
        raise ToolError(f"'{name}' has no value. Pass it in values; known are {', '.join(known)}.")

    def _call(self, name: str, arguments: list[Number]) -> Number:
        function = FUNCTIONS.get(name.casefold())
        if function is None:
            raise ToolError(f"there is no function '{name}'. Known are {', '.join(sorted(FUNCTIONS))}.")
        said = f"{name}({', '.join(map(shown, arguments))})"
        try:
            return self._bounded(function(*arguments))
        except TypeError:
            raise ToolError(f"{said} has the wrong number of arguments.") from None
        except (ValueError, statistics.StatisticsError, ArithmeticError) as error:
            if isinstance(error, (ZeroDivisionError, OverflowError)):
                raise
            raise ToolError(f"{said} has no value.") from None

    def _bounded(self, value: Any) -> Number:
        if isinstance(value, int) and value.bit_length() > MAX_BITS:
            raise OverflowError
        if isinstance(value, float) and not math.isfinite(value):
            raise OverflowError
        return value  # type: ignore[no-any-return]


def _is_percent(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "percent"
