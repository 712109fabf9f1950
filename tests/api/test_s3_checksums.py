"""Checksums that come with objects are verified, kept and given back."""

import base64
import hashlib
import zlib
from typing import Any

import pytest

from tests.api.s3_service import code_of, s3_client
from tests.conftest import RunningService

ALGORITHMS = ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256")
# Of b"hello".
RIGHT = {
    "CRC32": "NhCmhg==",
    "CRC32C": "mnG7TA==",
    "CRC64NVME": "M3eFcAZSQlc=",
    "SHA1": "qvTGHdzF6KLavt4PO0gs2a6pQ00=",
    "SHA256": "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
}
PART = b"p" * (5 * 1024 * 1024)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_checksum_is_given_back(s3: Any, bucket: str, algorithm: str) -> None:
    place, name = {"Bucket": bucket, "Key": algorithm}, f"Checksum{algorithm}"
    written = s3.put_object(**place, Body=b"hello", **{name: RIGHT[algorithm]})
    assert (written[name], written["ChecksumType"]) == (RIGHT[algorithm], "FULL_OBJECT")
    for read in (s3.head_object, s3.get_object):
        assert read(**place, ChecksumMode="ENABLED")[name] == RIGHT[algorithm]
    attributes = s3.get_object_attributes(**place, ObjectAttributes=["Checksum", "ETag", "ObjectSize", "StorageClass"])
    assert attributes["Checksum"] == {name: RIGHT[algorithm], "ChecksumType": "FULL_OBJECT"}
    assert (attributes["ETag"], attributes["ObjectSize"]) == (hashlib.md5(b"hello").hexdigest(), 5)
    assert attributes["StorageClass"] == "STANDARD"
    assert "LastModified" in attributes
    (listed,) = s3.list_objects_v2(Bucket=bucket, Prefix=algorithm, MaxKeys=1)["Contents"]
    assert (listed["ChecksumAlgorithm"], listed["ChecksumType"]) == ([algorithm], "FULL_OBJECT")


def test_only_who_asks_gets_checksums(server: RunningService, bucket: str) -> None:
    from botocore.config import Config

    quiet = s3_client(server, config=Config(response_checksum_validation="when_required"))
    place = {"Bucket": bucket, "Key": "quiet"}
    quiet.put_object(**place, Body=b"hello", ChecksumSHA256=RIGHT["SHA256"])
    assert "ChecksumSHA256" not in quiet.head_object(**place)
    ranged = quiet.get_object(**place, Range="bytes=1-2", ChecksumMode="ENABLED")
    assert (ranged["Body"].read(), "ChecksumSHA256" in ranged) == (b"el", False)


def test_an_object_of_before_has_none_of_the_next(s3: Any, bucket: str) -> None:
    place = {"Bucket": bucket, "Key": "twice"}
    s3.put_object(**place, Body=b"hello", ChecksumSHA1=RIGHT["SHA1"])
    s3.put_object(**place, Body=b"other", ChecksumAlgorithm="SHA256")
    head = s3.head_object(**place, ChecksumMode="ENABLED")
    assert "ChecksumSHA1" not in head
    assert head["ChecksumSHA256"] == base64.b64encode(hashlib.sha256(b"other").digest()).decode()


def test_a_copy_has_its_sources_checksum_or_the_one_requested(s3: Any, bucket: str) -> None:
    source = {"Bucket": bucket, "Key": "source"}
    s3.put_object(**source, Body=b"hello", ChecksumSHA1=RIGHT["SHA1"])
    same = s3.copy_object(Bucket=bucket, Key="copy", CopySource=source)["CopyObjectResult"]
    assert same["ChecksumSHA1"] == RIGHT["SHA1"]
    other = s3.copy_object(Bucket=bucket, Key="copy", CopySource=source, ChecksumAlgorithm="CRC32C")
    assert other["CopyObjectResult"]["ChecksumCRC32C"] == RIGHT["CRC32C"]
    assert s3.head_object(Bucket=bucket, Key="copy", ChecksumMode="ENABLED")["ChecksumCRC32C"] == RIGHT["CRC32C"]


def upload(s3: Any, bucket: str, key: str, bodies: list[bytes], **begun: Any) -> dict[str, Any]:
    """The answer to an upload in parts, completed with what each part was answered with."""
    place = {"Bucket": bucket, "Key": key}
    place["UploadId"] = s3.create_multipart_upload(**place, **begun)["UploadId"]
    algorithm = begun.get("ChecksumAlgorithm")
    parts = []
    for number, body in enumerate(bodies, 1):
        answer = s3.upload_part(
            **place, PartNumber=number, Body=body, **({"ChecksumAlgorithm": algorithm} if algorithm else {})
        )
        names = [name for name in answer if name.startswith("Checksum")]
        parts.append({"PartNumber": number, "ETag": answer["ETag"], **{name: answer[name] for name in names}})
    completed: dict[str, Any] = s3.complete_multipart_upload(**place, MultipartUpload={"Parts": parts})
    return completed


def test_parts_make_a_composite_checksum(s3: Any, bucket: str) -> None:
    digests = [hashlib.sha256(body).digest() for body in (PART, b"end")]
    expected = base64.b64encode(hashlib.sha256(b"".join(digests)).digest()).decode() + "-2"
    completed = upload(s3, bucket, "composite", [PART, b"end"], ChecksumAlgorithm="SHA256")
    assert (completed["ChecksumSHA256"], completed["ChecksumType"]) == (expected, "COMPOSITE")
    head = s3.head_object(Bucket=bucket, Key="composite", ChecksumMode="ENABLED")
    assert (head["ChecksumSHA256"], head["ChecksumType"]) == (expected, "COMPOSITE")
    assert s3.get_object(Bucket=bucket, Key="composite")["Body"].read() == PART + b"end"
    attributes = s3.get_object_attributes(
        Bucket=bucket, Key="composite", ObjectAttributes=["ObjectParts", "Checksum"], MaxParts=1
    )
    assert attributes["Checksum"]["ChecksumSHA256"] == expected
    parts = attributes["ObjectParts"]
    assert (parts["TotalPartsCount"], parts["IsTruncated"], parts["NextPartNumberMarker"]) == (2, True, 1)
    (first,) = parts["Parts"]
    assert (first["PartNumber"], first["Size"]) == (1, len(PART))
    assert first["ChecksumSHA256"] == base64.b64encode(digests[0]).decode()
    rest = s3.get_object_attributes(
        Bucket=bucket, Key="composite", ObjectAttributes=["ObjectParts"], PartNumberMarker=1
    )["ObjectParts"]
    assert [part["PartNumber"] for part in rest["Parts"]] == [2]


def test_parts_make_a_checksum_of_the_whole(s3: Any, bucket: str) -> None:
    expected = base64.b64encode(zlib.crc32(PART + b"end").to_bytes(4, "big")).decode()
    completed = upload(s3, bucket, "whole", [PART, b"end"], ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    assert (completed["ChecksumCRC32"], completed["ChecksumType"]) == (expected, "FULL_OBJECT")
    assert s3.head_object(Bucket=bucket, Key="whole", ChecksumMode="ENABLED")["ChecksumCRC32"] == expected


def test_a_part_of_another_checksum_is_refused(s3: Any, bucket: str) -> None:
    place = {"Bucket": bucket, "Key": "wrong"}
    place["UploadId"] = s3.create_multipart_upload(**place, ChecksumAlgorithm="SHA1")["UploadId"]
    answer = s3.upload_part(**place, PartNumber=1, Body=b"hello", ChecksumAlgorithm="SHA1")
    assert answer["ChecksumSHA1"] == RIGHT["SHA1"]
    parts = [{"PartNumber": 1, "ETag": answer["ETag"], "ChecksumSHA1": "A" * 27 + "="}]
    assert code_of(s3.complete_multipart_upload, **place, MultipartUpload={"Parts": parts}) == ("InvalidPart", 400)
    s3.abort_multipart_upload(**place)


def test_an_unknown_algorithm_or_attribute_is_refused(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"hello")
    place = {"Bucket": bucket, "Key": "k"}
    assert code_of(s3.create_multipart_upload, **place, ChecksumAlgorithm="MD4")[1] == 400
    assert code_of(s3.get_object_attributes, **place, ObjectAttributes=["Weight"]) == ("InvalidArgument", 400)
    assert code_of(s3.get_object_attributes, Bucket=bucket, Key="none", ObjectAttributes=["ETag"])[0] == "NoSuchKey"
