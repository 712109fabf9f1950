"""A family of operations is three new files: its module, its repository, a migration. Nothing else is touched."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import openrek
from tests.conftest import start_service, stop_service

FAMILY = '''"""Face liveness, made up."""

from openrek.errors import SessionNotFoundError
from openrek.rekognition.operation import Request, Response
from openrek.rekognition.registry import operation
from openrek.rekognition.services import Services


@operation("CreateFaceLivenessSession", runs="database", differs="Everybody is alive.")
def create_face_liveness_session(request: Request, services: Services) -> Response:
    """A new session."""
    return {"SessionId": services.resources.liveness_sessions.create()}


@operation(
    "GetFaceLivenessSessionResults",
    runs="quick",
    max_body=1024,
    cannot_occur={"InvalidParameterException": "any session may be named"},
)
def get_face_liveness_session_results(request: Request, services: Services) -> Response:
    """What became of it."""
    status = services.resources.liveness_sessions.status(request["SessionId"])
    if status is None:
        raise SessionNotFoundError
    return {"SessionId": request["SessionId"], "Status": status, "Confidence": 100 / 3}
'''
REPOSITORY = '''"""Sessions, made up."""

import uuid

import sqlalchemy as sa

_sessions = sa.table("liveness_sessions", sa.column("id"), sa.column("status"))


class LivenessSessions:
    """Sessions by id."""

    def __init__(self, database, reader):
        self._database = database

    def create(self):
        session = str(uuid.uuid4())
        with self._database.begin() as connection:
            connection.execute(sa.insert(_sessions), {"id": session, "status": "CREATED"})
        return session

    def status(self, session):
        with self._database.connect() as connection:
            statement = sa.select(_sessions.c.status).where(_sessions.c.id == session)
            return connection.execute(statement).scalar()
'''
MIGRATION = '''"""Sessions, made up."""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"


def upgrade():
    op.create_table("liveness_sessions", sa.Column("id", sa.String(36), primary_key=True), sa.Column("status", sa.Text))
'''


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of openrek with three files more."""
    folder = tmp_path_factory.mktemp("tree")
    package = folder / "openrek"
    shutil.copytree(Path(openrek.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    versions = package / "db" / "migrations" / "versions"
    head = max(re.findall(r'^revision = "(\d+)"$', "\n".join(map(Path.read_text, versions.glob("*.py"))), re.MULTILINE))
    added = {
        package / "rekognition" / "operations" / "liveness.py": FAMILY,
        package / "state" / "liveness_sessions.py": REPOSITORY,
        versions / "m9999_liveness.py": MIGRATION.format(head=head),
    }
    for path, text in added.items():
        assert not path.exists()
        path.write_text(text, encoding="utf-8")
    return folder


def test_a_family_is_served_kept_and_documented(tree: Path, tmp_path: Path) -> None:
    environment = {"PYTHONPATH": str(tree)}
    service = start_service(tmp_path, environment=environment)
    try:
        client = service.client()
        session = client.create_face_liveness_session()["SessionId"]
        results = client.get_face_liveness_session_results(SessionId=session)
        assert (results["SessionId"], results["Status"]) == (session, "CREATED")
        assert results["Confidence"] == pytest.approx(100 / 3)
        with pytest.raises(client.exceptions.SessionNotFoundException):
            client.get_face_liveness_session_results(SessionId="00000000-0000-4000-8000-000000000000")
        assert client.list_collections()["CollectionIds"] == []
    finally:
        stop_service(service)
    page = subprocess.run(
        [sys.executable, "-m", "openrek.rekognition.coverage"],
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert "| CreateFaceLivenessSession | yes | Everybody is alive. |" in page
    assert re.search(r"InvalidParameterException \| GetFaceLivenessSessionResults \| Any session may be named", page)


def test_without_these_files_the_operation_is_not_there_yet() -> None:
    from openrek.rekognition import OPERATIONS

    assert OPERATIONS["CreateFaceLivenessSession"].not_yet
    assert OPERATIONS["CreateFaceLivenessSession"].max_body > 1024
