"""Looks at results with Pillow's eyes.

    judge.py FOLDER < results.json

reads a list of {name, expected, result, format}, opens the files, and writes a list of
{name, psnr, format, width, height, problem}: peak signal to noise in dB, 99 for equal pixels.
"""

import json
import math
import sys
from pathlib import Path

from PIL import Image, ImageChops, ImageStat

FOLDER = Path(sys.argv[1])


def psnr(result, expected):
    if result.size != expected.size:
        return 0.0, f"{result.size} instead of {expected.size}"
    # Colours under transparent pixels do not show, so both are compared as they would be blended.
    mode = "RGBa" if "A" in expected.getbands() or "A" in result.convert_from else "RGB"
    first, second = result.picture.convert("RGBA").convert(mode), expected.convert("RGBA").convert(mode)
    first, second = (Image.merge("RGBA", p.split()) if mode == "RGBa" else p for p in (first, second))
    stat = ImageStat.Stat(ImageChops.difference(first, second))
    error = sum(stat.sum2) / (len(stat.sum2) * first.width * first.height)
    return (99.0 if error == 0 else min(99.0, 10 * math.log10(255 * 255 / error))), None


class Result:
    def __init__(self, path):
        self.picture = Image.open(path)
        self.format = self.picture.format.lower()
        self.picture.load()
        self.size = self.picture.size
        self.convert_from = self.picture.convert("RGBA").getbands() if "transparency" in self.picture.info else self.picture.getbands()


def judge(case):
    out = dict(name=case["name"], psnr=None, problem=None)
    try:
        result = Result(FOLDER / case["result"])
        out.update(format=result.format, width=result.size[0], height=result.size[1])
        if case["expected"]:
            out["psnr"], out["problem"] = psnr(result, Image.open(FOLDER / case["expected"]))
    except Exception as error:
        out["problem"] = f"{type(error).__name__}: {error}"
    return out


json.dump([judge(case) for case in json.load(sys.stdin)], sys.stdout)
