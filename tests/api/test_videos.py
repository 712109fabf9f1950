"""Analysis of stored videos: start, poll, page through the results, with unmodified boto3."""

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from botocore import xform_name
from PIL import Image

from openrek.rekognition.operations.videos.kinds import KINDS
from tests.api.test_numbers import check_numbers
from tests.conftest import RunningService
from tests.videos import encode_video, numbered

if TYPE_CHECKING:
    from openrek.vision import Engine

_WAIT_SECONDS = 120
WIDTH, HEIGHT = 320, 320
COLLECTION = "videos-of-astronauts"
MORE: dict[str, dict[str, Any]] = {
    "SegmentDetection": {"SegmentTypes": ["SHOT", "TECHNICAL_CUE"]},
    "FaceSearch": {"CollectionId": COLLECTION},
}
"""What a Start operation needs besides Video."""


def wait_for(client: Any, kind: str, job: str) -> Any:
    """The first page of a job that has ended."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while (page := getattr(client, xform_name(f"Get{kind}"))(JobId=job))["JobStatus"] == "IN_PROGRESS":
        assert "VideoMetadata" not in page
        assert KINDS[kind].results not in page
        assert time.monotonic() < deadline, "the job did not end in time"
        time.sleep(0.2)
    return page


@pytest.fixture(scope="module")
def video(bucket: str, s3: Any, astronaut: bytes) -> dict[str, Any]:
    """Three seconds, 10 frames a second: a portrait of an astronaut, and for the last second nothing but grey."""
    import io

    portrait = np.asarray(Image.open(io.BytesIO(astronaut)).resize((WIDTH, HEIGHT)))
    grey = np.full_like(portrait, 127)
    s3.put_object(Bucket=bucket, Key="v.mp4", Body=encode_video([portrait] * 20 + [grey] * 10, rate=10))
    return {"S3Object": {"Bucket": bucket, "Name": "v.mp4"}}


@pytest.fixture(scope="module")
def celebrity(server: RunningService, engine: "Engine", astronaut: bytes) -> Iterator[str]:
    """The name of the astronaut, once the service knows her."""
    from openrek.compose import compose
    from openrek.config import Settings
    from openrek.vision import EncodedFrame

    analysis = engine.analysis(EncodedFrame.open(astronaut))
    vectors = list(analysis.embeddings(analysis.faces.largest(1)))
    with compose(Settings(server.data_dir)) as system:
        system.repositories.celebrities.add("Eileen Collins", engine.face_model, vectors, ["example.com/ec"], "Female")
        yield "Eileen Collins"
        system.repositories.celebrities.remove("Eileen Collins")


@pytest.fixture(scope="module")
def face(server: RunningService, astronaut: bytes) -> Iterator[str]:
    """Id of the astronaut's face in a collection."""
    client = server.client()
    client.create_collection(CollectionId=COLLECTION)
    indexed = client.index_faces(CollectionId=COLLECTION, Image={"Bytes": astronaut}, ExternalImageId="eileen")
    yield indexed["FaceRecords"][0]["Face"]["FaceId"]
    client.delete_collection(CollectionId=COLLECTION)


@pytest.fixture(scope="module")
def jobs(server: RunningService, video: dict[str, Any], celebrity: str, face: str) -> dict[str, str]:
    """A job of every kind, all of which have succeeded."""
    client = server.client()
    started = {
        kind: getattr(client, xform_name(f"Start{kind}"))(Video=video, JobTag=kind, **MORE.get(kind, {}))["JobId"]
        for kind in KINDS
    }
    for kind, job in started.items():
        page = wait_for(client, kind, job)
        assert page["JobStatus"] == "SUCCEEDED", page
    return started


@pytest.mark.parametrize("kind", KINDS)
def test_every_page_of_a_finished_job_says_what_the_video_is(client: Any, jobs: dict[str, str], kind: str) -> None:
    operation = getattr(client, xform_name(f"Get{kind}"))
    page = operation(JobId=jobs[kind], MaxResults=1, NextToken="")  # as Amazon's samples ask for the first page
    found = page[KINDS[kind].results]
    while "NextToken" in page:
        page = operation(JobId=jobs[kind], MaxResults=1, NextToken=page["NextToken"])
        found += page[KINDS[kind].results]
        metadata = page["VideoMetadata"]
        if kind == "SegmentDetection":
            (metadata,) = metadata
        assert (metadata["DurationMillis"], metadata["FrameWidth"], metadata["FrameHeight"]) == (3000, WIDTH, HEIGHT)
        assert (metadata["Codec"], metadata["Format"]) == ("h264", "QuickTime / MOV")
        assert metadata["FrameRate"] == pytest.approx(10)
        assert metadata["ColorRange"] in ("FULL", "LIMITED")
    everything = operation(JobId=jobs[kind])
    everything.pop("ResponseMetadata")
    check_numbers(everything)
    assert "NextToken" not in everything
    assert everything[KINDS[kind].results] == found
    assert everything["JobId"] == jobs[kind]
    assert everything["JobTag"] == kind
    assert everything["Video"]["S3Object"]["Name"] == "v.mp4"
    if KINDS[kind].version:
        assert everything[KINDS[kind].version].startswith("default-")


def test_labels_are_those_of_the_frames_at_their_times(client: Any, jobs: dict[str, str]) -> None:
    found = client.get_label_detection(JobId=jobs["LabelDetection"])["Labels"]
    persons = [item for item in found if item["Label"]["Name"] == "Person"]
    assert [item["Timestamp"] for item in persons] == [0, 500, 1000, 1500]
    box = persons[0]["Label"]["Instances"][0]["BoundingBox"]
    assert box["Width"] > 0.3
    assert persons[0]["Label"]["Parents"] == []
    assert {"StartTimestampMillis", "DurationMillis"}.isdisjoint(persons[0])
    assert [item["Timestamp"] for item in found] == sorted(item["Timestamp"] for item in found)


def test_labels_by_name_are_grouped_and_the_most_confident_comes_first(client: Any, jobs: dict[str, str]) -> None:
    page = client.get_label_detection(JobId=jobs["LabelDetection"], SortBy="NAME")
    assert page["GetRequestMetadata"] == {"SortBy": "NAME", "AggregateBy": "TIMESTAMPS"}
    order = [(item["Label"]["Name"], -item["Label"]["Confidence"]) for item in page["Labels"]]
    assert order == sorted(order)
    by_time = client.get_label_detection(JobId=jobs["LabelDetection"])["Labels"]
    assert sorted(map(str, page["Labels"])) == sorted(map(str, by_time))


def test_the_same_job_gives_labels_joined_into_stretches(client: Any, jobs: dict[str, str]) -> None:
    page = client.get_label_detection(JobId=jobs["LabelDetection"], AggregateBy="SEGMENTS")
    assert page["GetRequestMetadata"] == {"SortBy": "TIMESTAMP", "AggregateBy": "SEGMENTS"}
    person = next(item for item in page["Labels"] if item["Label"]["Name"] == "Person")
    assert (person["Timestamp"], person["StartTimestampMillis"], person["EndTimestampMillis"]) == (0, 0, 1500)
    assert person["DurationMillis"] == 1500
    assert person["Label"]["Instances"] == []
    single = client.get_label_detection(JobId=jobs["LabelDetection"])["Labels"]
    best = max(item["Label"]["Confidence"] for item in single if item["Label"]["Name"] == "Person")
    assert person["Label"]["Confidence"] == best


def test_faces_have_the_default_attributes_at_their_times(client: Any, jobs: dict[str, str]) -> None:
    found = client.get_face_detection(JobId=jobs["FaceDetection"])["Faces"]
    assert [item["Timestamp"] for item in found] == [0, 500, 1000, 1500]
    assert set(found[0]["Face"]) == {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"}


def test_segments_are_shots_and_cues_exact_to_the_frame(client: Any, jobs: dict[str, str]) -> None:
    page = client.get_segment_detection(JobId=jobs["SegmentDetection"])
    assert [chosen["Type"] for chosen in page["SelectedSegmentTypes"]] == ["TECHNICAL_CUE", "SHOT"]
    assert page["AudioMetadata"] == []
    cue, first, second = page["Segments"]
    assert cue["TechnicalCueSegment"]["Type"] == "Content"
    assert (cue["Type"], cue["StartFrameNumber"], cue["EndFrameNumber"]) == ("TECHNICAL_CUE", 0, 29)
    confidence = first["ShotSegment"].pop("Confidence")
    assert 50 <= confidence <= 100
    assert first == {
        "Type": "SHOT",
        "StartTimestampMillis": 0,
        "EndTimestampMillis": 1900,
        "DurationMillis": 1900,
        "StartTimecodeSMPTE": "00:00:00:00",
        "EndTimecodeSMPTE": "00:00:01:09",
        "DurationSMPTE": "00:00:01:09",
        "StartFrameNumber": 0,
        "EndFrameNumber": 19,
        "DurationFrames": 19,
        "ShotSegment": {"Index": 0},
    }
    assert (second["StartFrameNumber"], second["EndFrameNumber"], second["ShotSegment"]["Index"]) == (20, 29, 1)


def test_only_segments_of_the_requested_type_and_confidence_are_listed(client: Any, video: dict[str, Any]) -> None:
    shots = client.start_segment_detection(Video=video, SegmentTypes=["SHOT"])["JobId"]
    cues = client.start_segment_detection(
        Video=video,
        SegmentTypes=["TECHNICAL_CUE"],
        Filters={"TechnicalCueFilter": {"BlackFrame": {"MaxPixelThreshold": 1, "MinCoveragePercentage": 90}}},
    )["JobId"]
    found = [wait_for(client, "SegmentDetection", job)["Segments"] for job in (shots, cues)]
    assert [segment["Type"] for segment in found[0]] == ["SHOT", "SHOT"]
    # Every pixel is at most as bright as the brightest, so every frame counts as black by this rule.
    assert [segment["TechnicalCueSegment"]["Type"] for segment in found[1]] == ["BlackFrames"]


def test_celebrities_are_recognized_where_they_are_seen(client: Any, jobs: dict[str, str], celebrity: str) -> None:
    for order in ("TIMESTAMP", "ID"):
        found = client.get_celebrity_recognition(JobId=jobs["CelebrityRecognition"], SortBy=order)["Celebrities"]
        assert sorted(item["Timestamp"] for item in found) == [0, 500, 1000, 1500]
        for item in found:
            person = item["Celebrity"]
            assert (person["Name"], person["Urls"]) == (celebrity, ["example.com/ec"])
            assert person["KnownGender"] == {"Type": "Female"}
            assert person["Confidence"] > 95
            assert set(person["Face"]) == {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"}
            assert person["BoundingBox"]["Height"] > person["Face"]["BoundingBox"]["Height"]  # of the body


def test_a_person_keeps_the_index_and_is_gone_when_the_scene_is(client: Any, jobs: dict[str, str]) -> None:
    for order in ("TIMESTAMP", "INDEX"):
        found = client.get_person_tracking(JobId=jobs["PersonTracking"], SortBy=order)["Persons"]
        assert {item["Person"]["Index"] for item in found} == {0}
        assert sorted(item["Timestamp"] for item in found) == list(range(0, 2000, 200))
        for item in found:
            assert set(item) == {"Timestamp", "Person"}
            person = item["Person"]
            assert person["BoundingBox"]["Height"] > person["Face"]["BoundingBox"]["Height"]


def test_a_face_of_a_collection_is_found_wherever_its_person_is_seen(
    client: Any, jobs: dict[str, str], face: str
) -> None:
    found = client.get_face_search(JobId=jobs["FaceSearch"], SortBy="INDEX")["Persons"]
    assert sorted((item["Timestamp"], item["Person"]["Index"]) for item in found) == [
        (0, 0),
        (500, 0),
        (1000, 0),
        (1500, 0),
    ]
    for item in found:
        (match,) = item["FaceMatches"]
        assert match["Similarity"] > 99
        assert (match["Face"]["FaceId"], match["Face"]["ExternalImageId"]) == (face, "eileen")
        assert set(item["Person"]["Face"]) == {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"}


def test_faces_below_the_threshold_do_not_match(client: Any, video: dict[str, Any], face: str) -> None:
    job = client.start_face_search(Video=video, CollectionId=COLLECTION, FaceMatchThreshold=100)["JobId"]
    found = wait_for(client, "FaceSearch", job)["Persons"]
    assert found
    assert all("FaceMatches" not in item for item in found)


def test_a_search_in_no_collection_is_refused(client: Any, video: dict[str, Any]) -> None:
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="nowhere"):
        client.start_face_search(Video=video, CollectionId="nowhere")


def test_a_label_has_to_be_as_confident_as_the_job_requires(client: Any, video: dict[str, Any]) -> None:
    job = client.start_label_detection(Video=video, MinConfidence=90)["JobId"]
    found = wait_for(client, "LabelDetection", job)["Labels"]
    assert found
    assert all(item["Label"]["Confidence"] >= 90 for item in found)


def test_filters_of_labels_hold(client: Any, video: dict[str, Any]) -> None:
    settings = {"GeneralLabels": {"LabelInclusionFilters": ["Person"]}}
    job = client.start_label_detection(Video=video, Features=["GENERAL_LABELS"], Settings=settings)["JobId"]
    assert {item["Label"]["Name"] for item in wait_for(client, "LabelDetection", job)["Labels"]} == {"Person"}


def test_all_attributes_are_those_that_faces_in_videos_have(client: Any, video: dict[str, Any]) -> None:
    job = client.start_face_detection(Video=video, FaceAttributes="ALL")["JobId"]
    face = wait_for(client, "FaceDetection", job)["Faces"][0]["Face"]
    assert {"AgeRange", "Smile", "Emotions", "Gender", "Beard", "MouthOpen"} <= set(face)
    assert {"FaceOccluded", "EyeDirection"}.isdisjoint(face)


def test_a_token_of_a_job_belongs_to_its_list(client: Any, jobs: dict[str, str]) -> None:
    job = jobs["LabelDetection"]
    token = client.get_label_detection(JobId=job, MaxResults=1)["NextToken"]
    for more in ({"SortBy": "NAME"}, {"AggregateBy": "SEGMENTS"}):
        with pytest.raises(client.exceptions.InvalidPaginationTokenException):
            client.get_label_detection(JobId=job, NextToken=token, **more)
    for kind in KINDS:
        with pytest.raises(client.exceptions.InvalidPaginationTokenException):
            getattr(client, xform_name(f"Get{kind}"))(JobId=jobs[kind], NextToken="bm8=")


def test_a_job_is_found_by_its_own_operation_only(client: Any, jobs: dict[str, str]) -> None:
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_face_detection(JobId=jobs["LabelDetection"])


def test_more_than_a_thousand_results_are_not_returned_at_once(client: Any, jobs: dict[str, str]) -> None:
    page = client.get_label_detection(JobId=jobs["LabelDetection"], MaxResults=2**31 - 1)
    assert 0 < len(page["Labels"]) <= 1000


def test_the_same_token_and_parameters_give_the_same_job(client: Any, video: dict[str, Any]) -> None:
    token = f"token-{time.time_ns()}"
    one = client.start_text_detection(Video=video, ClientRequestToken=token)["JobId"]
    assert client.start_text_detection(Video=video, ClientRequestToken=token)["JobId"] == one
    with pytest.raises(client.exceptions.IdempotentParameterMismatchException):
        client.start_text_detection(Video=video, ClientRequestToken=token, JobTag="another")
    other = client.start_content_moderation(Video=video, ClientRequestToken=token)["JobId"]
    assert other != one
    wait_for(client, "TextDetection", one)
    wait_for(client, "ContentModeration", other)


def test_a_video_that_breaks_off_in_the_middle_fails_its_job_with_the_reason(
    client: Any, bucket: str, s3: Any, jobs: dict[str, str]
) -> None:
    frames = [np.full((120, 160, 3), 10 * number, np.uint8) for number in range(20)]
    s3.put_object(Bucket=bucket, Key="replaced.mp4", Body=encode_video(frames, rate=10))
    job = client.start_label_detection(Video={"S3Object": {"Bucket": bucket, "Name": "replaced.mp4"}})["JobId"]
    s3.put_object(Bucket=bucket, Key="replaced.mp4", Body=encode_video(frames[::-1], rate=10))
    page = wait_for(client, "LabelDetection", job)
    # Whether the worker was faster than the second put is chance.
    if page["JobStatus"] == "FAILED":
        assert "replaced while it was analyzed" in page["StatusMessage"]
        assert "Labels" not in page
        assert "VideoMetadata" not in page


def test_the_log_says_at_which_rate_frames_are_looked_at(server: RunningService, jobs: dict[str, str]) -> None:
    import httpx

    events = httpx.get(f"{server.url}/v1/logs?limit=1000", headers=server.bearer).json()["events"]
    begun = {event["job"]: event for event in events if event["event"] == "analyzing"}
    assert begun[jobs["LabelDetection"]]["frames_per_second"] == {"LabelDetection": 2}


HOSTILE: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "cut off": ("InvalidParameterException", lambda film: film[: len(film) // 2]),
    "playlist": ("InvalidParameterException", lambda film: b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1/secret.ts\n"),
    "image": ("InvalidParameterException", lambda film: b"\x89PNG\r\n\x1a\n" + film),
    "nothing": ("InvalidParameterException", lambda film: b""),
    "100 hours": ("VideoTooLargeException", lambda film: _patched(film, b"mvhd", 12, 1000, 360_000_000)),
    "65,535 pixels": ("VideoTooLargeException", lambda film: _patched(film, b"tkhd", 76, 0xFFFF0000, 0xFFFF0000)),
}


def _patched(film: bytes, box: bytes, offset: int, *numbers: int) -> bytes:
    """The file with 32-bit numbers replaced so far behind the type of a box."""
    place, value = film.index(box) + 4 + offset, b"".join(number.to_bytes(4, "big") for number in numbers)
    return film[:place] + value + film[place + len(value) :]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_modelled_errors_at_once(client: Any, bucket: str, s3: Any, name: str) -> None:
    error, damage = HOSTILE[name]
    s3.put_object(Bucket=bucket, Key="hostile.mp4", Body=damage(encode_video(numbered(10), rate=10)))
    with pytest.raises(getattr(client.exceptions, error)):
        client.start_label_detection(Video={"S3Object": {"Bucket": bucket, "Name": "hostile.mp4"}})
