"""The ASGI application: a request in, the chain, its response out."""

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from openrek.gateway import pages
from openrek.gateway.api_routes import answer_preflight, function_routes, read_logs
from openrek.gateway.aws_json import AwsJsonEndpoint
from openrek.gateway.chain import Chain
from openrek.gateway.collection_routes import collection_routes
from openrek.gateway.context import RequestContext
from openrek.gateway.identification import Identification
from openrek.gateway.other_services import OtherServiceEndpoint
from openrek.gateway.rest import RestEndpoint
from openrek.gateway.routes import Route, RouteTable, RunsOn
from openrek.gateway.s3 import S3Endpoint
from openrek.gateway.services import GatewayServices
from openrek.gateway.sts import StsEndpoint
from openrek.gateway.video_routes import video_routes
from openrek.iam import Verifier


class Gateway:
    """Every incoming request."""

    def __init__(self, services: GatewayServices, verifier: Verifier) -> None:
        self._services = services
        self._chain = Chain(
            Identification(
                aws_json=AwsJsonEndpoint(verifier),
                rest=RestEndpoint(),
                s3=S3Endpoint(verifier),
                sts=StsEndpoint(verifier),
                other=OtherServiceEndpoint(),
                routes=RouteTable(self._routes()),
                preflight=Route("OPTIONS", "/", answer_preflight, public=True),
            )
        )

    def _routes(self) -> list[Route]:
        return [
            Route("GET", "/", pages.index, public=True),
            Route("GET", "/health", pages.health, public=True),
            Route("GET", "/login", pages.open_link, public=True),
            Route("POST", "/login", pages.log_in, public=True, max_body_bytes=pages.MAX_LOGIN_BYTES),
            Route("GET", "/docs", pages.docs, public=True),
            Route("GET", "/favicon.ico", pages.icon, public=True),
            Route("GET", "/openapi.json", pages.openapi, public=True),
            Route("GET", "/console/{path:path}", pages.static, public=True),
            *function_routes(self._services.function.routes),
            Route("GET", "/v1/logs", read_logs, RunsOn.THREAD),
            *collection_routes(),
            *video_routes(),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI entry. Only HTTP is spoken here."""
        if scope["type"] != "http":
            return
        context = RequestContext(Request(scope, receive))
        await self._chain(context, self._services)
        assert context.response is not None
        await context.response(scope, receive, send)
