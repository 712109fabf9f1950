"""The entry on AWS Lambda: `openrek.aws.handler` for events, `openrek.aws.authorize` for who may call.

https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html
"""

import os
from functools import cache, partial
from pathlib import Path
from typing import Any

from openrek.cloudwatch import Log
from openrek.config import FunctionSettings, handles_events, load_function_settings
from openrek.function import (
    AnalysisStore,
    ClientRecognition,
    Function,
    FunctionServices,
    Recognition,
    VideoAnalysis,
)
from openrek.function.console_pages import Web, is_welcome
from openrek.function.logs import Logs
from openrek.s3 import BotoObjectStore
from openrek.web.lambda_event import kind_of, normalised
from openrek.web.login_session import Sessions


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answers an event of the API, the bucket or the video topic."""
    web, function = _entry()
    if kind_of(event) == "request":
        request = normalised(event)
        try:
            answer = web.answer(request) or _logs().answer(request)
        except Exception as error:
            return function.error_response(error, request, context.aws_request_id)
        if answer is not None:
            return answer
    return function(event, context)


def authorize(event: dict[str, Any], context: Any) -> dict[str, bool]:
    """Whether a request may pass: a Lambda authoriser of an HTTP API, with simple responses."""
    return {"isAuthorized": is_welcome(event, Sessions(_settings().token_sha256))}


@cache
def _settings() -> FunctionSettings:
    return load_function_settings(os.environ)


@cache
def _entry() -> tuple[Web, Function]:
    import boto3
    from botocore.config import Config

    from openrek.imaging.decoders import decode_in_process

    decode_in_process()
    settings = _settings()
    # Links must name the region's own host, which "auto" does not: a new bucket is known elsewhere only hours later.
    host = {"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"}
    config = Config(signature_version="s3v4", s3=host, retries={"mode": "standard"})
    s3 = boto3.client("s3", region_name=settings.region, config=config)
    objects = BotoObjectStore(s3)
    rekognition = _rekognition(settings)
    channel = {"SNSTopicArn": settings.video_topic_arn, "RoleArn": settings.video_role_arn}
    services = FunctionServices(
        recognition=_recognition(settings, objects, rekognition),
        archive=AnalysisStore(objects, settings.bucket),
        objects=objects,
        log=Log.to_stdout(),
        share=partial(_link, s3, "get_object", settings.link_seconds),
        offer=partial(_link, s3, "put_object", settings.link_seconds),
        link_seconds=settings.link_seconds,
        videos=VideoAnalysis(rekognition, channel) if settings.video_topic_arn else None,
    )
    sessions = Sessions(settings.token_sha256) if settings.token_sha256 else None
    # With the slash at its end it stands for what lies below, be it a host or, elsewhere than on AWS, a path.
    bucket_origin = _link(s3, "get_object", 60, "", settings.bucket, "web/").partition("web/")[0]
    return Web(objects, settings.bucket, sessions, bucket_origin, settings.assets_url), Function(services)


@cache
def _logs() -> Logs:
    return Logs(partial(_client, "logs"), os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME", ""))


def _client(service: str) -> Any:
    import boto3

    return boto3.client(service, region_name=_settings().region)


def _rekognition(settings: FunctionSettings) -> Any:
    import boto3
    from botocore.config import Config

    # Adaptive: requests slow down when they are throttled.
    config = Config(retries={"mode": "adaptive"})
    return boto3.client("rekognition", region_name=settings.region, config=config)


def _recognition(settings: FunctionSettings, objects: BotoObjectStore, rekognition: Any) -> Recognition:
    if settings.recognition == "amazon":
        return ClientRecognition(rekognition)
    from openrek.compose import compose
    from openrek.config import Settings
    from openrek.function import function_role

    # Nothing is kept here: the data folder is not used.
    system = compose(Settings(Path(os.devnull), region=settings.region), (objects, settings.bucket), pin_models=True)
    return system.recognition(caller=function_role(settings.bucket))


def _link(s3: Any, operation: str, seconds: int, origin: str, bucket: str, key: str) -> str:
    url: str = s3.generate_presigned_url(operation, Params={"Bucket": bucket, "Key": key}, ExpiresIn=seconds)
    return url


# Loaded while Lambda still counts it as initialisation, not while somebody waits.
if handles_events(os.environ):
    _entry()
