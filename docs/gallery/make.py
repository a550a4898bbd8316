"""Makes the pictures of this folder: each page of the example documents as Wardian makes it, beside the same page as
Chromium prints it.

    cargo build --release --package wardian-cli
    python3 docs/gallery/make.py target/release/wardian

Wants Debian's `poppler-utils` and `chromium`, and Pillow. Of long documents only some pages are shown.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

from PIL import Image, ImageDraw

HERE = pathlib.Path(__file__).resolve().parent
DOCUMENTS = HERE.parent.parent / "examples/documents"
RESOLUTION = 80
# Pages that are shown of the documents that have many.
SHOWN = {"report": [1, 2, 3, 12, 19, 24], "table": [1, 2]}
GREY = (120, 120, 120)
# Pages of the overview.
OVERVIEW = [("report", 1), ("invoice", 1), ("letter", 1), ("layouts", 1), ("report", 12), ("certificate", 1)]
OVERVIEW_HEIGHT = 330


def run(*command, **more):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **more)
    if done.returncode:
        sys.exit(f"{command[0]} failed: {done.stderr}")
    return done


def references(html):
    """The files beside it that a document names."""
    found = re.findall(r"""["'(]((?:\.\./data|fonts)/[^"')]+)["')]""", html)
    return list(dict.fromkeys(found))


def chromium(document, pdf, profile):
    run("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
        f"--user-data-dir={profile}", "--no-pdf-header-footer", f"--print-to-pdf={pdf}", document.as_uri(), timeout=120)


def pages(pdf, folder, name):
    run("pdftoppm", "-r", RESOLUTION, "-png", pdf, folder / name)
    return sorted(folder.glob(f"{name}-*.png"))


def beside(ours, theirs, to):
    sheets = [Image.open(path).convert("RGB") if path else None for path in (ours, theirs)]
    width = sum(sheet.width if sheet else 200 for sheet in sheets) + 30
    height = max(sheet.height for sheet in sheets if sheet) + 34
    both = Image.new("RGB", (width, height), GREY)
    draw = ImageDraw.Draw(both)
    at = 10
    for sheet, title in zip(sheets, ("Wardian", "Chromium")):
        draw.text((at + 2, 8), title, fill="white")
        if sheet:
            both.paste(sheet, (at, 24))
        at += (sheet.width if sheet else 200) + 10
    both.quantize(160, dither=Image.Dither.NONE).save(to, optimize=True)


def overview(sheets):
    small = []
    for sheet in sheets:
        height = OVERVIEW_HEIGHT if sheet.height > sheet.width else OVERVIEW_HEIGHT * 2 // 3
        small.append(sheet.resize((sheet.width * height // sheet.height, height), Image.LANCZOS))
    all = Image.new("RGB", (sum(sheet.width + 12 for sheet in small) + 12, OVERVIEW_HEIGHT + 24), GREY)
    at = 12
    for sheet in small:
        all.paste(sheet, (at, 12))
        at += sheet.width + 12
    all.save(HERE / "overview.png", optimize=True)


def main():
    wardian = pathlib.Path(sys.argv[1]).resolve()
    for old in HERE.glob("*.png"):
        old.unlink()
    shown = {}
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for document in sorted(DOCUMENTS.glob("*.html")):
            name = document.stem
            assets = [word for file in references(document.read_text("utf-8")) for word in ("--asset", file)]
            run(wardian, "pdf", "render", document.name, "-o", folder / f"{name}.pdf", *assets, cwd=DOCUMENTS)
            chromium(document, folder / f"{name}.chromium.pdf", folder / "profile")
            ours = pages(folder / f"{name}.pdf", folder, f"{name}-ours")
            theirs = pages(folder / f"{name}.chromium.pdf", folder, f"{name}-theirs")
            print(f"{name}: {len(ours)} pages, {len(theirs)} by Chromium")
            for number in SHOWN.get(name, range(1, max(len(ours), len(theirs)) + 1)):
                page = [all[number - 1] if number <= len(all) else None for all in (ours, theirs)]
                if (name, number) in OVERVIEW:
                    shown[name, number] = Image.open(page[0]).convert("RGB")
                beside(*page, HERE / f"{name}-{number}.png")
    overview([shown[page] for page in OVERVIEW])


main()
