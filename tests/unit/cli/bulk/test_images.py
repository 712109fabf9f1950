"""Images of a folder and of a bucket, with their paths and people."""

from pathlib import Path

import pytest

from openrek.cli.bulk.images import BucketImages, FolderImages, split_url
from openrek.s3 import MemoryObjectStore


def test_a_folder_is_searched_by_file_extensions(tmp_path: Path) -> None:
    for name in ("Anh/1.jpg", "Anh/more/2.PNG", "Binh/3.webp", "readme.txt", "top.jpeg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    source = FolderImages(tmp_path)
    images = source.images()
    assert {image.name: image.person for image in images} == {
        "Anh/1.jpg": "Anh",
        "Anh/more/2.PNG": "Anh",
        "Binh/3.webp": "Binh",
        "top.jpeg": None,
    }
    assert {source.read(image).decode() for image in images} == {image.name for image in images}


@pytest.mark.parametrize(
    ("prefix", "names"),
    [
        ("", ["staff/Anh/1.jpg", "staff/Binh/2.jpg", "staffing.png"]),
        ("staff/", ["Anh/1.jpg", "Binh/2.jpg"]),
        ("staff", ["staff/Anh/1.jpg", "staff/Binh/2.jpg", "staffing.png"]),
        ("staff/A", ["Anh/1.jpg"]),
    ],
)
def test_keys_are_relative_to_the_folder_of_the_prefix(prefix: str, names: list[str]) -> None:
    objects = MemoryObjectStore()
    for key in ("staff/Anh/1.jpg", "staff/Binh/2.jpg", "staff/Binh/notes.txt", "staff/", "staffing.png"):
        objects.put("photos", key, b"x")
    source = BucketImages(objects, "photos", prefix)
    assert [image.name for image in source.images()] == names
    assert source.read(source.images()[0]) == b"x"


def test_urls_name_a_bucket() -> None:
    assert split_url("s3://photos/staff/") == ("photos", "staff/")
    assert split_url("s3://photos") == ("photos", "")
    for url in ("s3://", "s3:///staff"):
        with pytest.raises(ValueError, match="BUCKET"):
            split_url(url)
