"""Different image files with a face each, made of one portrait."""

import io
from pathlib import Path

import numpy as np
from PIL import Image


def portraits(portrait: bytes, count: int, side: int = 200) -> list[bytes]:
    """JPEG files that differ in light and in noise."""
    with Image.open(io.BytesIO(portrait)) as opened:
        face = opened.convert("RGB").crop((120, 0, 350, 230)).resize((side, side))
    pixels = np.asarray(face, np.float32)
    files = []
    for number in range(count):
        random = np.random.default_rng(number)
        changed = pixels * random.uniform(0.8, 1.1) + random.normal(0, 3, pixels.shape)
        buffer = io.BytesIO()
        Image.fromarray(np.clip(changed, 0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=90)
        files.append(buffer.getvalue())
    return files


def write_portraits(folder: Path, portrait: bytes, count: int) -> None:
    """The files as "0000.jpg", "0001.jpg" and so on."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(portraits(portrait, count)):
        (folder / f"{number:04}.jpg").write_bytes(data)
