"""Values of Python as the pairs of kind and value that cases hold."""

import datetime
import math


def shown(value, is_error=False):
    if value is None:
        return None
    if is_error:
        return ["e", value]
    if isinstance(value, bool):
        return ["b", value]
    if isinstance(value, (int, float)):
        return ["n", float(value)] if math.isfinite(value) else ["e", "#NUM!"]
    if isinstance(value, datetime.datetime):
        return ["d", value.replace(microsecond=round(value.microsecond, -3) % 1_000_000).isoformat()]
    if isinstance(value, datetime.time):
        return ["time", value.isoformat()]
    if isinstance(value, datetime.timedelta):
        return ["s", round(value.total_seconds() * 1000)]
    return ["t", str(value)]


def milliseconds(serial):
    return round(serial * 86_400_000)
