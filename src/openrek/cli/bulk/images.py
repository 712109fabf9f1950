"""Where the images of a bulk run come from: a folder, or a prefix of a bucket."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from openrek.cli.outcomes import IMAGES, find, spelt

if TYPE_CHECKING:
    from openrek.s3 import ObjectStore


@dataclass(frozen=True, slots=True)
class BulkImage:
    """One image of a run."""

    parts: tuple[str, ...]
    """Its path relative to the folder or prefix: names of folders, then of the file."""
    source: str
    """What reads it: a path of the file system, or a key."""

    @property
    def name(self) -> str:
        """The relative path, for reports."""
        return spelt(Path(*self.parts))

    @property
    def person(self) -> str | None:
        """The folder that the image is in, right below the root; None for an image in the root itself."""
        return self.parts[0] if len(self.parts) > 1 else None


class ImageSource(Protocol):
    """Lists and reads images."""

    def images(self) -> list[BulkImage]:
        """All of them, folder by folder.

        Raises:
            OSError: The folder cannot be read.
            RequestError: The bucket cannot be read.
        """

    def read(self, image: BulkImage) -> bytes:
        """The file.

        Raises:
            ClientError: It is larger than an image may be.
            OSError: It cannot be read.
            RequestError: It cannot be read.
        """


class FolderImages:
    """The images in a folder and the folders below it, by their file extensions."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def images(self) -> list[BulkImage]:
        """See ImageSource."""
        return [BulkImage(inside.parts, str(path)) for path, inside in find([self._folder])]

    def read(self, image: BulkImage) -> bytes:
        """See ImageSource."""
        from openrek.app import read_image

        return read_image(Path(image.source))


class BucketImages:
    """The images below a prefix of a bucket of openrek's object store, by the keys' extensions."""

    def __init__(self, objects: "ObjectStore", bucket: str, prefix: str) -> None:
        self._objects, self._bucket, self._prefix = objects, bucket, prefix

    def images(self) -> list[BulkImage]:
        """See ImageSource."""
        return [image for key in self._keys() if (image := _image_of(key, self._prefix)) is not None]

    def read(self, image: BulkImage) -> bytes:
        """See ImageSource."""
        from openrek.rekognition.request_image import MAX_STORED_BYTES

        return self._objects.get(self._bucket, image.source, max_bytes=MAX_STORED_BYTES).data

    def _keys(self) -> Iterator[str]:
        after: str | None = ""
        while after is not None:
            page = self._objects.list_page(self._bucket, self._prefix, after=after)
            yield from (info.key for info in page.objects)
            after = page.next_after


class S3Images:
    """The images below a prefix of a bucket that boto3's S3 client reads."""

    def __init__(self, client: Any, bucket: str, prefix: str) -> None:
        self._client, self._bucket, self._prefix = client, bucket, prefix

    def images(self) -> list[BulkImage]:
        """See ImageSource."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
        keys = (entry["Key"] for page in pages for entry in page.get("Contents", ()))
        return [image for key in keys if (image := _image_of(key, self._prefix)) is not None]

    def read(self, image: BulkImage) -> bytes:
        """See ImageSource."""
        data: bytes = self._client.get_object(Bucket=self._bucket, Key=image.source)["Body"].read()
        return data


def split_url(url: str) -> tuple[str, str]:
    """Bucket and prefix of "s3://BUCKET/PREFIX"; the prefix may be empty.

    Raises:
        ValueError: It names no bucket.
    """
    bucket, _, prefix = url.removeprefix("s3://").partition("/")
    if not url.startswith("s3://") or not bucket:
        raise ValueError(f"{url!r} must be s3://BUCKET or s3://BUCKET/PREFIX.")
    return bucket, prefix


def _image_of(key: str, prefix: str) -> BulkImage | None:
    """The image of a key; None for a key of another extension, and for a folder's own."""
    folder = prefix if prefix.endswith("/") else prefix.rpartition("/")[0] + "/" if "/" in prefix else ""
    parts = tuple(part for part in key.removeprefix(folder).split("/") if part)
    if not parts or key.endswith("/") or Path(parts[-1]).suffix.lower() not in IMAGES:
        return None
    return BulkImage(parts, key)
