"""The engine: frames in, results out. Arrays only; nothing of HTTP, AWS or storage."""

from openrek.imaging.header import Limits
from openrek.vision.engine import Engine
from openrek.vision.faces.attribute_results import ATTRIBUTES, FaceAttributesResult
from openrek.vision.faces.embedding import face_similarity, similarity, similarity_of
from openrek.vision.frame import WORKING_SIDE, ArrayFrame, EncodedFrame, Frame
from openrek.vision.frame_analysis import FrameAnalysis
from openrek.vision.pack import ModelDescriptor, ModelPack, load_packs
from openrek.vision.results import (
    Colour,
    DescribedFace,
    Detections,
    Faces,
    ImageProperties,
    Labels,
    Line,
    Moderation,
    Properties,
    Text,
    Word,
)
from openrek.vision.runtime.options import RuntimeOptions

__all__ = [
    "ATTRIBUTES",
    "WORKING_SIDE",
    "ArrayFrame",
    "Colour",
    "DescribedFace",
    "Detections",
    "EncodedFrame",
    "Engine",
    "FaceAttributesResult",
    "Faces",
    "Frame",
    "FrameAnalysis",
    "ImageProperties",
    "Labels",
    "Limits",
    "Line",
    "ModelDescriptor",
    "ModelPack",
    "Moderation",
    "Properties",
    "RuntimeOptions",
    "Text",
    "Word",
    "face_similarity",
    "load_packs",
    "similarity",
    "similarity_of",
]
