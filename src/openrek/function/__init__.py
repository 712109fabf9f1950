"""LAMBDA: the function. One `handler(event, context)`, here and on AWS.

It takes an API Gateway event, has the image analyzed, draws on it and stores the outcome. It knows its world only
through three ports (recognition, an object store, a log) and draws with Pillow alone, so that the package
that goes to AWS stays small.
"""

from openrek.function.analysis_store import AnalysisStore
from openrek.function.handler import Function
from openrek.function.recognition import ClientRecognition, Recognition
from openrek.function.role import function_role, role_document
from openrek.function.services import FunctionServices, VideoAnalysis

__all__ = [
    "AnalysisStore",
    "ClientRecognition",
    "Function",
    "FunctionServices",
    "Recognition",
    "VideoAnalysis",
    "function_role",
    "role_document",
]
