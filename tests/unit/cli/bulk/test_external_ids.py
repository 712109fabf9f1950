"""Paths become identifiers that the contract allows: the same path the same one, different paths different ones."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrek.cli.bulk.external_ids import external_image_id, user_id

_ALLOWED = re.compile(r"[a-zA-Z0-9_.\-:]+")
_NAMES = st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=300)


@pytest.mark.parametrize(
    ("parts", "identifier"),
    [
        (["1.jpg"], "1.jpg"),
        (["staff", "Anh", "IMG_1-2.jpg"], "staff:Anh:IMG_1-2.jpg"),
    ],
)
def test_a_path_of_allowed_characters_is_kept(parts: list[str], identifier: str) -> None:
    assert external_image_id(parts) == identifier


def test_vietnamese_names_stay_readable() -> None:
    assert external_image_id(["Nguyễn Văn Đức", "ảnh 1.jpg"]).startswith("Nguyen_Van_Duc:anh_1.jpg-")
    assert user_id("Trần Thị Bé").startswith("Tran_Thi_Be-")


def test_paths_that_look_alike_without_diacritics_differ() -> None:
    paths = [["Tý"], ["Tỷ"], ["Ty"], ["a", "b.jpg"], ["a:b.jpg"], ["a b"], ["a_b"], ["a  b"]]
    assert len({external_image_id(path) for path in paths}) == len(paths)


def test_composed_and_decomposed_letters_are_one_path() -> None:
    name = "Nguyễn.jpg"
    assert external_image_id([unicodedata.normalize("NFD", name)]) == external_image_id([name])


@given(st.lists(_NAMES, min_size=1, max_size=5))
def test_every_identifier_satisfies_the_contract(parts: list[str]) -> None:
    for identifier, limit in ((external_image_id(parts), 255), (user_id(parts[0]), 128)):
        assert _ALLOWED.fullmatch(identifier)
        assert len(identifier) <= limit


def test_a_file_name_that_is_not_utf_8_has_an_identifier() -> None:
    assert _ALLOWED.fullmatch(external_image_id([b"\xff\xfe.jpg".decode("utf-8", "surrogateescape")]))
    assert _ALLOWED.fullmatch(external_image_id(["\ud800.jpg"]))
