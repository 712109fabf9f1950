"""Unmodified boto3 against the running service."""

import json
import os
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.conftest import RunningService


def test_labels_name_the_person_and_box_them(server: RunningService, astronaut: bytes) -> None:
    answer = server.client().detect_labels(Image={"Bytes": astronaut}, MinConfidence=50)
    person = next(label for label in answer["Labels"] if label["Name"] == "Person")
    box = person["Instances"][0]["BoundingBox"]
    assert person["Confidence"] > 50
    assert all(0 <= box[side] <= 1 for side in ("Left", "Top", "Width", "Height"))
    assert box["Width"] * box["Height"] > 0.3
    assert answer["LabelModelVersion"]


def test_min_confidence_and_max_labels_are_honoured(server: RunningService, astronaut: bytes) -> None:
    client = server.client()
    everything = client.detect_labels(Image={"Bytes": astronaut}, MinConfidence=5)["Labels"]
    few = client.detect_labels(Image={"Bytes": astronaut}, MinConfidence=5, MaxLabels=2)["Labels"]
    sure = client.detect_labels(Image={"Bytes": astronaut}, MinConfidence=60)["Labels"]
    assert [label["Name"] for label in few] == [label["Name"] for label in everything[:2]]
    assert sure
    assert all(label["Confidence"] >= 60 for label in sure)
    assert len(sure) < len(everything)


def test_a_face_is_found_with_five_landmarks(server: RunningService, astronaut: bytes) -> None:
    (face,) = server.client().detect_faces(Image={"Bytes": astronaut})["FaceDetails"]
    box = face["BoundingBox"]
    assert 0.3 < box["Left"] + box["Width"] / 2 < 0.6
    assert {mark["Type"] for mark in face["Landmarks"]} == {
        "eyeLeft",
        "eyeRight",
        "mouthLeft",
        "mouthRight",
        "nose",
    }
    assert set(face) == {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"}


def test_text_is_read_in_lines_and_words(server: RunningService) -> None:
    picture = _page("Open every day")
    found = server.client().detect_text(Image={"Bytes": picture})["TextDetections"]
    lines = [text for text in found if text["Type"] == "LINE"]
    words = [text for text in found if text["Type"] == "WORD"]
    assert [line["DetectedText"] for line in lines] == ["Open every day"]
    assert [word["DetectedText"] for word in words] == ["Open", "every", "day"]
    assert {word["ParentId"] for word in words} == {lines[0]["Id"]}


def test_vietnamese_is_read_with_its_marks_and_the_answer_says_by_which_recogniser(server: RunningService) -> None:
    answer = server.client().detect_text(Image={"Bytes": _page("Cảm ơn quý khách")})
    assert answer["TextDetections"][0]["DetectedText"] == "Cảm ơn quý khách"
    assert answer["TextModelVersion"].split()[1:] == ["tesseract-vie:0"]
    answer = server.client().detect_text(Image={"Bytes": _page("Open every day")})
    assert answer["TextModelVersion"].split()[1:] == ["ppocr:0"]


def test_a_harmless_picture_needs_no_moderation(server: RunningService, cat: bytes) -> None:
    answer = server.client().detect_moderation_labels(Image={"Bytes": cat})
    assert answer["ModerationLabels"] == []
    assert answer["ModerationModelVersion"]


def test_an_object_of_the_local_store_is_read(server: RunningService, astronaut: bytes) -> None:
    (server.bucket / "inbox").mkdir(exist_ok=True)
    (server.bucket / "inbox" / "astronaut.jpg").write_bytes(astronaut)
    client = server.client()
    stored = client.detect_labels(Image={"S3Object": {"Bucket": "openrek", "Name": "inbox/astronaut.jpg"}})
    assert stored["Labels"] == client.detect_labels(Image={"Bytes": astronaut})["Labels"]


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ({"Bucket": "openrek", "Name": "inbox/none.jpg"}, "no object"),
        ({"Bucket": "nowhere", "Name": "a.jpg"}, "no bucket"),
    ],
    ids=["no object", "no bucket"],
)
def test_a_missing_object_is_told_apart_from_a_missing_bucket(
    server: RunningService, place: dict[str, str], said: str
) -> None:
    client = server.client()
    with pytest.raises(client.exceptions.InvalidS3ObjectException, match=said):
        client.detect_labels(Image={"S3Object": place})


def test_an_operation_that_is_not_there_yet_says_so(server: RunningService) -> None:
    with pytest.raises(ClientError, match="does not have ListCollections yet") as caught:
        server.client().list_collections()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_a_wrong_key_is_refused(server: RunningService, cat: bytes) -> None:
    client = boto3.client(
        "rekognition",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id=server.keys["aws_access_key_id"],
        aws_secret_access_key="not-the-secret",
    )
    with pytest.raises(ClientError) as caught:
        client.detect_labels(Image={"Bytes": cat})
    assert caught.value.response["Error"]["Code"] == "InvalidSignatureException"


def test_an_unknown_key_is_refused(server: RunningService, cat: bytes) -> None:
    client = boto3.client(
        "rekognition",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="x",
    )
    with pytest.raises(ClientError) as caught:
        client.detect_labels(Image={"Bytes": cat})
    assert caught.value.response["Error"]["Code"] == "UnrecognizedClientException"


def test_only_environment_variables_set_up_boto3(server: RunningService, cat: bytes, tmp_path: Path) -> None:
    (tmp_path / "cat.jpg").write_bytes(cat)
    program = (
        "import boto3, sys\n"
        "c = boto3.client('rekognition')\n"
        "print([l['Name'] for l in c.detect_labels(Image={'Bytes': open(sys.argv[1], 'rb').read()})['Labels']])\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, str(tmp_path / "cat.jpg")],
        capture_output=True,
        text=True,
        check=False,
        env=_environment(server),
    )
    assert done.returncode == 0, done.stderr
    assert "Cat" in done.stdout


def test_the_aws_command_line_works(server: RunningService, cat: bytes, tmp_path: Path) -> None:
    (tmp_path / "cat.jpg").write_bytes(cat)
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("aws")),
            *(
                "rekognition",
                "detect-labels",
                "--image-bytes",
                f"fileb://{tmp_path / 'cat.jpg'}",
                "--output",
                "json",
            ),
        ],
        capture_output=True,
        text=True,
        check=False,
        env=_environment(server),
    )
    assert done.returncode == 0, done.stderr
    assert "Cat" in [label["Name"] for label in json.loads(done.stdout)["Labels"]]


def _environment(server: RunningService) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return clean | {
        "AWS_ENDPOINT_URL_REKOGNITION": server.url,
        "AWS_SHARED_CREDENTIALS_FILE": str(server.data_dir / "credentials"),
        "AWS_PROFILE": "openrek",
    }


def _page(text: str) -> bytes:
    from tests.pictures import page

    return page(text)
