"""How many decisions a second one core takes on a policy of 20 statements.

    python benchmarks/policies.py [--seconds 2]

The peer is the same policy read anew for each decision, which is what is saved by parsing beforehand.
"""

import argparse
import time
from typing import Any

from openrek.iam.evaluation import AccessRequest, Evaluator
from openrek.iam.policy import Policy

_USER = "arn:aws:iam::000000000000:user/lan"
_ACTIONS = ("Detect*", "Compare*", "Recognize*", "Get*", "List*", "Search*", "Describe*", "Tag*", "Index*", "Create*")


def document() -> dict[str, Any]:
    """Ten statements about Rekognition, ten about S3: allows, denials, conditions, a variable."""
    statements: list[dict[str, Any]] = [
        {
            "Sid": f"R{place}",
            "Effect": "Allow",
            "Action": f"rekognition:{action}",
            "Resource": ["*", "arn:aws:rekognition:*:*:collection/*"],
            "Condition": {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "127.0.0.0/8"]}},
        }
        for place, action in enumerate(_ACTIONS)
    ]
    statements += [
        {
            "Sid": f"S{place}",
            "Effect": "Deny" if place % 3 == 0 else "Allow",
            "Action": ["s3:GetObject", "s3:PutObject"],
            "Resource": f"arn:aws:s3:::bucket-{place}/${{aws:username}}/*",
            "Condition": {"StringNotLike": {"aws:UserAgent": "curl/*"}},
        }
        for place in range(10)
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def requests() -> list[AccessRequest]:
    """Of 40: some allowed, some denied, some that nothing speaks of."""
    context = {"aws:SourceIp": "10.1.2.3", "aws:username": "lan", "aws:UserAgent": "Boto3/1.43"}
    requested = [("rekognition:DetectLabels", "*"), ("rekognition:DeleteCollection", "*")]
    requested += [
        ("s3:GetObject", f"arn:aws:s3:::bucket-{place}/{who}/a.jpg") for place in range(10) for who in ("lan", "b")
    ]
    requested += [(f"rekognition:{action[:-1]}Faces", "arn:aws:rekognition:a:1:collection/c") for action in _ACTIONS]
    requested += [("s3:DeleteObject", f"arn:aws:s3:::bucket-{place}/lan/a.jpg") for place in range(8)]
    return [AccessRequest(_USER, action, resource, context) for action, resource in requested]


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0)
    arguments = parser.parse_args()
    evaluator, requested = Evaluator([Policy.parse(document())]), requests()
    allowed = sum(evaluator.decide(request).allowed for request in requested)
    parsed = _per_second(
        lambda: [evaluator.decide(request) for request in requested], len(requested), arguments.seconds
    )
    anew = _per_second(
        lambda: [Evaluator([Policy.parse(document())]).decide(request) for request in requested],
        len(requested),
        arguments.seconds,
    )
    print(f"{len(requested)} requests, {allowed} allowed")
    print("| | decisions/s on one core |\n|---|---|")
    print(f"| parsed once | {parsed:,.0f} |\n| parsed for each | {anew:,.0f} |")
    print(f"\nratio {parsed / anew:.1f}")


def _per_second(run: Any, count: int, seconds: float) -> float:
    rounds, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        run()
        rounds += 1
    return rounds * count / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
