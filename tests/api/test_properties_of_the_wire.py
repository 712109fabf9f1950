"""Whatever comes over the wire, an AWS answer goes back: requests made from the contract's shapes, right and wrong."""

import base64
import json
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

import hypothesis
import numpy as np
import orjson
import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import strategies as st

from openrek.errors import ResourceNotFoundError
from openrek.protocol import WireResponse, answer, check_response, load_contract
from openrek.protocol.decode import decode
from openrek.protocol.encode import encode
from tests.conftest import encode as picture_of
from tests.images import huge_png
from tests.videos import encode_video, numbered

if TYPE_CHECKING:
    from openrek.rekognition import Services
    from openrek.vision import Engine

CONTRACT = load_contract()
PLAIN = {"content-type": "application/x-amz-json-1.1"}
# https://docs.aws.amazon.com/rekognition/latest/APIReference/CommonErrors.html and awsJson1.1
COMMON_ERRORS = {
    "AccessDeniedException",
    "SerializationException",
    "UnknownOperationException",
    "ValidationException",
}
SOMEBODY = "Lan"
_FACE = "11111111-2222-3333-4444-555555555555"

_GREY = np.full((80, 80, 3), 127, np.uint8)
IMAGES = (
    b"",
    b"hello",
    b"\xff\xd8\xff\xe0",
    b"GIF89a",
    huge_png(20_000),
    huge_png(90),
    picture_of(_GREY[:1, :1], "PNG"),
    picture_of(_GREY)[:200],
    picture_of(_GREY, "PNG"),
    picture_of(_GREY[..., 0], "GIF"),
)


@cache
def face() -> bytes:
    """A face of 96 × 96 pixels (NASA, public domain)."""
    from PIL import Image
    from skimage import data

    portrait = Image.fromarray(data.astronaut())  # type: ignore[no-untyped-call]
    return picture_of(np.asarray(portrait.crop((140, 20, 320, 200)).resize((96, 96))), quality=85)


_ARN = "arn:aws:rekognition:us-east-1:000000000000:collection"
# What a shape alone cannot say: names of things that are there, and of others that are not.
KNOWN: dict[str, tuple[str, ...]] = {
    "CollectionId": ("there", "not-there", "."),
    "ResourceArn": (f"{_ARN}/there", f"{_ARN}/not-there", f"{_ARN}/", "arn:aws:rekognition:::", "arn:aws:s3:::b"),
    "PaginationToken": ("dGhlcmU=", "QQ", "/w==", "=", "%"),
    "S3Bucket": ("openrek", "nowhere", "Ab_", "..."),
    "S3ObjectName": ("a.jpg", "not/there.jpg", "..", "a.jpg/b", "ả" * 300, "/", "\0"),
}

JsonStrategy = st.SearchStrategy[Any]
ODD: JsonStrategy = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(
        (
            2**63,
            -(2**63) - 1,
            2**64,
            10**25,
            10**400,
            1e308,
            -0.0,
            5e-324,
            "NaN",
            "-Infinity",
            "",
            " ",
            "\0",
            "\ud800",
            "a===",
            "____",
            "ÿ" * 4,
            "x" * 5000,
            "../../etc/passwd",
            "' OR 1=1 --",
        )
    ),
    st.integers(1, 500).map(lambda depth: orjson.loads("[" * depth + "]" * depth)),
    st.integers(1, 400).map(lambda depth: json.loads('{"a":' * depth + "1" + "}" * depth)),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=8,
    ),
)


@cache
def right(name: str) -> JsonStrategy:
    """JSON values that keep every rule of a shape."""
    shape = CONTRACT.shapes[name]
    kind, low, high = shape["type"], shape.get("min"), shape.get("max")
    if name == "Image":
        either = [{member: right(shape["members"][member]["shape"])} for member in ("Bytes", "S3Object")]
        return st.one_of([st.fixed_dictionaries(one) for one in either])
    if kind == "structure":
        members = {member: right(reference["shape"]) for member, reference in shape["members"].items()}
        needed = shape.get("required", ())
        return st.fixed_dictionaries(
            {member: members[member] for member in needed},
            optional={member: values for member, values in members.items() if member not in needed},
        )
    if kind in ("list", "map"):
        minimum = low or 0
        maximum = minimum + 2 if high is None else min(minimum + 2, high)
        if kind == "list":
            return st.lists(right(shape["member"]["shape"]), min_size=minimum, max_size=maximum)
        names, values = (right(shape[part]["shape"]) for part in ("key", "value"))
        return st.dictionaries(names, values, min_size=minimum, max_size=maximum)
    if kind == "string":
        return _text(name)
    if kind == "blob":
        return st.sampled_from([base64.b64encode(image).decode() for image in (*IMAGES, face())])
    if kind == "boolean":
        return st.booleans()
    if kind in ("integer", "long"):
        return st.integers(-(2**31) if low is None else low, 2**31 - 1 if high is None else high)
    if kind == "timestamp":
        return st.integers(0, 2**32) | st.floats(0, 2**32)
    return st.floats(low, high, allow_nan=False, allow_infinity=False)


def _text(name: str) -> JsonStrategy:
    shape = CONTRACT.shapes[name]
    low, high = shape.get("min", 0), shape.get("max", 10_000)
    if "enum" in shape:
        return st.sampled_from(shape["enum"])
    if "pattern" in shape:
        pattern = shape["pattern"]
        for classes, letters in ((r"\p{L}", "a-zà-öø-ÿạ-ỹ"), (r"\p{Z}", " "), (r"\p{N}", "0-9")):
            pattern = pattern.replace(classes, letters)
        free = st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True)
        free = free.filter(lambda text: low <= len(text) <= high)
    else:
        free = st.text(min_size=low, max_size=min(high, low + 20))
    return st.sampled_from(KNOWN[name]) | free if name in KNOWN else free


@st.composite
def spoiled(draw: Callable[[JsonStrategy], Any], name: str) -> Any:
    """A right request with one to three changes anywhere in it: another value, one too few, one too many."""
    value = draw(right(name))
    for _ in range(draw(st.integers(1, 3))):
        value = _changed(draw, value)
    return value


def _changed(draw: Callable[[JsonStrategy], Any], value: Any) -> Any:
    if not isinstance(value, dict | list) or draw(st.integers(0, 7)) == 0:
        return draw(ODD)
    places = list(value) if isinstance(value, dict) else list(range(len(value)))
    changed: Any = dict(value) if isinstance(value, dict) else list(value)
    what = draw(st.sampled_from(("descend", "descend", "remove", "add"))) if places else "add"
    if what == "descend":
        place = draw(st.sampled_from(places))
        changed[place] = _changed(draw, changed[place])
    elif what == "remove":
        del changed[draw(st.sampled_from(places))]
    elif isinstance(changed, dict):
        changed[draw(st.text(max_size=10))] = draw(ODD)
    else:
        changed.append(draw(ODD))
    return changed


@pytest.fixture(scope="module")
def services(engine: "Engine", tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Services]":
    from openrek.db import open_database
    from openrek.rekognition import Services
    from openrek.s3 import LocalObjectStore
    from openrek.state import Repositories

    folder = tmp_path_factory.mktemp("wire")
    database = open_database(folder / "openrek.sqlite3")
    objects = LocalObjectStore(folder / "objects")
    objects.create_bucket("openrek")
    objects.put("openrek", "a.jpg", picture_of(_GREY))
    objects.put("openrek", "v.mp4", encode_video(numbered(3), rate=10))
    resources = Repositories(lambda: database)
    resources.celebrities.add(SOMEBODY, engine.face_model, [np.full(128, 128**-0.5, np.float32)])
    yield Services(engine, objects, resources)
    database.dispose()


def ask(services: "Services", headers: dict[str, str], body: bytes) -> WireResponse:
    """One request, to services where nothing is left of those before."""
    from openrek.rekognition.dispatch import dispatch

    collections = services.resources.collections
    names = {collection.name for collection in collections.page("", 1000)}
    for name in names - {"there"}:
        collections.delete(name)
    if "there" not in names:
        collections.create("there", services.engine.face_model)
    services.resources.tags.remove(f"{_ARN}/there")
    for job in services.resources.jobs.running():  # there is no worker
        services.resources.jobs.finish(job.id, "FAILED", "The test is over.")
    return answer(headers, body, lambda operation, request: dispatch(operation, request, services), "id")


def check_answer(response: WireResponse, operation: str | None) -> None:
    """What every answer keeps, whatever was asked. Without an operation it is that of none."""
    text = response.body.decode()
    assert "Traceback" not in text
    assert response.headers["x-amzn-RequestId"] == "id"
    message = json.loads(text)
    if response.status == 200:
        assert operation is not None
        output = CONTRACT.operations[operation].output
        assert output is not None
        decoded = decode(CONTRACT, output, message)
        check_response(CONTRACT, output, decoded)
        assert encode(CONTRACT, output, decoded) == message
        return
    modelled = CONTRACT.operations[operation].errors if operation else ()
    assert message["__type"] in {*modelled, *COMMON_ERRORS}, message
    assert message["Message"].strip()
    assert response.headers["x-amzn-ErrorType"] == message["__type"]
    if message["__type"] == "ThrottlingException":
        assert response.status == 500
    else:
        assert response.status == 400, (message, response.error_message)


def settings(examples: int, **options: Any) -> hypothesis.settings:
    return hypothesis.settings(
        max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None, **options
    )


def requested(services: "Services", operation: str, request: Any) -> WireResponse:
    target = {"x-amz-target": f"{CONTRACT.target_prefix}.{operation}"}
    return ask(services, PLAIN | target, json.dumps(request).encode())


def _answered() -> list[str]:
    from openrek.rekognition import OPERATIONS

    return sorted(name for name, operation in OPERATIONS.items() if not operation.not_yet)


ANSWERED = _answered()
NOT_YET = sorted(set(CONTRACT.operations) - set(ANSWERED))


def _about_videos(services: "Services") -> dict[str, Any]:
    """Requests for each kind of analysis of videos."""
    from openrek.rekognition.operations.videos.kinds import KINDS

    video: dict[str, Any] = {"Video": {"S3Object": {"Bucket": "openrek", "Name": "v.mp4"}}}
    others: dict[str, dict[str, Any]] = {
        "SegmentDetection": {"SegmentTypes": ["SHOT"]},
        "FaceSearch": {"CollectionId": "there"},
    }
    requests: dict[str, Any] = {}
    for kind in KINDS:
        requests[f"Start{kind}"] = video | others.get(kind, {})
        requests[f"Get{kind}"] = {"JobId": services.resources.jobs.create(kind, video, "etag", 1)}
    return requests


def _about_faces(services: "Services") -> dict[str, Any]:
    """Requests for the operations on faces and users, in a collection that has one of each."""
    from openrek.state import NewFace

    resources, model = services.resources, services.engine.face_model
    with suppress(ResourceNotFoundError):
        resources.collections.delete("there")
    resources.collections.create("there", model)
    of_face = NewFace(_FACE, _FACE, None, (0, 0, 1, 1), 1, np.full(128, 128**-0.5, np.float32))
    resources.faces.add("there", model, [of_face])
    resources.users.create("there", "lan")
    there, image = {"CollectionId": "there"}, {"Image": {"Bytes": base64.b64encode(face()).decode()}}
    return {
        **dict.fromkeys(("IndexFaces", "SearchFacesByImage", "SearchUsersByImage"), there | image),
        "DeleteUser": there | {"UserId": "lan", "ClientRequestToken": str(uuid.uuid4())},
        "SearchUsers": there | {"UserId": "lan"},
        **{name: there | {"UserId": "lan", "FaceIds": [_FACE]} for name in ("AssociateFaces", "DisassociateFaces")},
        "CreateUser": there | {"UserId": "minh", "ClientRequestToken": str(uuid.uuid4())},  # it is sent twice
        "SearchFaces": there | {"FaceId": _FACE},
    }


@pytest.mark.parametrize("operation", ANSWERED)
def test_a_request_that_keeps_every_rule_can_succeed(services: "Services", operation: str) -> None:
    person = next(person.identifier for person, _ in services.resources.celebrities.all())
    image = {"Bytes": base64.b64encode(face()).decode()}
    # Chance alone would rarely find these.
    lucky = {
        "GetCelebrityInfo": {"Id": person},
        "CompareFaces": {"SourceImage": image, "TargetImage": image},
        **_about_videos(services),
        **_about_faces(services),
    }
    requests = st.just(lucky[operation]) if operation in lucky else right(_input(operation))

    def succeeds(request: Any) -> bool:
        response = requested(services, operation, request)
        check_answer(response, operation)
        return response.status == 200

    hypothesis.find(requests, succeeds, settings=settings(400, phases=[Phase.generate]))


@pytest.mark.parametrize("operation", ANSWERED)
def test_right_and_spoiled_requests_get_an_answer_of_the_contract(services: "Services", operation: str) -> None:
    @settings(40)
    @given(st.one_of(right(_input(operation)), spoiled(_input(operation)), spoiled(_input(operation))))
    def hold(request: Any) -> None:
        check_answer(requested(services, operation, request), operation)

    hold()


@pytest.mark.parametrize("operation", NOT_YET)
def test_operations_that_are_not_there_yet_answer_with_an_error_of_their_own_or_the_truth(
    services: "Services", operation: str
) -> None:
    @settings(8)
    @given(right(_input(operation)), spoiled(_input(operation)))
    def hold(kept: Any, broken: Any) -> None:
        response = requested(services, operation, kept)
        check_answer(response, operation)
        assert response.error_code not in ("AccessDeniedException", "ThrottlingException")
        check_answer(requested(services, operation, broken), operation)

    hold()


BODIES = st.one_of(
    st.binary(max_size=60),
    ODD.map(lambda value: json.dumps(value).encode()),
    ODD.map(lambda value: json.dumps({"Image": value, "CollectionId": value}, ensure_ascii=True)[:-1].encode()),
    st.sampled_from(
        (
            b"",
            b"{",
            b"[" * 100_000,
            b'{"Image":' * 100_000,
            b"\xff\xfe{\x00}\x00",
            b"\xef\xbb\xbf{}",
            b'{"MaxResults": NaN}',
            b'{"MaxResults": -Infinity}',
            b'{"MaxResults": 1e999}',
            b'{"MaxResults": ' + b"9" * 5000 + b"}",
            b'{"MaxResults": 1, "MaxResults": "one"}',
            b'{"NextToken": "\xc3\x28"}',
            b'{"NextToken": "\\ud83d"}',
            b"{'MaxResults': 1}",
            b"{}{}",
            b"null",
            b"<xml/>",
        )
    ),
)


@settings(300)
@given(operation=st.sampled_from(sorted(CONTRACT.operations)), body=BODIES)
def test_any_body_gets_an_answer_of_the_contract(services: "Services", operation: str, body: bytes) -> None:
    headers = PLAIN | {"x-amz-target": f"{CONTRACT.target_prefix}.{operation}"}
    check_answer(ask(services, headers, body), operation)


TARGETS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(("", ".", "..", "RekognitionService", "RekognitionService.", "RekognitionService.detectlabels")),
    st.sampled_from(sorted(CONTRACT.operations)),
    st.sampled_from(sorted(CONTRACT.operations)).map(lambda name: f"DynamoDB_20120810.{name}"),
    st.text(max_size=10).map(lambda name: f"{CONTRACT.target_prefix}.{name}"),
)


@settings(100)
@given(headers=st.fixed_dictionaries({}, optional={"x-amz-target": TARGETS, "content-type": st.text(max_size=40)}))
def test_headers_that_name_no_operation_are_told_so(services: "Services", headers: dict[str, str]) -> None:
    response = ask(services, headers, b"{}")
    check_answer(response, None)
    assert response.error_code == "UnknownOperationException"


@settings(60)
@given(
    operation=st.sampled_from(sorted(CONTRACT.operations)),
    kind=st.text(max_size=40)
    | st.sampled_from(("", "text/plain", "application/x-amz-json-1.0", "multipart/form-data")),
    others=st.dictionaries(st.text(max_size=20).filter(lambda name: name != "x-amz-target"), st.text(max_size=40)),
)
def test_another_content_type_is_refused_and_other_headers_are_passed_over(
    services: "Services", operation: str, kind: str, others: dict[str, str]
) -> None:
    headers = others | {"x-amz-target": f"{CONTRACT.target_prefix}.{operation}", "content-type": kind}
    response = ask(services, headers, b"{}")
    check_answer(response, operation)
    assert response.error_code == "SerializationException"


PICTURE = {"Bytes": base64.b64encode(IMAGES[8]).decode()}
# What the properties above found, kept so that it is found at once.
FOUND: dict[str, tuple[str, Any, str]] = {
    "control characters in a key": (
        "DetectLabels",
        {"Image": {"S3Object": {"Bucket": "openrek", "Name": "a\nb"}}},
        "InvalidS3ObjectException",
    ),
    "a region wider than single precision": (
        "DetectText",
        {"Image": PICTURE, "Filters": {"RegionsOfInterest": [{"BoundingBox": {"Width": 1e39}}]}},
        "InvalidParameterException",
    ),
}


@pytest.mark.parametrize(("operation", "request_", "code"), FOUND.values(), ids=FOUND.keys())
def test_what_once_failed_is_told(services: "Services", operation: str, request_: Any, code: str) -> None:
    response = requested(services, operation, request_)
    check_answer(response, operation)
    assert response.error_code == code


def _input(operation: str) -> str:
    return CONTRACT.operations[operation].input
