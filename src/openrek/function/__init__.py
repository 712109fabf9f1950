"""LAMBDA: the function. One `handler(event, context)`, here and on AWS.

It takes an API Gateway event, asks recognition, draws on the picture and stores the outcome. It knows its world only
through three ports (a Rekognition client, an object store, a log) and draws with Pillow alone, so that the package
that goes to AWS stays small.
"""

from openrek.function.analysis_store import AnalysisStore
from openrek.function.handler import Function
from openrek.function.role import function_role, role_document
from openrek.function.services import FunctionServices, Recognition

__all__ = ["AnalysisStore", "Function", "FunctionServices", "Recognition", "function_role", "role_document"]
