"""Settings of buckets and objects: what is not set reads as S3's own "none"; tags, regions and CORS rules are kept."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from botocore.session import Session

from openrek.gateway.s3 import request_headers, unset
from tests.api.s3_service import code_of, s3_client, signed
from tests.conftest import ROOT, RunningService

OWNER = {"ID": "000000000000", "DisplayName": "openrek"}


@pytest.mark.parametrize(
    ("operation", "answer"),
    [
        ("get_bucket_versioning", {}),
        ("get_bucket_notification_configuration", {}),
        ("get_bucket_logging", {}),
        ("get_bucket_accelerate_configuration", {}),
        ("get_bucket_request_payment", {"Payer": "BucketOwner"}),
        ("list_bucket_inventory_configurations", {"IsTruncated": False}),
        ("list_bucket_metrics_configurations", {"IsTruncated": False}),
        ("list_bucket_analytics_configurations", {"IsTruncated": False}),
        ("list_bucket_intelligent_tiering_configurations", {"IsTruncated": False}),
        ("get_bucket_location", {"LocationConstraint": None}),
    ],
)
def test_what_is_not_set_reads_as_none(s3: Any, bucket: str, operation: str, answer: dict[str, Any]) -> None:
    response = getattr(s3, operation)(Bucket=bucket)
    response.pop("ResponseMetadata")
    assert response == answer


def test_a_bucket_is_private_and_its_owners(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="mine", Body=b"x", ACL="bucket-owner-full-control")
    for acl in (s3.get_bucket_acl(Bucket=bucket), s3.get_object_acl(Bucket=bucket, Key="mine")):
        (grant,) = acl["Grants"]
        assert acl["Owner"] == OWNER
        assert grant == {"Grantee": {**OWNER, "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}
    controls = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]
    assert controls == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    blocked = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert set(blocked.values()) == {True}
    (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ("get_bucket_policy", "NoSuchBucketPolicy"),
        ("get_bucket_policy_status", "NoSuchBucketPolicy"),
        ("get_bucket_lifecycle_configuration", "NoSuchLifecycleConfiguration"),
        ("get_bucket_website", "NoSuchWebsiteConfiguration"),
        ("get_bucket_replication", "ReplicationConfigurationNotFoundError"),
        ("get_object_lock_configuration", "ObjectLockConfigurationNotFoundError"),
        ("get_bucket_cors", "NoSuchCORSConfiguration"),
        ("get_bucket_tagging", "NoSuchTagSet"),
    ],
)
def test_what_is_not_set_is_not_found(s3: Any, bucket: str, operation: str, code: str) -> None:
    assert code_of(getattr(s3, operation), Bucket=bucket) == (code, 404)
    assert code_of(getattr(s3, operation), Bucket="nowhere-at-all") == ("NoSuchBucket", 404)


def test_a_configuration_by_its_id_is_not_found(s3: Any, bucket: str) -> None:
    for name in ("inventory", "metrics", "analytics"):
        get = getattr(s3, f"get_bucket_{name}_configuration")
        assert code_of(get, Bucket=bucket, Id="x") == ("NoSuchConfiguration", 404)


def test_an_object_has_no_lock_and_no_tags(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="plain", Body=b"x")
    plain = {"Bucket": bucket, "Key": "plain"}
    assert s3.get_object_tagging(**plain)["TagSet"] == []
    assert code_of(s3.get_object_retention, **plain) == ("NoSuchObjectLockConfiguration", 404)
    assert code_of(s3.get_object_legal_hold, **plain) == ("NoSuchObjectLockConfiguration", 404)
    assert code_of(s3.get_object_tagging, Bucket=bucket, Key="none") == ("NoSuchKey", 404)
    assert code_of(s3.get_object_acl, Bucket=bucket, Key="none") == ("NoSuchKey", 404)


def test_a_write_of_what_is_so_anyway_succeeds(s3: Any, bucket: str) -> None:
    default = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=default)
    s3.put_bucket_request_payment(Bucket=bucket, RequestPaymentConfiguration={"Payer": "BucketOwner"})
    s3.put_bucket_ownership_controls(
        Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    )
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    s3.put_bucket_acl(Bucket=bucket, ACL="private")
    acl = s3.get_bucket_acl(Bucket=bucket)
    s3.put_bucket_acl(Bucket=bucket, AccessControlPolicy={"Owner": acl["Owner"], "Grants": acl["Grants"]})
    for removal in ("delete_bucket_policy", "delete_bucket_lifecycle", "delete_bucket_website"):
        assert getattr(s3, removal)(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 204


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("put_bucket_versioning", {"VersioningConfiguration": {"Status": "Enabled"}}),
        ("put_bucket_policy", {"Policy": "{}"}),
        ("put_bucket_acl", {"ACL": "public-read"}),
        ("put_public_access_block", {"PublicAccessBlockConfiguration": {"BlockPublicAcls": False}}),
        ("put_bucket_request_payment", {"RequestPaymentConfiguration": {"Payer": "Requester"}}),
        ("put_bucket_accelerate_configuration", {"AccelerateConfiguration": {"Status": "Enabled"}}),
        ("get_bucket_metadata_table_configuration", {}),
    ],
)
def test_what_cannot_be_honoured_is_refused(s3: Any, bucket: str, operation: str, arguments: dict[str, Any]) -> None:
    assert code_of(getattr(s3, operation), Bucket=bucket, **arguments) == ("NotImplemented", 501)


def test_every_bucket_setting_of_the_contract_is_known() -> None:
    """A subresource that is not known would be taken for another operation, as a listing."""
    from openrek.gateway.s3.operations import SUBRESOURCES

    model = Session().get_service_model("s3")
    named: set[str] = set()
    for name in model.operation_names:
        uri = model.operation_model(name).http["requestUri"].partition("?")[2]
        named |= {part for part in uri.split("&") if part and "=" not in part}
    assert named - set(SUBRESOURCES) == set()


@pytest.mark.parametrize("operation", ["PutObject", "CreateMultipartUpload", "CopyObject"])
def test_every_header_of_the_contract_is_honoured_or_refused(operation: str) -> None:
    handled = (
        *("x-amz-checksum-", "x-amz-sdk-checksum-algorithm", "x-amz-meta-", "x-amz-tagging", "x-amz-copy-source"),
        *("x-amz-request-payer", "x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"),
        "x-amz-metadata-directive",
    )
    shape = Session().get_service_model("s3").operation_model(operation).input_shape
    assert shape is not None
    headers = {
        member.serialization["name"].lower()
        for member in shape.members.values()
        if member.serialization.get("location") == "header"
    }
    unknown = {
        name
        for name in headers
        if name.startswith("x-amz-")
        and name not in request_headers.ACCEPTED_VALUES
        and not name.startswith((*handled, *request_headers.REJECTED))
    }
    assert unknown == set()


def test_the_tables_name_operations_of_the_contract() -> None:
    known = {name.lower() for name in Session().get_service_model("s3").operation_names}
    for table in (unset.OF_BUCKETS, unset.OF_OBJECTS):
        for setting in table.values():
            assert f"get{setting.operation}".lower() in known


def test_harmless_headers_are_accepted(s3: Any, server: RunningService, bucket: str) -> None:
    written = s3.put_object(
        Bucket=bucket,
        Key="harmless",
        Body=b"one",
        ServerSideEncryption="AES256",
        StorageClass="STANDARD_IA",
        ACL="private",
        RequestPayer="requester",
        ExpectedBucketOwner="000000000000",
        ContentMD5="+XxdKZQb+xsv2rCHSQargg==",
    )
    assert written["ServerSideEncryption"] == "AES256"
    head = s3.head_object(Bucket=bucket, Key="harmless", RequestPayer="requester")
    assert (head["StorageClass"], head["ServerSideEncryption"]) == ("STANDARD_IA", "AES256")
    classes = {entry["Key"]: entry["StorageClass"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]}
    assert classes["harmless"] == "STANDARD_IA"
    path = f"/{bucket}/harmless"
    assert signed(server, "GET", path, headers={"x-amz-api-version": "2006-03-01"}).content == b"one"
    assert signed(server, "GET", path, unsigned={"Expect": "100-continue"}).status_code == 200


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"ServerSideEncryption": "aws:kms"}, "NotImplemented"),
        ({"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "0" * 32}, "NotImplemented"),
        ({"ACL": "public-read-write"}, "NotImplemented"),
        ({"GrantRead": 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'}, "NotImplemented"),
        ({"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": "2030-01-01"}, "NotImplemented"),
        ({"StorageClass": "DEEP_ARCHIVE"}, "NotImplemented"),
        ({"ExpectedBucketOwner": "111122223333"}, "AccessDenied"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_headers_that_cannot_be_honoured_are_refused(
    s3: Any, bucket: str, arguments: dict[str, Any], code: str
) -> None:
    assert code_of(s3.put_object, Bucket=bucket, Key="refused", Body=b"x", **arguments)[0] == code
    assert code_of(s3.head_object, Bucket=bucket, Key="refused") == ("404", 404)


def test_tags_of_objects_are_kept(s3: Any, bucket: str) -> None:
    tagged = {"Bucket": bucket, "Key": "tagged"}
    s3.put_object(**tagged, Body=b"x", Tagging=urlencode({"team": "thị giác", "empty": ""}))
    assert tags_of(s3, tagged) == {"team": "thị giác", "empty": ""}
    assert s3.head_object(**tagged)["ResponseMetadata"]["HTTPHeaders"]["x-amz-tagging-count"] == "2"
    assert s3.get_object(**tagged)["TagCount"] == 2
    copy = {"Bucket": bucket, "Key": "tagged copy"}
    s3.copy_object(**copy, CopySource=tagged)
    assert tags_of(s3, copy) == tags_of(s3, tagged)
    s3.copy_object(**copy, CopySource=tagged, TaggingDirective="REPLACE", Tagging="a=b")
    assert tags_of(s3, copy) == {"a": "b"}
    s3.put_object_tagging(**tagged, Tagging={"TagSet": [{"Key": "only", "Value": "one"}]})
    assert tags_of(s3, tagged) == {"only": "one"}
    s3.delete_object_tagging(**tagged)
    assert s3.get_object_tagging(**tagged)["TagSet"] == []
    assert "TagCount" not in s3.get_object(**tagged)
    begun = {"Bucket": bucket, "Key": "tagged parts"}
    begun["UploadId"] = s3.create_multipart_upload(**begun, Tagging="in=parts")["UploadId"]
    etag = s3.upload_part(**begun, PartNumber=1, Body=b"one")["ETag"]
    s3.complete_multipart_upload(**begun, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
    del begun["UploadId"]
    assert tags_of(s3, begun) == {"in": "parts"}


def tags_of(s3: Any, place: dict[str, str]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in s3.get_object_tagging(**place)["TagSet"]}


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ([("k" * 129, "")], "InvalidTag"),
        ([("k", "v" * 257)], "InvalidTag"),
        ([("aws:k", "v")], "InvalidTag"),
        ([("k", "1"), ("k", "2")], "InvalidTag"),
        ([(f"k{number}", "") for number in range(11)], "BadRequest"),
    ],
)
def test_limits_of_tags(s3: Any, bucket: str, tags: list[tuple[str, str]], code: str) -> None:
    place = {"Bucket": bucket, "Key": "limits"}
    s3.put_object(**place, Body=b"x")
    named = [{"Key": key, "Value": value} for key, value in tags]
    assert code_of(s3.put_object_tagging, **place, Tagging={"TagSet": named}) == (code, 400)


def test_tags_of_buckets_are_kept(s3: Any, bucket: str) -> None:
    named = [{"Key": f"k{number}", "Value": "v"} for number in range(12)]
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": named})
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == named
    s3.delete_bucket_tagging(Bucket=bucket)
    assert code_of(s3.get_bucket_tagging, Bucket=bucket) == ("NoSuchTagSet", 404)


def test_a_bucket_keeps_its_region(server: RunningService) -> None:
    west = s3_client(server, region_name="eu-west-1")
    west.create_bucket(Bucket="b-west", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert west.get_bucket_location(Bucket="b-west")["LocationConstraint"] == "eu-west-1"
    assert west.head_bucket(Bucket="b-west")["BucketRegion"] == "eu-west-1"
    west.delete_bucket(Bucket="b-west")
    west.create_bucket(Bucket="b-west", CreateBucketConfiguration={"LocationConstraint": "ap-southeast-1"})
    (listed,) = west.list_buckets(Prefix="b-west")["Buckets"]
    assert listed["BucketRegion"] == "ap-southeast-1"
    west.delete_bucket(Bucket="b-west")
    nowhere = {"LocationConstraint": "the moon"}
    code = ("InvalidLocationConstraint", 400)
    assert code_of(west.create_bucket, Bucket="b-west", CreateBucketConfiguration=nowhere) == code


def test_buckets_are_listed_in_pages(s3: Any) -> None:
    names = [f"b-pages-{number}" for number in range(3)]
    for name in names:
        s3.create_bucket(Bucket=name)
    pages = list(s3.get_paginator("list_buckets").paginate(Prefix="b-pages-", PaginationConfig={"PageSize": 2}))
    for name in names:
        s3.delete_bucket(Bucket=name)
    assert [[entry["Name"] for entry in page["Buckets"]] for page in pages] == [names[:2], names[2:]]


def test_versions_are_listed_as_the_only_ones(s3: Any, bucket: str) -> None:
    keys = [f"versions/{letter}" for letter in ("a", "b", "c+ d")]
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    paginator = s3.get_paginator("list_object_versions")
    pages = list(paginator.paginate(Bucket=bucket, Prefix="versions/", PaginationConfig={"PageSize": 2}))
    versions = [version for page in pages for version in page["Versions"]]
    assert [version["Key"] for version in versions] == keys
    assert {(version["VersionId"], version["IsLatest"]) for version in versions} == {("null", True)}
    folded = s3.list_object_versions(Bucket=bucket, Prefix="versions", Delimiter="/")
    assert [entry["Prefix"] for entry in folded["CommonPrefixes"]] == ["versions/"]


def test_cors_rules_are_kept(s3: Any, bucket: str) -> None:
    rules = [
        {
            "ID": "page",
            "AllowedMethods": ["PUT", "GET"],
            "AllowedOrigins": ["https://*.example"],
            "AllowedHeaders": ["*"],
            "ExposeHeaders": ["ETag"],
            "MaxAgeSeconds": 60,
        },
        {"AllowedMethods": ["HEAD"], "AllowedOrigins": ["*"]},
    ]
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": rules})
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == rules
    s3.delete_bucket_cors(Bucket=bucket)
    assert code_of(s3.get_bucket_cors, Bucket=bucket) == ("NoSuchCORSConfiguration", 404)


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"AllowedMethods": ["PATCH"], "AllowedOrigins": ["*"]}, "InvalidRequest"),
        ({"AllowedMethods": ["GET"], "AllowedOrigins": ["http://*.*"]}, "InvalidRequest"),
        ({"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "ExposeHeaders": ["x-*"]}, "InvalidRequest"),
        ({"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "ExposeHeaders": ["a\nb"]}, "InvalidRequest"),
        ({"AllowedMethods": [], "AllowedOrigins": ["*"]}, "MalformedXML"),
    ],
)
def test_rules_that_cannot_be_obeyed_are_refused(s3: Any, bucket: str, rule: dict[str, Any], code: str) -> None:
    assert code_of(s3.put_bucket_cors, Bucket=bucket, CORSConfiguration={"CORSRules": [rule]}) == (code, 400)


def test_the_docs_list_every_operation() -> None:
    from openrek.gateway.s3.operations import OPERATIONS

    text = (ROOT / "docs" / "s3.md").read_text()
    text = re.sub(r"Get-, Put- and Delete(\w+)", r"Get\1, Put\1, Delete\1", text)
    assert {name for name, _ in OPERATIONS.values() if not re.search(rf"\b{name}\b", text)} == set()
