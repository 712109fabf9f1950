"""The signature of a browser form's policy.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-UsingHTTPPOST.html
"""

from collections.abc import Mapping
from dataclasses import dataclass

from openrek.errors import IncompleteSignatureError
from openrek.iam import sigv2
from openrek.iam.claims import read_credential
from openrek.iam.sigv4 import ALGORITHM, Scope, signature, signing_key

SIGNATURE_FIELDS = frozenset({"policy", "signature", "awsaccesskeyid", "x-amz-signature"})
"""Fields that prove who signed and need no condition in the policy."""
_OF_VERSION_4 = ("x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature")


@dataclass(frozen=True, slots=True)
class FormClaim:
    """The signature of a form's policy, of version 4 or 2."""

    access_key_id: str
    signature: str
    policy: str
    """Base64 as it was sent: this is what is signed."""
    scope: Scope | None
    """None for version 2."""
    timestamp: str
    """As "20260131T235959Z"; empty for version 2."""
    token: str | None
    """The session token."""

    @classmethod
    def read(cls, fields: Mapping[str, str]) -> "FormClaim | None":
        """The claim of a form; None where it is not signed.

        Args:
            fields: With lower-case names.

        Raises:
            IncompleteSignatureError: a part is missing or malformed.
        """
        if not any(name in fields for name in SIGNATURE_FIELDS):
            return None
        token = fields.get("x-amz-security-token")
        if "awsaccesskeyid" in fields:
            _require(fields, ("policy", "awsaccesskeyid", "signature"))
            return cls(fields["awsaccesskeyid"], fields["signature"], fields["policy"], None, "", token)
        _require(fields, ("policy", *_OF_VERSION_4))
        if fields["x-amz-algorithm"] != ALGORITHM:
            raise IncompleteSignatureError(f"X-Amz-Algorithm only supports {ALGORITHM}.")
        access_key_id, scope = read_credential(fields["x-amz-credential"])
        return cls(access_key_id, fields["x-amz-signature"], fields["policy"], scope, fields["x-amz-date"], token)

    def expected(self, secret: str) -> str:
        """The signature that the owner of the secret key makes of this policy."""
        if self.scope is None:
            return sigv2.signature(secret, self.policy)
        return signature(signing_key(secret, self.scope), self.policy)


def _require(fields: Mapping[str, str], names: tuple[str, ...]) -> None:
    missing = [name for name in names if not fields.get(name)]
    if missing:
        raise IncompleteSignatureError(f"The form lacks the fields {', '.join(missing)}.")
