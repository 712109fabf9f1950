"""API GATEWAY: the front door, one ASGI application: AWS wire, REST API, shared objects, logs and console."""

from openrek.gateway.asgi import Gateway
from openrek.gateway.services import GatewayServices

__all__ = ["Gateway", "GatewayServices"]
