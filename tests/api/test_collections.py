"""Collections and their tags."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def names(client: Any) -> Iterator[list[str]]:
    prefix = f"c-{uuid.uuid4().hex[:8]}"
    made = [f"{prefix}-{number}" for number in range(3)]
    for name in made:
        client.create_collection(CollectionId=name, Tags={"project": prefix})
    yield made
    for name in made:
        client.delete_collection(CollectionId=name)


def test_a_collection_is_described(client: Any, names: list[str]) -> None:
    found = client.describe_collection(CollectionId=names[0])
    assert found["CollectionARN"] == f"arn:aws:rekognition:us-east-1:000000000000:collection/{names[0]}"
    assert found["FaceCount"] == 0
    assert found["CreationTimestamp"].tzinfo is not None
    assert found["FaceModelVersion"]


def test_pages_hold_every_collection_once(client: Any, names: list[str]) -> None:
    pages = client.get_paginator("list_collections").paginate(PaginationConfig={"PageSize": 2})
    found = [name for page in pages for name in page["CollectionIds"]]
    assert [name for name in found if name in names] == names
    assert len(found) == len(set(found))


def test_names_are_taken_once(client: Any, names: list[str]) -> None:
    with pytest.raises(client.exceptions.ResourceAlreadyExistsException, match=names[0]):
        client.create_collection(CollectionId=names[0])


def test_what_is_gone_is_not_found(client: Any, names: list[str]) -> None:
    for call in (client.describe_collection, client.delete_collection):
        with pytest.raises(client.exceptions.ResourceNotFoundException):
            call(CollectionId=f"{names[0]}-not")


def test_a_made_up_token_is_refused(client: Any) -> None:
    with pytest.raises(client.exceptions.InvalidPaginationTokenException):
        client.list_collections(NextToken="ÿ".encode().decode("latin-1"))


def test_tags_are_added_replaced_listed_and_removed(client: Any, names: list[str]) -> None:
    arn = client.describe_collection(CollectionId=names[0])["CollectionARN"]
    client.tag_resource(ResourceArn=arn, Tags={"owner": "Lan", "nơi": "Huế"})
    client.tag_resource(ResourceArn=arn, Tags={"owner": "Minh"})
    tags = client.list_tags_for_resource(ResourceArn=arn)["Tags"]
    assert tags == {"project": names[0][:-2], "owner": "Minh", "nơi": "Huế"}
    client.untag_resource(ResourceArn=arn, TagKeys=["nơi", "never there"])
    assert set(client.list_tags_for_resource(ResourceArn=arn)["Tags"]) == {"project", "owner"}


def test_two_hundred_tags_are_enough(client: Any, names: list[str]) -> None:
    arn = client.describe_collection(CollectionId=names[1])["CollectionARN"]
    client.tag_resource(ResourceArn=arn, Tags={f"t{number}": "" for number in range(199)})
    with pytest.raises(client.exceptions.ServiceQuotaExceededException, match="200"):
        client.tag_resource(ResourceArn=arn, Tags={"one": "", "more": ""})
    assert len(client.list_tags_for_resource(ResourceArn=arn)["Tags"]) == 200


@pytest.mark.parametrize(
    ("arn", "code"),
    [
        ("arn:aws:rekognition:us-east-1:000000000000:collection/nothing", "ResourceNotFoundException"),
        ("arn:aws:rekognition:us-east-1:000000000000:streamprocessor/x", "ResourceNotFoundException"),
        ("arn:aws:rekognition:eu-west-1:000000000000:collection/nothing", "ResourceNotFoundException"),
        ("not an amazon resource name", "InvalidParameterException"),
        ("arn:aws:s3:::a-bucket-of-somebody", "InvalidParameterException"),
    ],
)
def test_only_what_exists_has_tags(client: Any, arn: str, code: str) -> None:
    for call, more in (
        (client.list_tags_for_resource, {}),
        (client.tag_resource, {"Tags": {"a": "b"}}),
        (client.untag_resource, {"TagKeys": ["a"]}),
    ):
        with pytest.raises(ClientError) as caught:
            call(ResourceArn=arn, **more)
        assert caught.value.response["Error"]["Code"] == code


def test_a_new_collection_of_an_old_name_has_no_old_tags(client: Any) -> None:
    name = f"again-{uuid.uuid4().hex[:8]}"
    arn = client.create_collection(CollectionId=name, Tags={"old": "1"})["CollectionArn"]
    client.delete_collection(CollectionId=name)
    client.create_collection(CollectionId=name)
    assert client.list_tags_for_resource(ResourceArn=arn)["Tags"] == {}
    client.delete_collection(CollectionId=name)


def test_an_arn_of_another_region_is_told_what_it_would_be_here(client: Any, names: list[str]) -> None:
    ours = client.describe_collection(CollectionId=names[0])["CollectionARN"]
    for there in (ours.replace("us-east-1", "eu-west-1"), ours.replace("000000000000", "111122223333")):
        with pytest.raises(client.exceptions.ResourceNotFoundException, match=f"would be {ours} here"):
            client.list_tags_for_resource(ResourceArn=there)


@pytest.mark.parametrize("name", ["a\tb", "a\nb", "\x1c"])
def test_tags_have_no_control_characters(client: Any, names: list[str], name: str) -> None:
    arn = client.describe_collection(CollectionId=names[0])["CollectionARN"]
    for tags in ({name: "x"}, {"x": name}):
        with pytest.raises(ClientError, match="regular expression") as caught:
            client.tag_resource(ResourceArn=arn, Tags=tags)
        assert caught.value.response["Error"]["Code"] == "ValidationException"
    client.tag_resource(ResourceArn=arn, Tags={"a b\u00a0c\u3000d": "ảnh ²"})
    assert client.list_tags_for_resource(ResourceArn=arn)["Tags"]["a b\u00a0c\u3000d"] == "ảnh ²"
