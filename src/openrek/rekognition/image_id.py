"""ImageId: names an image by its content."""

import hashlib
import uuid

from openrek.vision import EncodedFrame

NAMESPACE = uuid.UUID("5d0a2f3c-6f4e-5b0e-9f57-0c1f4f6b7a31")


def image_id(image: EncodedFrame) -> str:
    """A UUID, the same for the same bytes in every collection and on every machine, whatever metadata is among them."""
    header = image.header
    content = hashlib.sha256(header.structure.essential).hexdigest()
    return str(uuid.uuid5(NAMESPACE, f"{header.format} {header.orientation} {content}"))
