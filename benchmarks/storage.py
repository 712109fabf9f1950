"""How much memory and time large objects cost over S3's protocol.

    python benchmarks/storage.py [--mib 2048] [--folder FOLDER] [--json]

An object is put in parts of 32 MiB, read by ranges of 8 MiB and then whole, over HTTP by boto3. Beside it stands what
the disk and the digests alone cost: the same bytes written to two files (parts, then the object), synced, and hashed by
MD5 and CRC-32 in one process. Memory is the most that the service's resident memory grew by meanwhile.
"""

import argparse
import hashlib
import json
import os
import sys
import tempfile
import threading
import time
import zlib
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from overhead import Service

MIB = 1 << 20
PART = 32 * MIB
RANGE = 8 * MIB


class Growth:
    """The most that a process's resident memory grows by."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._before = service.resident_bytes()
        self._over = threading.Event()
        self.most_bytes = 0
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def _watch(self) -> None:
        while not self._over.wait(0.01):
            self.most_bytes = max(self.most_bytes, self._service.resident_bytes() - self._before)

    def end(self) -> int:
        """Ends the watch; the bytes."""
        self._over.set()
        self._thread.join()
        return self.most_bytes


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mib", type=int, default=2048)
    parser.add_argument("--folder", help="on the disk to measure; by default that of temporary files")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    part = os.urandom(PART)
    count = arguments.mib * MIB // PART
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        floor = write_plainly(Path(folder), part, count)
        service = Service(Path(folder) / "data")
        try:
            s3 = client(service, Path(folder) / "data")
            growth = Growth(service)
            seconds = {"put in parts": put(s3, part, count), "by ranges": read_ranges(s3, count * PART)}
            seconds["whole"] = read_whole(s3, count * PART)
            grown = growth.end()
        finally:
            service.close()
    size = count * PART / MIB
    figures = {name: round(size / value, 1) for name, value in seconds.items()} | {
        "disk and digests": round(size / floor, 1)
    }
    if arguments.json:
        print(json.dumps({"mib": size, "mib_per_second": figures, "memory_mib": round(grown / MIB, 1)}))
        return
    print(f"{size:,.0f} MiB; memory grew by {grown / MIB:.0f} MiB")
    for name, value in figures.items():
        print(f"{name:20} {value:8.1f} MiB/s")
    print(f"put in parts / disk and digests: {figures['put in parts'] / figures['disk and digests']:.2f}")


def client(service: Service, data: Path) -> Any:
    """boto3's S3 client."""
    import boto3
    from botocore.config import Config

    os.environ["AWS_SHARED_CREDENTIALS_FILE"] = str(data / "credentials")
    session = boto3.Session(profile_name="openrek")
    return session.client(
        "s3", endpoint_url=service.url, region_name="us-east-1", config=Config(retries={"total_max_attempts": 1})
    )


def write_plainly(folder: Path, part: bytes, count: int) -> float:
    """Seconds of writing the bytes twice and hashing them."""
    started = time.perf_counter()
    md5, crc = hashlib.md5(usedforsecurity=False), 0
    for name in ("parts", "object"):
        with (folder / name).open("wb") as file:
            for _ in range(count):
                file.write(part)
                if name == "parts":
                    md5.update(part)
                    crc = zlib.crc32(part, crc)
            file.flush()
            os.fsync(file.fileno())
    seconds = time.perf_counter() - started
    for name in ("parts", "object"):
        (folder / name).unlink()
    return seconds


def put(s3: Any, part: bytes, count: int) -> float:
    """Seconds of an upload in parts."""
    s3.create_bucket(Bucket="large")
    started = time.perf_counter()
    named = {"Bucket": "large", "Key": "object"}
    named["UploadId"] = s3.create_multipart_upload(**named)["UploadId"]
    parts = [
        {"PartNumber": number, "ETag": s3.upload_part(**named, PartNumber=number, Body=part)["ETag"]}
        for number in range(1, count + 1)
    ]
    s3.complete_multipart_upload(**named, MultipartUpload={"Parts": parts})
    return time.perf_counter() - started


def read_ranges(s3: Any, size: int) -> float:
    """Seconds of reading every range."""
    started = time.perf_counter()
    for start in range(0, size, RANGE):
        body = s3.get_object(Bucket="large", Key="object", Range=f"bytes={start}-{start + RANGE - 1}")["Body"].read()
        assert len(body) == RANGE
    return time.perf_counter() - started


def read_whole(s3: Any, size: int) -> float:
    """Seconds of reading all at once, piece by piece."""
    started = time.perf_counter()
    body = s3.get_object(Bucket="large", Key="object")["Body"]
    total = 0
    while chunk := body.read(MIB):
        total += len(chunk)
    assert total == size
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
