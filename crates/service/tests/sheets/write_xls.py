"""Workbooks of XLS by xlwt; read by xlrd."""

import datetime

import xlrd
import xlwt

from shown import milliseconds, shown
from write_xlsx import NUMBERS, TEXTS

FORMATS = ["General", "0.00", "0%", "D-MMM-YY", "h:mm:ss", "M/D/YY h:mm", "[h]:mm:ss", "yyyy-mm-dd", '"day" 0', "#,##0.00"]
VISIBILITY = ["visible", "hidden", "very_hidden"]


def style(fmt):
    return xlwt.easyxf(num_format_str=fmt)


def everything(path, mac=False):
    wb = xlwt.Workbook(encoding="utf-8")
    wb.dates_1904 = mac
    ws = wb.add_sheet("Värde 日本")
    for row, value in enumerate(NUMBERS):
        ws.write(row, 0, value)
    for row, value in enumerate(TEXTS):
        ws.write(row, 1, value)
    for row, fmt in enumerate(FORMATS):
        for column, value in ((2, 45351.75), (3, 0.5), (4, 1234)):
            ws.write(row, column, value, style(fmt))
    for row, value in enumerate([True, False]):
        ws.write(row, 5, value)
    ws.write(0, 6, datetime.datetime(2024, 2, 29, 13, 45, 6), style("yyyy-mm-dd hh:mm"))
    ws.write(1, 6, datetime.date(2024, 2, 29), style("yyyy-mm-dd"))
    for row in range(40):
        for column in range(10, 14):
            ws.write(row, column, row * column)
    ws.write(60, 14, "far")
    ws.write_merge(70, 71, 0, 2, "merged")
    wb.add_sheet("empty")
    hidden = wb.add_sheet("hidden")
    hidden.visibility = 1
    hidden.write(2, 2, "x")
    wb.save(str(path))


def many_strings(path):
    """More strings than one record holds, narrow and wide ones."""
    wb = xlwt.Workbook()
    ws = wb.add_sheet("strings")
    for row in range(3_000):
        ws.write(row, 0, f"narrow text number {row} " + "x" * (row % 50))
        ws.write(row, 1, f"wide ← text → {row} " + "日" * (row % 30))
    wb.save(str(path))


def large(path):
    wb = xlwt.Workbook()
    ws = wb.add_sheet("large")
    for row in range(20_000):
        for column in range(8):
            ws.write(row, column, row * 10 + column if column % 2 else row / 7)
    wb.save(str(path))


FILES = {
    "everything.xls": everything,
    "mac.xls": lambda path: everything(path, mac=True),
    "strings.xls": many_strings,
    "large.xls": large,
}


def cell_shown(book, cell):
    if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
        return None
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return ["b", bool(cell.value)]
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return ["e", xlrd.error_text_from_code[cell.value]]
    if cell.ctype == xlrd.XL_CELL_DATE:
        code = book.format_map[book.xf_list[cell.xf_index].format_key].format_str
        if "[h" in code:
            return ["s", milliseconds(cell.value)]
        if 0 <= cell.value < 1:
            return ["time", (datetime.datetime(2000, 1, 1) + datetime.timedelta(days=cell.value)).time().isoformat()]
        return shown(xlrd.xldate_as_datetime(cell.value, book.datemode))
    return shown(cell.value)


def read(path):
    book = xlrd.open_workbook(str(path), formatting_info=True)
    sheets = []
    for ws in book.sheets():
        rows = [[cell_shown(book, ws.cell(row, column)) for column in range(ws.ncols)] for row in range(ws.nrows)]
        sheets.append(dict(name=ws.name, visibility=VISIBILITY[ws.visibility], rows=rows))
    return sheets
