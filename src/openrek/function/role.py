"""The function's role: what it may do, here and on AWS. `role.json` is deployed as it is.

The names of the bucket and of the stack are tags of the role (`openrek-bucket`, `openrek-stack`), so that one document
serves every stack:
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html
"""

from importlib.resources import files
from typing import TYPE_CHECKING

from openrek.config import ACCOUNT

if TYPE_CHECKING:
    from openrek.iam import Caller

BUCKET_TAG = "openrek-bucket"
STACK_TAG = "openrek-stack"
_STACK = "openrek"
_ARN = f"arn:aws:sts::{ACCOUNT}:assumed-role/openrek-function/openrek"


def role_document() -> str:
    """The role's policy, JSON."""
    return (files("openrek.function") / "role.json").read_text(encoding="utf-8")


def function_role(bucket: str) -> "Caller":
    """The function as a caller, with the bucket it keeps analyses in. On AWS it is IAM that decides."""
    from openrek.iam import Caller, Evaluator, Policy

    policy = Policy.parse(role_document())
    tags = {f"aws:PrincipalTag/{BUCKET_TAG}": bucket, f"aws:PrincipalTag/{STACK_TAG}": _STACK}
    return Caller(_ARN, Evaluator([policy]), tags)
