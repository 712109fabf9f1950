"""What HTTP, signatures and JSON cost: DetectLabels per second over HTTP beside the bare engine.

    python benchmarks/overhead.py [--images FOLDER] [--count 200] [--rounds 3]

The peer is the loop anyone would write around the engine: the same images, decoded and recognised in one process
with the same pool and as many requests under way. Rounds alternate, and the ratio is taken within each round, so that a
machine whose speed drifts does not tilt it. Requests are signed beforehand and sent over plain sockets: the client
shares the cores with the service, and what botocore's signing or a client's library costs is not ours to measure.
"""

import argparse
import base64
import io
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from configparser import ConfigParser
from pathlib import Path
from urllib.parse import urlsplit

from openrek.config import usable_cores
from openrek.vision import EncodedFrame, Engine, RuntimeOptions, load_packs

UNDER_WAY = 2 * usable_cores()


def sample_pictures() -> list[bytes]:
    """Photographs of scikit-image as JPEG, 640 pixels on the longer side."""
    from PIL import Image as Pillow
    from skimage import data

    images = []
    for name in ("astronaut", "cat", "coffee", "rocket", "chelsea"):
        photo = Pillow.fromarray(getattr(data, name)())
        photo.thumbnail((640, 640))
        buffer = io.BytesIO()
        photo.save(buffer, "JPEG", quality=90)
        images.append(buffer.getvalue())
    return images


def per_second(run: Callable[[int], object], count: int) -> float:
    """Runs a second, UNDER_WAY at a time."""
    with ThreadPoolExecutor(UNDER_WAY) as executor:
        started = time.perf_counter()
        list(executor.map(run, range(count)))
        return count / (time.perf_counter() - started)


class Service:
    """`openrek serve` in a process of its own, and requests to it."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "openrek", "serve", "--port", "0", "--data", str(folder), "--quiet"],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if found := re.search(r"ready after .* at (http://\S+)", line):
                self.url = found[1]
            if "AWS_SHARED_CREDENTIALS_FILE" in line:
                break
        self.pid = self._process.pid
        self._address = urlsplit(self.url)
        self._credentials = ConfigParser()
        self._credentials.read(folder / "credentials")
        self._local = threading.local()

    @property
    def credentials(self) -> tuple[str, str]:
        """Access key id and secret key."""
        profile = self._credentials["openrek"]
        return profile["aws_access_key_id"], profile["aws_secret_access_key"]

    def sign(self, images: Sequence[bytes]) -> list[bytes]:
        """One signed DetectLabels request an image, as it goes over the wire."""
        bodies = [json.dumps({"Image": {"Bytes": base64.b64encode(image).decode()}}).encode() for image in images]
        return [self.signed("DetectLabels", body) for body in bodies]

    def signed(self, operation: str, body: bytes) -> bytes:
        """A signed request, as it goes over the wire."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials

        keys = Credentials(*self.credentials)
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"RekognitionService.{operation}",
            "Host": self._address.netloc,
            "Content-Length": str(len(body)),
        }
        request = AWSRequest("POST", self.url + "/", headers=headers, data=body)
        SigV4Auth(keys, "rekognition", "us-east-1").add_auth(request)
        head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
        return f"POST / HTTP/1.1\r\n{head}\r\n".encode("ascii") + body

    def ask(self, request: bytes) -> bytes:
        """The answer, over this thread's connection."""
        connection: socket.socket | None = getattr(self._local, "connection", None)
        if connection is None:
            assert self._address.hostname is not None
            assert self._address.port is not None
            connection = socket.create_connection((self._address.hostname, self._address.port), timeout=60)
            self._local.connection = connection
        connection.sendall(request)
        response = b""
        while (end := response.find(b"\r\n\r\n")) < 0:
            response += _received(connection)
        head = response[:end].lower()
        length = int(head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0])
        while len(response) < end + 4 + length:
            response += _received(connection)
        if not head.startswith(b"http/1.1 200"):
            raise RuntimeError(response[:500])
        return response[end + 4 :]

    def reconnect(self) -> None:
        """Close this thread's connection, which the service would close by itself after some idle seconds."""
        connection: socket.socket | None = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    def asking(self, images: Sequence[bytes]) -> Callable[[int], bytes]:
        """Asks for the image at a place, counted round and round, with requests that are signed now."""
        signed = self.sign(images)
        return lambda place: self.ask(signed[place % len(signed)])

    def resident_bytes(self) -> int:
        """The process's resident memory."""
        import psutil

        return int(psutil.Process(self.pid).memory_info().rss)

    def cpu_seconds(self) -> float:
        """Processor time that the process has used so far."""
        import psutil

        times = psutil.Process(self.pid).cpu_times()
        return float(times.user + times.system)

    def close(self) -> None:
        """Ends the service."""
        self._process.terminate()
        self._process.wait(timeout=30)


def _received(connection: socket.socket) -> bytes:
    data = connection.recv(65_536)
    if not data:
        raise ConnectionError("the service closed the connection")
    return data


def main() -> None:
    """Prints the rounds and the median ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, help="folder of JPEG files instead of scikit-image's photographs")
    parser.add_argument("--count", type=int, default=200, help="images a round")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    images = (
        [path.read_bytes() for path in sorted(arguments.images.glob("*.jpg"))]
        if arguments.images
        else sample_pictures()
    )
    with tempfile.TemporaryDirectory() as folder:
        service = Service(Path(folder))
        engine = Engine(load_packs(), RuntimeOptions(usable_cores()))
        engine.pin()
        print(f"{os.cpu_count()} cores, {len(images)} images, {arguments.count} a round, {UNDER_WAY} under way")
        print("| round | HTTP, images/s | bare engine, images/s | ratio |\n|---|---|---|---|")
        ratios = []
        try:
            per_second(service.asking(images), len(images))
            for number in range(1, arguments.rounds + 1):
                served = per_second(service.asking(images), arguments.count)
                bare = per_second(
                    lambda place: engine.analysis(EncodedFrame.open(images[place % len(images)])).labels,
                    arguments.count,
                )
                ratios.append(served / bare)
                print(f"| {number} | {served:.1f} | {bare:.1f} | {ratios[-1]:.3f} |", flush=True)
        finally:
            service.close()
            engine.close()
        print(f"\nmedian ratio {statistics.median(ratios):.3f}")


if __name__ == "__main__":
    main()
