"""Workbooks of ODS by odfpy, with what LibreOffice writes and odfpy does not by hand; read by odfpy."""

import datetime
import re
import zipfile

from odf import number, style, table, text
from odf.namespaces import OFFICENS, TABLENS, TEXTNS
from odf.opendocument import OpenDocumentSpreadsheet, load

import shown
from write_xlsx import NUMBERS


def paragraph(cell, words):
    for line in words.split("\n"):
        p = text.P()
        for n, piece in enumerate(re.split(r"( {2,}|\t)", line)):
            if n % 2 == 0:
                p.addText(piece)
            elif piece == "\t":
                p.addElement(text.Tab())
            else:
                p.addText(" ")
                p.addElement(text.S(c=len(piece) - 1))
        cell.addElement(p)
    return cell


def row(sheet, *cells, **attributes):
    tr = table.TableRow(**attributes)
    for cell in cells:
        tr.addElement(cell)
    sheet.addElement(tr)


def cell(kind, shown="", **attributes):
    return paragraph(table.TableCell(valuetype=kind, **attributes), shown)


def everything(path):
    doc = OpenDocumentSpreadsheet()
    hidden = style.Style(name="ta_hidden", family="table")
    hidden.addElement(style.TableProperties(display="false"))
    beyond = number.TimeStyle(name="N1", truncateonoverflow="false")
    beyond.addElement(number.Hours())
    doc.automaticstyles.addElement(beyond)
    doc.automaticstyles.addElement(style.Style(name="ce_long", family="table-cell", datastylename="N1"))
    doc.automaticstyles.addElement(hidden)
    sheet = table.Table(name="Värde 日本")
    for value in NUMBERS:
        row(sheet, cell("float", str(value), value=repr(float(value))))
    row(sheet, cell("percentage", "25%", value="0.25"), cell("currency", "3 €", value="3", currency="EUR"))
    row(sheet, cell("boolean", "TRUE", booleanvalue="true"), cell("boolean", "FALSE", booleanvalue="false"))
    row(sheet, cell("date", "x", datevalue="2024-02-29"), cell("date", "x", datevalue="2024-02-29T13:45:06"),
        cell("time", "x", timevalue="PT13H45M06S"), cell("time", "x", timevalue="PT25H30M00S"),
        cell("time", "x", timevalue="PT02H00M00S", stylename="ce_long"))
    row(sheet, cell("string", "two\nlines"), cell("string", "a   b\tc"), cell("string", "<&>\"'"), cell("string", "日本語 😀"))
    row(sheet, cell("float", "7", value="7", numbercolumnsrepeated="3"), table.TableCell(numbercolumnsrepeated="4"),
        cell("string", "after"), numberrowsrepeated="2")
    row(sheet, cell("string", "merged", numbercolumnsspanned="2", numberrowsspanned="1"), table.CoveredTableCell(), cell("string", "z"))
    row(sheet, table.TableCell(numbercolumnsrepeated="1024"), numberrowsrepeated="1048000")
    doc.spreadsheet.addElement(sheet)
    other = table.Table(name="hidden", stylename="ta_hidden")
    row(other, cell("string", "x"))
    doc.spreadsheet.addElement(other)
    empty = table.Table(name="empty")
    row(empty, table.TableCell(numbercolumnsrepeated="1024"), numberrowsrepeated="1048576")
    doc.spreadsheet.addElement(empty)
    doc.save(str(path))


FILES = {"everything.ods": everything}


def cell_text(element):
    lines = []
    for p in element.childNodes:
        if p.qname == (TEXTNS, "p"):
            lines.append("".join(pieces(p)))
    return "\n".join(lines)


def pieces(node):
    for child in node.childNodes:
        if child.nodeType == child.TEXT_NODE:
            yield str(child)
        elif child.qname == (TEXTNS, "s"):
            yield " " * int(child.getAttribute("c") or 1)
        elif child.qname == (TEXTNS, "tab"):
            yield "\t"
        else:
            yield from pieces(child)


def cell_shown(element):
    kind = element.attributes.get((OFFICENS, "value-type"))
    value = element.attributes.get((OFFICENS, "value"))
    if kind in ("float", "percentage", "currency"):
        return shown.number(float(value))
    if kind == "boolean":
        return ["b", element.attributes[(OFFICENS, "boolean-value")] == "true"]
    if kind == "date":
        return ["d", datetime.datetime.fromisoformat(element.attributes[(OFFICENS, "date-value")]).isoformat()]
    if kind == "time":
        hours, minutes, seconds = map(int, re.fullmatch(r"PT(\d+)H(\d+)M(\d+)S", element.attributes[(OFFICENS, "time-value")]).groups())
        long = element.attributes.get((TABLENS, "style-name")) == "ce_long"
        if hours < 24 and not long:
            return ["time", f"{hours:02}:{minutes:02}:{seconds:02}"]
        return ["s", ((hours * 60 + minutes) * 60 + seconds) * 1000]
    return ["t", cell_text(element)] if kind == "string" else None


def read(path):
    doc = load(str(path))
    sheets = []
    for sheet in doc.spreadsheet.getElementsByType(table.Table):
        rows = []
        for tr in sheet.getElementsByType(table.TableRow):
            cells = []
            for element in tr.childNodes:
                covered = element.qname == (TABLENS, "covered-table-cell")
                times = int(element.getAttribute("numbercolumnsrepeated") or 1)
                cells += [None if covered else cell_shown(element)] * times
            while cells and cells[-1] is None:
                cells.pop()
            times = int(tr.getAttribute("numberrowsrepeated") or 1)
            rows += [cells] * (times if cells else min(times, 1))
        while rows and not rows[-1]:
            rows.pop()
        width = max(map(len, rows), default=0)
        visible = sheet.getAttribute("stylename") != "ta_hidden"
        sheets.append(dict(name=sheet.getAttribute("name"), visibility="visible" if visible else "hidden",
                           rows=[cells + [None] * (width - len(cells)) for cells in rows]))
    return sheets
