#!/usr/bin/env python3
"""Encodes the lossless renderings as the files of examples/data. Needs Pillow (made with 13.0.0).

    encode.py RENDERED_DIR OUT_DIR
"""

import sys
from pathlib import Path

from PIL import Image

ORIENTATION, MAKE, MODEL, SOFTWARE = 0x0112, 0x010F, 0x0110, 0x0131


def exif(orientation: int) -> Image.Exif:
    tags = Image.Exif()
    tags[ORIENTATION] = orientation
    tags[MAKE] = "Wardian"
    tags[MODEL] = "render-pictures"
    tags[SOFTWARE] = "examples/data/render"
    return tags


def main(rendered: Path, out: Path) -> None:
    def picture(name: str) -> Image.Image:
        return Image.open(rendered / f"{name}.png")

    out.mkdir(parents=True, exist_ok=True)
    picture("lake").save(out / "lake.jpg", quality=85, subsampling="4:2:0", exif=exif(1))

    # As a camera held upright stores it: the sensor's rows lie sideways, and orientation 6 says so.
    sideways = picture("fruit").transpose(Image.Transpose.ROTATE_90)
    sideways.save(out / "fruit.jpg", quality=85, subsampling="4:2:0", exif=exif(6))

    picture("dunes").save(out / "dunes-progressive.jpg", quality=82, subsampling="4:2:0", progressive=True, optimize=True)
    picture("evening").save(out / "evening.webp", quality=80, method=6)
    picture("case").save(out / "case.png", optimize=True)

    strip = picture("growing")
    width = strip.width // 12
    frames = []
    for k in range(12):
        frame = strip.crop((k * width, 0, (k + 1) * width, strip.height))
        paper = Image.new("RGB", frame.size, "white")
        paper.paste(frame, (0, 0), frame)
        frames.append(paper.quantize(64, dither=Image.Dither.NONE))
    frames[0].save(out / "growing.gif", save_all=True, append_images=frames[1:], duration=[120] * 11 + [1500], loop=0)

    picture("fruit").resize((120, 180), Image.Resampling.LANCZOS).save(out / "fruit-small.bmp")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
