"""Uploads in parts that are under way are listed, and so are their parts."""

from typing import Any

from tests.api.s3_service import code_of, signed
from tests.conftest import RunningService


def test_parts_are_listed(s3: Any, bucket: str) -> None:
    upload = {"Bucket": bucket, "Key": "a b"}
    upload["UploadId"] = s3.create_multipart_upload(**upload, ChecksumAlgorithm="SHA1", StorageClass="STANDARD_IA")[
        "UploadId"
    ]
    assert "Parts" not in s3.list_parts(**upload)
    sent = {number: s3.upload_part(**upload, PartNumber=number, Body=b"x" * number) for number in (10, 1, 2)}
    sent[2] = s3.upload_part(**upload, PartNumber=2, Body=b"replaced")
    listed = s3.list_parts(**upload)
    assert [(part["PartNumber"], part["Size"]) for part in listed["Parts"]] == [(1, 1), (2, 8), (10, 10)]
    for part in listed["Parts"]:
        answer = sent[part["PartNumber"]]
        assert (part["ETag"], part["ChecksumSHA1"]) == (answer["ETag"], answer["ChecksumSHA1"])
    assert (listed["StorageClass"], listed["ChecksumAlgorithm"]) == ("STANDARD_IA", "SHA1")
    assert listed["IsTruncated"] is False
    pages = list(s3.get_paginator("list_parts").paginate(**upload, PaginationConfig={"PageSize": 2}))
    assert [[part["PartNumber"] for part in page["Parts"]] for page in pages] == [[1, 2], [10]]
    s3.abort_multipart_upload(**upload)
    assert code_of(s3.list_parts, **upload) == ("NoSuchUpload", 404)


def test_uploads_are_listed(s3: Any, bucket: str) -> None:
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)
    keys = ["a", "a", "folder/b", "folder/c", "ảnh"]
    begun = {s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]: key for key in keys}
    listed = s3.list_multipart_uploads(Bucket=bucket)["Uploads"]
    assert {entry["UploadId"]: entry["Key"] for entry in listed} == begun
    assert [entry["Key"] for entry in listed] == keys
    pages = s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, PaginationConfig={"PageSize": 1})
    assert [entry["UploadId"] for page in pages for entry in page["Uploads"]] == [entry["UploadId"] for entry in listed]
    folded = s3.list_multipart_uploads(Bucket=bucket, Delimiter="/")
    assert [entry["Prefix"] for entry in folded["CommonPrefixes"]] == ["folder/"]
    assert [entry["Key"] for entry in folded["Uploads"]] == ["a", "a", "ảnh"]
    in_folder = s3.list_multipart_uploads(Bucket=bucket, Prefix="folder/")
    assert [entry["Key"] for entry in in_folder["Uploads"]] == ["folder/b", "folder/c"]
    for identifier, key in begun.items():
        s3.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=identifier)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def test_numbers_of_these_listings(s3: Any, server: RunningService, bucket: str) -> None:
    upload = {"Bucket": bucket, "Key": "k"}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    identifier = upload["UploadId"]
    for value in ("x", "-1", "9" * 5000, "%C2%B2"):
        for path in (
            f"/{bucket}?uploads&max-uploads={value}",
            f"/{bucket}/k?uploadId={identifier}&max-parts={value}",
            f"/{bucket}/k?uploadId={identifier}&part-number-marker={value}",
        ):
            answer = signed(server, "GET", path)
            assert (answer.status_code, "<Code>InvalidArgument</Code>" in answer.text) == (400, True)
    s3.abort_multipart_upload(**upload)
