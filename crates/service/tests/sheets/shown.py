"""Values of Python as the pairs of kind and value that cases hold."""

import datetime
import math
import struct


def number(value):
    """By its bits: not every parser of JSON reads every digit."""
    return ["n", struct.pack(">d", value).hex()]


def shown(value, is_error=False):
    if value is None:
        return None
    if is_error:
        return ["e", value]
    if isinstance(value, bool):
        return ["b", value]
    if isinstance(value, (int, float)):
        return number(value) if math.isfinite(value) else ["e", "#NUM!"]
    if isinstance(value, datetime.datetime):
        return ["d", value.replace(microsecond=round(value.microsecond, -3) % 1_000_000).isoformat()]
    if isinstance(value, datetime.date):
        return ["d", f"{value.isoformat()}T00:00:00"]
    if isinstance(value, datetime.time):
        return ["time", value.isoformat()]
    if isinstance(value, datetime.timedelta):
        return ["s", round(value.total_seconds() * 1000)]
    return ["t", str(value)]


def milliseconds(serial):
    return round(serial * 86_400_000)
