"""File types by their first bytes: those that are read, and those that are sent by mistake."""

import re
from collections.abc import Mapping
from typing import NamedTuple

SUPPORTED: Mapping[str, str] = {
    "JPEG": "JPEG",
    "PNG": "PNG",
    "WEBP": "WebP",
    "GIF": "GIF",
    "BMP": "BMP",
    "TIFF": "TIFF",
    "AVIF": "AVIF",
}
"""Names of the formats that are read, by Pillow's names."""

_AVIF_BRANDS = (b"avif", b"avis")
_TIFF_MARKS = (b"MM\0\x2a", b"II\x2a\0", b"MM\0\x2b", b"II\x2b\0")
_START_BYTES = 4096


class FileType(NamedTuple):
    """The apparent type of a file that is not a supported image."""

    name: str
    advice: str
    """What to do, as a sentence."""


_CONVERT = "Convert it to JPEG or PNG first."
_RAW = "Export it as JPEG first, for example with the camera maker's software."
_VIDEO = "Send a frame of it, saved as JPEG or PNG."
_PAGE = "Export the page as JPEG or PNG first."
_RENDER = "Render it to PNG first."
_ARCHIVE = "Send the images in it one at a time."
_DECODE = "Send the bytes that the text encodes; SDKs encode them by themselves."

_BRANDS: Mapping[bytes, FileType] = {
    **dict.fromkeys(
        (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1", b"mif2", b"heif"),
        FileType("HEIC", _CONVERT),
    ),
    b"crx ": FileType("Canon CR3 raw", _RAW),
    b"jp2 ": FileType("JPEG 2000", _CONVERT),
    b"qt  ": FileType("QuickTime video", _VIDEO),
}
"""By the major brand of an ISO base media file (ISO/IEC 14496-12); any other brand is an MP4 video's."""

_MARKS: tuple[tuple[int, bytes, FileType], ...] = (
    (0, b"\xff\x0a", FileType("JPEG XL", _CONVERT)),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", FileType("JPEG XL", _CONVERT)),
    (0, b"\0\0\0\x0cjP  \r\n\x87\n", FileType("JPEG 2000", _CONVERT)),
    (0, b"\xff\x4f\xff\x51", FileType("JPEG 2000", _CONVERT)),
    (0, b"\xff\xd8", FileType("a damaged JPEG", "Send the file again, whole.")),
    (0, b"\x89PNG", FileType("a damaged PNG", "Send the file again as binary data, not as text.")),
    (0, b"II\xbc\x01", FileType("JPEG XR", _CONVERT)),
    (0, b"8BPS", FileType("Photoshop PSD", _CONVERT)),
    (0, b"gimp xcf", FileType("GIMP XCF", _CONVERT)),
    (0, b"\0\0\x01\0", FileType("ICO", _CONVERT)),
    (0, b"\0\0\x02\0", FileType("CUR", _CONVERT)),
    (0, b"icns", FileType("ICNS", _CONVERT)),
    (0, b"qoif", FileType("QOI", _CONVERT)),
    (0, b"DDS ", FileType("DDS", _CONVERT)),
    (0, b"v/1\x01", FileType("OpenEXR", _CONVERT)),
    (0, b"#?RADIANCE", FileType("Radiance HDR", _CONVERT)),
    (0, b"SIMPLE  =", FileType("FITS", _CONVERT)),
    (128, b"DICM", FileType("DICOM", _CONVERT)),
    (0, b"BPG\xfb", FileType("BPG", _CONVERT)),
    (0, b"FUJIFILMCCD-RAW", FileType("Fujifilm raw", _RAW)),
    (0, b"IIRO", FileType("Olympus raw", _RAW)),
    (0, b"IIRS", FileType("Olympus raw", _RAW)),
    (0, b"MMOR", FileType("Olympus raw", _RAW)),
    (0, b"IIU\0", FileType("Panasonic raw", _RAW)),
    (0, b"FOVb", FileType("Sigma raw", _RAW)),
    (0, b"\0MRM", FileType("Minolta raw", _RAW)),
    (0, b"%!PS", FileType("PostScript or EPS", _RENDER)),
    (0, b"\xc5\xd0\xd3\xc6", FileType("EPS", _RENDER)),
    (0, b"\xd7\xcd\xc6\x9a", FileType("WMF", _RENDER)),
    (40, b" EMF", FileType("EMF", _RENDER)),
    (0, b"\x1aE\xdf\xa3", FileType("WebM or Matroska video", _VIDEO)),
    (0, b"FLV\x01", FileType("FLV video", _VIDEO)),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", FileType("WMV video", _VIDEO)),
    (0, b"\0\0\x01\xba", FileType("MPEG video", _VIDEO)),
    (0, b"\0\0\x01\xb3", FileType("MPEG video", _VIDEO)),
    (4, b"moov", FileType("QuickTime video", _VIDEO)),
    (4, b"mdat", FileType("QuickTime video", _VIDEO)),
    (0, b"OggS", FileType("Ogg audio or video", "Send an image.")),
    (0, b"ID3", FileType("MP3 audio", "Send an image.")),
    (0, b"fLaC", FileType("FLAC audio", "Send an image.")),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", FileType("an old Office document", _PAGE)),
    (0, b"{\\rtf", FileType("RTF", _PAGE)),
    (0, b"\x1f\x8b", FileType("gzip", "Decompress it first.")),
    (0, b"BZh", FileType("bzip2", "Decompress it first.")),
    (0, b"\xfd7zXZ\0", FileType("xz", "Decompress it first.")),
    (0, b"\x28\xb5\x2f\xfd", FileType("Zstandard", "Decompress it first.")),
    (0, b"7z\xbc\xaf\x27\x1c", FileType("7z", _ARCHIVE)),
    (0, b"Rar!\x1a\x07", FileType("RAR", _ARCHIVE)),
    (257, b"ustar", FileType("tar", _ARCHIVE)),
    (0, b"SQLite format 3\0", FileType("an SQLite database", "Send an image.")),
    (0, b"\x7fELF", FileType("a program", "Send an image.")),
    (0, b"MZ", FileType("a Windows program", "Send an image.")),
    (0, b"bplist00", FileType("a property list", "Send an image.")),
)

_RIFF: Mapping[bytes, FileType] = {
    b"AVI ": FileType("AVI video", _VIDEO),
    b"WAVE": FileType("WAV audio", "Send an image."),
    b"ACON": FileType("an animated cursor", _CONVERT),
}
_OFFICE: Mapping[bytes, str] = {b"word/": "DOCX", b"xl/": "XLSX", b"ppt/": "PPTX"}
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{24,}={0,2}")
_HEX = re.compile(rb"(?:0x)?[0-9A-Fa-f]{32,}")
_PATH = re.compile(rb"(?:[a-z]+://|[A-Za-z]:\\|~?/|\.{1,2}[/\\])?[^\x00-\x1f<>{}]{1,500}\.[A-Za-z0-9]{2,5}", re.I)
_TEXT_ENCODINGS = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"\xef\xbb\xbf", "utf-8"))


def format_of(data: bytes) -> str | None:
    """Pillow's name of the supported format that the file is of; None for any other."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data.startswith(_TIFF_MARKS) and _raw_type(data) is None:
        return "TIFF"
    if data[:2] == b"BM" and data[14:18] in _BMP_HEADER_SIZES:
        return "BMP"
    if data[4:8] == b"ftyp" and _is_avif(data):
        return "AVIF"
    return None


_BMP_HEADER_SIZES = frozenset(size.to_bytes(4, "little") for size in (12, 40, 52, 56, 64, 108, 124))


def name_of(data: bytes) -> FileType | None:
    """What an unsupported file looks like; None if it looks like nothing known."""
    if data[4:8] == b"ftyp":
        return _BRANDS.get(_brand(data), FileType("MP4 video", _VIDEO))
    if data[:4] == b"RIFF":
        return _RIFF.get(data[8:12])
    if data.startswith(_TIFF_MARKS):
        return _raw_type(data)
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        document = next((name for folder, name in _OFFICE.items() if folder in data), None)
        return FileType(document, _PAGE) if document else FileType("ZIP", _ARCHIVE)
    if b"%PDF-" in data[:1024]:
        return FileType("PDF", _PAGE)
    for offset, mark, file_type in _MARKS:
        if data.startswith(mark, offset):
            return file_type
    return _text_type(data[:_START_BYTES])


def _brand(data: bytes) -> bytes:
    """The major brand; for a generic one, the first more specific compatible brand."""
    end = min(int.from_bytes(data[:4], "big"), 256)
    brands = [data[8:12], *(data[place : place + 4] for place in range(16, end, 4))]
    return next((brand for brand in brands if brand in _BRANDS), brands[0])


def _is_avif(data: bytes) -> bool:
    end = min(int.from_bytes(data[:4], "big"), 256)
    brands = [data[8:12], *(data[place : place + 4] for place in range(16, end, 4))]
    return any(brand in _AVIF_BRANDS for brand in brands)


def _raw_type(data: bytes) -> FileType | None:
    """The kind of camera raw file that is built like a TIFF; None for a TIFF."""
    if data[8:10] == b"CR":
        return FileType("Canon CR2 raw", _RAW)
    start = data[:1024]
    if b"NIKON CORPORATION" in start and b"NIKON D" in start:
        return FileType("Nikon NEF raw", _RAW)
    tags = _first_tags(data)
    if 0xC612 in tags:  # DNGVersion
        return FileType("DNG raw", _RAW)
    return None


def _first_tags(data: bytes) -> set[int]:
    order = "little" if data[:2] == b"II" else "big"
    if data[2:4] not in (b"\x2a\0", b"\0\x2a"):
        return set()
    start = int.from_bytes(data[4:8], order)  # type: ignore[arg-type]
    count = min(int.from_bytes(data[start : start + 2], order), 1024)  # type: ignore[arg-type]
    first = start + 2
    return {
        int.from_bytes(data[place : place + 2], order)  # type: ignore[arg-type]
        for place in range(first, first + 12 * count, 12)
    }


def _text_type(start: bytes) -> FileType | None:
    """What text it is; None for binary data."""
    for mark, encoding in _TEXT_ENCODINGS:
        if start.startswith(mark):
            start = start[len(mark) :].decode(encoding, "replace").encode()
            break
    text = start.strip()
    if not text:
        return FileType("blank text", "Send the image's bytes.")
    lower = text[:1024].lower()
    if lower.startswith(b"data:"):
        return FileType("a data URL with base64 text", _DECODE)
    if lower.startswith(b"<"):
        return _markup_type(lower)
    if text.startswith((b"{", b"[")):
        return FileType("JSON", "Send the image's bytes.")
    first = text.strip(b"\"'").removeprefix(b"b'").split(maxsplit=1)[0] if text.strip(b"\"'") else b""
    if _HEX.fullmatch(first):
        return FileType("hexadecimal text", _DECODE)
    if len(first) >= _SHORT_BASE64 and _BASE64.fullmatch(first):
        return FileType("base64 text", _DECODE)
    if any(byte < 32 and byte not in b"\t\n\r\x0c\x1b" for byte in text[:512]):
        return None
    if _PATH.fullmatch(text):
        return FileType("a path or a URL", "Send the bytes of the file, not its name.")
    return FileType("text", "Send the image's bytes.")


_SHORT_BASE64 = 24


def _markup_type(lower: bytes) -> FileType:
    if b"<svg" in lower:
        return FileType("SVG", _RENDER)
    if b"<html" in lower or b"<!doctype html" in lower or b"<head" in lower or b"<body" in lower:
        return FileType("HTML", "Send the image itself, not the page that shows it.")
    return FileType("XML", "Send the image's bytes.")
