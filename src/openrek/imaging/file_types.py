"""File types by their first bytes: those that are read, and those that are sent by mistake."""

from collections.abc import Mapping

from openrek.imaging.file_type import FileType
from openrek.imaging.text_types import text_type

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


_CONVERT = "Convert it to JPEG or PNG first."
_RAW = "Export it as JPEG first, for example with the camera maker's software."
_VIDEO = "Send a frame of it, saved as JPEG or PNG."
_PAGE = "Export the page as JPEG or PNG first."
_RENDER = "Render it to PNG first."
_ARCHIVE = "Send the images in it one at a time."

_AUDIO = "Send an image."
_FONT = FileType("a font", "Send an image.")
_NETPBM = FileType("PNM", _CONVERT)
_AS_TEXT = FileType("an image that was read or sent as text", "Read and send it as binary data.")
_PROGRAM = FileType("a program", "Send an image.")
_DATA = "Send an image, encoded as JPEG or PNG."

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
    (0, b"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", _AS_TEXT),
    (0, b"\xc3\xbf\xc3\x98\xc3\xbf", _AS_TEXT),
    (0, b"\xc2\x89PNG", _AS_TEXT),
    (0, b"\xef\xbf\xbdPNG", _AS_TEXT),
    (0, b"\xff\xd8", FileType("a damaged JPEG", "Send the file again, whole.")),
    (0, b"\x89PNG", FileType("a damaged PNG", "Send the file again as binary data, not as text.")),
    (0, b"II\xbc\x01", FileType("JPEG XR", _CONVERT)),
    (0, b"8BPS", FileType("Photoshop PSD", _CONVERT)),
    (0, b"gimp xcf", FileType("GIMP XCF", _CONVERT)),
    (0, b"\0\0\x01\0", FileType("ICO", _CONVERT)),
    (0, b"\0\0\x02\0\0\0\0\0", FileType("TGA", _CONVERT)),
    (0, b"\0\0\x0a\0\0\0\0\0", FileType("TGA", _CONVERT)),
    (0, b"\0\0\x02\0", FileType("CUR", _CONVERT)),
    *((0, b"P%d%c" % (number, blank), _NETPBM) for number in range(1, 8) for blank in b" \t\r\n"),
    (0, b"\x01\xda", FileType("SGI image", _CONVERT)),
    (0, b"\x59\xa6\x6a\x95", FileType("Sun raster image", _CONVERT)),
    (0, b"\x0a\x05\x01", FileType("PCX", _CONVERT)),
    (0, b"/* XPM */", FileType("XPM", _CONVERT)),
    (0, b"AT&TFORM", FileType("DjVu", _PAGE)),
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
    (0, b"ID3", FileType("MP3 audio", _AUDIO)),
    *((0, b"\xff" + second, FileType("MP3 audio", _AUDIO)) for second in (b"\xfb", b"\xfa", b"\xf3", b"\xf2")),
    *((0, b"\xff" + second, FileType("AAC audio", _AUDIO)) for second in (b"\xf1", b"\xf9")),
    (0, b"fLaC", FileType("FLAC audio", _AUDIO)),
    (0, b"#!AMR", FileType("AMR audio", _AUDIO)),
    (0, b"MThd", FileType("MIDI", _AUDIO)),
    (0, b"wOFF", _FONT),
    (0, b"wOF2", _FONT),
    (0, b"OTTO", _FONT),
    (0, b"\0\x01\0\0\0", _FONT),
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
    (0, b"\x7fELF", _PROGRAM),
    (0, b"\0asm", FileType("WebAssembly", "Send an image.")),
    (0, b"\xcf\xfa\xed\xfe", _PROGRAM),
    (0, b"\xce\xfa\xed\xfe", _PROGRAM),
    (0, b"\xca\xfe\xba\xbe", FileType("a program or a Java class", "Send an image.")),
    (0, b"\x93NUMPY", FileType("a NumPy array", _DATA)),
    (0, b"\x89HDF\r\n\x1a\n", FileType("HDF5", _DATA)),
    (0, b"PAR1", FileType("Parquet", _DATA)),
    (0, b"\x80\x03", FileType("a Python pickle", _DATA)),
    (0, b"\x80\x04\x95", FileType("a Python pickle", _DATA)),
    (0, b"\x80\x05\x95", FileType("a Python pickle", _DATA)),
    (0, b"version https://git-lfs", FileType("a Git LFS pointer", "Run git lfs pull, then send the file itself.")),
    (0, b"MZ", FileType("a Windows program", "Send an image.")),
    (0, b"bplist00", FileType("a property list", "Send an image.")),
)

_RIFF: Mapping[bytes, FileType] = {
    b"AVI ": FileType("AVI video", _VIDEO),
    b"WAVE": FileType("WAV audio", "Send an image."),
    b"ACON": FileType("an animated cursor", _CONVERT),
}
_OFFICE: Mapping[bytes, str] = {b"word/": "DOCX", b"xl/": "XLSX", b"ppt/": "PPTX"}
_TS_SYNC, _TS_PACKET = b"G", 188
_BEFORE_IMAGES = b" \t\r\n\xef\xbb\xbf"
"""Blanks and a byte order mark: what programs that take an image for text put before it."""


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
    if data[:1] == _TS_SYNC and data[_TS_PACKET : _TS_PACKET + 1] == _TS_SYNC:
        return FileType("MPEG video", _VIDEO)
    if data[:1] in _BEFORE_IMAGES and format_of(data.lstrip(_BEFORE_IMAGES)):
        return FileType("an image after other bytes", "Remove the bytes before the image.")
    return text_type(data[:_START_BYTES])


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
