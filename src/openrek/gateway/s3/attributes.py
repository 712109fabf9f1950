"""GetObjectAttributes: an object's facts, those that the request names.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html
"""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from openrek.gateway.s3 import checksums, xml
from openrek.gateway.s3.call import Call
from openrek.gateway.s3.errors import S3Error
from openrek.gateway.s3.numbers import whole_number
from openrek.gateway.s3.object_head import described
from openrek.gateway.s3.request_headers import STORAGE_CLASS
from openrek.s3 import Facts

_NAMES = frozenset({"ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"})
_MAX_PARTS = 1000


def get_object_attributes(call: Call) -> Response:
    """GetObjectAttributes."""
    call.require("s3:GetObjectVersionAttributes" if "versionId" in call.query else "s3:GetObjectAttributes")
    info, facts = described(call)
    requested = {name.strip() for name in call.headers.get("x-amz-object-attributes", "").split(",")} - {""}
    if not requested or not requested <= _NAMES:
        raise S3Error(
            400, "InvalidArgument", f"x-amz-object-attributes names one or more of {', '.join(sorted(_NAMES))}."
        )
    content: dict[str, Any] = {}
    if "ETag" in requested:
        content["ETag"] = facts.etag
    if "Checksum" in requested and facts.checksums:
        content["Checksum"] = checksums.as_members(facts.checksums) | {"ChecksumType": facts.checksum_type}
    if "ObjectParts" in requested and facts.parts:
        content["ObjectParts"] = _parts(facts, call.headers)
    if "StorageClass" in requested:
        content["StorageClass"] = facts.headers.get(STORAGE_CLASS, "STANDARD")
    if "ObjectSize" in requested:
        content["ObjectSize"] = info.size_bytes
    headers = {"last-modified": info.modified_at.strftime("%a, %d %b %Y %H:%M:%S GMT")}
    return Response(xml.write("GetObjectAttributesResponse", content), headers=headers, media_type="application/xml")


def _parts(facts: Facts, headers: Mapping[str, str]) -> dict[str, Any]:
    """The parts: their number, and those with checksums of their own one by one, as S3 lists them."""
    limit = whole_number(headers.get("x-amz-max-parts", str(_MAX_PARTS)), "x-amz-max-parts", 0, 2**31 - 1)
    marker = whole_number(headers.get("x-amz-part-number-marker", "0"), "x-amz-part-number-marker", 0, 2**31 - 1)
    following = [part for part in facts.parts if part.number > marker and part.checksums]
    page = following[: min(limit, _MAX_PARTS)]
    return {
        "PartsCount": len(facts.parts),
        "PartNumberMarker": marker,
        "NextPartNumberMarker": page[-1].number if page else 0,
        "MaxParts": min(limit, _MAX_PARTS),
        "IsTruncated": len(page) < len(following),
        "Part": [
            {"PartNumber": part.number, "Size": part.size_bytes, **checksums.as_members(part.checksums)}
            for part in page
        ],
    }
