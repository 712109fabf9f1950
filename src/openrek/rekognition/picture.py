"""The `Image` member of a request as a picture for the engine."""

from typing import Any

from openrek.errors import AccessDeniedException, InvalidParameterException, InvalidS3ObjectException
from openrek.rekognition.services import Services
from openrek.s3 import object_arn
from openrek.vision import Image, Limits

# https://docs.aws.amazon.com/rekognition/latest/dg/limits.html
MAX_BYTES = 5_242_880
MAX_STORED_BYTES = 15 * 1024 * 1024
AS_BYTES = Limits(max_bytes=MAX_BYTES)
STORED = Limits(max_bytes=MAX_STORED_BYTES)


def open_picture(image: dict[str, Any], services: Services) -> Image:
    """The picture that `Image` names: its bytes, or an object of the store.

    Raises:
        InvalidParameterException: neither or both are given, or the object is not fully named.
        InvalidS3ObjectException: the object cannot be read: no such bucket, no such key, or no permission.
        ImageTooLargeException: too many bytes or pixels.
        InvalidImageFormatException: no picture we read.
    """
    data, place = image.get("Bytes"), image.get("S3Object")
    if data is not None and place is None:
        return services.pictures.open(data, AS_BYTES)
    if data is not None or place is None:
        raise InvalidParameterException("Image must have exactly one of Bytes and S3Object")
    if not place.get("Bucket") or not place.get("Name"):
        raise InvalidParameterException("Image.S3Object must have Bucket and Name")
    bucket, key, version = place["Bucket"], place["Name"], place.get("Version")
    action = "s3:GetObjectVersion" if version else "s3:GetObject"
    try:
        services.caller.require(action, object_arn(bucket, key), services.context)
    except AccessDeniedException as error:
        raise InvalidS3ObjectException(f"the object may not be read: {error.message}") from None
    stored = services.objects.get(bucket, key, version, max_bytes=MAX_STORED_BYTES)
    return services.pictures.open(stored.data, STORED)
