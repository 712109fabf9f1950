"""Programs written for Amazon Rekognition run here with nothing but environment variables set."""

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.conftest import RunningService

_BIN = Path(sys.executable).parent
_JAVASCRIPT_SDK = "@aws-sdk/client-rekognition@3.1142.0"
# A collection made, waited for in pages, an error caught by its class, a picture labelled: as an SDK's user would.
_PROGRAM = """
import {
  CreateCollectionCommand, DeleteCollectionCommand, DetectLabelsCommand, InvalidImageFormatException,
  paginateListCollections, RekognitionClient,
} from "@aws-sdk/client-rekognition";
import { readFileSync } from "node:fs";

const client = new RekognitionClient({});
const { Labels } = await client.send(new DetectLabelsCommand({ Image: { Bytes: readFileSync(process.argv[2]) } }));
const made = ["javascript-1", "javascript-2", "javascript-3"];
for (const CollectionId of made) await client.send(new CreateCollectionCommand({ CollectionId }));
const found = [];
for await (const page of paginateListCollections({ client, pageSize: 2 }, {})) found.push(...page.CollectionIds);
for (const CollectionId of made) await client.send(new DeleteCollectionCommand({ CollectionId }));
let refused;
try {
  await client.send(new DetectLabelsCommand({ Image: { Bytes: new Uint8Array([1, 2, 3]) } }));
} catch (error) {
  refused = [error instanceof InvalidImageFormatException, error.name, error.message, error.$metadata.httpStatusCode];
}
console.log(JSON.stringify({ labels: Labels.map((label) => label.Name), found, refused }));
"""


def environment(server: RunningService) -> dict[str, str]:
    """A shell's, with the two lines that `openrek serve` prints."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return clean | {
        "AWS_ENDPOINT_URL_REKOGNITION": server.url,
        "AWS_SHARED_CREDENTIALS_FILE": str(server.data_dir / "credentials"),
        "AWS_PROFILE": "openrek",
    }


@pytest.fixture
def image(cat: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "cat.jpg"
    path.write_bytes(cat)
    return path


def run(server: RunningService, *command: str, folder: Path | None = None) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment(server), cwd=folder, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_boto3(server: RunningService, image: Path) -> None:
    program = (
        "import boto3, sys\n"
        "c = boto3.client('rekognition')\n"
        "print([l['Name'] for l in c.detect_labels(Image={'Bytes': open(sys.argv[1], 'rb').read()})['Labels']])\n"
    )
    assert "Cat" in run(server, sys.executable, "-W", "error", "-c", program, str(image))


def test_the_aws_command_line(server: RunningService, image: Path) -> None:
    arguments = ["rekognition", "detect-labels", "--image-bytes", f"fileb://{image}", "--output", "json"]
    answer = json.loads(run(server, str(_BIN / "aws"), *arguments))
    assert "Cat" in [label["Name"] for label in answer["Labels"]]


def command_lines(server: RunningService) -> list[str]:
    """The AWS CLIs that are here: version 1, and version 2 where it is installed."""
    programs = [path for path in (Path("/usr/local/bin/aws"), Path("/usr/bin/aws")) if path.exists()]
    return [str(_BIN / "aws"), *(str(each) for each in programs if run(server, str(each), "--version"))]


def test_the_aws_command_line_copies_lists_and_presigns(server: RunningService, image: Path, tmp_path: Path) -> None:
    endpoint = ["--endpoint-url", server.url]
    for number, aws in enumerate(command_lines(server)):
        place = f"s3://openrek/command-line/{number}.jpg"
        run(server, aws, "s3", "cp", str(image), place, *endpoint)
        assert f"{number}.jpg" in run(server, aws, "s3", "ls", "s3://openrek/command-line/", *endpoint)
        link = run(server, aws, "s3", "presign", place, "--expires-in", "60", *endpoint).strip()
        assert httpx.get(link).content == image.read_bytes()
        run(server, aws, "s3", "cp", place, str(tmp_path / "back.jpg"), *endpoint)
        assert (tmp_path / "back.jpg").read_bytes() == image.read_bytes()
        run(server, aws, "s3", "mv", place, f"{place}.moved", *endpoint)
        run(server, aws, "s3", "rm", f"{place}.moved", *endpoint)
        assert run(server, aws, "s3", "ls", "s3://openrek/", *endpoint).count("command-line") == 0


def test_the_aws_command_line_version_2(server: RunningService, image: Path) -> None:
    programs = [path for path in (Path("/usr/local/bin/aws"), Path("/usr/bin/aws")) if path.exists()]
    found = [path for path in programs if run(server, str(path), "--version").startswith("aws-cli/2")]
    if not found:
        pytest.skip("no AWS CLI version 2 here; scripts/install_test_programs.sh installs Debian's")
    # Versions before 2.13 do not know AWS_ENDPOINT_URL_REKOGNITION.
    endpoint = ["--endpoint-url", server.url]
    arguments = ["rekognition", "detect-labels", "--image-bytes", f"fileb://{image}", "--output", "json"]
    answer = json.loads(run(server, str(found[0]), *arguments, *endpoint))
    assert "Cat" in [label["Name"] for label in answer["Labels"]]
    name = "command-line-2"
    run(server, str(found[0]), "rekognition", "create-collection", "--collection-id", name, *endpoint)
    listed = json.loads(run(server, str(found[0]), "rekognition", "list-collections", "--output", "json", *endpoint))
    run(server, str(found[0]), "rekognition", "delete-collection", "--collection-id", name, *endpoint)
    assert name in listed["CollectionIds"]


def test_the_javascript_sdk(server: RunningService, image: Path, tmp_path: Path) -> None:
    options = ["--no-audit", "--no-fund", "--no-package-lock", "--silent", "--prefix", str(tmp_path)]
    run(server, str(_BIN / "npm"), "install", *options, _JAVASCRIPT_SDK, folder=tmp_path)
    (tmp_path / "program.mjs").write_text(_PROGRAM)
    answer = json.loads(run(server, str(_BIN / "node"), "program.mjs", str(image), folder=tmp_path))
    assert "Cat" in answer["labels"]
    assert [name for name in answer["found"] if name.startswith("javascript-")] == [
        "javascript-1",
        "javascript-2",
        "javascript-3",
    ]
    is_of_its_class, name, message, status = answer["refused"]
    assert (is_of_its_class, name, status) == (True, "InvalidImageFormatException", 400)
    assert "Unsupported image format" in message
