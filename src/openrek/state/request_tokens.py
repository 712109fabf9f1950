"""Requests that may be sent again: a repeated one gets the first answer, and is not carried out twice."""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from openrek.db import Reader, request_tokens, writing
from openrek.errors import TokenReusedError

KEPT_SECONDS = 7 * 24 * 3600
Answer = dict[str, Any]
"""JSON."""


@dataclass(frozen=True, slots=True)
class TokenScope:
    """A client's token. Tokens of different callers or operations have nothing to do with each other."""

    caller: str
    """ARN."""
    operation: str
    token: str


class RequestTokens:
    """Answers by token, for 7 days."""

    def __init__(self, database: Engine, reader: Reader) -> None:
        self._database = database

    def recorded(self, scope: TokenScope | None, request: Mapping[str, Any]) -> Answer | None:
        """The answer that `once` recorded for a request; None if there is none.

        Raises:
            TokenReusedError: See `once`.
        """
        if scope is None:
            return None
        oldest = time.time_ns() // 1_000_000 - KEPT_SECONDS * 1000
        columns = request_tokens.c
        statement = select(columns.digest, columns.response).where(*_is(scope), columns.created_ms >= oldest)
        with self._database.connect() as connection:
            found = connection.execute(statement).first()
        return None if found is None else _answer(found.digest, found.response, scope, _digest(request))

    def once(self, scope: TokenScope | None, request: Mapping[str, Any], act: Callable[[Connection], Answer]) -> Answer:
        """Carry out a request and record its answer, in one transaction; or return the answer recorded before.

        A request that fails is not recorded.

        Args:
            scope: The token and whose it is; None for a request without one.
            request: JSON without the token: what must be the same when the token comes again.
            act: Carries it out in the transaction.

        Raises:
            TokenReusedError: The token came with another request in the last 7 days.
        """
        with writing(self._database) as connection:
            if scope is None:
                return act(connection)
            recorded = self._begin(connection, scope, _digest(request))
            if recorded is not None:
                return recorded
            answer = act(connection)
            text = orjson.dumps(answer).decode()
            connection.execute(update(request_tokens).where(*_is(scope)).values(response=text))
            return answer

    @staticmethod
    def _begin(connection: Connection, scope: TokenScope, digest: bytes) -> Answer | None:
        now = time.time_ns() // 1_000_000
        connection.execute(delete(request_tokens).where(request_tokens.c.created_ms < now - KEPT_SECONDS * 1000))
        row = {"caller": scope.caller[:512], "operation": scope.operation, "token": scope.token}
        try:
            # Of two equal requests at the same time, the second waits here until the first is committed.
            with connection.begin_nested():
                connection.execute(insert(request_tokens), row | {"digest": digest, "response": "", "created_ms": now})
        except IntegrityError:
            found = connection.execute(
                select(request_tokens.c.digest, request_tokens.c.response).where(*_is(scope))
            ).one()
            return _answer(found.digest, found.response, scope, digest)
        return None


def _digest(request: Mapping[str, Any]) -> bytes:
    # The standard library's, because text from within the process may have lone surrogates, which orjson refuses.
    return hashlib.sha256(json.dumps(request, sort_keys=True).encode("ascii")).digest()


def _answer(recorded: bytes, response: str, scope: TokenScope, digest: bytes) -> Answer:
    if recorded != digest:
        raise TokenReusedError(
            f"ClientRequestToken {scope.token!r} was used with other parameters. Use a new token for a new request."
        )
    answer: Answer = orjson.loads(response)
    return answer


def _is(scope: TokenScope) -> tuple[Any, ...]:
    columns = request_tokens.c
    return columns.caller == scope.caller[:512], columns.operation == scope.operation, columns.token == scope.token
