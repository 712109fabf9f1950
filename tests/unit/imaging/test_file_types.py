"""What was sent instead of an image is named, with what to do."""

import base64
import io
import re
import zipfile

import pytest
from PIL import Image

from openrek.errors import ImageFormatError
from openrek.imaging.header import read_header


def _jpeg() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (100, 100)).save(buffer, "JPEG")
    return buffer.getvalue()


def _saved(kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (100, 100)).save(buffer, kind)
    return buffer.getvalue()


def _zipped(name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, b"x")
    return buffer.getvalue()


def _boxed(brand: bytes, *compatible: bytes) -> bytes:
    names = brand + b"\0\0\0\0" + b"".join(compatible)
    return (8 + len(names)).to_bytes(4, "big") + b"ftyp" + names + bytes(400)


def _directory(tag: int) -> bytes:
    entry = tag.to_bytes(2, "little") + b"\x01\0\x04\0\0\0\x01\x04\0\0"
    return b"II*\0\x08\0\0\0\x01\0" + entry + bytes(100)


WRONG = {
    "HEIC": (_boxed(b"heic", b"mif1", b"heic"), "HEIC"),
    "HEIF of a generic brand": (_boxed(b"mif1", b"mif1", b"heic"), "HEIC"),
    "HEIC sequence": (_boxed(b"hevc"), "HEIC"),
    "Canon CR3": (_boxed(b"crx "), "CR3"),
    "MP4": (_boxed(b"isom", b"mp41"), "MP4 video"),
    "M4V": (_boxed(b"M4V "), "MP4 video"),
    "QuickTime": (_boxed(b"qt  "), "QuickTime video"),
    "QuickTime without a brand": (b"\0\0\0\x08moov" + bytes(100), "QuickTime video"),
    "WebM": (b"\x1aE\xdf\xa3" + bytes(100), "WebM"),
    "AVI": (b"RIFF\0\0\0\0AVI LIST", "AVI video"),
    "WAV": (b"RIFF\0\0\0\0WAVEfmt ", "WAV audio"),
    "base64": (base64.b64encode(_jpeg()), "base64"),
    "base64 in lines": (base64.encodebytes(_jpeg()), "base64"),
    "base64 for addresses": (base64.urlsafe_b64encode(_jpeg()), "base64"),
    "base64 in quotes": (b'"' + base64.b64encode(_jpeg()) + b'"', "base64"),
    "data URL": (b"data:image/jpeg;base64," + base64.b64encode(_jpeg()), "data URL"),
    "hexadecimal": (_jpeg().hex().encode(), "hexadecimal"),
    "PDF": (b"%PDF-1.7\n" + bytes(100), "PDF"),
    "PDF after a byte order mark": (b"\xef\xbb\xbf%PDF-1.4\n", "PDF"),
    "SVG": (b"<svg xmlns='http://www.w3.org/2000/svg' width='90' height='90'/>", "SVG"),
    "SVG with a prologue": (b"<?xml version='1.0'?>\n<!-- a\nb --><svg/>", "SVG"),
    "HTML": (b"<!DOCTYPE html>\n<html><body>404</body></html>", "HTML"),
    "HTML after blanks": (b"\n\n  <HTML><HEAD>", "HTML"),
    "XML": (b"<Error><Code>AccessDenied</Code></Error>", "XML"),
    "UTF-16": ("﻿<html></html>".encode("utf-16-le"), "HTML"),
    "JSON": (b'{"Image": {"Bytes": "abc"}}', "JSON"),
    "JSON list": (b"  [1, 2]", "JSON"),
    "text": (b"hello, world", "text"),
    "path": (b"/home/me/photo.jpg", "path"),
    "URL": (b"https://example.com/photo.jpg", "path or a URL"),
    "blanks": (b" \n ", "blank"),
    "ZIP": (_zipped("a.jpg"), "ZIP"),
    "DOCX": (_zipped("word/document.xml"), "DOCX"),
    "PPTX": (_zipped("ppt/presentation.xml"), "PPTX"),
    "gzip": (b"\x1f\x8b\x08" + bytes(50), "gzip"),
    "PSD": (b"8BPS\0\x01" + bytes(50), "Photoshop"),
    "CR2": (b"II*\0\x10\0\0\0CR\x02\0" + bytes(100), "CR2"),
    "DNG": (_directory(0xC612), "DNG"),
    "NEF": (b"MM\0*\0\0\0\x08\0\0" + b"NIKON CORPORATION\0NIKON D90\0" + bytes(50), "NEF"),
    "RAF": (b"FUJIFILMCCD-RAW 0201" + bytes(50), "Fujifilm"),
    "JPEG XL": (b"\xff\x0a" + bytes(50), "JPEG XL"),
    "JPEG XL in boxes": (b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(50), "JPEG XL"),
    "JPEG 2000": (_saved("JPEG2000"), "JPEG 2000"),
    "JPEG 2000 codestream": (b"\xff\x4f\xff\x51" + bytes(50), "JPEG 2000"),
    "ICO": (_saved("ICO"), "ICO"),
    "EPS": (_saved("EPS"), "EPS"),
    "DDS": (_saved("DDS"), "DDS"),
    "a PNG sent as text": (_saved("PNG").decode("latin-1").replace("\r\n", "\n").encode("latin-1"), "damaged PNG"),
    "a JPEG's first bytes": (b"\xff\xd8", "damaged JPEG"),
    "a JPEG sent as text": (_jpeg().decode("latin-1").encode(), "sent as text"),
    "a JPEG decoded as UTF-8": (_jpeg().decode("utf-8", "replace").encode(), "sent as text"),
    "a PNG decoded as UTF-8": (_saved("PNG").decode("utf-8", "replace").encode(), "sent as text"),
    "a JPEG after a line": (b"\r\n" + _jpeg(), "an image after other bytes"),
    "a PNG after a byte order mark": (b"\xef\xbb\xbf" + _saved("PNG"), "an image after other bytes"),
    "a form": (b'------X\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + _jpeg(), "multipart form"),
    "base64 in short lines": (b"\n".join(re.findall(b".{16}", base64.b64encode(_jpeg()))), "base64"),
    "data URL with a charset": (b"data:image/jpeg;charset=utf-8;base64," + base64.b64encode(_jpeg()), "base64"),
    "data URL without base64": (b"data:image/svg+xml,%3Csvg%3E", "data URL"),
    "hexadecimal dump": (_jpeg().hex(" ").encode(), "hexadecimal"),
    "bytes printed by Python": (repr(_jpeg()).encode(), "bytes literal"),
    "Git LFS": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0a\nsize 12\n", "Git LFS"),
    "WebAssembly": (b"\0asm\x01\0\0\0" + bytes(50), "WebAssembly"),
    "ELF": (b"\x7fELF\x02\x01\x01" + bytes(50), "program"),
    "MP3": (b"\xff\xfb\x90\x44" + bytes(50), "MP3"),
    "MPEG transport stream": ((b"G@\0\x10" + bytes(184)) * 3, "MPEG video"),
    "PPM": (_saved("PPM"), "PNM"),
    "TGA": (_saved("TGA"), "TGA"),
    "SGI": (_saved("SGI"), "SGI"),
    "PCX": (_saved("PCX"), "PCX"),
    "NumPy": (b"\x93NUMPY\x01\0v\0{'descr': '|u1'", "NumPy"),
    "font": (b"wOF2" + bytes(50), "font"),
    "tar": (b"a.jpg".ljust(257, b"\0") + b"ustar\0" + bytes(250), "tar"),
}


@pytest.mark.parametrize(("file", "name"), WRONG.values(), ids=WRONG.keys())
def test_wrong_input_is_named_with_what_to_do(file: bytes, name: str) -> None:
    with pytest.raises(ImageFormatError) as caught:
        read_header(file)
    message = caught.value.message
    first, _, advice = message.partition(" Supported: JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF.")
    assert first.startswith("Unsupported image format (looks like ")
    assert name in first
    assert advice.endswith(".")
    assert len(advice) > 10


@pytest.mark.parametrize(
    "file", [bytes(500), b"\x01\x02\x03\x04" * 50, b"BM" + bytes(100), b"PK\x01\x02", b"\0", b"\xff", b"\xe9\xe8 x"]
)
def test_what_looks_like_nothing_is_not_named(file: bytes) -> None:
    with pytest.raises(ImageFormatError, match=r"^Unsupported image format\. Supported: "):
        read_header(file)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_supported_formats_are_never_taken_for_others(kind: str) -> None:
    assert read_header(_saved(kind)).format == kind
