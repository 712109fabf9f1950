"""Frozen settings. The only reader of the environment.

Every setting has a name in the environment, `OPENREK_` + upper case, and most have a flag of `openrek serve`;
a flag wins over the environment, the environment over the default.
"""

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

ACCOUNT = "000000000000"
"""The one AWS account there is here, in ARNs."""
_REGION = "us-east-1"
_PRECISIONS = ("auto", "float", "int8")
_ORIGIN = re.compile(r"https?://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?")
_URL = re.compile(r"https?://[^/\s?#]+\S*")
_CORS_ORIGIN = re.compile(r"\*|[A-Za-z][A-Za-z0-9+.-]*://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?")
DATABASE_SCHEMES = ("postgresql://", "postgres://")
_BOOLEANS = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})


def default_data_dir(environ: Mapping[str, str]) -> Path:
    """Per-user data folder, by each system's custom (XDG base directories on Linux)."""
    home = Path(environ.get("HOME") or Path.home())
    if sys.platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "openrek"
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "openrek"
    return Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "openrek"


def usable_cores() -> int:
    """Cores this process may run on: a container's or taskset's share, not the machine's."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return max(1, os.cpu_count() or 1)


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator may set."""

    data_dir: Path
    """Everything openrek keeps: credentials, objects, logs."""
    database: str = field(default="", repr=False)
    """Where state is kept, as "postgresql://USER:PASSWORD@HOST:PORT/DATABASE"; a file in the data folder if empty."""
    host: str = "127.0.0.1"
    """Address to listen on; loopback by default."""
    port: int = 8420
    """TCP port, 0 for any free one."""
    bucket: str = "openrek"
    """Bucket of the analyses."""
    s3: str = ""
    """Where objects are kept, as "s3://bucket?endpoint=URL&region=REGION"; the data folder if empty. Analyses go into
    this bucket."""
    s3_buckets: tuple[str, ...] = ()
    """Further buckets in places of their own, in the same form."""
    region: str = _REGION
    """Region in credential scopes and ARNs."""
    workers: int = field(default_factory=usable_cores)
    """Inference threads: models that run at the same time."""
    execution_provider: str = "cpu"
    """ONNX Runtime's execution provider; one that the installed ONNX Runtime does not have is an error at start."""
    threads: int = 1
    """Threads of one run of one model. One gives the most images per second; more, a shorter wait for a single one."""
    precision: str = "auto"
    """Which files of the models run: "float", "int8" where a model has such a file, or "auto": int8 on CPUs that are
    faster in 8 bits (VNNI, ARM's dot product)."""
    model_memory: int = 0
    """Bytes of memory for loaded models, 0 for no limit. Over it, the model that was used longest ago is unloaded."""
    queue: int = 64
    """Images that may wait for the engine; one more is answered ThrottlingException."""
    keep_faces: bool = False
    """Whether the crop of each indexed face is kept in the bucket, for people who correct a collection."""
    jobs: int = field(default_factory=lambda: max(1, usable_cores() - 1))
    """Jobs, such as analyses of videos, that run at the same time; 0 leaves them to `openrek worker`."""
    sns_endpoint: str = ""
    """URL of SNS, which takes the notifications of jobs' ends; Amazon's if empty."""
    webhook_url: str = ""
    """URL that the notification of every job's end is posted to; none if empty."""
    webhook_secret: str = field(default="", repr=False)
    """Key of the signature of what is posted there."""
    log_retention_days: int = 30
    """Log records older than this are deleted."""
    link_seconds: int = 3600
    """How long a shared object's link works."""
    public_url: str = ""
    """Where others reach the service, as "https://photos.example": behind a proxy that speaks TLS. Links in answers to
    requests for this host begin so. The proxy must pass the Host header on, for links are signed with it."""
    allowed_hosts: tuple[str, ...] = ()
    """Further Host header values to accept, besides loopback names and `host`."""
    cors_origins: tuple[str, ...] = ()
    """Origins whose pages may call the service with a key or the token, as "https://app.example"; "*" for all. Their
    session cookies never count, and buckets have rules of their own."""

    def __post_init__(self) -> None:
        for name, low, high in (
            ("port", 0, 65535),
            ("workers", 1, 1024),
            ("threads", 1, 1024),
            ("model_memory", 0, 1 << 50),
            ("queue", 1, 100_000),
            ("jobs", 0, 1024),
            ("log_retention_days", 1, 36_500),
            ("link_seconds", 1, 604_800),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f"{name} is {value}; it must be from {low} to {high}")
        if self.precision not in _PRECISIONS:
            raise ValueError(f"precision is {self.precision!r}; it must be one of {', '.join(_PRECISIONS)}")
        if self.database and not self.database.startswith(DATABASE_SCHEMES):
            # The value is not shown: it may have a password.
            raise ValueError(
                "database must be a URL of PostgreSQL, as postgresql://USER:PASSWORD@HOST:PORT/DATABASE; without it, "
                "state is kept in the data folder"
            )
        if self.public_url and not _ORIGIN.fullmatch(self.public_url):
            raise ValueError(
                f"public_url is {self.public_url!r}; it must be http:// or https://, a host and perhaps a port, no path"
            )
        for name in ("sns_endpoint", "webhook_url"):
            if (url := getattr(self, name)) and not _URL.fullmatch(url):
                raise ValueError(f"{name} is {url!r}; it must begin with http:// or https:// and a host")
        for origin in self.cors_origins:
            if not _CORS_ORIGIN.fullmatch(origin):
                raise ValueError(
                    f"cors_origins has {origin!r}; each must be a scheme, a host and perhaps a port, as "
                    "https://app.example, without a path, or *"
                )

    @property
    def public_host(self) -> str:
        """Host header of requests for the public URL; empty without one."""
        scheme, _, host = self.public_url.lower().partition("://")
        return host.removesuffix(":443" if scheme == "https" else ":80")

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the service."""
        return self.host in LOOPBACK_HOSTS


def load_settings(environ: Mapping[str, str], **flags: object) -> Settings:
    """Settings from flags (those not None), then `OPENREK_*` variables, then defaults.

    Raises:
        ValueError: a value is not of its type or out of its range; the message names the setting.
    """
    values: dict[str, object] = {"data_dir": default_data_dir(environ)}
    for setting in fields(Settings):
        raw = environ.get(f"OPENREK_{setting.name.upper()}")
        if raw is not None:
            values[setting.name] = _cast(setting.name, str(setting.type), raw)
    values.update({name: value for name, value in flags.items() if value is not None})
    data_dir = Path(str(values["data_dir"])).expanduser().resolve()
    return Settings(**{**values, "data_dir": data_dir})  # type: ignore[arg-type]


def _cast(name: str, kind: str, raw: str) -> object:
    if "tuple" in kind:
        return tuple(part.strip() for part in raw.split(",") if part.strip())
    if "int" in kind:
        try:
            return int(raw)
        except ValueError:
            raise ValueError(f"OPENREK_{name.upper()} is {raw!r}; it must be a whole number") from None
    if "Path" in kind:
        return Path(raw)
    if kind == "bool":
        if raw.lower() not in _BOOLEANS:
            raise ValueError(f"OPENREK_{name.upper()} is {raw!r}; it must be true or false")
        return _BOOLEANS[raw.lower()]
    return raw


@dataclass(frozen=True, slots=True)
class FunctionSettings:
    """Settings of the function on AWS, from its environment."""

    bucket: str
    """Bucket of the analyses, the uploads, the inbox and the console's files."""
    recognition: str = "amazon"
    """Who recognises: "amazon" Rekognition, or "openrek" in the function's own process."""
    token_sha256: str = ""
    """SHA-256 of the key to the API, hexadecimal; empty where an identity provider's tokens are checked."""
    link_seconds: int = 3600
    """How long a link to an object works."""
    video_topic_arn: str = ""
    """SNS topic that Rekognition notifies of finished videos; empty if videos are not analysed."""
    video_role_arn: str = ""
    """Role by which Rekognition does so."""
    assets_url: str = ""
    """Origin of the console's scripts, styles and icons, as "https://d111111abcdef8.cloudfront.net"."""
    region: str = _REGION
    """Where the function runs."""

    def __post_init__(self) -> None:
        if self.assets_url and not _ORIGIN.fullmatch(self.assets_url):
            raise ValueError(
                f"OPENREK_ASSETS_URL is {self.assets_url!r}; it must be https:// and a host, without a path"
            )
        if not self.bucket:
            raise ValueError("OPENREK_BUCKET is not set; it must name the bucket of the analyses")
        if self.recognition not in ("amazon", "openrek"):
            raise ValueError(f"OPENREK_RECOGNITION is {self.recognition!r}; it must be amazon or openrek")
        if self.token_sha256 and not re.fullmatch("[0-9a-fA-F]{64}", self.token_sha256):
            raise ValueError("OPENREK_TOKEN_SHA256 must be 64 hexadecimal digits")
        if not 1 <= self.link_seconds <= 604_800:
            raise ValueError(f"OPENREK_LINK_SECONDS is {self.link_seconds}; it must be from 1 to 604800")
        if bool(self.video_topic_arn) != bool(self.video_role_arn):
            raise ValueError("OPENREK_VIDEO_TOPIC_ARN and OPENREK_VIDEO_ROLE_ARN go together")


def load_function_settings(environ: Mapping[str, str]) -> FunctionSettings:
    """The settings of the function on AWS.

    Raises:
        ValueError: a value is missing, not of its type or out of its range; the message names it.
    """
    values: dict[str, object] = {"bucket": ""}
    for setting in fields(FunctionSettings):
        raw = environ.get(f"OPENREK_{setting.name.upper()}")
        if raw is not None:
            values[setting.name] = _cast(setting.name, str(setting.type), raw)
    values["region"] = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or _REGION
    return FunctionSettings(**values)  # type: ignore[arg-type]


def handles_events(environ: Mapping[str, str]) -> bool:
    """Whether Lambda started this process to handle events, not to authorise."""
    return environ.get("_HANDLER") == "openrek.aws.handler"
