"""Makes workbooks with other people's writers, and says what other people's readers find in them.

    corpus.py FOLDER

writes the workbooks and `cases.json`: a list of {file, sheets: [{name, visibility, rows}]}, where rows are what
openpyxl (XLSX), xlrd (XLS), odfpy (ODS) and csv (CSV) give, each cell as a pair of kind and value: ["n", bits in hex],
["t", "text"], ["b", true], ["e", "#N/A"], ["d", "2024-02-29T00:00:00"], ["time", "13:45:00"], ["s", milliseconds],
or null.
"""

import json
import sys
from pathlib import Path

import write_csv
import write_ods
import write_xls
import write_xlsx

FOLDER = Path(sys.argv[1])


def main():
    cases = []
    for module in (write_xlsx, write_xls, write_ods, write_csv):
        for name, make in module.FILES.items():
            path = FOLDER / name
            make(path)
            cases.append(dict(file=name, sheets=module.read(path)))
    (FOLDER / "cases.json").write_text(json.dumps(cases), encoding="utf-8")


if __name__ == "__main__":
    main()
