"""REKOGNITION: the operations. One table of all, one module a family, results rendered to wire shapes."""

from openrek.rekognition.client import Client
from openrek.rekognition.dispatch import dispatch
from openrek.rekognition.operation import Operation
from openrek.rekognition.registry import OPERATIONS
from openrek.rekognition.services import Services

__all__ = ["OPERATIONS", "Client", "Operation", "Services", "dispatch"]
