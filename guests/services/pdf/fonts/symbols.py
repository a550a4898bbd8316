"""Makes WardianSymbols.ttf: the symbols of DejaVu Sans, for characters that the text fonts lack.

    python3 -m pip install fonttools
    python3 symbols.py /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf WardianSymbols.ttf
"""

import sys

from fontTools import subset
from fontTools.ttLib import TTFont

RANGES = [
    (0x2000, 0x218F),  # punctuation, raised and lowered digits, currencies, letterlike, numbers
    (0x2190, 0x23FF),  # arrows, mathematics, technical
    (0x2440, 0x27FF),  # enclosed letters, boxes, shapes, symbols, dingbats, more arrows
    (0x2900, 0x2BFF),  # more arrows and mathematics
]


def main(source, target):
    options = subset.Options(hinting=False, layout_features=[], name_IDs=["*"], notdef_outline=True)
    font = TTFont(source)
    wanted = [c for first, last in RANGES for c in range(first, last + 1)]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=wanted)
    subsetter.subset(font)
    for record in font["name"].names:
        if record.nameID in (1, 16):
            record.string = "Wardian Symbols"
        elif record.nameID == 4:
            record.string = "Wardian Symbols"
        elif record.nameID == 6:
            record.string = "WardianSymbols"
    font["name"].names = [r for r in font["name"].names if r.nameID in (0, 1, 2, 3, 4, 5, 6, 13, 14)]
    font.save(target)


main(*sys.argv[1:])
