"""The engine: pictures in, findings out. Arrays only; nothing of HTTP, AWS or storage."""

from openrek.vision.attributes_results import ATTRIBUTES, FaceAttributesFound
from openrek.vision.engine import Engine
from openrek.vision.image import WORKING_SIDE, Image, Limits
from openrek.vision.pack import ModelDescriptor, ModelPack, load_packs
from openrek.vision.results import (
    Colour,
    Detections,
    Faces,
    Labels,
    Line,
    Moderation,
    PictureProperties,
    Properties,
    Text,
    Word,
)
from openrek.vision.tasks.comparing import similarity

__all__ = [
    "ATTRIBUTES",
    "WORKING_SIDE",
    "Colour",
    "Detections",
    "Engine",
    "FaceAttributesFound",
    "Faces",
    "Image",
    "Labels",
    "Limits",
    "Line",
    "ModelDescriptor",
    "ModelPack",
    "Moderation",
    "PictureProperties",
    "Properties",
    "Text",
    "Word",
    "load_packs",
    "similarity",
]
