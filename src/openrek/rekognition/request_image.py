"""The `Image` member of a request, as an image that the engine analyzes."""

from dataclasses import replace
from typing import Any

from openrek.errors import (
    AccessDeniedError,
    ImageTooLargeError,
    InvalidParameterError,
    ObjectNotReadableError,
    ObjectTooLargeError,
)
from openrek.rekognition.services import Services
from openrek.s3 import object_arn
from openrek.vision import EncodedFrame, FrameAnalysis, Limits

# https://docs.aws.amazon.com/rekognition/latest/dg/limits.html
MAX_BYTES = 5_242_880
MAX_STORED_BYTES = 15 * 1024 * 1024
MAX = Limits(max_bytes=MAX_BYTES)
"""Of an image that is sent as bytes; a stored one may have more of them."""
STORED = replace(MAX, max_bytes=MAX_STORED_BYTES)
"""Of a stored image."""


def open_image(image: dict[str, Any], services: Services, limits: Limits = MAX) -> FrameAnalysis:
    """The analysis of the image that `Image` names: its bytes, or an object of the store. Nothing is decoded yet.

    Args:
        image: The member of the request.
        services: Where objects are, and whose request it is.
        limits: Those of the operation.

    Raises:
        InvalidParameterError: neither or both are given, or the object is not fully named.
        ObjectNotReadableError: the object cannot be read: no such bucket, no such key, or no permission.
        ImageTooLargeError: too many bytes or pixels.
        ImageFormatError: not an image, or of an unsupported format.
    """
    if services.image is not None:
        return services.image.analysis
    data, place = image.get("Bytes"), image.get("S3Object")
    if data is not None and place is None:
        return services.engine.analysis(EncodedFrame.open(data, limits))
    if data is not None or place is None:
        raise InvalidParameterError("Image must have exactly one of Bytes and S3Object")
    if not place.get("Bucket") or not place.get("Name"):
        raise InvalidParameterError("Image.S3Object must have Bucket and Name")
    bucket, key, version = place["Bucket"], place["Name"], place.get("Version")
    action = "s3:GetObjectVersion" if version else "s3:GetObject"
    try:
        services.caller.require(action, object_arn(bucket, key), services.context)
    except AccessDeniedError as error:
        raise ObjectNotReadableError(f"the object may not be read: {error.message}") from None
    try:
        stored = services.objects.get(bucket, key, version, max_bytes=MAX_STORED_BYTES)
    except ObjectTooLargeError as error:
        raise ImageTooLargeError(error.message) from None
    return services.engine.analysis(EncodedFrame.open(stored.data, replace(limits, max_bytes=MAX_STORED_BYTES)))
