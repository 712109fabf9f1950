"""Which of two recognisers is believed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrek.vision.architectures.ctc import Reading
from openrek.vision.architectures.tesseract import ReadWord
from openrek.vision.text.script import is_vietnamese, may_be_vietnamese, plain

VIETNAMESE = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ"


def reading(text: str, confidence: float = 0.8) -> Reading:
    """What the first recogniser read."""
    return Reading(text, confidence, tuple((letter, confidence, 0.5) for letter in text))


def words(text: str, confidence: float = 0.9) -> tuple[ReadWord, ...]:
    """What the Vietnamese recogniser read."""
    return tuple(ReadWord(word, confidence, 0.0, 1.0) for word in text.split())


@pytest.mark.parametrize("text", ["Gii thiu", "Xin chao", "STOP", "Số 12", "A1B", "café", "ĐƯỜNG 30/4"])
def test_latin_letters_are_worth_a_second_look(text: str) -> None:
    assert may_be_vietnamese(reading(text))


@pytest.mark.parametrize("text", ["", "A", "12:30", "4 +", "北京", "ようこそ", "Xin 北京", "Привет", "Ωmega", "①②"])
def test_other_scripts_and_single_letters_are_not(text: str) -> None:
    assert not may_be_vietnamese(reading(text))


@pytest.mark.parametrize(
    ("vietnamese", "first"),
    [
        ("Giới thiệu", "Gii thiu"),
        ("Giới thiệu", "Gioi thieu"),
        ("Xin chào Việt Nam", "Xin chào Vit Nam"),
        ("ĐƯỜNG NGUYỄN HUỆ", "DUONG NGUYEN HUE"),
        ("đường đi", "dung di"),
        ("Phở bò 50.000đ", "Ph bò 50.000d"),
    ],
)
def test_a_vietnamese_line_is_believed_to_be_one(vietnamese: str, first: str) -> None:
    assert is_vietnamese(words(vietnamese), reading(first))


@pytest.mark.parametrize(
    ("guessed", "first"),
    [
        ("The parade", "The parade"),
        ("Tèo hẻl", "STOP HERE"),
        ("ổ ậ", "12:30 PM"),
        ("ký tự lạ", "completely other words"),
        ("", "The parade"),
    ],
    ids=["no marks", "other letters", "figures", "other words", "nothing"],
)
def test_marks_that_were_guessed_are_not_believed(guessed: str, first: str) -> None:
    assert not is_vietnamese(words(guessed), reading(first))


def test_an_unsure_recogniser_is_not_believed() -> None:
    assert is_vietnamese(words("Giới thiệu", 0.56), reading("Gii thiu"))
    assert not is_vietnamese(words("Giới thiệu", 0.54), reading("Gii thiu"))


def test_every_word_counts_towards_how_sure_it_is() -> None:
    sure, unsure = ReadWord("Giới", 0.9, 0.0, 0.5), ReadWord("thiệu", 0.1, 0.5, 1.0)
    assert not is_vietnamese((sure, unsure), reading("Gii thiu"))


def test_letters_that_were_surely_read_without_marks_have_none() -> None:
    assert not is_vietnamese(words("Hà Nam"), reading("Ha Nam", 0.95))
    assert is_vietnamese(words("Hà Nam"), reading("Ha Nam", 0.85))
    # Where the first recogniser saw marks too, the better of the two at them is believed.
    assert is_vietnamese(words("Hà Nội"), reading("Hà Noi", 0.95))


def test_plain_letters_are_what_both_can_write() -> None:
    assert plain("Đường số 5, TP. Hồ Chí Minh!") == "duongso5tphochiminh"
    assert plain("北京 12") == "北京12"
    assert plain(" ,.! ") == ""


@given(st.text(VIETNAMESE + VIETNAMESE.upper() + " 0123456789.,-"))
def test_plain_letters_do_not_depend_on_how_marks_are_encoded_or_on_case(text: str) -> None:
    apart = unicodedata.normalize("NFD", text)
    assert plain(apart) == plain(text) == plain(text.upper())
    assert plain(plain(text)) == plain(text)
    assert plain(text).isascii()


@given(st.text("abcdefghij klmnopqrstuvwxyz", min_size=1))
def test_a_reading_without_marks_is_never_vietnamese(text: str) -> None:
    assert not is_vietnamese(words(text), reading(text, 0.5))


@given(st.lists(st.text(VIETNAMESE, min_size=2, max_size=7), min_size=1, max_size=5))
def test_agreement_on_every_letter_beneath_marks_is_believed(line: list[str]) -> None:
    text = " ".join(line)
    bare = " ".join(plain(word) for word in line)
    assert is_vietnamese(words(text), reading(bare)) == (bare != text)
