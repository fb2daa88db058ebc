"""Writes small pictures into this folder, and into expected.json what Pillow makes of them.

    python -m venv V && V/bin/pip install pillow==11.3.0 numpy==2.4.6 && V/bin/python pillow.py

Pillow 13 resizes tall pictures by columns first, which sometimes changes a value by 1; the versions behind the
published results do rows first.
"""
import json
import pathlib

import numpy as np
from PIL import Image, ImageOps

here = pathlib.Path(__file__).parent


def picture(width, height):
    """Returns a picture from a formula that the Go test shares."""
    y, x, c = np.meshgrid(range(height), range(width), range(3), indexing="ij")
    return Image.fromarray(((x * 7 + y * 13 + c * 29 + x * y) % 256).astype(np.uint8))


def smooth(width, height):
    """A picture that survives lossy compression."""
    y, x, c = np.meshgrid(range(height), range(width), range(3), indexing="ij")
    return Image.fromarray((127 + 100 * np.sin(x / 9 + c) * np.cos(y / 7 - c)).astype(np.uint8))


files = {}


def save(name, image, **options):
    image.save(here / name, **options)
    with Image.open(here / name) as im:
        rgb = ImageOps.exif_transpose(im).convert("RGB")
        files[name] = {"width": rgb.width, "height": rgb.height,
                       "pixels": np.asarray(rgb).reshape(-1).tolist()}


small = smooth(13, 11)
for name, subsampling in {"444": 0, "422": 1, "420": 2}.items():
    save(f"ycbcr{name}.jpg", small, quality=90, subsampling=subsampling)
save("progressive.jpg", small, quality=90, progressive=True)
save("grey.jpg", small.convert("L"), quality=90)
save("cmyk.jpg", small.convert("CMYK"), quality=90)
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    save(f"orientation{orientation}.jpg", small, quality=95, exif=exif)
save("rgb.png", small)
save("alpha.png", Image.merge("RGBA", (*small.split(), small.convert("L"))))
save("palette.gif", small.quantize(16))
save("palette.png", small.quantize(16))
save("rgb.bmp", small)
save("lossless.webp", small, lossless=True)
save("lossy.webp", small, quality=90)
save("rgb.tiff", small)
save("alpha.tiff", Image.merge("RGBA", (*small.split(), small.convert("L"))), compression="tiff_lzw")
save("grey.tif", small.convert("L"), compression="tiff_adobe_deflate")
save("palette.tif", small.quantize(16))
save("orientation6.tiff", small, tiffinfo={0x0112: 6})
Image.fromarray((np.asarray(small.convert("L")).astype(np.uint16) * 257)).save(here / "grey16.png")

# How much memory it takes is tested, not its pixels.
Image.new("CMYK", (600, 500), (10, 20, 30, 40)).save(here / "progressive-cmyk.jpg", progressive=True)

resized = []
for (w, h), (tw, th) in [((13, 11), (8, 8)), ((13, 11), (20, 9)), ((40, 7), (7, 40)), ((9, 30), (9, 4)), ((5, 5), (5, 5)), ((1, 1), (3, 2))]:
    r = picture(w, h).resize((tw, th), Image.BILINEAR)
    resized.append({"from": [w, h], "to": [tw, th], "pixels": np.asarray(r).reshape(-1).tolist()})

(here / "expected.json").write_text(json.dumps({"files": files, "resized": resized}, separators=(",", ":")) + "\n")
