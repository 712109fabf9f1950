"""An HTTP API on this machine: routes, Lambda authoriser and payload format 2.0, as Amazon API Gateway has them.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
"""

import base64
import json
import re
import threading
import uuid
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]

_MAX_BODY = 10 * 1024 * 1024
_TEXT = re.compile(r"(text/|application/(json|javascript|xml)).*")


class HttpApi:
    """The API of a deployment, on a port of its own.

    Args:
        routes: Route key → whether the authoriser guards it, as the template has them.
        handler: The function.
        authorise: The authoriser, with simple responses and no identity source: who is denied gets 403.
    """

    def __init__(self, routes: Mapping[str, bool], handler: Handler, authorize: Handler) -> None:
        self._routes = [(key, _pattern(key), guarded) for key, guarded in routes.items()]
        self._handler = handler
        self._authorise = authorize
        api = self

        class Server(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, headers, answer = api.answer(self.command, self.path, dict(self.headers), body)
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_POST = do_DELETE = do_GET  # noqa: N815

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        """Ends the server."""
        self._server.shutdown()
        self._server.server_close()

    def answer(
        self, method: str, target: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        """Status, headers and body."""
        parts = urlsplit(target)
        matches = (
            (key, pattern.fullmatch(f"{method} {parts.path}"), guarded) for key, pattern, guarded in self._routes
        )
        key, found, guarded = next((each for each in matches if each[1] is not None), ("", None, False))
        if found is None:
            return _own(404, "Not Found")
        if len(body) > _MAX_BODY:
            return _own(413, "Request Entity Too Large")
        event = _event(key, method, parts.path, parts.query, headers, body, found.groupdict())
        context = SimpleNamespace(aws_request_id=str(uuid.uuid4()))
        try:
            if guarded:
                # An authoriser is not given the body.
                requested = {name: value for name, value in event.items() if name not in ("body", "isBase64Encoded")}
                requested |= {"type": "REQUEST", "identitySource": None, "routeArn": f"arn:aws:execute-api:::{key}"}
                if not self._authorise(json.loads(json.dumps(requested)), context)["isAuthorized"]:
                    return _own(403, "Forbidden")
            answer = self._handler(json.loads(json.dumps(event)), context)
        except Exception:
            return _own(500, "Internal Server Error")
        data = answer.get("body") or ""
        raw = base64.b64decode(data) if answer.get("isBase64Encoded") else str(data).encode()
        return answer["statusCode"], list(answer.get("headers", {}).items()), raw


def _pattern(route_key: str) -> re.Pattern[str]:
    path = re.sub(r"\{(\w+)\+\}", r"(?P<\1>.+)", route_key)
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))


def _own(status: int, message: str) -> tuple[int, list[tuple[str, str]], bytes]:
    return status, [("content-type", "application/json")], json.dumps({"message": message}).encode()


def _event(
    key: str, method: str, path: str, query: str, headers: dict[str, str], body: bytes, parameters: dict[str, str]
) -> dict[str, Any]:
    lower = {name.lower(): value for name, value in headers.items()}
    cookies = [part.strip() for part in lower.pop("cookie", "").split(";") if part.strip()]
    is_text = _TEXT.match(lower.get("content-type", "")) is not None
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": key,
        "rawPath": path,
        "rawQueryString": query,
        "headers": {**lower, "x-forwarded-proto": "https"},
        "requestContext": {
            "domainName": lower.get("host", ""),
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"},
            "requestId": uuid.uuid4().hex[:15] + "=",
            "routeKey": key,
            "stage": "$default",
        },
        "isBase64Encoded": bool(body) and not is_text,
    }
    if cookies:
        event["cookies"] = cookies
    if query:
        event["queryStringParameters"] = dict(parse_qsl(query))
    if parameters:
        event["pathParameters"] = parameters
    if body:
        event["body"] = body.decode() if is_text else base64.b64encode(body).decode()
    return event
