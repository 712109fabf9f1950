"""openrek: image recognition that anyone can run, and a drop-in for Amazon Rekognition.

`client("rekognition")` is boto3's twin without a socket; `analyze(path)` is the whole pipeline on one image.
"""

import os
from typing import TYPE_CHECKING, Any

from openrek.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from openrek.rekognition.client import Client

__all__ = ["__version__", "analyze", "client"]

# ONNX Runtime from 1.32 on reports its use to Microsoft unless this is set before it is imported. openrek looks at
# images offline, so it is set for whoever comes through this package; who wants the reports sets it to 0 themselves.
# For another library, which reads the environment. openrek's own settings are read by config.py alone.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")


def client(service: str = "rekognition") -> "Client":
    """A client with boto3's methods, arguments, results and exceptions, answered in this process.

    The models are loaded once per process, at the first client.

    Raises:
        ValueError: the service is not "rekognition".
    """
    from openrek.app import local_client

    return local_client(service)


def analyze(picture: "str | Path | bytes") -> dict[str, Any]:
    """Labels, faces, text and moderation of one image of up to 15 MiB, in the shapes of `POST /v1/analyses`.

    Nothing is kept.

    Raises:
        botocore.exceptions.ClientError: the image cannot be analysed; the message has the reason.
        OSError: the file cannot be read.
    """
    from pathlib import Path

    from openrek.app import local_findings, read_image

    data = picture if isinstance(picture, bytes) else read_image(Path(picture))
    return local_findings(data).as_dict()
