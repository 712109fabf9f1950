"""How a stack is followed. botocore's stubber answers, because moto's CloudFormation neither fails nor takes time."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from openrek.deploy.stack import TAG, Stack, StackError, StackEvent

ARN = "arn:aws:cloudformation:eu-west-1:123456789012:stack/openrek/1"
CREATED = datetime(2026, 1, 1, tzinfo=UTC)
NAMED = {"StackName": "openrek"}


@pytest.fixture
def stubber() -> Iterator[Stubber]:
    client = boto3.client("cloudformation", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def absent(stubber: Stubber, operation: str) -> None:
    message = "Stack with id openrek does not exist"
    stubber.add_client_error(operation, "ValidationError", message, expected_params=NAMED)


def described(stubber: Stubber, status: str, name: str = "openrek", **fields: Any) -> None:
    state = {"StackName": "openrek", "StackId": ARN, "CreationTime": CREATED, "StackStatus": status, **fields}
    stubber.add_response("describe_stacks", {"Stacks": [state]}, {"StackName": name})


def happened(stubber: Stubber, *events: tuple[int, str, str, str], name: str = "openrek") -> None:
    """Events newest first, as AWS gives them."""
    raw = [
        {
            "StackId": ARN,
            "StackName": "openrek",
            "EventId": f"{second}-{resource}",
            "Timestamp": CREATED.replace(second=second),
            "LogicalResourceId": resource,
            "ResourceType": "AWS::S3::Bucket",
            "ResourceStatus": status,
            "ResourceStatusReason": reason,
        }
        for second, resource, status, reason in reversed(events)
    ]
    stubber.add_response("describe_stack_events", {"StackEvents": raw}, {"StackName": name})


def change_set(
    stubber: Stubber,
    kind: str,
    status: str = "CREATE_COMPLETE",
    reason: str = "",
    others: tuple[dict[str, str], ...] = (),
) -> None:
    requested = {
        "StackName": "openrek",
        "ChangeSetName": ANY,
        "ChangeSetType": kind,
        "TemplateBody": "{}",
        "Parameters": [
            {"ParameterKey": "New", "ParameterValue": "1"},
            {"ParameterKey": "Kept", "UsePreviousValue": True},
        ],
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
        "Tags": [*others, TAG],
        "ImportExistingResources": True,
    }
    named = {"ChangeSetName": "change", "StackName": "openrek"}
    stubber.add_response("create_change_set", {"Id": "change", "StackId": ARN}, requested)
    stubber.add_response("describe_change_set", {"Status": "CREATE_IN_PROGRESS"}, named)
    stubber.add_response("describe_change_set", {"Status": status, "StatusReason": reason}, named)
    if status == "CREATE_COMPLETE":
        stubber.add_response("execute_change_set", {}, {**named, "RetainExceptOnCreate": True})
    else:
        stubber.add_response("delete_change_set", {}, named)


def deploy(stubber: Stubber) -> tuple[bool, list[StackEvent]]:
    told: list[StackEvent] = []
    changed = Stack(stubber.client, "openrek", 0).deploy("{}", {"New": "1", "Kept": None}, told.append)
    return changed, told


def test_a_new_stack_s_events_are_told_once_each_in_their_order(stubber: Stubber) -> None:
    absent(stubber, "describe_stacks")
    absent(stubber, "describe_stack_events")
    change_set(stubber, "CREATE")
    first = (1, "Bucket", "CREATE_IN_PROGRESS", "")
    described(stubber, "CREATE_IN_PROGRESS")
    happened(stubber, first)
    described(stubber, "CREATE_COMPLETE")
    happened(stubber, first, (2, "Bucket", "CREATE_COMPLETE", ""), (3, "openrek", "CREATE_COMPLETE", ""))
    changed, told = deploy(stubber)
    assert changed
    assert [(event.resource, event.status) for event in told] == [
        ("Bucket", "CREATE_IN_PROGRESS"),
        ("Bucket", "CREATE_COMPLETE"),
        ("openrek", "CREATE_COMPLETE"),
    ]


def test_a_rollback_says_why_the_first_resource_failed(stubber: Stubber) -> None:
    described(stubber, "UPDATE_COMPLETE")
    happened(stubber, (1, "Old", "CREATE_FAILED", "of long ago"))
    change_set(stubber, "UPDATE")
    described(stubber, "UPDATE_ROLLBACK_COMPLETE")
    happened(
        stubber,
        (1, "Old", "CREATE_FAILED", "of long ago"),
        (2, "Api", "UPDATE_FAILED", "Resource update cancelled"),
        (3, "Bucket", "UPDATE_FAILED", "the name is taken"),
        (4, "Role", "UPDATE_FAILED", "another one"),
    )
    with pytest.raises(StackError, match=r"Bucket \(AWS::S3::Bucket\): the name is taken"):
        deploy(stubber)


def test_nothing_to_change_is_no_error(stubber: Stubber) -> None:
    described(stubber, "CREATE_COMPLETE")
    happened(stubber)
    change_set(stubber, "UPDATE", "FAILED", "The submitted information didn't contain changes.")
    assert deploy(stubber) == (False, [])


def test_a_change_set_that_cannot_be_made_says_why(stubber: Stubber) -> None:
    described(stubber, "CREATE_COMPLETE")
    happened(stubber)
    change_set(stubber, "UPDATE", "FAILED", "Template format error")
    with pytest.raises(StackError, match="Template format error"):
        deploy(stubber)


def test_what_a_failed_creation_left_is_removed_first(stubber: Stubber) -> None:
    described(stubber, "ROLLBACK_COMPLETE")
    described(stubber, "ROLLBACK_COMPLETE")
    happened(stubber)
    stubber.add_response("delete_stack", {}, NAMED)
    described(stubber, "DELETE_COMPLETE", ARN)
    happened(stubber, name=ARN)
    absent(stubber, "describe_stack_events")
    change_set(stubber, "CREATE")
    described(stubber, "CREATE_COMPLETE")
    happened(stubber)
    assert deploy(stubber) == (True, [])


def test_a_stack_that_does_not_go_says_why(stubber: Stubber) -> None:
    described(stubber, "CREATE_COMPLETE")
    happened(stubber)
    stubber.add_response("delete_stack", {}, NAMED)
    described(stubber, "DELETE_FAILED", ARN)
    happened(stubber, (1, "Role", "DELETE_FAILED", "it is used elsewhere"), name=ARN)
    with pytest.raises(StackError, match="it is used elsewhere"):
        Stack(stubber.client, "openrek", 0).delete(lambda _: None)


def test_outputs_and_parameters_are_by_name(stubber: Stubber) -> None:
    stack = Stack(stubber.client, "openrek", 0)
    address = "https://abc.execute-api.eu-west-1.amazonaws.com"
    described(stubber, "CREATE_COMPLETE", Outputs=[{"OutputKey": "ConsoleUrl", "OutputValue": address}])
    assert stack.outputs() == {"ConsoleUrl": address}
    described(stubber, "CREATE_COMPLETE", Parameters=[{"ParameterKey": "MemorySize", "ParameterValue": "512"}])
    assert stack.parameters() == {"MemorySize": "512"}


def test_another_s_stack_is_left_alone_and_what_is_nobody_s_is_not(stubber: Stubber) -> None:
    stack = Stack(stubber.client, "openrek", 0)
    for status in ("CREATE_COMPLETE", "ROLLBACK_COMPLETE"):
        described(stubber, status, Tags=[{"Key": "team", "Value": "pictures"}])
        with pytest.raises(StackError, match=r"a stack 'openrek' that `openrek deploy` did not make.*--stack"):
            stack.check_ours()
    described(stubber, "UPDATE_COMPLETE", Tags=[TAG])
    stack.check_ours()
    described(stubber, "REVIEW_IN_PROGRESS")
    stack.check_ours()
    absent(stubber, "describe_stacks")
    stack.check_ours()


def test_tags_of_one_s_own_stay(stubber: Stubber) -> None:
    own = {"Key": "team", "Value": "pictures"}
    described(stubber, "CREATE_COMPLETE", Tags=[TAG, own])
    happened(stubber)
    change_set(stubber, "UPDATE", others=(own,))
    described(stubber, "UPDATE_COMPLETE")
    happened(stubber)
    assert deploy(stubber) == (True, [])
