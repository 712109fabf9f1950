"""Celebrities of StartCelebrityRecognition: the people that the operator made known, in the frames of a video.

https://docs.aws.amazon.com/rekognition/latest/dg/celebrities-video-sqs.html
"""

import numpy as np

from openrek.rekognition.operation import Request
from openrek.rekognition.operations.celebrities.celebrities import described, recognized
from openrek.rekognition.operations.images.faces import face_of
from openrek.rekognition.operations.images.protective_equipment import faces_by_person, person_candidates
from openrek.rekognition.operations.videos.samples import Item
from openrek.rekognition.render.geometry import bounding_box, percent
from openrek.rekognition.services import Services
from openrek.vision import FrameAnalysis

MAX_FACES = 64


def look_for_celebrities(analysis: FrameAnalysis, request: Request, services: Services) -> list[Item]:
    """Those among the 64 largest faces who are known, each with the box of the body, or of the face alone."""
    faces, frame = analysis.faces.largest(MAX_FACES), analysis.frame
    known = recognized(analysis, faces, services)
    if not known:
        return []
    boxes, _ = person_candidates(analysis, faces, services.engine.object_names)
    bodies = {face: person for person, (face, *_) in faces_by_person(boxes, faces).items()}
    found: list[Item] = []
    for index, (person, similarity) in sorted(known.items(), key=lambda item: -item[1][1]):
        body = boxes[bodies[index]] if index in bodies else faces.xyxy[index]
        celebrity = {
            "Id": person.identifier,
            "Confidence": percent(similarity),
            "BoundingBox": bounding_box(np.asarray(body, np.float32), frame),
            "Face": face_of(faces, index, frame),
            **described(person),
        }
        found.append({"Celebrity": celebrity})
    return found
