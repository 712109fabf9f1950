"""`openrek sync`: analyses from here to S3 and back."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.conftest import REGION, client, run

BUCKET = "openrek-elsewhere"
URL = f"s3://{BUCKET}"
FIRST, SECOND = "0" * 20 + "a", "0" * 20 + "b"
FILES = ("annotated.jpg", "original.jpg", "thumbnail.jpg")


def write(data: Path, name: str, *, complete: bool = True) -> None:
    """An analysis as the service keeps it."""
    folder = data / "objects" / "openrek" / "analyses" / name
    folder.mkdir(parents=True)
    for file in FILES:
        (folder / file).write_bytes(f"{name} {file}".encode())
    if complete:
        objects = {file.partition(".")[0]: {"bucket": "openrek", "key": f"analyses/{name}/{file}"} for file in FILES}
        (folder / "result.json").write_text(json.dumps({"id": name, "objects": objects}, indent=2))


@pytest.fixture
def s3(aws: str) -> Any:
    s3 = client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return s3


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write(tmp_path / "data", FIRST)
    write(tmp_path / "data", SECOND)
    return tmp_path / "data"


def keys(s3: Any) -> list[str]:
    return [each["Key"] for each in s3.list_objects_v2(Bucket=BUCKET).get("Contents", ())]


def versions(s3: Any) -> int:
    return len(s3.list_object_versions(Bucket=BUCKET).get("Versions", ()))


def files(data: Path) -> dict[str, bytes]:
    """All files but the store's own beside the buckets, which say when a bucket was created here."""
    found = (path for path in data.rglob("*") if path.is_file() and ".buckets" not in path.parts)
    return {str(path.relative_to(data)): path.read_bytes() for path in found}


def test_all_goes_there_and_comes_back_the_same(s3: Any, data: Path, tmp_path: Path) -> None:
    done = run("sync", str(data), URL)
    assert done.exit_code == 0, done.output
    assert "2 copied" in done.stdout
    assert keys(s3) == sorted(f"analyses/{name}/{file}" for name in (FIRST, SECOND) for file in (*FILES, "result.json"))
    there = json.loads(s3.get_object(Bucket=BUCKET, Key=f"analyses/{FIRST}/result.json")["Body"].read())
    assert {place["bucket"] for place in there["objects"].values()} == {BUCKET}
    assert s3.head_object(Bucket=BUCKET, Key=f"analyses/{FIRST}/original.jpg")["ContentType"] == "image/jpeg"

    back = tmp_path / "back"
    assert run("sync", URL, str(back)).exit_code == 0
    assert files(back) == files(data)


def test_doing_it_again_sends_nothing_in_either_direction(s3: Any, data: Path) -> None:
    run("sync", str(data), URL)
    before = versions(s3)
    done = run("sync", str(data), URL)
    assert "0 copied (0.0 MB), 2 already present" in done.stdout
    assert versions(s3) == before
    kept = {path: path.stat().st_mtime_ns for path in data.rglob("*")}
    assert "0 copied" in run("sync", URL, str(data)).stdout
    assert {path: path.stat().st_mtime_ns for path in data.rglob("*")} == kept


def test_what_broke_off_is_completed_and_what_differs_is_replaced(s3: Any, data: Path) -> None:
    run("sync", str(data), URL)
    s3.delete_object(Bucket=BUCKET, Key=f"analyses/{FIRST}/original.jpg")
    # As long as the right one, but another.
    s3.put_object(Bucket=BUCKET, Key=f"analyses/{SECOND}/original.jpg", Body=f"{SECOND} original.jpX".encode())
    assert "2 copied" in run("sync", str(data), URL).stdout
    for name in (FIRST, SECOND):
        body = s3.get_object(Bucket=BUCKET, Key=f"analyses/{name}/original.jpg")["Body"].read()
        assert body == f"{name} original.jpg".encode()


def test_a_dry_run_only_says_what_it_would_do(s3: Any, data: Path, tmp_path: Path) -> None:
    assert "2 would be copied" in run("sync", str(data), URL, "--dry-run").stdout
    assert keys(s3) == []
    run("sync", str(data), URL)
    back = tmp_path / "back"
    assert "2 would be copied" in run("sync", URL, str(back), "--dry-run").stdout
    assert not back.exists()


def test_an_analysis_without_its_result_stays_where_it_is(s3: Any, data: Path) -> None:
    write(data, "0" * 20 + "c", complete=False)
    done = run("sync", str(data), URL)
    assert "2 copied" in done.stdout
    assert "1 have no result" in done.stderr
    assert not any("c/" in key for key in keys(s3))


def test_a_copy_that_breaks_off_shows_nobody_a_half_analysis(s3: Any, data: Path) -> None:
    thumbnails = f"arn:aws:s3:::{BUCKET}/analyses/*/thumbnail.jpg"
    denial = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": thumbnails}
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": [denial]}))
    done = run("sync", str(data), URL)
    assert done.exit_code == 1
    assert "could not be written" in done.output
    assert keys(s3)
    assert not any(key.endswith("result.json") for key in keys(s3))
    s3.delete_bucket_policy(Bucket=BUCKET)
    assert "2 copied" in run("sync", str(data), URL).stdout


def test_another_folder_s_bucket_is_chosen_by_name(data: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    assert run("sync", str(data), str(other)).exit_code == 0
    assert files(other) == files(data)
    assert run("sync", str(data), str(other), "--bucket", "nothing").exit_code == 1


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("s3://no-such-bucket", "'no-such-bucket'"),
        ("s3://BAD_NAME", "not a bucket name"),
        ("s3://bucket?colour=red", "s3://BUCKET"),
        ("nowhere", "there is no bucket 'openrek'"),
    ],
)
def test_a_source_that_is_not_there_is_told(aws: str, tmp_path: Path, source: str, message: str) -> None:
    done = run("sync", source if source.startswith("s3:") else str(tmp_path / source), str(tmp_path / "here"))
    assert done.exit_code == 1
    assert message in done.output
