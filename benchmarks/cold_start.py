"""How long the function on AWS takes to be there, and how large it is.

    python benchmarks/cold_start.py [--rounds 7]

Both artefacts are built for this machine's Python and unpacked, the image's files compiled as its Dockerfile does. What
is timed, each time in a new process, which leaves no compiled files behind, as on Lambda:

- importing `openrek.aws`, beside importing boto3 alone, which any function that calls AWS does;
- under AWS's own runtime interface client, from the start of the process to the first answer: of the console's health,
  and of an image. S3 is moto's server on this machine; with flavour `amazon` recognition would be the network's time,
  so only `openrek` analyses an image.

Lambda itself adds fetching the artefact and starting its sandbox, which cannot be measured here.
"""

import argparse
import base64
import io
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # the runtime's emulator is the tests'

import boto3  # noqa: E402
import httpx  # noqa: E402
from tests.conftest import free_port  # noqa: E402
from tests.deploy.lambda_runtime import running_artefact, runtime_packages  # noqa: E402

from openrek.deploy.artefacts import COMPILE, build_image_folder, build_zip  # noqa: E402
from openrek.deploy.wheels import Architecture, Target  # noqa: E402

ARCHITECTURES: tuple[Architecture, ...] = ("arm64", "x86_64")
REGION = "eu-west-1"
BUCKET = "pictures"
HERE = Target("x86_64", f"{sys.version_info.major}.{sys.version_info.minor}")
KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_REGION": REGION}


def picture() -> bytes:
    """A photograph of scikit-image, 640 pixels wide."""
    from PIL import Image
    from skimage import data

    photo = Image.fromarray(data.coffee())  # type: ignore[no-untyped-call]
    photo.thumbnail((640, 640))
    buffer = io.BytesIO()
    photo.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def event(route: str, body: bytes = b"") -> dict[str, Any]:
    """An HTTP API's."""
    method, _, path = route.partition(" ")
    return {
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "headers": {"host": "example.com", "content-type": "image/jpeg"},
        "requestContext": {"requestId": "1", "http": {"method": method, "path": path}, "domainName": "example.com"},
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }


def import_seconds(module: str, path: str) -> float:
    """Seconds that a new process takes to import the module, its own start not counted."""
    program = f"import time; s = time.perf_counter(); import {module}; print(time.perf_counter() - s)"
    environment = {**KEYS, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "OPENREK_BUCKET": BUCKET}
    command = [sys.executable, "-S", "-c", program]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return float(ran.stdout)


def answer_seconds(tree: Path, variables: Mapping[str, str], requested: Mapping[str, Any], scratch: Path) -> float:
    """Seconds from starting the process to its first answer."""
    started = time.perf_counter()
    with running_artefact(tree, "openrek.aws.handler", variables, scratch) as runtime:
        answer = runtime.invoke(requested)
        seconds = time.perf_counter() - started
    assert answer["statusCode"] in (200, 201), answer
    return seconds


def start_moto() -> tuple["subprocess.Popen[bytes]", str]:
    """moto's server with the bucket in it."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    while True:
        try:
            httpx.get(f"{url}/moto-api/")
            break
        except httpx.TransportError:
            time.sleep(0.1)
    s3 = boto3.client(
        "s3", endpoint_url=url, region_name=REGION, aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    return process, url


def row(what: str, seconds: list[float]) -> None:
    """Prints the median, the quickest and the slowest."""
    spread = f"{min(seconds) * 1000:,.0f} to {max(seconds) * 1000:,.0f}"
    print(f"{what:<52} {statistics.median(seconds) * 1000:>8,.0f} ms   ({spread})", flush=True)


def main() -> None:
    """Builds, measures, prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    rounds = range(parser.parse_args().rounds)
    with tempfile.TemporaryDirectory(prefix="openrek-cold-") as name:
        scratch = Path(name)
        for architecture in ARCHITECTURES:
            target = Target(architecture)
            zipped = build_zip(scratch / f"zip-{architecture}", target, lambda _: None)
            image = build_image_folder(scratch / f"image-{architecture}", target, lambda _: None)
            sizes = zipped.path.stat().st_size, zipped.unpacked_bytes, image.unpacked_bytes
            text = f"amazon {sizes[0] / 1e6:.1f} MB zipped, {sizes[1] / 1e6:.1f} unpacked; openrek {sizes[2] / 1e6:.1f}"
            print(f"{architecture:<7} {text} MB unpacked", flush=True)
        amazon = scratch / "amazon"
        with zipfile.ZipFile(build_zip(scratch / "zip", HERE, lambda _: None).path) as archive:
            archive.extractall(amazon)
        openrek = build_image_folder(scratch / "image", HERE, lambda _: None).path / "function"
        compiling = COMPILE.replace("/function", str(openrek)).split()
        subprocess.run([sys.executable, *compiling[1:]], check=True)
        runtime = runtime_packages(scratch)
        pairs = [
            (import_seconds("boto3", str(runtime)), import_seconds("openrek.aws", f"{amazon}:{runtime}"))
            for _ in rounds
        ]
        row("import boto3 (the peer)", [peer for peer, _ in pairs])
        row("import openrek.aws, amazon", [ours for _, ours in pairs])
        print(f"{'ratio, by pairs':<52} {statistics.median(ours / peer for peer, ours in pairs):>8.2f}")
        process, url = start_moto()
        try:
            variables = {**KEYS, "AWS_ENDPOINT_URL": url, "OPENREK_BUCKET": BUCKET}
            own = {**variables, "OPENREK_RECOGNITION": "openrek"}
            health, analysis = event("GET /health"), event("POST /v1/analyses", picture())
            row(
                "start to first answer, amazon, GET /health",
                [answer_seconds(amazon, variables, health, scratch) for _ in rounds],
            )
            row(
                "start to first answer, openrek, GET /health",
                [answer_seconds(openrek, own, health, scratch) for _ in rounds],
            )
            row(
                "start to first answer, openrek, an image",
                [answer_seconds(openrek, own, analysis, scratch) for _ in rounds],
            )
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    main()
