"""Programs and libraries written for S3 do their usual work, unchanged: put, list, copy, read a range, sync, delete."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.api.s3_service import new_bucket
from tests.conftest import ROOT, RunningService

SMALL = b"one two three"
LARGE = os.urandom(12 * 1024 * 1024)
_SECONDS = 120
_PROGRAMS = Path(__file__).parent / "programs"
_NODE = Path(sys.executable).parent


@pytest.fixture
def bucket(s3: Any) -> Iterator[str]:
    with new_bucket(s3) as name:
        yield name


def program(name: str) -> str:
    path = shutil.which(name) or str(ROOT / ".programs" / name / "bin" / name)
    if not Path(path).exists():
        pytest.skip(f"{name} is not installed; scripts/install_test_programs.sh installs it where it can")
    return path


def run(server: RunningService, *arguments: str, **environment: str) -> str:
    """Standard output of a program that ends well."""
    keys = server.keys
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(server.data_dir),
        "AWS_ACCESS_KEY_ID": keys["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": keys["aws_secret_access_key"],
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL_S3": server.url,
        "S3_ENDPOINT_URL": server.url,
        "AWS_EC2_METADATA_DISABLED": "true",
        **environment,
    }
    ended = subprocess.run(arguments, env=variables, capture_output=True, text=True, timeout=_SECONDS, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files to sync: some small, one large, one in a folder of a Vietnamese name."""
    folder = tmp_path / "files"
    (folder / "thư mục").mkdir(parents=True)
    (folder / "small.txt").write_bytes(SMALL)
    (folder / "large.bin").write_bytes(LARGE)
    (folder / "thư mục" / "a b+c.txt").write_bytes(b"three")
    return folder


def test_pyarrow(server: RunningService, s3: Any) -> None:
    fs = pytest.importorskip("pyarrow.fs")
    keys = server.keys
    system = fs.S3FileSystem(
        access_key=keys["aws_access_key_id"],
        secret_key=keys["aws_secret_access_key"],
        endpoint_override=server.url.removeprefix("http://"),
        scheme="http",
        region="us-east-1",
        allow_bucket_creation=True,
        allow_bucket_deletion=True,
    )
    system.create_dir("b-pyarrow")
    with system.open_output_stream("b-pyarrow/folder/small.txt", metadata={"Content-Type": "text/plain"}) as stream:
        stream.write(SMALL)
    with system.open_output_stream("b-pyarrow/large.bin") as stream:
        stream.write(LARGE)
    listed = system.get_file_info(fs.FileSelector("b-pyarrow", recursive=True))
    sizes = {info.path: info.size for info in listed if info.type == fs.FileType.File}
    assert sizes == {"b-pyarrow/folder/small.txt": len(SMALL), "b-pyarrow/large.bin": len(LARGE)}
    with system.open_input_file("b-pyarrow/large.bin") as file:
        file.seek(1000)
        assert file.read(50) == LARGE[1000:1050]
    system.copy_file("b-pyarrow/folder/small.txt", "b-pyarrow/copy.txt")
    system.move("b-pyarrow/copy.txt", "b-pyarrow/moved.txt")
    assert system.open_input_stream("b-pyarrow/moved.txt").read() == SMALL
    assert system.get_file_info("b-pyarrow/copy.txt").type == fs.FileType.NotFound
    assert s3.head_object(Bucket="b-pyarrow", Key="folder/small.txt")["ContentType"] == "text/plain"
    system.delete_dir_contents("b-pyarrow")
    system.delete_dir("b-pyarrow")


def test_minio(server: RunningService, s3: Any, tmp_path: Path) -> None:
    minio = pytest.importorskip("minio")
    from minio.commonconfig import CopySource, Tags
    from minio.deleteobjects import DeleteObject

    keys = server.keys
    client = minio.Minio(
        urlsplit(server.url).netloc,
        access_key=keys["aws_access_key_id"],
        secret_key=keys["aws_secret_access_key"],
        secure=False,
    )
    client.make_bucket("b-minio")
    assert client.bucket_exists("b-minio")
    (tmp_path / "large.bin").write_bytes(LARGE)
    tags = Tags.new_object_tags()
    tags["team"] = "vision"
    client.fput_object("b-minio", "folder/large.bin", str(tmp_path / "large.bin"), part_size=5 * 1024 * 1024, tags=tags)
    assert client.get_object_tags("b-minio", "folder/large.bin") == tags
    assert client.stat_object("b-minio", "folder/large.bin").size == len(LARGE)
    answer = client.get_object("b-minio", "folder/large.bin", offset=10, length=5)
    assert answer.read() == LARGE[10:15]
    answer.close()
    client.copy_object("b-minio", "copy.bin", CopySource("b-minio", "folder/large.bin"))
    names = [entry.object_name for entry in client.list_objects("b-minio", recursive=True)]
    assert names == ["copy.bin", "folder/large.bin"]
    link = client.presigned_get_object("b-minio", "copy.bin")
    assert link.startswith(server.url)
    assert list(client.remove_objects("b-minio", [DeleteObject(name) for name in names])) == []
    client.remove_bucket("b-minio")


def test_obstore(server: RunningService, bucket: str) -> None:
    import obstore
    from obstore.store import S3Store

    keys = server.keys
    store = S3Store(
        bucket,
        endpoint=server.url,
        region="us-east-1",
        access_key_id=keys["aws_access_key_id"],
        secret_access_key=keys["aws_secret_access_key"],
        virtual_hosted_style_request=False,
        client_options={"allow_http": True},
    )
    obstore.put(store, "folder/small.txt", SMALL)
    obstore.put(store, "large.bin", LARGE, chunk_size=5 * 1024 * 1024)
    with pytest.raises(obstore.exceptions.AlreadyExistsError):
        obstore.put(store, "folder/small.txt", b"other", mode="create")
    assert bytes(obstore.get_range(store, "large.bin", start=100, end=150)) == LARGE[100:150]
    obstore.copy(store, "folder/small.txt", "copy.txt")
    obstore.rename(store, "copy.txt", "renamed.txt")
    assert bytes(obstore.get(store, "renamed.txt").bytes()) == SMALL
    listed = [meta["path"] for page in obstore.list(store) for meta in page]
    assert sorted(listed) == ["folder/small.txt", "large.bin", "renamed.txt"]
    obstore.delete(store, listed)
    assert obstore.list(store).collect() == []


def test_the_aws_command_line(server: RunningService, s3: Any, folder: Path, tmp_path: Path) -> None:
    aws = program("aws")
    run(server, aws, "s3", "mb", "s3://b-awscli")
    run(server, aws, "s3", "sync", str(folder), "s3://b-awscli/files")
    assert "large.bin" in run(server, aws, "s3", "ls", "--recursive", "s3://b-awscli")
    run(server, aws, "s3", "mv", "s3://b-awscli/files/small.txt", "s3://b-awscli/moved.txt")
    run(server, aws, "s3api", "get-object", "--bucket", "b-awscli", "--key", "files/large.bin", "--range", "bytes=0-9",
        str(tmp_path / "part"))  # fmt: skip
    assert (tmp_path / "part").read_bytes() == LARGE[:10]
    run(server, aws, "s3", "sync", "s3://b-awscli/files", str(tmp_path / "back"))
    assert (tmp_path / "back" / "large.bin").read_bytes() == LARGE
    assert (tmp_path / "back" / "thư mục" / "a b+c.txt").read_bytes() == b"three"
    run(server, aws, "s3", "rb", "--force", "s3://b-awscli")
    assert "b-awscli" not in [entry["Name"] for entry in s3.list_buckets()["Buckets"]]


def test_rclone(server: RunningService, s3: Any, folder: Path, tmp_path: Path) -> None:
    rclone = program("rclone")
    keys = server.keys
    remote = {
        "RCLONE_CONFIG": str(tmp_path / "none.conf"),
        "RCLONE_CONFIG_OPENREK_TYPE": "s3",
        "RCLONE_CONFIG_OPENREK_PROVIDER": "Other",
        "RCLONE_CONFIG_OPENREK_ACCESS_KEY_ID": keys["aws_access_key_id"],
        "RCLONE_CONFIG_OPENREK_SECRET_ACCESS_KEY": keys["aws_secret_access_key"],
        "RCLONE_CONFIG_OPENREK_ENDPOINT": server.url,
        "RCLONE_CONFIG_OPENREK_UPLOAD_CUTOFF": "6M",
        "RCLONE_CONFIG_OPENREK_CHUNK_SIZE": "5M",
    }
    run(server, rclone, "mkdir", "openrek:b-rclone", **remote)
    run(server, rclone, "sync", str(folder), "openrek:b-rclone/files", **remote)
    run(server, rclone, "check", str(folder), "openrek:b-rclone/files", **remote)
    listed = run(server, rclone, "lsf", "-R", "--files-only", "openrek:b-rclone", **remote)
    assert sorted(listed.splitlines()) == ["files/large.bin", "files/small.txt", "files/thư mục/a b+c.txt"]
    (folder / "small.txt").unlink()
    run(server, rclone, "sync", str(folder), "openrek:b-rclone/files", **remote)
    run(server, rclone, "copyto", "openrek:b-rclone/files/large.bin", "openrek:b-rclone/copy.bin", **remote)
    assert run(server, rclone, "cat", "--offset", "3", "--count", "4", "openrek:b-rclone/files/thư mục/a b+c.txt",
               **remote) == "ee"  # fmt: skip
    run(server, rclone, "copy", "openrek:b-rclone", str(tmp_path / "back"), **remote)
    assert (tmp_path / "back" / "copy.bin").read_bytes() == LARGE
    assert not (tmp_path / "back" / "files" / "small.txt").exists()
    run(server, rclone, "purge", "openrek:b-rclone", **remote)
    assert "b-rclone" not in [entry["Name"] for entry in s3.list_buckets()["Buckets"]]


def test_s3cmd(server: RunningService, s3: Any, folder: Path, tmp_path: Path) -> None:
    s3cmd = program("s3cmd")
    keys = server.keys
    host = urlsplit(server.url).netloc
    options = [
        *("--config", "/dev/null", "--no-ssl", f"--host={host}", f"--host-bucket={host}"),
        f"--access_key={keys['aws_access_key_id']}",
        f"--secret_key={keys['aws_secret_access_key']}",
    ]
    run(server, s3cmd, *options, "mb", "s3://b-s3cmd")
    run(server, s3cmd, *options, "sync", "--multipart-chunk-size-mb=5", f"{folder}/", "s3://b-s3cmd/files/")
    assert "large.bin" in run(server, s3cmd, *options, "ls", "-r", "s3://b-s3cmd")
    # An older signature, which the program still offers.
    assert "large.bin" in run(server, s3cmd, *options, "--signature-v2", "ls", "-r", "s3://b-s3cmd")
    run(server, s3cmd, *options, "cp", "s3://b-s3cmd/files/small.txt", "s3://b-s3cmd/copy.txt")
    run(server, s3cmd, *options, "get", "s3://b-s3cmd/files/large.bin", str(tmp_path / "large.bin"))
    assert (tmp_path / "large.bin").read_bytes() == LARGE
    assert "us-east-1" in run(server, s3cmd, *options, "info", "s3://b-s3cmd")
    run(server, s3cmd, *options, "rb", "--recursive", "--force", "s3://b-s3cmd")
    assert "b-s3cmd" not in [entry["Name"] for entry in s3.list_buckets()["Buckets"]]


def test_s3fs(server: RunningService, bucket: str, folder: Path, tmp_path: Path) -> None:
    """In an environment of its own: s3fs needs another botocore than boto3's."""
    python = ROOT / ".programs" / "s3fs" / "bin" / "python"
    if not python.exists():
        pytest.skip("s3fs is not installed; scripts/install_test_programs.sh installs it where it can")
    script = """
import sys, s3fs
url, bucket, folder, back = sys.argv[1:]
fs = s3fs.S3FileSystem(client_kwargs={"endpoint_url": url, "region_name": "us-east-1"})
fs.put(folder + "/", bucket + "/files/", recursive=True)
names = sorted(fs.find(bucket))
assert names == [bucket + "/files/" + name for name in ("large.bin", "small.txt", "thư mục/a b+c.txt")], names
with fs.open(bucket + "/files/large.bin", "rb") as file:
    file.seek(1_000_000)
    part = file.read(10)
assert part == open(folder + "/large.bin", "rb").read()[1_000_000:1_000_010]
with fs.open(bucket + "/written.bin", "wb", block_size=5 * 2**20) as file:
    file.write(b"x" * 6 * 2**20)
assert fs.info(bucket + "/written.bin")["size"] == 6 * 2**20
fs.copy(bucket + "/files/small.txt", bucket + "/copy.txt")
fs.mv(bucket + "/copy.txt", bucket + "/moved.txt")
assert fs.cat(bucket + "/moved.txt") == b"one two three"
fs.put_tags(bucket + "/moved.txt", {"a": "b"})
assert fs.get_tags(bucket + "/moved.txt") == {"a": "b"}
fs.get(bucket + "/files/", back + "/", recursive=True)
fs.rm(bucket + "/files", recursive=True)
assert not fs.exists(bucket + "/files/large.bin")
"""
    run(server, str(python), "-c", script, server.url, bucket, str(folder), str(tmp_path / "back"))
    assert (tmp_path / "back" / "thư mục" / "a b+c.txt").read_bytes() == b"three"


def test_s5cmd(server: RunningService, s3: Any, folder: Path, tmp_path: Path) -> None:
    s5cmd = program("s5cmd")
    run(server, s5cmd, "mb", "s3://b-s5cmd")
    run(server, s5cmd, "sync", f"{folder}/", "s3://b-s5cmd/files/")
    assert "large.bin" in run(server, s5cmd, "ls", "s3://b-s5cmd/*")
    run(server, s5cmd, "cp", "s3://b-s5cmd/files/small.txt", "s3://b-s5cmd/copy.txt")
    run(server, s5cmd, "sync", "s3://b-s5cmd/*", f"{tmp_path}/back/")
    assert (tmp_path / "back" / "files" / "large.bin").read_bytes() == LARGE
    run(server, s5cmd, "rm", "s3://b-s5cmd/*")
    run(server, s5cmd, "rb", "s3://b-s5cmd")
    assert "b-s5cmd" not in [entry["Name"] for entry in s3.list_buckets()["Buckets"]]


def test_the_javascript_sdk(server: RunningService, s3: Any, tmp_path: Path) -> None:
    packages = ("client-s3", "lib-storage", "s3-presigned-post", "s3-request-presigner")
    npm_install(server, tmp_path, *(f"@aws-sdk/{name}@3" for name in packages))
    shutil.copy(_PROGRAMS / "s3.mjs", tmp_path)
    run(server, str(_NODE / "node"), str(tmp_path / "s3.mjs"))
    assert "b-javascript" not in [entry["Name"] for entry in s3.list_buckets()["Buckets"]]


def test_the_javascript_sdk_of_before(server: RunningService, s3: Any, tmp_path: Path) -> None:
    npm_install(server, tmp_path, "aws-sdk@2")
    shutil.copy(_PROGRAMS / "s3.cjs", tmp_path)
    quiet = {"AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE": "1"}
    run(server, str(_NODE / "node"), str(tmp_path / "s3.cjs"), server.url, **quiet)
    assert "b-javascript-2" not in [entry["Name"] for entry in s3.list_buckets()["Buckets"]]


def npm_install(server: RunningService, folder: Path, *packages: str) -> None:
    options = ["--no-audit", "--no-fund", "--no-package-lock", "--silent", "--prefix", str(folder)]
    done = subprocess.run(
        [str(_NODE / "npm"), "install", *options, *packages],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
