"""The engine, and a client over it, for a process that has no service around them."""

from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from openrek.config import usable_cores
from openrek.function import function_role
from openrek.rekognition import Client, Services
from openrek.s3 import ObjectStore
from openrek.state import Repositories
from openrek.vision import Engine, ModelPack, load_packs

# A function answers one event at a time, with four operations.
_QUEUE_OF_ONE = 4


def open_engine(workers: int, queue: int, data_dir: Path | None = None) -> Engine:
    """The engine over all installed packs, warm; with the pulled models that this data folder's owner chose.

    Raises:
        LookupError: a model is missing or damaged; the message says what helps.
    """
    pulled, use = _chosen(data_dir) if data_dir is not None else ((), {})
    engine = Engine((*load_packs(), *pulled), workers=workers, queue=queue, use=use)
    engine.warm()
    return engine


def face_model(data_dir: Path) -> str:
    """Names the model that embeds faces for this data folder; see Engine.face_model.

    Raises:
        LookupError: a model is missing or damaged.
    """
    pulled, use = _chosen(data_dir)
    with Engine((*load_packs(), *pulled), workers=usable_cores(), queue=1, use=use) as engine:
        return engine.face_model


def client_of(objects: ObjectStore, bucket: str, region: str) -> Client:
    """A client for a function that runs elsewhere: it may do what the role says, and nothing is kept here."""

    def nothing_kept() -> NoReturn:
        raise RuntimeError("the function on AWS has no database")

    services = Services(
        engine=open_engine(usable_cores(), _QUEUE_OF_ONE),
        objects=objects,
        resources=Repositories(nothing_kept, region),
        caller=function_role(bucket),
    )
    return Client(services)


def _chosen(data_dir: Path) -> tuple[tuple[ModelPack, ...], Mapping[str, str]]:
    from openrek.model_store import Library

    return Library(data_dir).in_use()
