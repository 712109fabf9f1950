"""The engine, and recognition over it, for a process that has no service around them."""

from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from openrek.config import Settings, usable_cores
from openrek.function import function_role
from openrek.function.local_recognition import LocalRecognition
from openrek.rekognition import Services
from openrek.s3 import ObjectStore
from openrek.state import Repositories
from openrek.vision import Engine, ModelPack, RuntimeOptions, load_packs


def runtime_options(settings: Settings) -> RuntimeOptions:
    """How models run, by the settings."""
    return RuntimeOptions(
        settings.workers, settings.execution_provider, settings.threads, memory_bytes=settings.model_memory
    )


def open_engine(options: RuntimeOptions, data_dir: Path | None = None, pin: bool = False) -> Engine:
    """The engine over all installed packs, with the pulled models that the owner of the data folder chose.

    Args:
        options: How models run.
        data_dir: The data folder; None for the installed packs alone.
        pin: Loads all models now and keeps them. Otherwise each is loaded when it is first needed.

    Raises:
        LookupError: a model is missing or damaged; the message says what helps.
        ValueError: the execution provider is not available.
    """
    pulled, use = _chosen(data_dir) if data_dir is not None else ((), {})
    engine = Engine((*load_packs(), *pulled), options, use)
    if pin:
        engine.pin()
    return engine


def face_model(data_dir: Path) -> str:
    """Names the model that embeds faces for this data folder; see Engine.face_model.

    Raises:
        LookupError: a model is missing or damaged.
    """
    with open_engine(RuntimeOptions(), data_dir) as engine:
        return engine.face_model


def recognition_of(objects: ObjectStore, bucket: str, region: str) -> LocalRecognition:
    """Recognition for a function that runs elsewhere: it may do what the role says, and nothing is kept here."""

    def nothing_kept() -> NoReturn:
        raise RuntimeError("the function on AWS has no database")

    services = Services(
        engine=open_engine(RuntimeOptions(usable_cores()), pin=True),
        objects=objects,
        resources=Repositories(nothing_kept, region),
        caller=function_role(bucket),
    )
    return LocalRecognition(services)


def _chosen(data_dir: Path) -> tuple[tuple[ModelPack, ...], Mapping[str, str]]:
    from openrek.model_store import Library

    return Library(data_dir).in_use()
