"""REKOGNITION: the operations. One table of all, one module a family, findings rendered to wire shapes."""

from openrek.rekognition.client import Client
from openrek.rekognition.dispatch import dispatch
from openrek.rekognition.registry import NOT_YET, OPERATIONS
from openrek.rekognition.services import Services

__all__ = ["NOT_YET", "OPERATIONS", "Client", "Services", "dispatch"]
