"""Writes nursery.xlsx: the books of a nursery, with several sheets, dates, the values of formulas, and empty cells.

    pip install xlsxwriter
    python3 nursery.py

The figures follow from a fixed sequence of numbers, so that the cells are the same every time.
"""

import datetime

import xlsxwriter

SPECIES = [
    ("Adiantum capillus-veneris", "Frauenhaarfarn", 14.5),
    ("Asplenium nidus", "Nestfarn", 22.0),
    ("Cyathea cooperi", "Australischer Baumfarn", 85.0),
    ("Davallia mariesii", "Shinobu シノブ", 18.75),
    ("Dicksonia antarctica", "Wollbaumfarn", 119.0),
    ("Matteuccia struthiopteris", "Straußenfarn", 9.9),
    ("Osmunda regalis", "Königsfarn", 16.4),
    ("Platycerium bifurcatum", "Geweihfarn", 27.3),
]
CUSTOMERS = ["Botanische Gärten Łódź", "Žofia & Co.", "Θεόφραστος ΑΕ", "Kew", "Serre d’Auteuil", "Сад имени Баумана"]


def numbers():
    state = 1842
    while True:
        state = (state * 1664525 + 1013904223) % 2**32
        yield state >> 8


def main():
    book = xlsxwriter.Workbook("nursery.xlsx")
    book.set_properties({"created": datetime.datetime(2026, 11, 26), "title": "The books of a nursery"})
    bold = book.add_format({"bold": True, "bottom": 1})
    date = book.add_format({"num_format": "yyyy-mm-dd"})
    moment = book.add_format({"num_format": "dd.mm.yyyy hh:mm"})
    money = book.add_format({"num_format": "#,##0.00 €"})
    percent = book.add_format({"num_format": "0.0%"})
    number = numbers()

    stock = book.add_worksheet("Stock")
    stock.set_column(0, 1, 26)
    for column, name in enumerate(["species", "name", "price", "pots", "value", "sown", "hardy", "note"]):
        stock.write(0, column, name, bold)
    total = 0
    for row, (species, name, price) in enumerate(SPECIES, 1):
        pots = next(number) % 400 + 12
        total += round(price * pots, 2)
        stock.write(row, 0, species)
        stock.write(row, 1, name)
        stock.write(row, 2, price, money)
        stock.write(row, 3, pots)
        stock.write_formula(row, 4, f"=C{row + 1}*D{row + 1}", money, round(price * pots, 2))
        stock.write_datetime(row, 5, datetime.datetime(2025, 1 + next(number) % 12, 1 + next(number) % 28), date)
        stock.write_boolean(row, 6, price < 20)
        if row % 3 == 0:
            stock.write(row, 7, "wants shade,\nand rain water")
    stock.write(len(SPECIES) + 2, 0, "total", bold)
    stock.write_formula(len(SPECIES) + 2, 4, f"=SUM(E2:E{len(SPECIES) + 1})", money, round(total, 2))

    orders = book.add_worksheet("Orders 2026")
    orders.set_column(1, 2, 28)
    for column, name in enumerate(["order", "taken", "customer", "species", "pots", "discount", "due"]):
        orders.write(0, column, name, bold)
    for row in range(1, 61):
        species, _, price = SPECIES[next(number) % len(SPECIES)]
        pots = next(number) % 24 + 1
        discount = [0, 0, 0.05, 0.125][next(number) % 4]
        taken = datetime.datetime(2026, 1, 5, 8, 30) + datetime.timedelta(days=row * 5, minutes=next(number) % 540)
        orders.write(row, 0, 20_000 + row)
        orders.write_datetime(row, 1, taken, moment)
        orders.write(row, 2, CUSTOMERS[next(number) % len(CUSTOMERS)])
        orders.write(row, 3, species)
        orders.write(row, 4, pots)
        if discount:
            orders.write(row, 5, discount, percent)
        due = round(price * pots * (1 - discount), 2)
        orders.write_formula(row, 6, f"=VLOOKUP(D{row + 1},Stock!A:C,3,0)*E{row + 1}*(1-F{row + 1})", money, due)

    checks = book.add_worksheet("Checks")
    checks.merge_range(0, 0, 0, 2, "What does not add up", bold)
    checks.write(2, 0, "per pot of none")
    checks.write_formula(2, 1, "=1/0", None, "#DIV/0!")
    checks.write(3, 0, "of no species")
    checks.write_formula(3, 1, '=VLOOKUP("Rosa",Stock!A:C,3,0)', None, "#N/A")
    checks.write(4, 0, "opened at")
    checks.write_datetime(4, 1, datetime.time(7, 45), book.add_format({"num_format": "hh:mm"}))
    checks.write(5, 0, "worked")
    checks.write(5, 1, 1.5 + 5 / 24, book.add_format({"num_format": "[h]:mm"}))
    notes = book.add_worksheet("Notes")
    notes.hide()
    notes.write(0, 0, "hidden, and empty otherwise")
    book.close()


main()
