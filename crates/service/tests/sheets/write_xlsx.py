"""Workbooks of XLSX by openpyxl and XlsxWriter, and by hand where neither writes what others do; read by openpyxl."""

import datetime
import random
import zipfile

import openpyxl
import xlsxwriter
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from shown import shown

DATES = [
    datetime.datetime(1900, 1, 1),
    datetime.datetime(1900, 2, 28),
    datetime.datetime(1900, 3, 1),
    datetime.datetime(1999, 12, 31, 23, 59, 59),
    datetime.datetime(2024, 2, 29, 13, 45, 6, 250_000),
    datetime.datetime(9999, 12, 31),
]
FORMATS = [
    "General", "0", "0.00", "#,##0.00", "0%", "0.00%", "0.00E+00", "# ?/?", "@", "mm-dd-yy", "d-mmm-yy", "h:mm AM/PM",
    "h:mm:ss", "m/d/yy h:mm", "mm:ss", "[h]:mm:ss", "mmss.0", "[mm]:ss", "[$-409]d\\-mmm\\-yyyy;@", "[$-F800]dddd",
    "yyyy\"年\"m\"月\"d\"日\"", "\"day\" 0", "\"hms\"0.0", "\\d0", "0\\ \"years\"", "[Red]0;[Blue]-0", "[>=100]0;0.0",
    "_(* #,##0_)", "#,##0 \"€\"", "[$€-407]#,##0.00", "yyyy-mm-dd\"T\"hh:mm:ss", "dd/mm/yyyy", "MMMM YYYY", "[hh]:mm",
]
NUMBERS = [0, 1, -1, 0.1, 1 / 3, 1e15, 1e16, 123456789012345678, 1e21, 1e-7, 5e-324, 1.7976931348623157e308, -2.5e-10,
           2**53, 2**53 + 2, 0.30000000000000004]
TEXTS = ["plain", "", " leading and trailing ", "tab\tand\nline", "äöü ß é", "日本語", "😀 beyond", "<&>\"'", "a]]>b",
         "x" * 32_767, "_x0041_ literal", "007", "=not a formula", "'quoted", "line\r\nend", "\u00a0nbsp\u00a0"]


def everything(path):
    wb = openpyxl.Workbook()
    ws = wb.active
    ws.title = "Värde & 日本"
    for row, value in enumerate(NUMBERS, 1):
        ws.cell(row, 1, value)
    for row, value in enumerate(TEXTS, 1):
        cell = ws.cell(row, 2)
        cell.value = value
        cell.data_type = "s"
    for row, value in enumerate(DATES, 1):
        ws.cell(row, 3, value)
    for row, fmt in enumerate(FORMATS, 1):
        for column, value in ((4, 45351.75), (5, 0.5), (6, 1234)):
            ws.cell(row, column, value).number_format = fmt
    for row, value in enumerate(["#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"], 1):
        ws.cell(row, 7, value).data_type = "e"
    for row, value in enumerate([True, False], 1):
        ws.cell(row, 8, value)
    ws.cell(1, 9, datetime.time(13, 45, 6))
    ws.cell(2, 9, datetime.timedelta(hours=25, minutes=30))
    ws.cell(3, 9, datetime.date(2024, 2, 29))
    ws.cell(4, 9, CellRichText("a ", TextBlock(InlineFont(b=True), "bold"), " z"))
    ws.cell(40, 12).number_format = "0.00"
    wb.save(path)


def merged(path):
    wb = openpyxl.Workbook()
    ws = wb.active
    ws["A1"] = "title"
    ws.merge_cells("A1:C1")
    ws["A2"] = 1
    ws.merge_cells("A2:A4")
    ws["B3"] = "b3"
    wb.create_sheet("empty")
    hidden = wb.create_sheet("hidden")
    hidden.sheet_state = "hidden"
    hidden["B2"] = "x"
    deep = wb.create_sheet("very hidden")
    deep.sheet_state = "veryHidden"
    deep["A1"] = 2
    wb.save(path)


def mac(path):
    wb = openpyxl.Workbook()
    wb.epoch = CALENDAR_MAC_1904
    ws = wb.active
    for row, value in enumerate([datetime.datetime(1904, 1, 2), datetime.datetime(2024, 2, 29, 13, 45),
                                 datetime.time(6, 30), datetime.timedelta(hours=30)], 1):
        ws.cell(row, 1, value)
    wb.save(path)


def iso_dates(path):
    wb = openpyxl.Workbook()
    wb.iso_dates = True
    ws = wb.active
    for row, value in enumerate([datetime.datetime(2024, 2, 29, 13, 45, 6), datetime.date(2024, 2, 29),
                                 datetime.time(13, 45, 6)], 1):
        ws.cell(row, 1, value)
    wb.save(path)


def formulas(path):
    wb = xlsxwriter.Workbook(path)
    ws = wb.add_worksheet("results")
    date = wb.add_format({"num_format": "yyyy-mm-dd"})
    ws.write_formula(0, 0, "=1+1", None, 2)
    ws.write_formula(1, 0, '="a"&"b"', None, "ab")
    ws.write_formula(2, 0, "=1/0", None, "#DIV/0!")
    ws.write_formula(3, 0, "=TRUE()", None, "TRUE")
    ws.write_formula(4, 0, "=TODAY()", date, 45351)
    ws.write_formula(5, 0, '=""', None, "")
    ws.write_array_formula(6, 0, 7, 1, "{=A1:B2}", None, 7)
    ws.write_rich_string(8, 0, "plain ", wb.add_format({"bold": True}), "bold", " plain")
    ws.write_blank(9, 3, None, date)
    ws.merge_range(11, 0, 12, 2, "merged", date)
    ws.write_url(13, 0, "https://example.org/", string="a link")
    ws.write_datetime(14, 0, datetime.datetime(2024, 2, 29), date)
    chart = wb.add_chartsheet("chart")
    lines = wb.add_chart({"type": "line"})
    lines.add_series({"values": "=results!$A$1:$A$2"})
    chart.set_chart(lines)
    wb.add_worksheet("last").write(0, 0, "z")
    wb.close()


def inline(path):
    """Without a table of strings, as writers that stream do it."""
    wb = xlsxwriter.Workbook(path, {"constant_memory": True})
    ws = wb.add_worksheet()
    for row, value in enumerate(TEXTS):
        if value:
            ws.write_string(row, 0, value)
    wb.close()


def mac_xlsxwriter(path):
    wb = xlsxwriter.Workbook(path, {"date_1904": True})
    ws = wb.add_worksheet()
    ws.write_datetime(0, 0, datetime.datetime(2024, 2, 29, 1, 2, 3), wb.add_format({"num_format": "dd/mm/yy hh:mm"}))
    wb.close()


def sparse(path):
    wb = xlsxwriter.Workbook(path)
    ws = wb.add_worksheet()
    ws.write(0, 0, "first")
    ws.write(90_000, 9, "last")
    wb.close()


def huge(path):
    random.seed(3)
    wb = xlsxwriter.Workbook(path, {"constant_memory": True})
    ws = wb.add_worksheet("huge")
    date = wb.add_format({"num_format": "yyyy-mm-dd"})
    for row in range(100_000):
        ws.write_number(row, 0, row)
        ws.write_string(row, 1, f"text {random.randint(0, 999)}")
        ws.write_number(row, 2, 40_000 + row % 5_000, date)
        ws.write_number(row, 3, random.random())
    wb.close()


def shared(path):
    wb = xlsxwriter.Workbook(path)
    for number in range(3):
        ws = wb.add_worksheet(f"sheet {number}")
        for row in range(50):
            ws.write_string(row, number, f"shared {row % 7}")
            ws.write_string(row, number + 1, "")
    wb.close()


def by_hand(path, sheet, workbook="", strings=None, styles=None):
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    kinds = {"worksheet": "worksheets/sheet1.xml"}
    parts = {
        "_rels/.rels": f'<Relationships xmlns="{package}"><Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}">{workbook}<sheets><sheet name="S" sheetId="1" r:id="r0"/></sheets></workbook>',
        "xl/worksheets/sheet1.xml": sheet.replace("<worksheet", f'<worksheet xmlns="{main}"', 1),
    }
    if strings:
        kinds["sharedStrings"] = "sharedStrings.xml"
        parts["xl/sharedStrings.xml"] = f'<sst xmlns="{main}">{strings}</sst>'
    if styles:
        kinds["styles"] = "styles.xml"
        parts["xl/styles.xml"] = f'<styleSheet xmlns="{main}">{styles}</styleSheet>'
    links = "".join(f'<Relationship Id="r{n}" Type="{office}/{kind}" Target="{target}"/>' for n, (kind, target) in enumerate(kinds.items()))
    parts["xl/_rels/workbook.xml.rels"] = f'<Relationships xmlns="{package}">{links}</Relationships>'
    types = "".join(f'<Override PartName="/{name}" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.{kind}+xml"/>'
                    for name, kind in (("xl/workbook.xml", "sheet.main"), ("xl/worksheets/sheet1.xml", "worksheet"),
                                       ("xl/sharedStrings.xml", "sharedStrings"), ("xl/styles.xml", "styles")) if name in parts)
    parts["[Content_Types].xml"] = f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>{types}</Types>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + text)


STRINGS = ('<si><t>one</t></si><si/><si><t/></si><si><t xml:space="preserve"> spaced </t></si><si><t> bare </t></si>'
           '<si><r><t>rich </t></r><r><rPr><b/></rPr><t xml:space="preserve">text</t></r></si>'
           '<si><t>漢字</t><rPh sb="0" eb="2"><t>かんじ</t></rPh><phoneticPr fontId="1"/></si>'
           '<si><t>&lt;&#x41;&#66;&amp;&gt;</t></si><si><t>a_x000D_b</t></si><si><t>_x005F_x000D_</t></si>')


def strings(path):
    cells = "".join(f'<row r="{n + 1}"><c r="A{n + 1}" t="s"><v>{n}</v></c></row>' for n in range(10))
    by_hand(path, f"<worksheet><sheetData>{cells}</sheetData></worksheet>", strings=STRINGS)


def loose(path):
    """Rows and cells that do not say where they are, values with spaces around them, results without a value."""
    by_hand(path, '<worksheet><sheetData><row><c><v>1</v></c><c t="str"><v>two</v></c></row><row r="4"><c r="B4"><v> 3 </v></c>'
                  '<c><v>4</v></c></row><row><c t="b"><v>1</v></c><c t="e"><v>#SPILL!</v></c><c><f>A1</f></c>'
                  '<c t="inlineStr"><is><t>in</t></is></c><c t="n"/></row></sheetData></worksheet>')


def prefixed(path):
    by_hand(path, '<worksheet><sheetData><row r="1"><c r="A1" s="1"><v>45351</v></c><c r="B1" s="2"><v>45351</v></c>'
                  '<c r="C1" s="3"><v>1.5</v></c><c r="D1" s="0"><v>7</v></c></row></sheetData></worksheet>',
            workbook='<workbookPr date1904="0"/>',
            styles='<numFmts count="2"><numFmt numFmtId="170" formatCode="yyyy\\-mm\\-dd"/><numFmt numFmtId="171" formatCode="[h]:mm"/></numFmts>'
                   '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="170"/><xf numFmtId="14"/><xf numFmtId="171"/></cellXfs>')


def beyond(path):
    """Dates that no calendar has, in the format of a date."""
    cells = "".join(f'<c s="1"><v>{value}</v></c>' for value in (2958465, 2958466, -1, -700000, 1e300))
    by_hand(path, f"<worksheet><sheetData><row>{cells}</row></sheetData></worksheet>",
            styles='<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>')


def whole_row(path):
    """A title over a whole row, and one over a whole column."""
    wb = openpyxl.Workbook()
    ws = wb.active
    ws["A1"] = "title"
    ws["A2"] = 1
    ws["B3"] = 2
    wb.save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    merge = b'</sheetData><mergeCells count="1"><mergeCell ref="A1:XFD1"/></mergeCells>'
    parts[sheet] = parts[sheet].replace(b"</sheetData>", merge)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


FILES = {
    "everything.xlsx": everything,
    "merged.xlsx": merged,
    "mac.xlsx": mac,
    "iso-dates.xlsx": iso_dates,
    "formulas.xlsx": formulas,
    "inline.xlsx": inline,
    "mac-xlsxwriter.xlsx": mac_xlsxwriter,
    "sparse.xlsx": sparse,
    "huge.xlsx": huge,
    "shared.xlsx": shared,
    "strings.xlsx": strings,
    "loose.xlsx": loose,
    "styles.xlsx": prefixed,
    "beyond.xlsx": beyond,
    "whole-row.xlsx": whole_row,
}
VISIBILITY = {"visible": "visible", "hidden": "hidden", "veryHidden": "very_hidden"}


def read(path):
    wb = openpyxl.load_workbook(path, data_only=True)
    sheets = []
    for ws in wb.worksheets:
        rows = [[shown(cell.value, cell.data_type == "e") for cell in row] for row in ws.iter_rows()]
        if rows == [[None]] and not ws._cells:
            rows = []
        sheets.append(dict(name=ws.title, visibility=VISIBILITY[ws.sheet_state], rows=rows))
    return sheets
