"""IAM: who calls. Keys, and the signatures made with them."""

from openrek.iam.credentials import Credentials, ensure_credentials, ensure_token
from openrek.iam.presign import presign_url
from openrek.iam.verifier import Verifier

__all__ = ["Credentials", "Verifier", "ensure_credentials", "ensure_token", "presign_url"]
