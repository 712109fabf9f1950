"""Steps 4 to 8: one image through recognition, drawn, kept, logged."""

import time
from datetime import UTC, datetime
from typing import Any

from openrek.function.findings import Findings, leading, milliseconds
from openrek.function.processed_image import Processed, process
from openrek.function.recognition import SourceImage
from openrek.function.services import FunctionServices
from openrek.imaging.decode import LARGE_PIXELS, give_back_memory

# The most that recognition reads from a bucket: https://docs.aws.amazon.com/rekognition/latest/dg/limits.html
MAX_STORED_BYTES = 15_728_640


def run(services: FunctionServices, image: SourceImage, request_id: str) -> dict[str, Any]:
    """The result, kept.

    Raises:
        botocore.exceptions.ClientError: recognition refused the image; nothing is kept.
        FileExistsError: there is an analysis of this identifier already.
    """
    started = time.perf_counter()
    names = {"request_id": request_id, "analysis_id": image.identifier}
    services.log.emit("received", **names, bytes=len(image.data), content_type=image.content_type)
    recognized = services.recognition.analyze_image(image)
    findings, original = recognized.findings, recognized.original
    services.log.emit("recognised", **names, **_counts(findings))

    drawing = time.perf_counter()
    processed = process(original, findings.as_dict())
    del recognized, original  # decoded pixels, perhaps hundreds of megabytes, go before objects are stored
    result = _result(services, image, processed, findings)
    timings = result["timings_ms"] = findings.timings_ms | {"draw": milliseconds(drawing)}

    storing = time.perf_counter()

    def finished() -> dict[str, Any]:
        # The result contains its own timings, so the clock stops before it is written.
        timings["store"] = milliseconds(storing)
        timings["total"] = milliseconds(started)
        return result

    services.archive.save(
        image.identifier,
        {
            f"original.{processed.extension}": image.data,
            "annotated.jpg": processed.annotated,
            "thumbnail.jpg": processed.thumbnail,
        },
        finished,
        repeatable=image.source is not None,  # events of the inbox are delivered at least once
    )
    services.log.emit("stored", **names, bucket=services.archive.bucket, timings_ms=timings)
    if processed.width * processed.height >= LARGE_PIXELS:
        give_back_memory()
    return result


def _result(services: FunctionServices, image: SourceImage, processed: Processed, findings: Findings) -> dict[str, Any]:
    archive = services.archive
    names = {
        "original": f"original.{processed.extension}",
        "result": "result.json",
        "annotated": "annotated.jpg",
        "thumbnail": "thumbnail.jpg",
    }
    return {
        "id": image.identifier,
        "created_at": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "image": {
            "width": processed.width,
            "height": processed.height,
            "format": processed.format,
            "bytes": len(image.data),
        },
        **({"source": dict(image.source)} if image.source else {}),
        **findings.as_dict(),
        "objects": {
            role: {"bucket": archive.bucket, "key": archive.key(image.identifier, name)} for role, name in names.items()
        },
    }


def _counts(findings: Findings) -> dict[str, Any]:
    top = [f"{label['Name']} {label['Confidence']:.0f}%" for label in leading(findings.labels, 5)]
    return {
        "labels": len(findings.labels),
        "faces": len(findings.faces),
        "text_lines": sum(text["Type"] == "LINE" for text in findings.text),
        "moderation": [label["Name"] for label in findings.moderation],
        "top_labels": top,
        "timings_ms": findings.timings_ms,
    }
