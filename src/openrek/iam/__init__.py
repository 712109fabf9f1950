"""IAM: who calls, and what they may do. Keys, the signatures made with them, and policies."""

from openrek.iam.caller import Caller
from openrek.iam.credentials import Credentials, ensure_credentials, ensure_token
from openrek.iam.evaluation import AccessRequest, Decision, Evaluator, Reason
from openrek.iam.keys import AccessKeys, KeyRecord
from openrek.iam.policy import MalformedPolicy, Policy
from openrek.iam.presign import presign_url
from openrek.iam.vault import Vault
from openrek.iam.verifier import Verifier

__all__ = [
    "AccessKeys",
    "AccessRequest",
    "Caller",
    "Credentials",
    "Decision",
    "Evaluator",
    "KeyRecord",
    "MalformedPolicy",
    "Policy",
    "Reason",
    "Vault",
    "Verifier",
    "ensure_credentials",
    "ensure_token",
    "presign_url",
]
