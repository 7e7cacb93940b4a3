"""I-JSON (RFC 7493) and its canonical bytes (RFC 8785), strictly. Every number is a double: ints of Python never occur."""
import json, re, sys

DEPTH_MAX, VALUES_MAX = 512, 2**20
sys.setrecursionlimit(20 * DEPTH_MAX)


class Refused(Exception):
    """Ends the check; its one argument is the code."""


def members_once(pairs):
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a member stands twice")
    return dict(pairs)


def number(text):
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError("a number beyond doubles")
    return value


def no_constant(text):
    raise ValueError(f"{text} is no number")


def parse(data):
    try:
        text = data.decode("utf-8")
        depth = 0
        for found in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[{\]}]', text, re.DOTALL):
            depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found[0], 0)
            if depth > DEPTH_MAX:
                raise ValueError("nested too deep")
        value = json.loads(text, object_pairs_hook=members_once, parse_float=number, parse_int=number,
                           parse_constant=no_constant)
        if values_in(value) > VALUES_MAX:
            raise ValueError("too many values")
        return value, canonical(value)  # half a surrogate pair has no UTF-8: UnicodeEncodeError is a ValueError
    except (ValueError, RecursionError):
        raise Refused("JSON_MALFORMED") from None


def values_in(value):
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(values_in, parts))


def es_number(value):
    """Number::toString of ECMAScript: Python's repr has the same shortest digits in another dress."""
    if value == 0:
        return "0"
    sign, body = ("-", repr(-value)) if value < 0 else ("", repr(value))
    mantissa, _, exponent = body.partition("e")
    whole, _, fraction = mantissa.partition(".")
    point = len(whole) + int(exponent or 0)  # the value is 0.DIGITS times 10 to the power of point
    digits = whole + fraction
    point -= len(digits) - len(digits.lstrip("0"))
    digits = digits.strip("0")
    if len(digits) <= point <= 21:
        return sign + digits.ljust(point, "0")
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    tail = "." + digits[1:] if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{tail}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def utf16(text):
    return text.encode("utf-16-be", "surrogatepass")


def jcs(value):
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, (int, float)):
        return es_number(float(value))
    if isinstance(value, list):
        return "[" + ",".join(map(jcs, value)) + "]"
    return "{" + ",".join(f"{jcs(name)}:{jcs(value[name])}" for name in sorted(value, key=utf16)) + "}"


def canonical(value):
    return jcs(value).encode("utf-8")
