"""Requests that break a constraint of the contract: ValidationException in AWS's words, from either client."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from openrek.errors import ImageTooLargeError, ValidationError
from openrek.protocol import check_request, load_contract
from openrek.rekognition import OPERATIONS
from tests.conftest import RunningService

CONTRACT = load_contract()
ARN = "arn:aws:rekognition:us-east-1:000000000000:collection/c"
PHOTO = {"Bytes": b"of no consequence"}
CASES: dict[str, tuple[str, dict[str, Any], str]] = {
    "longer than its maximum": (
        "create_collection",
        {"CollectionId": "x" * 256},
        f"Value '{'x' * 60}…' at 'collectionId' failed to satisfy constraint: "
        "Member must have length less than or equal to 255",
    ),
    "outside its pattern": (
        "describe_collection",
        {"CollectionId": "a/b"},
        "Value 'a/b' at 'collectionId' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [a-zA-Z0-9_.\-]+",
    ),
    "digits of another script": (
        "describe_dataset",
        {"DatasetArn": "arn:aws:rekognition:us-east-1:000000000000:project/p/dataset/train/١٢"},
        "at 'datasetArn' failed to satisfy constraint: Member must satisfy regular expression pattern: ",
    ),
    "above its maximum": (
        "list_collections",
        {"MaxResults": 4097},
        "Value '4097' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 4096",
    ),
    "a float above its maximum": (
        "compare_faces",
        {"SourceImage": PHOTO, "TargetImage": PHOTO, "SimilarityThreshold": 100.5},
        "Value '100.5' at 'similarityThreshold' failed to satisfy constraint: "
        "Member must have value less than or equal to 100",
    ),
    "none of the allowed values": (
        "detect_faces",
        {"Image": PHOTO, "Attributes": ["ALL", "HAIR"]},
        "Value 'HAIR' at 'attributes.2.member' failed to satisfy constraint: "
        "Member must satisfy enum value set: [DEFAULT, ALL, ",
    ),
    "in a nested structure": (
        "detect_labels",
        {"Image": {"S3Object": {"Bucket": "s3://photos", "Name": "a.jpg"}}},
        "Value 's3://photos' at 'image.s3Object.bucket' failed to satisfy constraint: Member must satisfy regular",
    ),
    "a list with too many items": (
        "detect_text",
        {"Image": PHOTO, "Filters": {"RegionsOfInterest": [{}] * 11}},
        "Value '<11 items>' at 'filters.regionsOfInterest' failed to satisfy constraint: "
        "Member must have length less than or equal to 10",
    ),
    "a map with too many entries": (
        "tag_resource",
        {"ResourceArn": ARN, "Tags": {f"t{number}": "" for number in range(201)}},
        "Value '<201 items>' at 'tags' failed to satisfy constraint: Member must have length less than or equal to 200",
    ),
    "a key of a map": (
        "tag_resource",
        {"ResourceArn": ARN, "Tags": {"k" * 129: ""}},
        f"Value '{'k' * 60}…' at 'tags' failed to satisfy constraint: "
        "Map keys must satisfy constraint: [Member must have length less than or equal to 128]",
    ),
    "a value of a map": (
        "tag_resource",
        {"ResourceArn": ARN, "Tags": {"k": "v" * 257}},
        f"Value '{'v' * 60}…' at 'tags.k' failed to satisfy constraint: "
        "Member must have length less than or equal to 256",
    ),
    "an operation that is not there yet": (
        "start_label_detection",
        {"Video": {"S3Object": {"Bucket": "abc", "Name": "a"}}, "MinConfidence": 101},
        "Value '101' at 'minConfidence' failed to satisfy constraint: Member must have value less than or equal to 100",
    ),
}


def rejected(client: Any, operation: str, **arguments: Any) -> str:
    """The message of the ValidationException."""
    with pytest.raises(ClientError) as caught:
        getattr(client, operation)(**arguments)
    error, metadata = caught.value.response["Error"], caught.value.response["ResponseMetadata"]
    assert (error["Code"], metadata["HTTPStatusCode"]) == ("ValidationException", 400), error
    return str(error["Message"])


@pytest.mark.parametrize(("operation", "arguments", "message"), CASES.values(), ids=CASES.keys())
def test_a_broken_constraint_is_a_validation_exception(
    client: Any, operation: str, arguments: dict[str, Any], message: str
) -> None:
    found = rejected(client, operation, **arguments)
    assert found.replace(".0'", "'").startswith("1 validation error detected: Value")
    assert message in found.replace(".0'", "'")


def test_empty_bytes_and_a_name_that_is_missing_are_validation_exceptions(server: RunningService) -> None:
    client = server.client(parameter_validation=False)  # boto3 refuses both before it sends them
    message = rejected(client, "detect_faces", Image={"Bytes": b""})
    assert "Value '<0 bytes>' at 'image.bytes' failed to satisfy constraint: Member must have length greater" in message
    assert rejected(client, "create_collection").endswith(
        "Value at 'collectionId' failed to satisfy constraint: Member must not be null"
    )


def test_several_broken_constraints_are_named_together(client: Any) -> None:
    message = rejected(client, "create_collection", CollectionId="a/b", Tags={"a": "\t", "b": "c"})
    assert message.startswith("2 validation errors detected: ")
    assert message.count("failed to satisfy constraint") == 2
    assert "; Value" in message


@pytest.mark.parametrize("item", ["", "x" * 100, None, "<>" * 20])
def test_many_broken_constraints_make_a_short_message(server: RunningService, item: str | None) -> None:
    client = server.client(parameter_validation=False)

    def send(params: dict[str, Any], **_: Any) -> None:
        params["body"] = json.dumps({"ResourceArn": ARN, "TagKeys": [item] * 2_000}).encode()

    client.meta.events.register("before-call.rekognition.*", send)
    message = rejected(client, "untag_resource", ResourceArn=ARN, TagKeys=["a"])
    assert message.count("failed to satisfy constraint") == 1, "of a list that is too long only its length is checked"
    assert "'tagKeys'" in message


@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_request_makes_a_long_message(operation: str) -> None:
    """Every member of every request broken at once, as often as the contract allows."""
    with pytest.raises(ValidationError) as caught:
        check_request(CONTRACT, CONTRACT.operations[operation].input, _broken(CONTRACT.operations[operation].input))
    assert len(caught.value.message) < 6_000
    assert 1 <= caught.value.message.count("failed to satisfy constraint") <= 10


def _broken(name: str) -> Any:
    shape = CONTRACT.shapes[name]
    kind = shape["type"]
    if kind == "structure":
        return {member: _broken(reference["shape"]) for member, reference in shape["members"].items()} or None
    if kind == "list":
        return [_broken(shape["member"]["shape"])] * shape.get("max", 1_000)
    if kind == "map":
        return {f"{number}\t{'k' * 5_000}": "v" * 5_000 for number in range(shape.get("max", 1_000))}
    if kind == "blob":
        return b""
    return None if kind in ("boolean", "timestamp") else "\t" * 5_000 if kind == "string" else float("nan")


def test_a_long_key_does_not_come_back_in_a_serialization_error(server: RunningService) -> None:
    client = server.client(parameter_validation=False)

    def send(params: dict[str, Any], **_: Any) -> None:
        params["body"] = json.dumps({"ResourceArn": ARN, "Tags": {"k" * 50_000: 1}}).encode()

    client.meta.events.register("before-call.rekognition.*", send)
    with pytest.raises(ClientError) as caught:
        client.tag_resource(ResourceArn=ARN, Tags={"a": "b"})
    assert caught.value.response["Error"]["Code"] == "SerializationException"
    assert len(caught.value.response["Error"]["Message"]) < 300


@pytest.mark.parametrize("content", [b"", b"secret" * 1_000_000], ids=["empty", "too large"])
def test_the_content_of_an_image_is_never_echoed(content: bytes) -> None:
    with pytest.raises((ValidationError, ImageTooLargeError), match=f"{len(content):,} bytes") as caught:
        check_request(CONTRACT, "DetectLabelsRequest", {"Image": {"Bytes": content}})
    assert "secret" not in caught.value.message


def test_a_rule_of_the_service_itself_stays_invalid_parameter(client: Any) -> None:
    both = PHOTO | {"S3Object": {"Bucket": "abc", "Name": "a"}}
    with pytest.raises(client.exceptions.InvalidParameterException, match="exactly one of Bytes and S3Object"):
        client.detect_labels(Image=both)
