"""A CloudFormation stack: made, changed, removed, with its events as they come.

Everything goes through change sets: they show whether there is anything to do, and they take a bucket that an earlier
stack of this name has left into the new one.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html

A stack that we made bears a tag; another's of the same name is left alone.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

_POLL_SECONDS = 2.0
_CAPABILITIES = ["CAPABILITY_NAMED_IAM"]
_UNCHANGED = ("didn't contain changes", "No updates are to be performed")
_GONE = ("DELETE_COMPLETE",)
# A first creation that failed leaves a stack that can only be deleted.
_NEVER_WAS = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED")
_CANCELLED = "cancelled"
TAG = {"Key": "openrek", "Value": "deployed"}
"""The tag of resources made by `openrek deploy`."""


class StackError(Exception):
    """The stack could not be made, changed or removed; the message is the first failed resource's reason."""


@dataclass(frozen=True, slots=True)
class StackEvent:
    """Something that happened to a resource."""

    at: datetime
    resource: str
    """Its name in the template."""
    kind: str
    """As "AWS::S3::Bucket"."""
    status: str
    """As "CREATE_COMPLETE"."""
    reason: str

    @property
    def is_failure(self) -> bool:
        """Whether it failed by itself, not because something else did."""
        return self.status.endswith("_FAILED") and _CANCELLED not in self.reason


ProgressCallback = Callable[[StackEvent], None]


class Stack:
    """One stack.

    Args:
        cloudformation: boto3's client.
        name: The stack's.
        poll_seconds: How often it is looked at while it changes.
    """

    def __init__(self, cloudformation: Any, name: str, poll_seconds: float = _POLL_SECONDS) -> None:
        self._client = cloudformation
        self.name = name
        self._poll_seconds = poll_seconds

    def exists(self) -> bool:
        """Whether it is there and not only the rest of a failed creation."""
        state = self._describe()
        return state is not None and state["StackStatus"] not in (*_NEVER_WAS, "REVIEW_IN_PROGRESS")

    def is_there(self) -> bool:
        """Whether there is anything of this name, be it the rest of a failed creation."""
        return self._describe() is not None

    def check_ours(self) -> None:
        """Returns if there is no stack of this name, or openrek made it.

        Raises:
            StackError: it is somebody else's.
        """
        state = self._describe()
        if state is None or state["StackStatus"] == "REVIEW_IN_PROGRESS":  # nothing is in it yet, nor its tags
            return
        if TAG not in state.get("Tags", ()):
            raise StackError(
                f"there is a stack {self.name!r} that `openrek deploy` did not make: it lacks the tag "
                f"{TAG['Key']}={TAG['Value']}. Choose another name with --stack"
            )

    def parameters(self) -> dict[str, str]:
        """Its parameters; empty where there is no stack. Secret ones are stars."""
        state = self._describe() or {}
        return {each["ParameterKey"]: each.get("ParameterValue", "") for each in state.get("Parameters", ())}

    def outputs(self) -> dict[str, str]:
        """Its outputs; empty where there is no stack."""
        state = self._describe() or {}
        return {each["OutputKey"]: each["OutputValue"] for each in state.get("Outputs", ())}

    def deploy(self, template: str, parameters: Mapping[str, str | None], on_event: ProgressCallback) -> bool:
        """Makes or changes it and waits for the end; False if there was nothing to change.

        A creation that fails leaves nothing that it made, not even what the template retains.

        Args:
            template: YAML or JSON.
            parameters: Values by name; None keeps what it has.
            on_event: Called with each event.

        Raises:
            StackError: it failed and was rolled back.
        """
        state = self._describe()
        if state is not None and state["StackStatus"] in _NEVER_WAS:
            self.delete(on_event)
            state = None
        new = state is None or state["StackStatus"] == "REVIEW_IN_PROGRESS"
        seen = self._event_ids()
        tags = [each for each in (state or {}).get("Tags", ()) if each["Key"] != TAG["Key"]]
        change_set = self._change_set(template, parameters, "CREATE" if new else "UPDATE", [*tags, TAG])
        if change_set is None:
            return False
        self._client.execute_change_set(ChangeSetName=change_set, StackName=self.name, RetainExceptOnCreate=True)
        status, failure = self._follow(self.name, seen, on_event)
        if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"):
            raise StackError(failure or f"the stack {self.name!r} ended as {status}")
        return True

    def delete(self, on_event: ProgressCallback) -> None:
        """Removes it and waits for the end; what it retains stays.

        Raises:
            StackError: a resource could not be removed.
        """
        state = self._describe()
        if state is None:
            return
        seen = self._event_ids()
        self._client.delete_stack(StackName=self.name)
        status, failure = self._follow(state["StackId"], seen, on_event)
        if status not in _GONE:
            raise StackError(failure or f"the stack {self.name!r} ended as {status}")

    def _describe(self, name: str | None = None) -> dict[str, Any] | None:
        try:
            state: dict[str, Any] = self._client.describe_stacks(StackName=name or self.name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in error.response["Error"]["Message"]:
                return None
            raise
        return None if state["StackStatus"] in _GONE and name is None else state

    def _change_set(
        self, template: str, parameters: Mapping[str, str | None], kind: str, tags: list[dict[str, str]]
    ) -> str | None:
        """A change set that can be executed; None if there is nothing to change."""
        try:
            change_set: str = self._client.create_change_set(
                StackName=self.name,
                ChangeSetName=f"openrek-{uuid4().hex[:12]}",
                ChangeSetType=kind,
                TemplateBody=template,
                Parameters=[_parameter(name, value) for name, value in parameters.items()],
                Capabilities=_CAPABILITIES,
                Tags=tags,
                ImportExistingResources=True,
            )["Id"]
        except ClientError as error:
            if _is_unchanged(error.response["Error"]["Message"]):
                return None
            raise
        while True:
            found = self._client.describe_change_set(ChangeSetName=change_set, StackName=self.name)
            if found["Status"] == "CREATE_COMPLETE":
                return change_set
            if found["Status"] == "FAILED":
                self._client.delete_change_set(ChangeSetName=change_set, StackName=self.name)
                reason = found.get("StatusReason", "")
                if _is_unchanged(reason):
                    return None
                raise StackError(reason or "the change set could not be made")
            time.sleep(self._poll_seconds)

    def _follow(self, name: str, seen: set[str], on_event: ProgressCallback) -> tuple[str, str]:
        """Reports events until the stack's status is final. Returns the status and the first failure."""
        failure = ""
        while True:
            state = self._describe(name)
            status = state["StackStatus"] if state else "DELETE_COMPLETE"
            for event in self._new_events(name, seen):
                on_event(event)
                if event.is_failure and not failure:
                    failure = f"{event.resource} ({event.kind}): {event.reason}"
            if not status.endswith("_IN_PROGRESS"):
                return status, failure
            time.sleep(self._poll_seconds)

    def _new_events(self, name: str, seen: set[str]) -> list[StackEvent]:
        events = []
        for raw in self._raw_events(name):
            if raw["EventId"] in seen:
                continue
            seen.add(raw["EventId"])
            events.append(
                StackEvent(
                    raw["Timestamp"],
                    raw.get("LogicalResourceId", ""),
                    raw.get("ResourceType", ""),
                    raw.get("ResourceStatus", ""),
                    raw.get("ResourceStatusReason", ""),
                )
            )
        return sorted(events, key=lambda event: event.at)

    def _event_ids(self) -> set[str]:
        return {raw["EventId"] for raw in self._raw_events(self.name)}

    def _raw_events(self, name: str) -> list[dict[str, Any]]:
        try:
            pages = self._client.get_paginator("describe_stack_events").paginate(StackName=name)
            return [event for page in pages for event in page["StackEvents"]]
        except ClientError as error:
            if "does not exist" in error.response["Error"]["Message"]:
                return []
            raise


def _parameter(name: str, value: str | None) -> dict[str, Any]:
    if value is None:
        return {"ParameterKey": name, "UsePreviousValue": True}
    return {"ParameterKey": name, "ParameterValue": value}


def _is_unchanged(reason: str) -> bool:
    return any(words in reason for words in _UNCHANGED)
