"""ImageId: names an image by its bytes."""

import hashlib
import uuid

NAMESPACE = uuid.UUID("5d0a2f3c-6f4e-5b0e-9f57-0c1f4f6b7a31")


def image_id(data: bytes) -> str:
    """The same UUID for the same bytes of an image, in every collection and on every machine."""
    return str(uuid.uuid5(NAMESPACE, hashlib.sha256(data).hexdigest()))
