"""Tables of CSV by Python's csv; read by it, with the typing that the reference promises done anew."""

import csv
import datetime
import io
import re

import shown

TABLE = [
    ["id", "name", "amount", "when", "flag"],
    ["1", "plain", "1.5", "2024-02-29", "TRUE"],
    ["007", "with, comma; semicolon", "-0.25", "2024-02-29T13:45:00", "FALSE"],
    ["1e+21", 'a "quote"', "1,5", "13:45:00", "true"],
    ["+1", "two\nlines", "1 000", "2023-02-29", ""],
    ["", "äöü é ß €", "100", "24-02-29", "x"],
    ["12345678901234567890", " spaced ", "0.1", "", "-0"],
]


def table(delimiter, encoding, bom=b"", lines="\r\n"):
    def make(path):
        out = io.StringIO()
        csv.writer(out, delimiter=delimiter, lineterminator=lines).writerows(TABLE)
        path.write_bytes(bom + out.getvalue().encode(encoding))

    make.dialect = (delimiter, encoding, bom)
    return make


def uneven(path):
    path.write_bytes(b"a,b,c\n1\n\n2,3\n")


uneven.dialect = (",", "utf-8", b"")

FILES = {
    "comma.csv": table(",", "utf-8"),
    "semicolon.csv": table(";", "utf-8", b"\xef\xbb\xbf", "\n"),
    "tab.csv": table("\t", "utf-16-le", b"\xff\xfe"),
    "bar.csv": table("|", "utf-16-be", b"\xfe\xff"),
    "windows.csv": table(";", "cp1252"),
    "uneven.csv": uneven,
}


def number(field):
    """As JavaScript writes numbers, which is what is promised."""
    if not re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?(e[+-]\d+)?", field):
        return None
    value = float(field)
    if value == int(value) and abs(value) < 1e15:
        again = str(int(value))
    else:
        again = re.sub(r"\.0$", "", re.sub(r"e([+-])0", r"e\1", repr(value)))
    return value if again == field else None


def typed(field):
    if field == "":
        return None
    if field in ("TRUE", "FALSE"):
        return ["b", field == "TRUE"]
    value = number(field)
    if value is not None:
        return shown.number(value)
    for pattern, kind in ((r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d)?", "d"), (r"\d\d:\d\d:\d\d", "time")):
        if re.fullmatch(pattern, field):
            try:
                return [kind, datetime.datetime.fromisoformat(field).isoformat() if kind == "d" else datetime.time.fromisoformat(field).isoformat()]
            except ValueError:
                return ["t", field]
    return ["t", field]


def read(path):
    delimiter, encoding, bom = FILES[path.name].dialect
    text = path.read_bytes()[len(bom):].decode(encoding)
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    width = max(map(len, rows))
    rows = [[typed(field) for field in row] + [None] * (width - len(row)) for row in rows]
    return [dict(name="csv", visibility="visible", rows=rows)]
