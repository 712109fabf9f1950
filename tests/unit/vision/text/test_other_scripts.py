"""Lines in Cyrillic and Arabic are read by the recognizers of their scripts, and no other line is."""

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont, features
from tests.images import _roboto

from openrek.vision import ArrayFrame, Engine, Line
from openrek.vision.architectures.ctc import Reading
from openrek.vision.architectures.tesseract import ReadWord
from openrek.vision.text.other_scripts import ARABIC, CYRILLIC, accepted, may_be_another_script, may_be_cyrillic

ARABIC_FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"


def read(engine: Engine, *lines: str, font: str | None = None) -> tuple[Line, ...]:
    image = Pillow.new("RGB", (900, 60 + 90 * len(lines)), "white")
    for place, line in enumerate(lines):
        ImageDraw.Draw(image).text((60, 40 + 90 * place), line, "black", ImageFont.truetype(font or _roboto(), 44))
    return engine.analysis(ArrayFrame(np.asarray(image))).text.lines


@pytest.mark.parametrize("text", ["Добро пожаловать", "Осторожно, двери закрываются", "Цена 250 рублей"])
def test_a_russian_line_is_read(engine: Engine, text: str) -> None:
    pytest.importorskip("tesserocr")
    (line,) = read(engine, text)
    assert (line.text, line.recogniser) == (text, "tesseract-rus")
    assert [word.text for word in line.words] == text.split()
    edges = [float(edge) for word in line.words for edge in (word.polygon[0, 0], word.polygon[1, 0])]
    assert edges == sorted(edges)


def test_each_line_is_read_by_the_recognizer_of_its_script(engine: Engine) -> None:
    pytest.importorskip("tesserocr")
    lines = read(engine, "Open every day", "Открыто каждый день", "Cảm ơn quý khách")
    assert [line.recogniser for line in lines] == ["ppocr", "tesseract-rus", "tesseract-vie"]
    assert [line.text for line in lines] == ["Open every day", "Открыто каждый день", "Cảm ơn quý khách"]


def test_letters_that_look_latin_are_cyrillic_among_cyrillic_lines(engine: Engine) -> None:
    pytest.importorskip("tesserocr")
    lines = read(engine, "РЕСТОРАН", "Открыто каждый день", "Добро пожаловать")
    assert [line.text for line in lines] == ["РЕСТОРАН", "Открыто каждый день", "Добро пожаловать"]


def test_arabic_is_in_logical_order_with_words_from_the_right(engine: Engine) -> None:
    pytest.importorskip("tesserocr")
    if not features.check("raqm"):
        pytest.skip("Pillow cannot shape Arabic here")
    try:
        (line,) = read(engine, "جامعة القاهرة", font=ARABIC_FONT)
    except OSError:
        pytest.skip("no DejaVu Sans here")
    assert (line.text, line.recogniser) == ("جامعة القاهرة", "tesseract-ara")
    first, second = line.words
    assert first.polygon[:, 0].min() >= second.polygon[:, 0].max()


def word(text: str, confidence: float) -> ReadWord:
    return ReadWord(text, confidence, 0, 1)


def test_a_reading_counts_if_it_is_sure_and_in_the_script() -> None:
    assert accepted(CYRILLIC, (word("Аптека", 0.9),)) is not None
    assert accepted(CYRILLIC, (word("Аптека", 0.6),)) is None
    assert accepted(ARABIC, (word("Аптека", 0.9),)) is None
    assert accepted(CYRILLIC, (word("250", 0.99),)) is None
    assert accepted(CYRILLIC, ()) is None


def test_a_line_that_is_read_well_is_not_read_again() -> None:
    well = Reading("abcd", 0.95, tuple((letter, 0.95, 0.15 + 0.2 * place) for place, letter in enumerate("abcd")))
    assert not may_be_another_script(well, 0.95, 40, 100)
    assert may_be_another_script(well, 0.95, 40, 400)  # a gap
    assert may_be_another_script(Reading("", 0.0, ()), 0.0, 40, 100)
    assert not may_be_another_script(Reading("", 0.0, ()), 0.0, 8, 100)
    assert not may_be_another_script(Reading("", 0.0, ()), 0.0, 40, 50)


def test_a_small_line_is_read_again_only_if_it_is_long() -> None:
    assert may_be_another_script(Reading("", 0.0, ()), 0.0, 20, 80)
    assert not may_be_another_script(Reading("", 0.0, ()), 0.0, 20, 60)


def test_a_line_with_as_many_characters_as_a_latin_one_is_not_read_again() -> None:
    places = tuple((letter, 0.4, 0.5) for letter in "fcombabacs")
    assert may_be_another_script(Reading("fcombabacs", 0.4, places), 0.4, 40, 240)
    assert not may_be_another_script(Reading("fcombabacs", 0.4, places), 0.4, 40, 160)


@pytest.mark.parametrize(("text", "alike"), [("PECTOPAH", True), ("STOP", False), ("250", False)])
def test_letters_that_look_cyrillic(text: str, alike: bool) -> None:
    assert may_be_cyrillic(Reading(text, 0.9, tuple((letter, 0.9, 0.5) for letter in text))) is alike
