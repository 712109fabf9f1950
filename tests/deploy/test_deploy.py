"""`openrek deploy aws` and `openrek destroy aws` against moto's server.

moto's CloudFormation makes the bucket (with its encryption alone), functions, roles, log groups, permissions and the
topic. It passes over what it does not know, with a warning: HTTP APIs, bucket policies, alarms, subscriptions. cfn-lint
judges those in test_template.py. It makes no outputs of what a change set does, and never fails: test_stack.py
has both.
"""

import ast
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import openrek
from openrek.deploy.stack import Stack
from openrek.deploy.template import ROUTES
from openrek.function import role_document
from tests.deploy.conftest import ACCOUNT, REGION, client, environment, run

BUCKET = f"openrek-{ACCOUNT}-{REGION}"
CODE = f"openrek-code-{ACCOUNT}-{REGION}"

pytestmark = pytest.mark.usefixtures("package_index")


def function() -> dict[str, object]:
    found: dict[str, object] = client("lambda").get_function(FunctionName="openrek-amazon")["Configuration"]
    return found


def variables() -> dict[str, str]:
    found: dict[str, str] = function()["Environment"]["Variables"]  # type: ignore[index]
    return found


def buckets() -> set[str]:
    return {each["Name"] for each in client("s3").list_buckets()["Buckets"]}


def keys(bucket: str) -> list[str]:
    return [each["Key"] for each in client("s3").list_objects_v2(Bucket=bucket).get("Contents", ())]


def test_deploying_makes_what_the_template_says_and_prints_the_key_once(aws: str) -> None:
    done = run("deploy", "aws")
    assert done.exit_code == 0, done.output
    made = function()
    assert (made["Runtime"], made["Handler"], made["MemorySize"]) == ("python3.13", "openrek.aws.handler", 1536)
    key = next(line.removeprefix("Key: ") for line in done.stdout.splitlines() if line.startswith("Key: "))
    assert variables()["OPENREK_TOKEN_SHA256"] == hashlib.sha256(key.encode()).hexdigest()
    assert variables()["OPENREK_BUCKET"] == BUCKET
    assert variables()["OPENREK_VIDEO_TOPIC_ARN"] == f"arn:aws:sns:{REGION}:{ACCOUNT}:openrek-video"
    (artefact,) = keys(CODE)
    assert (
        artefact.removesuffix(".zip")
        == hashlib.sha256(client("s3").get_object(Bucket=CODE, Key=artefact)["Body"].read()).hexdigest()
    )

    role = str(made["Role"]).rpartition("/")[2]
    (policy,) = client("iam").list_role_policies(RoleName=role)["PolicyNames"]
    document = client("iam").get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    # moto gives a document that CloudFormation put as Python prints it.
    assert ast.literal_eval(document) == json.loads(role_document())
    tags = {each["Key"]: each["Value"] for each in client("iam").list_role_tags(RoleName=role)["Tags"]}
    assert tags == {"openrek-bucket": BUCKET, "openrek-stack": "openrek"}
    logs = client("logs").describe_log_groups()["logGroups"]
    assert {(each["logGroupName"], each["retentionInDays"]) for each in logs} == {
        ("/aws/lambda/openrek", 30),
        ("/aws/lambda/openrek-authoriser", 30),
        ("/aws/vendedlogs/apis/openrek", 30),
    }

    page = client("s3").get_object(Bucket=BUCKET, Key="web/index.html")
    assert page["ContentType"] == "text/html"
    (script,) = (key for key in keys(BUCKET) if key.endswith("/app.js"))
    asset = client("s3").get_object(Bucket=BUCKET, Key=script)
    assert (asset["ContentType"], asset["CacheControl"]) == ("text/javascript", "public, max-age=31536000, immutable")
    assert script.removeprefix("web/").encode() in page["Body"].read()
    described = json.loads(client("s3").get_object(Bucket=BUCKET, Key="web/openapi.json")["Body"].read())["paths"]
    # Collections are not corrected there: their rows are Amazon's.
    assert "/v1/analyses/{id}" in described
    assert {
        f"{method.upper()} {path}" for path, methods in described.items() for method in methods.keys() - {"parameters"}
    } <= set(ROUTES)


def test_deploying_again_changes_nothing_and_keeps_the_key(aws: str) -> None:
    run("deploy", "aws", "--memory", "1024")
    before = variables()["OPENREK_TOKEN_SHA256"]
    client("s3").put_object(Bucket=BUCKET, Key="web/of-an-older-version.js", Body=b"")
    done = run("deploy", "aws")
    assert done.exit_code == 0, done.output
    assert "The stack is unchanged" in done.output
    assert "Key: " not in done.output
    assert variables()["OPENREK_TOKEN_SHA256"] == before
    assert function()["MemorySize"] == 1024
    assert "web/of-an-older-version.js" not in keys(BUCKET)


def test_a_changed_source_is_deployed_and_a_new_key_ends_the_old_one(aws: str, tmp_path: Path) -> None:
    run("deploy", "aws")
    before, code = variables()["OPENREK_TOKEN_SHA256"], function()["CodeSha256"]
    source = tmp_path / "changed"
    shutil.copytree(Path(openrek.__file__).parent, source / "openrek", ignore=shutil.ignore_patterns("__pycache__"))
    with (source / "openrek" / "function" / "problem.py").open("a") as module:
        module.write("# A change.\n")
    done = subprocess.run(
        [sys.executable, "-m", "openrek", "deploy", "aws", "--new-key"],
        env={**os.environ, **environment(aws, tmp_path), "PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(keys(CODE)) == 2
    assert function()["CodeSha256"] != code
    assert variables()["OPENREK_TOKEN_SHA256"] != before
    assert f"Bucket: s3://{BUCKET}" in done.stdout


def test_a_key_of_one_s_own_comes_from_a_file_and_tokens_stay_when_nothing_is_said(aws: str) -> None:
    done = run("deploy", "aws", "--key-file", "-", stdin="a key that is long enough\n")
    assert "Key: " not in done.output
    assert variables()["OPENREK_TOKEN_SHA256"] == hashlib.sha256(b"a key that is long enough").hexdigest()
    tokens = ("--jwt-issuer", "https://login.example.com", "--jwt-audience", "openrek")
    assert run("deploy", "aws", *tokens).exit_code == 0
    assert variables()["OPENREK_TOKEN_SHA256"] == ""
    done = run("deploy", "aws", "--memory", "768")
    assert "Key: " not in done.output
    assert variables()["OPENREK_TOKEN_SHA256"] == ""


def test_destroying_leaves_the_data_and_with_data_nothing(aws: str) -> None:
    run("deploy", "aws")
    s3 = client("s3")
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"first", b"second"):
        s3.put_object(Bucket=BUCKET, Key="analyses/a/result.json", Body=body)
    s3.delete_object(Bucket=BUCKET, Key="analyses/a/result.json")

    assert run("destroy", "aws", stdin="n\n").exit_code == 1
    assert client("lambda").list_functions()["Functions"]
    done = run("destroy", "aws", stdin="y\n")
    assert done.exit_code == 0, done.output
    assert f"s3://{BUCKET}" in done.output
    assert client("lambda").list_functions()["Functions"] == []
    assert client("iam").list_roles()["Roles"] == []
    assert client("logs").describe_log_groups()["logGroups"] == []
    assert buckets() == {BUCKET}
    assert len(s3.list_object_versions(Bucket=BUCKET, Prefix="analyses/")["Versions"]) == 2

    assert run("destroy", "aws", "--with-data", "--yes").exit_code == 0
    assert buckets() == set()
    again = run("destroy", "aws", "--with-data", "--yes")
    assert again.exit_code == 1
    assert "there is no stack 'openrek'" in again.output


def test_what_somebody_else_made_is_left_alone(aws: str) -> None:
    template = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})
    client("cloudformation").create_stack(StackName="openrek", TemplateBody=template)
    for command in (("deploy", "aws"), ("destroy", "aws", "--yes", "--with-data")):
        done = run(*command)
        assert done.exit_code == 1
        assert "a stack 'openrek' that `openrek deploy` did not make" in done.output
    assert len(client("sns").list_topics()["Topics"]) == 1
    assert buckets() == set()

    client("ecr").create_repository(repositoryName="openrek-photos")
    client("s3").create_bucket(
        Bucket=f"openrek-photos-code-{ACCOUNT}-{REGION}", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    done = run("deploy", "aws", "--stack", "openrek-photos")
    assert done.exit_code == 1
    assert "did not make" in done.output
    assert run("destroy", "aws", "--stack", "openrek-photos", "--yes").exit_code == 1
    assert [each["repositoryName"] for each in client("ecr").describe_repositories()["repositories"]] == [
        "openrek-photos"
    ]
    assert f"openrek-photos-code-{ACCOUNT}-{REGION}" in buckets()


def test_the_key_is_told_even_if_what_comes_after_the_stack_fails(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise PermissionError("S3 took no more files")

    monkeypatch.setattr("openrek.deploy.buckets.OwnBucket.put_web", fail)
    done = run("deploy", "aws")
    assert done.exit_code == 1
    assert "S3 took no more files" in done.output
    key = next(line.removeprefix("Key: ") for line in done.stdout.splitlines() if line.startswith("Key: "))
    assert variables()["OPENREK_TOKEN_SHA256"] == hashlib.sha256(key.encode()).hexdigest()


def test_a_bucket_left_by_an_earlier_stack_is_taken_in_by_name_and_then_set_up(
    aws: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """moto cannot take a bucket in, so what it would be asked is looked at here."""
    requested: list[dict[str, object]] = []

    def note(stack: Stack, template: str, parameters: object, told: object) -> bool:
        requested.append(yaml.safe_load(template)["Resources"]["Bucket"])
        return True

    monkeypatch.setattr("openrek.deploy.stack.Stack.deploy", note)
    client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    done = run("deploy", "aws")
    assert done.exit_code == 0, done.output
    assert done.stdout.count("Key: ") == 1
    first, second = requested
    assert (first["Properties"], first["DeletionPolicy"]) == ({"BucketName": BUCKET}, "Retain")
    assert second["Properties"]["BucketName"] == BUCKET  # type: ignore[index]
    assert second["Properties"]["VersioningConfiguration"] == {"Status": "Enabled"}  # type: ignore[index]


@pytest.mark.parametrize("dry", [(), ("--dry-run", "--output", "out")], ids=["deployed", "dry"])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--stack", "pictures"), "must begin with 'openrek'"),
        (("--cors-origin", "https://a.example/path"), "is not a valid origin"),
        (("--alarm-topic", "mine"), "AlarmTopicArn is 'mine'"),
        (("--log-days", "31"), "must be one of"),
        (("--jwt-issuer", "http://a.example", "--jwt-audience", "b"), "JwtIssuer is 'http://a.example'"),
        (("--stack", "openrek-" + "x" * 40), "at most 24 characters"),
        (("--jwt-issuer", "https://login.example.com"), "both an issuer and an audience"),
        (("--new-key", "--jwt-issuer", "https://a.example", "--jwt-audience", "b"), "not both"),
        (("--key-file", "-"), "at least 20"),
    ],
)
def test_what_cannot_be_is_told_before_anything_is_done(
    aws: str,
    arguments: tuple[str, ...],
    message: str,
    dry: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("deploy", "aws", *arguments, *dry, stdin="short\n")
    assert done.exit_code in (1, 2)
    assert message in " ".join(done.output.split())
    assert buckets() == set()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"), [(("--dry-run",), "--output DIR"), (("--output", "somewhere"), "--dry-run")]
)
def test_a_dry_run_needs_a_folder_and_only_that_does(arguments: tuple[str, ...], message: str) -> None:
    assert message in run("deploy", "aws", *arguments).output


def test_no_credentials_and_no_region_are_told(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    assert "No region. Use --region" in run("deploy", "aws").output
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    done = run("deploy", "aws", "--region", REGION)
    assert done.exit_code == 1
    assert "No AWS credentials" in done.output
