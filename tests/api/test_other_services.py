"""Clients of AWS services that openrek does not have get an error that says so, in their own protocol."""

from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from openrek.gateway.aws_services import aws_services, services_by_target
from tests.conftest import RunningService


def client_of(server: RunningService, service: str, **keys: str) -> Any:
    """boto3's client of a service, pointed to ours as AWS_ENDPOINT_URL would."""
    return boto3.client(
        service,
        endpoint_url=server.url,
        region_name="us-east-1",
        config=Config(retries={"total_max_attempts": 1}),
        **(server.keys | keys),
    )


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "name", "variable"),
    [
        ("dynamodb", "put_item", {"TableName": "t", "Item": {"k": {"S": "v"}}}, "DynamoDB", "DYNAMODB"),
        ("logs", "describe_log_groups", {}, "CloudWatch Logs", "CLOUDWATCH_LOGS"),
        ("stepfunctions", "list_state_machines", {}, "SFN", "SFN"),
        ("sqs", "send_message", {"QueueUrl": "http://x/q", "MessageBody": "m"}, "SQS", "SQS"),
        ("kinesis", "list_streams", {}, "Kinesis", "KINESIS"),
        ("sns", "publish", {"TopicArn": "arn:aws:sns:us-east-1:000000000000:t", "Message": "m"}, "SNS", "SNS"),
        ("iam", "get_user", {}, "IAM", "IAM"),
        ("ec2", "describe_instances", {}, "EC2", "EC2"),
        ("cloudformation", "list_stacks", {}, "CloudFormation", "CLOUDFORMATION"),
        ("cloudwatch", "list_metrics", {}, "CloudWatch", "CLOUDWATCH"),
        ("lambda", "list_functions", {}, "Lambda", "LAMBDA"),
        ("lambda", "invoke", {"FunctionName": "f", "Payload": b"x" * 5_000_000}, "Lambda", "LAMBDA"),
        ("sesv2", "get_account", {}, "SESv2", "SESV2"),
        ("apigateway", "get_rest_apis", {}, "API Gateway", "API_GATEWAY"),
        ("route53", "list_hosted_zones", {}, "Route 53", "ROUTE_53"),
        ("cloudfront", "list_distributions", {}, "CloudFront", "CLOUDFRONT"),
        ("textract", "detect_document_text", {"Document": {"Bytes": b"x"}}, "Textract", "TEXTRACT"),
        ("sts", "assume_role", {"RoleArn": "arn:aws:iam::000000000000:role/r", "RoleSessionName": "me"}, "STS", "STS"),
        (
            "sts",
            "assume_role_with_web_identity",
            {"RoleArn": "arn:aws:iam::000000000000:role/r", "RoleSessionName": "me", "WebIdentityToken": "token"},
            "STS",
            "STS",
        ),
    ],
)
def test_the_service_and_its_endpoint_variable_are_named(
    server: RunningService, service: str, operation: str, arguments: dict[str, Any], name: str, variable: str
) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(client_of(server, service), operation)(**arguments)
    error = caught.value.response["Error"]
    assert f"for {name}" in error["Message"]
    assert f"AWS_ENDPOINT_URL_{variable} " in error["Message"]
    assert error["Code"] in ("UnknownOperationException", "InvalidAction")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_the_variables_are_those_that_boto3_reads() -> None:
    from botocore.configprovider import ConfiguredEndpointProvider
    from botocore.session import get_session

    session = get_session()
    for name in ("dynamodb", "cognito-idp", "stepfunctions", "elbv2", "iot-data", "route53"):
        service_id = session.get_service_model(name).service_id
        provider = ConfiguredEndpointProvider({}, {}, name)
        ours = next(each for each in aws_services() if each.service_id == service_id)
        assert ours.endpoint_variable == provider._get_service_env_var_name()


def test_every_json_service_is_found_by_its_target() -> None:
    assert [each.service_id for each in services_by_target("DynamoDB_20120810")] == ["DynamoDB"]
    assert len(aws_services()) > 300


def test_a_service_that_nobody_knows_is_refused_in_json(server: RunningService) -> None:
    answer = httpx.post(f"{server.url}/", headers={"X-Amz-Target": "Made.Up"}, content=b"{}")
    assert (answer.status_code, answer.json()["__type"]) == (400, "UnknownOperationException")
    assert "'Made'" in answer.json()["message"]


@pytest.mark.parametrize("path", ["/service/Nothing/operation/X", "/service/", "/"])
def test_cbor_is_answered_in_cbor(server: RunningService, path: str) -> None:
    answer = httpx.post(f"{server.url}{path}", headers={"Smithy-Protocol": "rpc-v2-cbor"}, content=b"\xa0")
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/cbor")
    assert b"UnknownOperationException" in answer.content


def test_a_query_that_names_nothing_is_refused_in_xml(server: RunningService) -> None:
    for body in (b"Action=%00%01&Version=x", b"", b"\xff\xfe", b"Action=ListUsers&Version=2010-05-08"):
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = httpx.post(f"{server.url}/", headers=headers, content=body)
        assert answer.status_code == 400
        assert "<Code>InvalidAction</Code>" in answer.text
    assert "AWS_ENDPOINT_URL_IAM " in answer.text


def test_the_owner_learns_who_they_are(server: RunningService) -> None:
    identity = client_of(server, "sts").get_caller_identity()
    assert identity["Account"] == "000000000000"
    assert identity["Arn"] == "arn:aws:iam::000000000000:root"
    assert identity["UserId"] == "000000000000"


def test_a_user_learns_who_they_are_without_any_permission(server: RunningService) -> None:
    from openrek.compose import compose
    from openrek.config import Settings

    policy = '{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}'
    key = compose(Settings(server.data_dir)).keys().create("lan", policy)
    keys = {"aws_access_key_id": key.access_key_id, "aws_secret_access_key": key.secret_access_key}
    first = client_of(server, "sts", **keys).get_caller_identity()
    assert first["Arn"] == "arn:aws:iam::000000000000:user/lan"
    assert len(first["UserId"]) == 21
    assert first["UserId"].startswith("AIDA")
    assert client_of(server, "sts", **keys).get_caller_identity()["UserId"] == first["UserId"]


def test_a_presigned_identity_works_as_clusters_use_it(server: RunningService) -> None:
    url = client_of(server, "sts").generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET")
    answer = httpx.get(url)
    assert answer.status_code == 200
    assert "<Arn>arn:aws:iam::000000000000:root</Arn>" in answer.text


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ({"aws_access_key_id": "AKIAMADEUPMADEUPMADE"}, "InvalidClientTokenId"),
        ({"aws_secret_access_key": "wrong"}, "SignatureDoesNotMatch"),
        ({"aws_session_token": "wrong"}, "InvalidClientTokenId"),
    ],
)
def test_a_wrong_key_has_no_identity(server: RunningService, keys: dict[str, str], code: str) -> None:
    with pytest.raises(ClientError) as caught:
        client_of(server, "sts", **keys).get_caller_identity()
    assert caught.value.response["Error"]["Code"] == code
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_an_identity_needs_a_signature(server: RunningService) -> None:
    answer = httpx.get(f"{server.url}/?Action=GetCallerIdentity&Version=2011-06-15")
    assert (answer.status_code, "<Code>MissingAuthenticationToken</Code>" in answer.text) == (403, True)
