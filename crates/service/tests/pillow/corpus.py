"""Makes pictures with Pillow, and says what Pillow makes of them.

    corpus.py FOLDER

writes sources, expected results as PNG, and `cases.json`: a list of {name, function, arguments, source, expected,
psnr_min, answer}. Where Pillow cannot write a form (16 bits a colour, interlacing), the file is put together here.
"""

import array
import io
import json
import math
import random
import struct
import sys
import zlib
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps, ImageStat

FOLDER = Path(sys.argv[1])
CASES = []


def photo(width=900, height=600):
    """Something like a photograph: soft areas, edges, texture, text, saturated and dark parts."""
    dice = random.Random(7)
    across = Image.linear_gradient("L").rotate(90).resize((width, height))
    down = Image.linear_gradient("L").resize((width, height))
    around = Image.radial_gradient("L").resize((width, height))
    picture = Image.merge("RGB", (across, around, ImageOps.invert(down)))
    draw = ImageDraw.Draw(picture)
    for _ in range(60):
        x, y, size = dice.randrange(width), dice.randrange(height), dice.randrange(8, 120)
        colour = tuple(dice.randrange(256) for _ in range(3))
        draw.ellipse((x, y, x + size, y + size * 2 // 3), fill=colour)
        draw.line((x, y, dice.randrange(width), dice.randrange(height)), fill=colour, width=dice.randrange(1, 5))
    draw.text((width // 3, height // 2), "sealed glass box", fill=(255, 255, 240), font_size=height // 12)
    grain = Image.frombytes("RGB", (width, height), dice.randbytes(width * height * 3))
    picture = Image.blend(picture.filter(ImageFilter.GaussianBlur(0.8)), grain, 0.06)
    return picture


def with_alpha(picture):
    mask = Image.radial_gradient("L").resize(picture.size).point(lambda v: max(0, min(255, 400 - 2 * v)))
    picture = picture.convert("RGBA") if picture.mode != "L" else picture.convert("LA")
    picture.putalpha(mask)
    return picture


def png_bytes(width, height, depth, colour_type, samples, interlaced=False):
    """A PNG from rows of sample lists. `samples(x, y)` gives the channels of a pixel."""
    per_pixel = {0: 1, 2: 3, 4: 2, 6: 4}[colour_type]
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    rows = io.BytesIO()
    for x0, y0, dx, dy in passes if interlaced else [(0, 0, 1, 1)]:
        for y in range(y0, height, dy):
            row = [value for x in range(x0, width, dx) for value in samples(x, y)]
            if row:
                assert len(row) % per_pixel == 0
                rows.write(b"\0" + struct.pack(f">{len(row)}{'H' if depth == 16 else 'B'}", *row))

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, int(interlaced))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows.getvalue())) + chunk(b"IEND", b"")


def file(name, picture, **how):
    picture.save(FOLDER / name, **how)
    return name


def case(name, function, source, expected=None, psnr_min=40.0, answer=None, **arguments):
    wanted = None
    if expected is not None:
        wanted = f"expected-{name}.png"
        expected.save(FOLDER / wanted)
    CASES.append(
        dict(name=name, function=function, source=source, arguments=arguments, expected=wanted, psnr_min=psnr_min, answer=answer or {})
    )


def convert(name, source, psnr_min=40.0, answer=None, mode=None):
    """Decoding alone: what Pillow decodes the file to."""
    expected = ImageOps.exif_transpose(Image.open(FOLDER / source))
    case(name, "convert", source, expected.convert(mode or "RGB"), psnr_min, answer, format="png")


def resizes():
    picture = photo()
    source = file("photo.png", picture)
    lanczos = Image.Resampling.LANCZOS
    gamma = dict(light="gamma")
    for width, height in [(640, 427), (320, 213), (90, 60), (899, 599)]:
        case(f"resize-{width}", "resize", source, picture.resize((width, height), lanczos), width=width, **gamma)
    case("resize-fill", "resize", source, picture.resize((300, 400), lanczos), width=300, height=400, fit="fill", **gamma)
    case("resize-contain", "resize", source, picture.resize((300, 200), lanczos), width=300, height=400, **gamma)
    case("resize-cover", "resize", source, ImageOps.fit(picture, (300, 400), lanczos), width=300, height=400, fit="cover", **gamma)
    case("resize-enlarge", "resize", source, picture.resize((1350, 900), lanczos), width=1350, enlarge=True, **gamma)
    case("resize-not-larger", "resize", source, picture, 99, width=1350, **gamma)
    case("thumbnail", "thumbnail", source, ImageOps.fit(picture, (128, 128), lanczos), size=128, **gamma)
    case("crop", "crop", source, picture.crop((100, 50, 420, 250)), 99, x=100, y=50, width=320, height=200)

    grey = picture.convert("L")
    case("resize-grey", "resize", file("grey.png", grey), grey.resize((320, 213), lanczos).convert("RGB"), width=320, **gamma)
    for name, alpha in [("rgba", with_alpha(picture)), ("la", with_alpha(grey))]:
        small = alpha.resize((320, 213), lanczos)
        case(f"resize-{name}", "resize", file(f"{name}.png", alpha), small, width=320, **gamma)

    jpeg = file("photo.jpg", picture, quality=92, subsampling=0)
    case("resize-jpeg", "resize", jpeg, Image.open(FOLDER / jpeg).resize((320, 213), lanczos), width=320, format="png", **gamma)
    case("resize-linear", "resize", source, linear(picture, (320, 213)), width=320)
    case("resize-linear-small", "resize", source, linear(picture, (90, 60)), width=90)


def linear(picture, size):
    """Resizing in linear light, in floating point."""
    to = [v / 255 / 12.92 if v <= 10 else ((v / 255 + 0.055) / 1.055) ** 2.4 for v in range(256)]

    def back(v):
        v = min(1.0, max(0.0, v))
        return round(255 * (12.92 * v if v <= 0.0031308 else 1.055 * v ** (1 / 2.4) - 0.055))

    bands = []
    for band in picture.split():
        values = array.array("f", [to[v] for v in band.tobytes()])
        small = Image.frombytes("F", band.size, values.tobytes()).resize(size, Image.Resampling.LANCZOS)
        values = array.array("f", small.tobytes())
        bands.append(Image.frombytes("L", size, bytes(back(v) for v in values)))
    return Image.merge("RGB", bands)


def orientations():
    picture = photo(240, 160)
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        for kind, how in [("jpg", dict(quality=95, subsampling=0)), ("png", {}), ("webp", dict(lossless=True))]:
            source = file(f"orientation-{orientation}.{kind}", picture, exif=exif, **how)
            convert(f"orientation-{orientation}-{kind}", source)
            case(f"orientation-{orientation}-{kind}-info", "info", source, answer=dict(orientation=orientation, width=240, height=160))
        source = f"orientation-{orientation}.jpg"
        upright = ImageOps.exif_transpose(Image.open(FOLDER / source))
        small = upright.resize((60, round(60 * upright.height / upright.width)), Image.Resampling.LANCZOS)
        case(f"orientation-{orientation}-resize", "resize", source, small, width=60, light="gamma", format="png")
        square = ImageOps.fit(upright, (50, 50), Image.Resampling.LANCZOS)
        case(f"orientation-{orientation}-thumbnail", "thumbnail", source, square, size=50, light="gamma", format="png")
        part = upright.crop((10, 20, 90, 130))
        case(f"orientation-{orientation}-crop", "crop", source, part, x=10, y=20, width=80, height=110, format="png")


def jpegs():
    picture = photo(333, 251)
    for subsampling in (0, 1, 2):
        for progressive in (False, True):
            name = f"jpeg-{subsampling}-{'progressive' if progressive else 'baseline'}"
            source = file(f"{name}.jpg", picture, quality=90, subsampling=subsampling, progressive=progressive)
            convert(name, source, answer=dict(source_format="jpeg", frames=1))
    convert("jpeg-grey", file("grey.jpg", picture.convert("L"), quality=90))
    cmyk = picture.convert("CMYK")
    convert("jpeg-cmyk", file("cmyk.jpg", cmyk, quality=95))
    convert("jpeg-cmyk-progressive", file("cmyk-progressive.jpg", cmyk, quality=95, progressive=True))
    convert("jpeg-restarts", file("restarts.jpg", picture, quality=90, restart_marker_blocks=4))


def pngs():
    picture = photo(133, 91)
    pixels = picture.load()
    alpha = with_alpha(picture).load()
    grey = picture.convert("L").load()

    def wide(value, x, y):
        return value << 8 | (x * 31 + y * 17) & 255

    def raw(name, mode, depth, colour_type, samples, interlaced=False):
        (FOLDER / f"{name}.png").write_bytes(png_bytes(133, 91, depth, colour_type, samples, interlaced))
        expected = {"RGB": picture, "RGBA": with_alpha(picture), "L": picture.convert("L"), "LA": with_alpha(picture.convert("L"))}[mode]
        case(name, "convert", f"{name}.png", expected.convert("RGBA" if "A" in mode else "RGB"), 99, format="png")

    raw("png-rgb16", "RGB", 16, 2, lambda x, y: [wide(v, x, y) for v in pixels[x, y]])
    raw("png-rgba16", "RGBA", 16, 6, lambda x, y: [wide(v, x, y) for v in alpha[x, y]])
    raw("png-grey16", "L", 16, 0, lambda x, y: [wide(grey[x, y], x, y)])
    raw("png-grey-alpha16", "LA", 16, 4, lambda x, y: [wide(grey[x, y], x, y), wide(alpha[x, y][3], x, y)])
    raw("png-interlaced", "RGB", 8, 2, lambda x, y: pixels[x, y], True)
    raw("png-interlaced-rgba16", "RGBA", 16, 6, lambda x, y: [wide(v, x, y) for v in alpha[x, y]], True)
    convert("png-palette", file("palette.png", picture.quantize(64)), 99)
    convert("png-palette-4", file("palette-4.png", picture.quantize(11)), 99)
    see_through = with_alpha(picture).quantize(32)
    convert("png-palette-alpha", file("palette-alpha.png", see_through), 99, mode="RGBA")
    convert("png-1bit", file("1bit.png", picture.convert("1")), 99)


def animations_and_others():
    frames = [photo(120, 80), ImageOps.mirror(photo(120, 80)), ImageOps.flip(photo(120, 80))]
    animated = dict(save_all=True, append_images=frames[1:], duration=80)
    said = dict(frames=3, animated=True)
    convert("gif-animated", file("animated.gif", frames[0].quantize(200), save_all=True, append_images=[f.quantize(200) for f in frames[1:]], duration=80), 99, said)
    convert("webp-animated", file("animated.webp", frames[0], lossless=True, **animated), 99, said)
    convert("png-animated", file("animated.png", frames[0], **animated), 99, said)
    convert("gif-still", file("still.gif", frames[0].quantize(128)), 99, dict(frames=1, animated=False))
    hole = with_alpha(frames[0]).quantize(128)
    convert("gif-transparent", file("transparent.gif", hole, transparency=0), 99, mode="RGBA")
    convert("webp-lossy", file("lossy.webp", frames[0], quality=90))
    convert("webp-lossy-alpha", file("lossy-alpha.webp", with_alpha(frames[0]), quality=90), mode="RGBA")
    convert("webp-lossless", file("lossless.webp", with_alpha(frames[0]), lossless=True, exact=True), 99, mode="RGBA")
    for mode in ("RGB", "P", "L", "1"):
        convert(f"bmp-{mode}", file(f"{mode}.bmp", frames[0].convert(mode)), 99, dict(source_format="bmp", format="png"))


def written(picture, **how):
    """How well Pillow's own writer does, less one: nobody needs to be better."""
    held = io.BytesIO()
    picture.save(held, **how)
    stat = ImageStat.Stat(ImageChops.difference(picture, Image.open(held).convert("RGB")))
    error = sum(stat.sum2) / (3 * picture.width * picture.height)
    return 10 * math.log10(255 * 255 / error) - 1


def outputs():
    """What we write, Pillow reads."""
    picture = photo(300, 200)
    source = file("outputs.png", picture)
    case("write-png", "convert", source, picture, 99, dict(format="png", lossless=True), format="png")
    case("write-webp", "convert", source, picture, 99, dict(format="webp", lossless=True), format="webp")
    case("write-jpeg", "convert", source, picture, written(picture, format="JPEG", quality=85), dict(format="jpeg", lossless=False), format="jpeg")
    case("write-jpeg-95", "convert", source, picture, written(picture, format="JPEG", quality=95, subsampling=0), format="jpeg", quality=95)
    case("write-gif", "convert", source, picture, written(picture, format="GIF"), dict(format="gif", lossless=False), format="gif")
    few = picture.quantize(90)
    case("write-gif-exact", "convert", file("few.png", few), few.convert("RGB"), 99, format="gif")
    alpha = with_alpha(picture)
    source = file("outputs-alpha.png", alpha)
    case("write-webp-alpha", "convert", source, alpha, 99, format="webp")
    over = Image.new("RGBA", alpha.size, "#204060")
    over.alpha_composite(alpha)
    case("write-flattened", "convert", source, over.convert("RGB"), 32, format="jpeg", quality=95, background="#204060")
    case("optimize-jpeg", "optimize", file("fat.jpg", picture, quality=100, subsampling=0), picture, written(picture, format="JPEG", quality=85), dict(format="jpeg", unchanged=False))
    case("optimize-png", "optimize", file("fat.png", few.convert("RGBA"), compress_level=0), few.convert("RGB"), 99, dict(unchanged=False))


def hashes():
    import blurhash

    for name, picture in [("wide", photo(64, 40)), ("high", photo(40, 64))]:
        source = file(f"hash-{name}.png", picture)
        pixels = picture.load()
        rows = [[pixels[x, y] for x in range(picture.width)] for y in range(picture.height)]
        for x, y in [(4, 3), (1, 1), (9, 9)]:
            case(f"blurhash-{name}-{x}-{y}", "blurhash", source, answer=dict(hash=blurhash.encode(rows, x, y)), x=x, y=y)
    wanted = blurhash.decode("LEHV6nWB2yk8pyo0adR*.7kCMdnj", 32, 24)
    picture = Image.frombytes("RGB", (32, 24), bytes(v for row in wanted for pixel in row for v in map(int, pixel)))
    case("blurhash-decode", "blurhash_decode", None, picture, 40, hash="LEHV6nWB2yk8pyo0adR*.7kCMdnj", width=32, height=24)


for make in (resizes, orientations, jpegs, pngs, animations_and_others, outputs, hashes):
    make()
(FOLDER / "cases.json").write_text(json.dumps(CASES))
