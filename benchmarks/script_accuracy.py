"""How well the served engine reads Russian and Arabic, and how often it takes other text for them.

    apt-get download fonts-noto-core fonts-freefont-ttf fonts-hosny-amiri fonts-dejavu-core
    for package in fonts-*.deb; do dpkg-deb -x "$package" fonts; done
    python benchmarks/script_accuracy.py --fonts fonts --shared ../shared

Each phrase of script_phrases.toml is rendered in four fonts, at 28 to 56 pixels, dark on light or light on dark, with
noise; a fixed seed. The false lines are counted on photos and Vietnamese renders that show neither script.
"""

import argparse
import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from openrek.vision import ArrayFrame, EncodedFrame, Engine, Limits, RuntimeOptions, Text, load_packs

Row = tuple[str, str, str]
FONTS = {
    "Russian": ("NotoSans-Regular.ttf", "NotoSerif-Bold.ttf", "FreeSans.ttf", "DejaVuSans.ttf"),
    "Arabic": ("NotoNaskhArabic-Regular.ttf", "NotoSansArabic-Bold.ttf", "Amiri-Regular.ttf", "DejaVuSans.ttf"),
}
_RECOGNISERS = {"Russian": "tesseract-rus", "Arabic": "tesseract-ara"}
_SETS = {
    "ICDAR 2015 sample": "icdar2015_test/*.jpg",
    "COCO val2017 sample": "coco128_val2017/**/*.jpg",
    "rendered Vietnamese lines": "vietnamese_render/*.jpg",
}
_SIZES = (28, 40, 56)
_NOISE = (4, 12, 20)
_SEED = 14
_ANY_SIZE = Limits(max_bytes=1 << 30, min_side=0)


def rendered(folder: Path, language: str) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """Phrases and their images, (H, W, 3) RGB."""
    phrases = tomllib.loads((Path(__file__).parent / "script_phrases.toml").read_text(encoding="utf-8"))[language]
    generator = np.random.default_rng(_SEED)
    for number, name in enumerate(FONTS[language]):
        (file, *_) = sorted(folder.rglob(name))
        for place, phrase in enumerate(phrases):
            turn = place + number
            font = ImageFont.truetype(str(file), _SIZES[turn % 3])
            left, top, right, bottom = font.getbbox(phrase)
            colours = [generator.integers(175, 256, 3), generator.integers(0, 80, 3)]
            ground, ink = colours if turn % 5 else colours[::-1]
            size = (int(right - left) + 80, int(bottom - top) + 80)
            image = Pillow.new("RGB", size, tuple(int(shade) for shade in ground))
            drawing = ImageDraw.Draw(image)
            drawing.text((40 - left, 40 - top), phrase, fill=tuple(int(shade) for shade in ink), font=font)
            noisy = np.asarray(image) + generator.normal(0, _NOISE[turn // 3 % 3], (size[1], size[0], 3))
            yield phrase, np.clip(noisy, 0, 255).astype(np.uint8)


def read(engine: Engine, folder: Path, language: str, show: bool = False) -> Iterator[Row]:
    """Shares of words and lines that are read right, in logical order."""
    words = right = lines = whole = 0
    for phrase, pixels in rendered(folder, language):
        text = engine.analysis(ArrayFrame(pixels)).text
        shown = " ".join(line.text for line in text.lines)
        truth, remaining = phrase.split(), shown.split()
        for word in truth:
            if word in remaining:
                remaining.remove(word)
                right += 1
        words += len(truth)
        lines += 1
        whole += shown == phrase
        if show and shown != phrase:
            print(f"{phrase} -> {shown} {[line.recogniser for line in text.lines]}")
    source = f"rendered {language} lines, {lines} images, {words} words"
    yield f"{language} words right", f"{right / words:.3f}", source
    yield f"{language} lines right", f"{whole / lines:.3f}", source


def false_lines(engine: Engine, data: Path, show: bool = False) -> Iterator[Row]:
    """Lines taken for one of the scripts in images that show neither."""
    for name, pattern in _SETS.items():
        files = sorted(data.glob(pattern))
        texts = [_text(engine, file) for file in files]
        read_lines = [line for text in texts for line in text.lines]
        false = [line for line in read_lines if line.recogniser in _RECOGNISERS.values()]
        if show:
            print([(line.text, line.confidence) for line in false])
        yield "lines taken for Russian or Arabic", f"{len(false)} of {len(read_lines)}", f"{name}, {len(files)} images"


def section(engine: Engine, fonts: Path, data: Path) -> Iterator[str]:
    """What the page of accuracy.py says of these scripts."""
    yield "## Russian and Arabic"
    yield ""
    yield "The phrases of benchmarks/script_phrases.toml, rendered with noise in four fonts each, and lines of images"
    yield "that show neither script. The thresholds were chosen on these phrases and on part of the scene text."
    yield ""
    yield "| figure | value | data |"
    yield "|---|---|---|"
    for part in (*(read(engine, fonts, language) for language in FONTS), false_lines(engine, data)):
        for row in part:
            yield "| " + " | ".join(row) + " |"


def _text(engine: Engine, file: Path) -> Text:
    return engine.analysis(EncodedFrame.open(file.read_bytes(), _ANY_SIZE)).text


def main() -> None:
    """Prints the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fonts", type=Path, required=True, help="folder of the unpacked fonts")
    parser.add_argument("--shared", type=Path, help="folder that holds data/")
    parser.add_argument("--show", action="store_true", help="print what is read wrong, too")
    arguments = parser.parse_args()
    with Engine(load_packs(), RuntimeOptions(2)) as engine:
        parts = [read(engine, arguments.fonts, language, arguments.show) for language in FONTS]
        if arguments.shared:
            parts.append(false_lines(engine, arguments.shared / "data", arguments.show))
        for part in parts:
            for row in part:
                print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
