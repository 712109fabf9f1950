"""The client and the images of a bulk run: in this process over the data folder, or of a service elsewhere."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openrek.cli.bulk.images import BucketImages, BulkImage, FolderImages, ImageSource, S3Images, split_url
from openrek.cli.bulk.indexing import BulkIndexer, Index, KnownFaces, path_as_external_id
from openrek.errors import ResourceNotFoundError

if TYPE_CHECKING:
    from openrek.compose import System
    from openrek.config import Settings


@dataclass(frozen=True, slots=True)
class Session:
    """What a run needs."""

    client: Any
    """A Rekognition client: openrek's own or boto3's."""
    collection: str
    source: ImageSource
    index: Index

    def create_collection(self) -> bool:
        """Whether it did not exist and was created.

        Raises:
            ClientError: It cannot be.
        """
        try:
            self.client.create_collection(CollectionId=self.collection)
        except self.client.exceptions.ResourceAlreadyExistsException:
            return False
        return True

    def indexer(self, external_id: Callable[[BulkImage], str] = path_as_external_id) -> BulkIndexer:
        """Skips the images whose faces the collection has.

        Args:
            external_id: The ExternalImageId of an image.

        Raises:
            ClientError: The collection cannot be read.
        """
        known = KnownFaces(self.client, self.collection)
        return BulkIndexer(self.source, self.index, known, external_id)


@contextmanager
def local_session(settings: "Settings", collection: str, source: str, options: Mapping[str, Any]) -> Iterator[Session]:
    """A session in this process, over the data folder and the database of the settings.

    Args:
        settings: Where they are.
        collection: Its name.
        source: A folder, or "s3://BUCKET/PREFIX" of openrek's object store.
        options: Further members of IndexFaces requests.

    Raises:
        InvalidParameterError: The collection's faces are embedded by another model than the one in use.
        LookupError: A model is missing or damaged.
        RuntimeError: The database cannot be used.
        ValueError: The URL is not valid.
    """
    from openrek.compose import compose

    with compose(settings) as system:
        # What is wrong with the engine or the collection ends the command, not each image.
        model = system.engine.face_model
        with contextlib.suppress(ResourceNotFoundError):
            system.repositories.collections.get(collection).require_model(model)
        client = system.client()
        yield Session(
            client, collection, local_source(system, source), _local_index(system, client, collection, options)
        )


def local_source(system: "System", source: str) -> ImageSource:
    """The images of a folder, or of "s3://BUCKET/PREFIX" in openrek's object store.

    Raises:
        ValueError: The URL is not valid, or there is no such folder.
    """
    if source.startswith("s3://"):
        return BucketImages(system.placement[0], *split_url(source))
    return folder_source(source)


def folder_source(folder: str) -> FolderImages:
    """The images of a folder.

    Raises:
        ValueError: There is no such folder.
    """
    if not Path(folder).is_dir():
        raise ValueError(f"{folder} is neither a folder nor s3://BUCKET/PREFIX.")
    return FolderImages(Path(folder))


def _local_index(system: "System", client: Any, collection: str, options: Mapping[str, Any]) -> Index:
    from openrek.rekognition.request_image import STORED
    from openrek.rekognition.shared_image import SharedImage

    # The bytes are at hand: the image is opened from them, as large as a stored one may be.
    member = {"S3Object": {"Bucket": "local", "Name": "image"}}

    def index(image: BulkImage, data: bytes, external_id: str) -> dict[str, Any]:
        shared = SharedImage(data, STORED, system.engine, ("faces",))
        response: dict[str, Any] = client.sharing(shared).index_faces(
            CollectionId=collection, Image=member, ExternalImageId=external_id, **options
        )
        return response

    return index


@contextmanager
def remote_session(endpoint_url: str, collection: str, source: str, options: Mapping[str, Any]) -> Iterator[Session]:
    """A session with the service at a URL; keys and region are found as the AWS SDKs find them.

    Raises:
        ImportError: boto3 is not installed.
        ValueError: The URL of the source is not valid.
    """
    import boto3
    from botocore.config import Config

    session = boto3.Session()
    config = Config(retries={"mode": "adaptive", "total_max_attempts": 10})
    region = session.region_name or "us-east-1"
    client = session.client("rekognition", endpoint_url=endpoint_url, region_name=region, config=config)
    in_bucket = source.startswith("s3://")
    bucket, prefix = split_url(source) if in_bucket else ("", "")
    objects = session.client("s3", endpoint_url=endpoint_url, region_name=region, config=config) if in_bucket else None

    def index(image: BulkImage, data: bytes, external_id: str) -> dict[str, Any]:
        stored = {"S3Object": {"Bucket": bucket, "Name": image.source}}
        response: dict[str, Any] = client.index_faces(
            CollectionId=collection,
            Image=stored if in_bucket else {"Bytes": data},
            ExternalImageId=external_id,
            **options,
        )
        return response

    yield Session(client, collection, S3Images(objects, bucket, prefix) if in_bucket else folder_source(source), index)
