"""IAM: who calls, and what they may do. Keys, the signatures made with them, and policies.

Keys need a database, which the function on AWS does not have, so they are loaded on demand.
"""

from typing import TYPE_CHECKING, Any

from openrek.iam.caller import Caller
from openrek.iam.credentials import Credentials, ensure_credentials, ensure_token, role_credentials
from openrek.iam.evaluation import AccessRequest, Decision, Evaluator, Reason
from openrek.iam.policy import MalformedPolicy, Policy
from openrek.iam.presign import presign_url
from openrek.iam.signer import PendingSignature, Signer
from openrek.iam.sigv4 import STREAMING
from openrek.iam.vault import Vault
from openrek.iam.verifier import Verifier

if TYPE_CHECKING:
    from openrek.iam.keys import AccessKeys, KeyRecord

__all__ = [
    "STREAMING",
    "AccessKeys",
    "AccessRequest",
    "Caller",
    "Credentials",
    "Decision",
    "Evaluator",
    "KeyRecord",
    "MalformedPolicy",
    "PendingSignature",
    "Policy",
    "Reason",
    "Signer",
    "Vault",
    "Verifier",
    "ensure_credentials",
    "ensure_token",
    "presign_url",
    "role_credentials",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(name)
    from openrek.iam import keys

    return getattr(keys, name)
