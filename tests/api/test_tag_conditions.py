"""Policies that decide by tags: those a request has, and those its resource has; by HTTP and in process."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.conftest import RunningService

COLLECTION = "tagged"
ARN = f"arn:aws:rekognition:us-east-1:000000000000:collection/{COLLECTION}"
ClientOf = Callable[..., Any]


@pytest.fixture(params=["boto3 over HTTP", "in process"])
def client_of(request: pytest.FixtureRequest, server: RunningService) -> ClientOf:
    """A client whose user has a policy of these statements."""
    import json

    from openrek.compose import compose
    from openrek.config import Settings
    from openrek.iam import Caller, Evaluator, Policy
    from openrek.rekognition import Client, Services
    from openrek.s3 import LocalObjectStore

    settings = Settings(server.data_dir)

    def make(*statements: dict[str, Any]) -> Any:
        whole = [{"Effect": "Allow", "Resource": "*", **statement} for statement in statements]
        policy = json.dumps({"Version": "2012-10-17", "Statement": whole})
        if request.param == "in process":
            caller = Caller("arn:aws:iam::000000000000:user/tagger", Evaluator([Policy.parse(policy)]))
            engine, objects = request.getfixturevalue("engine"), LocalObjectStore(server.data_dir / "objects")
            return Client(Services(engine, objects, compose(settings).repositories, caller))
        key = compose(settings).keys().create("tagger", policy)
        return boto3.client(
            "rekognition",
            endpoint_url=server.url,
            region_name="us-east-1",
            aws_access_key_id=key.access_key_id,
            aws_secret_access_key=key.secret_access_key,
            config=Config(retries={"total_max_attempts": 1}),
        )

    return make


@pytest.fixture(autouse=True)
def swept(server: RunningService) -> Iterator[None]:
    yield
    client = server.client()
    with contextlib.suppress(client.exceptions.ResourceNotFoundException):
        client.delete_collection(CollectionId=COLLECTION)


def rejected(client: Any, operation: str, **arguments: Any) -> str:
    with pytest.raises(client.exceptions.AccessDeniedException) as caught:
        getattr(client, operation)(**arguments)
    message: str = caught.value.response["Error"]["Message"]
    return message


def test_tags_of_the_request_decide(client_of: ClientOf) -> None:
    conditions = {
        "StringEquals": {"aws:RequestTag/team": "vision"},
        "ForAllValues:StringEquals": {"aws:TagKeys": ["team", "stage"]},
    }
    actions = ["rekognition:CreateCollection", "rekognition:TagResource"]
    client = client_of({"Action": actions, "Condition": conditions})
    rejected(client, "create_collection", CollectionId=COLLECTION)
    rejected(client, "create_collection", CollectionId=COLLECTION, Tags={"team": "sales"})
    rejected(client, "create_collection", CollectionId=COLLECTION, Tags={"team": "vision", "other": "x"})
    # Condition keys have no case: a second tag must not hide the first, nor stand in for it.
    rejected(client, "create_collection", CollectionId=COLLECTION, Tags={"Team": "vision", "TEAM": "vision"})
    assert client.create_collection(CollectionId=COLLECTION, Tags={"team": "vision", "stage": "x"})["StatusCode"] == 200
    rejected(client, "tag_resource", ResourceArn=ARN, Tags={"team": "sales"})
    client.tag_resource(ResourceArn=ARN, Tags={"team": "vision"})


def test_tag_keys_decide_what_is_removed(client_of: ClientOf, server: RunningService) -> None:
    server.client().create_collection(CollectionId=COLLECTION, Tags={"team": "vision", "draft": "x"})
    deny = {"ForAnyValue:StringEquals": {"aws:TagKeys": "team"}}
    client = client_of({"Action": "*"}, {"Effect": "Deny", "Action": "rekognition:UntagResource", "Condition": deny})
    rejected(client, "untag_resource", ResourceArn=ARN, TagKeys=["draft", "team"])
    client.untag_resource(ResourceArn=ARN, TagKeys=["draft"])
    assert client.list_tags_for_resource(ResourceArn=ARN)["Tags"] == {"team": "vision"}


def test_tags_of_the_resource_decide(client_of: ClientOf, server: RunningService) -> None:
    client = client_of({"Action": "*", "Condition": {"StringEquals": {"aws:ResourceTag/Owner": "${aws:username}"}}})
    server.client().create_collection(CollectionId=COLLECTION, Tags={"owner": "somebody"})
    rejected(client, "describe_collection", CollectionId=COLLECTION)
    rejected(client, "delete_collection", CollectionId=COLLECTION)
    server.client().tag_resource(ResourceArn=ARN, Tags={"owner": "tagger"})
    assert client.describe_collection(CollectionId=COLLECTION)["FaceCount"] == 0
    assert client.list_tags_for_resource(ResourceArn=ARN)["Tags"] == {"owner": "tagger"}
    assert client.delete_collection(CollectionId=COLLECTION)["StatusCode"] == 200


def test_who_creates_with_tags_must_be_allowed_to_tag(client_of: ClientOf) -> None:
    client = client_of({"Action": "rekognition:CreateCollection"})
    message = rejected(client, "create_collection", CollectionId=COLLECTION, Tags={"a": "b"})
    assert f"rekognition:TagResource on resource: {ARN}" in message
    assert client.create_collection(CollectionId=COLLECTION)["StatusCode"] == 200
