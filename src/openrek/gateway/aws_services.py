"""AWS's services as botocore describes them: what their requests are recognised by.

Only the head of each description is read, where its metadata is: 400 services in a tenth of a second.
"""

import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

_HEAD_BYTES = 4096
_METADATA = re.compile(r'"metadata"\s*:\s*')


@dataclass(frozen=True, slots=True)
class AwsService:
    """One service."""

    service_id: str
    """As "DynamoDB"."""
    protocol: str
    """That botocore speaks with it if nothing else is chosen: "json", "query", "ec2", "rest-json", "rest-xml", …"""
    signing_name: str
    """In credential scopes."""
    target_prefix: str
    """Before the operation in X-Amz-Target, and in the path of the CBOR protocol; empty without one."""
    api_version: str

    @property
    def endpoint_variable(self) -> str:
        """The environment variable that points SDKs to another endpoint for this service alone.

        https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
        """
        return "AWS_ENDPOINT_URL_" + re.sub(r"[ -]", "_", self.service_id).upper()


@cache
def aws_services() -> tuple[AwsService, ...]:
    """All services that the installed botocore knows. Reads files at the first call."""
    return tuple(_read())


def services_by_target(prefix: str) -> tuple[AwsService, ...]:
    """Those whose X-Amz-Target begins with this prefix, or whose CBOR paths name it."""
    return tuple(service for service in aws_services() if service.target_prefix == prefix)


def services_by_signing_name(name: str) -> tuple[AwsService, ...]:
    """Those that sign for this name: often one, sometimes several versions or relatives."""
    return tuple(service for service in aws_services() if service.signing_name == name)


def _read() -> Iterator[AwsService]:
    for folder in sorted((files("botocore") / "data").iterdir(), key=lambda each: each.name):
        if not folder.is_dir():
            continue
        for version in sorted(folder.iterdir(), key=lambda each: each.name, reverse=True):
            metadata = _metadata(version) if version.is_dir() else None
            if metadata is not None and "serviceId" in metadata:
                yield AwsService(
                    metadata["serviceId"],
                    metadata.get("protocol", ""),
                    metadata.get("signingName", metadata.get("endpointPrefix", "")),
                    metadata.get("targetPrefix", ""),
                    metadata.get("apiVersion", ""),
                )
                break  # the newest version


def _metadata(folder: Traversable) -> dict[str, Any] | None:
    packed, plain = folder / "service-2.json.gz", folder / "service-2.json"
    if packed.is_file():
        with packed.open("rb") as file:
            # 16 + 15: a gzip header, and the largest window
            head = zlib.decompressobj(31).decompress(file.read(_HEAD_BYTES), 4 * _HEAD_BYTES)
    elif plain.is_file():
        with plain.open("rb") as file:
            head = file.read(4 * _HEAD_BYTES)
    else:
        return None
    text = head.decode(errors="replace")
    found = _METADATA.search(text)
    if found is None:
        return None
    try:
        metadata: dict[str, Any] = json.JSONDecoder().raw_decode(text, found.end())[0]
    except ValueError:  # cut off
        return None
    return metadata
