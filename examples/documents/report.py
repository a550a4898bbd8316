"""Writes report.html: a report of some twenty pages, with a table that runs over several of them.

    python3 report.py > report.html

The sentences are put together by a fixed sequence of numbers, so that the file is the same every time.
"""

SUBJECTS = [
    "the closed case", "a pane of common glass", "the fern house", "every fortnightly survey", "the keeper of the north range",
    "moisture in the mould", "the third consignment", "an unheated vestibule", "the committee", "a brass thermometer",
    "condensation on the lower panes", "the gardener at Kew", "each of the travelling boxes", "the iron frame",
]
VERBS = [
    "keeps", "returns", "was found to exceed", "explains", "is measured against", "depends upon", "did not affect",
    "has doubled since", "protects", "compares well with", "was charged with", "precedes",
]
OBJECTS = [
    "the humidity of the soil", "what had been expected of it", "the loss of water by day", "four winters of records",
    "the colder of the two houses", "a third of the cost", "the growth of young fronds", "light from the south",
    "the voyage to Sydney and back", "the efficiency of the boiler", "all but five of the species", "the first estimate",
]
TAILS = [
    "", "", " even in February", ", as table 1 shows", " without any watering", ", which nobody had foreseen", " at 18 °C",
    " within the first fortnight", " (see chapter 3)", " — a difficult finding", ", at £ 12 a case", " for eighteen years",
]
SPECIES = [
    "Adiantum capillus-veneris", "Asplenium nidus", "Blechnum gibbum", "Cyathea cooperi", "Davallia mariesii",
    "Dicksonia antarctica", "Dryopteris erythrosora", "Gleichenia microphylla", "Matteuccia struthiopteris",
    "Nephrolepis exaltata", "Osmunda regalis", "Pellaea rotundifolia", "Platycerium bifurcatum", "Polypodium vulgare",
    "Polystichum setiferum", "Pteris cretica", "Selaginella kraussiana", "Woodwardia radicans",
]
CHAPTERS = [
    ("Purpose", ["What was asked", "What was not", "Terms"]),
    ("Method", ["Cases and controls", "Instruments", "Sources of error"]),
    ("Results", ["Survival", "Growth", "Water"]),
    ("The fortnightly records", ["How to read them", "The records"]),
    ("Cost", ["Glass and putty", "Carriage", "What a fern costs"]),
    ("Discussion", ["Light", "Air", "Salt", "A dissenting note"]),
    ("Recommendations", ["For the Society", "For the trade"]),
]


class Numbers:
    """A fixed sequence, the same on every machine."""

    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % n

    def of(self, items):
        return items[self.below(len(items))]


numbers = Numbers(1842)


def sentence():
    text = f"{numbers.of(SUBJECTS)} {numbers.of(VERBS)} {numbers.of(OBJECTS)}{numbers.of(TAILS)}."
    return text[0].upper() + text[1:]


def paragraph(kind=""):
    words = [sentence() for _ in range(5 + numbers.below(5))]
    n = numbers.below(len(words))
    if numbers.below(3) == 0:
        words[n] = f"<em>{words[n]}</em>"
    elif numbers.below(4) == 0:
        words[n] = f'<strong>{words[n]}</strong>'
    if numbers.below(4) == 0:
        chapter = 1 + numbers.below(len(CHAPTERS))
        words.append(f'See <a class="ref" href="#c{chapter}">chapter {chapter}</a>.')
    return f"<p{kind}>{' '.join(words)}</p>"


def chart(title):
    bars, labels = [], []
    for n in range(12):
        tall = 20 + numbers.below(100)
        bars.append(f'<rect x="{30 + n * 34}" y="{140 - tall}" width="22" height="{tall}" fill="url(#g)"/>')
        labels.append(f'<text x="{41 + n * 34}" y="154" text-anchor="middle">{"JFMAMJJASOND"[n]}</text>')
    lines = "".join(f'<path d="M24 {140 - y}H440" stroke="#cbd5e1" stroke-width=".5"/><text x="20" y="{143 - y}" text-anchor="end">{y}</text>' for y in (0, 40, 80, 120))
    return (
        '<figure><svg viewBox="0 0 450 160" font-family="Arial" font-size="9" fill="#475569"><defs><linearGradient id="g" x2="0" y2="1">'
        '<stop stop-color="#4ade80"/><stop offset="1" stop-color="#166534"/></linearGradient></defs>'
        f"{lines}{''.join(bars)}{''.join(labels)}</svg><figcaption>{title}</figcaption></figure>"
    )


def records():
    rows = []
    for n in range(120):
        day, month = 1 + n * 3 % 28, 1 + n // 10
        temperature = 12 + numbers.below(140) / 10
        change = numbers.below(90) / 10 - 3
        kind = ' class="low"' if change < 0 else ""
        note = "" if numbers.below(4) else sentence()
        rows.append(
            f"<tr><td>{1842 + n // 60}–{month % 12 + 1:02}–{day:02}</td><td><i>{numbers.of(SPECIES)}</i></td><td>{chr(65 + numbers.below(6))}{1 + numbers.below(40)}</td>"
            f'<td class="n">{temperature:.1f}</td><td class="n">{60 + numbers.below(39)}</td><td class="n"><span{kind}>{change:+.1f}</span></td><td>{note}</td></tr>'
        )
    head = "<thead><tr><th rowspan=2>Date</th><th rowspan=2>Species</th><th rowspan=2>Case</th><th colspan=2>Air</th><th rowspan=2 class=n>Growth, cm</th><th rowspan=2>Note</th></tr><tr><th class=n>°C</th><th class=n>RH %</th></tr></thead>"
    return f"<table><caption>Table 1: all fortnightly records</caption>{head}<tbody>{''.join(rows)}</tbody></table>"


def costs():
    rows, total = [], 0
    for item in ["Crown glass, per crate", "Putty, per stone", "Brass hinges", "Teak", "Mould", "Ferns from the wood", "Carriage"]:
        count, price = 1 + numbers.below(40), 20 + numbers.below(400)
        total += count * price
        rows.append(f"<tr><td>{item}</td><td class=n>{count}</td><td class=n>{price / 20:.2f}</td><td class=n>{count * price / 20:,.2f}</td></tr>")
    return (
        "<table class=costs><thead><tr><th>Item</th><th class=n>Number</th><th class=n>Each, £</th><th class=n>Together, £</th></tr></thead>"
        f"<tbody>{''.join(rows)}</tbody><tfoot><tr><td colspan=3>Total</td><td class=n>{total / 20:,.2f}</td></tr></tfoot></table>"
    )


STYLE = """
@page { size: A4; margin: 24mm 22mm 22mm;
  @top-left { content: "On Closed Cases"; font: 8pt Arial; color: #64748b }
  @top-right { content: string(chapter); font: 8pt Arial; color: #64748b }
  @bottom-center { content: counter(page) " of " counter(pages); font: 8pt Arial; color: #64748b } }
@page :first { margin: 0; @top-left { content: none } @top-right { content: none } @bottom-center { content: none } }
@page :left { margin-right: 26mm; margin-left: 18mm }
body { margin: 0; font: 10.5pt/1.5 "Times New Roman", serif; color: #111827; counter-reset: chapter }
.cover { height: 297mm; box-sizing: border-box; padding: 60mm 25mm 20mm; background: linear-gradient(160deg, #052e16, #166534 55%, #65a30d); color: white; font-family: Arial; break-after: page; position: relative }
.cover h1 { font-size: 40pt; line-height: 1.05; margin: 0 0 8mm }
.cover p { font-size: 14pt; margin: 0; opacity: .85 }
.cover .by { position: absolute; left: 25mm; bottom: 22mm; font-size: 11pt }
.toc { break-after: page; font-family: Arial } .toc h2 { font-size: 16pt; margin: 0 0 6mm; counter-increment: none } .toc h2::before { content: none }
.toc ol { list-style: none; margin: 0; padding: 0 } .toc ol ol { padding-left: 7mm; font-size: 9.5pt; color: #475569 }
.toc > ol > li { margin-bottom: 2.5mm; font-weight: bold } .toc ol ol li { font-weight: normal; line-height: 1.45 }
.toc a { color: inherit; text-decoration: none }
.toc a::after { content: leader(".") " " target-counter(attr(href), page); font-weight: normal }
h2 { font: bold 18pt/1.2 Arial; color: #14532d; margin: 0 0 5mm; break-before: page; counter-increment: chapter; counter-reset: section; string-set: chapter content() }
h2::before { content: counter(chapter) "  "; color: #86a88f }
h3 { font: bold 12pt/1.3 Arial; margin: 6mm 0 2mm; counter-increment: section }
h3::before { content: counter(chapter) "." counter(section) "  "; color: #86a88f }
p { margin: 0 0 2.6mm; text-align: justify; hyphens: manual }
.ref { color: #166534; text-decoration: none; border-bottom: .5pt solid #86efac } .ref::after { content: " (p. " target-counter(attr(href), page) ")" }
figure { margin: 4mm 0; border: .3mm solid #e2e8f0; border-radius: 2mm; padding: 3mm } figure svg { width: 100%; display: block } figcaption { font: 8.5pt Arial; color: #64748b; text-align: center; padding-top: 2mm }
table { border-collapse: collapse; width: 100%; font: 8.5pt/1.35 Arial; margin: 3mm 0 5mm } caption { font-weight: bold; text-align: left; padding-bottom: 1.5mm }
th { background: #166534; color: white; text-align: left; padding: 1.2mm 2mm; border: .2mm solid #14532d } td { padding: 1mm 2mm; border-bottom: .2mm solid #cbd5e1; vertical-align: top }
tbody tr:nth-child(even) { background: #f0fdf4 } tbody td:first-child { white-space: nowrap } .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap } .low { color: #b91c1c }
.costs { width: 70%; margin-left: auto; margin-right: auto } .costs tfoot td { font-weight: bold; border-top: .5mm solid #166534 }
blockquote { margin: 4mm 8mm; padding-left: 4mm; border-left: 1mm solid #bbf7d0; font-style: italic; break-inside: avoid }
.two { columns: 2; column-gap: 8mm; column-rule: .2mm solid #cbd5e1; font-size: 9.5pt }
.box { background: #f8fafc; border: .3mm solid #cbd5e1; border-left: 1.2mm solid #166534; padding: 3mm 4mm; margin: 4mm 0; break-inside: avoid; font-family: Arial; font-size: 9.5pt }
.box p:last-child { margin: 0 }
pre { background: #0f172a; color: #e2e8f0; padding: 3mm 4mm; border-radius: 1.5mm; font-size: 8.5pt; line-height: 1.4 }
"""


def main():
    print('<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>On Closed Cases</title>')
    print('<meta name="author" content="The Fern Committee">\n<style>' + STYLE + "</style>\n</head>\n<body>")
    print('<div class="cover"><h1>On the Growth of Plants in Closely Glazed Cases</h1><p>Report of the Fern Committee for the years 1842 to 1846</p><div class="by">Printed for the Society<br>London, 26 November 2026</div></div>')
    print('<nav class="toc"><h2>Contents</h2><ol>')
    for n, (title, sections) in enumerate(CHAPTERS, 1):
        inner = "".join(f'<li><a href="#c{n}s{m}">{n}.{m} {section}</a>' for m, section in enumerate(sections, 1))
        print(f'<li><a href="#c{n}">{n} {title}</a><ol>{inner}</ol>')
    print("</ol></nav>")
    for n, (title, sections) in enumerate(CHAPTERS, 1):
        print(f'<h2 id="c{n}">{title}</h2>')
        print(paragraph())
        for m, section in enumerate(sections, 1):
            print(f'<h3 id="c{n}s{m}">{section}</h3>')
            print(paragraph())
            extras(title, section)
    print("</body>\n</html>")


def extras(title, section):
    if section == "The records":
        print(records())
    elif section == "Glass and putty":
        print(costs())
    elif section in ("Survival", "Growth", "Light"):
        print(chart(f"{section} by month, in parts of a hundred"))
        print(paragraph(), paragraph())
    elif section == "Instruments":
        print("<ul>" + "".join(f"<li>{sentence()}</li>" for _ in range(6)) + "</ul>")
        print("<pre>" + "\n".join(f"case {n:02}  {10 + numbers.below(15):>3} °C  {50 + numbers.below(50)} %  {'#' * (3 + numbers.below(30))}" for n in range(1, 9)) + "</pre>")
    elif section == "A dissenting note":
        print('<div class="two">' + "".join(paragraph() for _ in range(7)) + "</div>")
    elif section == "Terms":
        print("<dl>" + "".join(f"<dt><b>{species}</b></dt><dd>{sentence()}</dd>" for species in SPECIES[:7]) + "</dl>")
    elif section == "Sources of error":
        print(f"<blockquote>{sentence()} {sentence()}</blockquote>")
        print("<ol>" + "".join(f"<li>{sentence()}<ol type=a><li>{sentence()}</li><li>{sentence()}</li></ol></li>" for _ in range(4)) + "</ol>")
    else:
        print('<div class="box">' + paragraph() + "</div>")
        for _ in range(3):
            print(paragraph())


main()
