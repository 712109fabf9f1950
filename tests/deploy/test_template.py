"""The template says what it should, and everybody who reads templates agrees that it is right."""

import json
import warnings
from itertools import product
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from openrek.cloudwatch import Log
from openrek.deploy.template import (
    ROUTES,
    Authentication,
    Recognition,
    Template,
    build_template,
    check_parameters,
    taking_in,
    template_yaml,
)
from openrek.function import AnalysisStore, Function, FunctionServices, role_document
from openrek.s3 import LocalObjectStore
from tests.deploy.conftest import linted

BUCKET = "${AWS::StackName}-${AWS::AccountId}-${AWS::Region}"
FLAVOURS: list[tuple[Recognition, Authentication]] = list(product(("amazon", "openrek"), ("key", "jwt")))


@pytest.fixture(params=FLAVOURS, ids="-".join)
def template(request: pytest.FixtureRequest) -> Template:
    return build_template(*request.param)


def of_type(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    found = {name: each for name, each in template["Resources"].items() if each["Type"] == kind}
    return {name: each["Properties"] for name, each in found.items()}


def findings(policy: dict[str, Any]) -> set[tuple[str, str]]:
    """What parliament says of a policy: the issue and the action that it is about."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # it leaves its own files open
        from parliament import analyze_policy_string

    text = json.dumps(policy)
    # IAM puts in the tag's value and CloudFormation the account before either is judged; parliament knows neither.
    text = text.replace("${aws:PrincipalTag/openrek-bucket}", "openrek-bucket")
    text = text.replace("${aws:PrincipalTag/openrek-stack}", "openrek")
    analysed = analyze_policy_string(text, include_community_auditors=True)
    return {(found.issue, str(found.location.get("actions") or found.detail)) for found in analysed.findings}


def test_cfn_lint_finds_neither_an_error_nor_a_warning(template: Template) -> None:
    found = linted(template_yaml(template))
    assert [str(each) for each in found] == []


def test_the_sam_translator_passes_it_through_unchanged(template: Template, monkeypatch: pytest.MonkeyPatch) -> None:
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    read = yaml.safe_load(template_yaml(template))
    translated = Translator({}, Parser()).translate(json.loads(json.dumps(read)), {})
    assert translated == read == template


def test_it_fits_into_one_request(template: Template) -> None:
    assert len(template_yaml(template).encode()) <= 51_200


def test_the_function_s_role_is_the_document_of_the_function() -> None:
    role = of_type(build_template("amazon", "key"), "AWS::IAM::Role")["FunctionRole"]
    assert [each["PolicyDocument"] for each in role["Policies"]] == [json.loads(role_document())]
    assert role["Tags"] == [
        {"Key": "openrek-bucket", "Value": {"Fn::Sub": BUCKET}},
        {"Key": "openrek-stack", "Value": {"Ref": "AWS::StackName"}},
    ]


def test_parliament_finds_no_statement_too_broad() -> None:
    template = build_template("amazon", "key")
    roles = of_type(template, "AWS::IAM::Role")
    assert set(roles) == {"FunctionRole", "AuthoriserRole", "VideoRole"}
    # Handing a role on is always pointed out; ours goes to Rekognition alone, by its condition.
    assert findings(roles["FunctionRole"]["Policies"][0]["PolicyDocument"]) == {
        ("PERMISSIONS_MANAGEMENT_ACTIONS", "['iam:passrole']")
    }
    for name, placed in (
        ("AuthoriserRole", "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/openrek-authoriser:*"),
        ("VideoRole", "arn:aws:sns:eu-west-1:123456789012:openrek-video"),
    ):
        document = json.loads(json.dumps(roles[name]["Policies"][0]["PolicyDocument"]))
        for statement in document["Statement"]:
            statement["Resource"] = placed
        assert findings(document) == set()


def test_parliament_would_find_one() -> None:
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
    assert {issue for issue, _ in findings(policy)} >= {"RESOURCE_STAR"}


def test_only_rekognition_has_a_wildcard_for_its_resource() -> None:
    """Detection and video jobs have no resource to name: AWS takes nothing but "*".

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrekognition.html
    """
    for statement in json.loads(role_document())["Statement"]:
        actions = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        assert not any("*" in action for action in actions)
        if statement["Resource"] == "*":
            assert {action.partition(":")[0] for action in actions} == {"rekognition"}


def test_what_the_template_names_is_what_the_role_allows() -> None:
    allowed = {each["Sid"]: each["Resource"] for each in json.loads(role_document())["Statement"]}
    template = build_template("amazon", "key")
    stack = "${aws:PrincipalTag/openrek-stack}"
    assert allowed["WriteLog"] == allowed["ReadLog"] == f"arn:aws:logs:*:*:log-group:/aws/lambda/{stack}:*"
    assert of_type(template, "AWS::Logs::LogGroup")["FunctionLog"]["LogGroupName"] == {
        "Fn::Sub": "/aws/lambda/${AWS::StackName}"
    }
    assert allowed["KeepFailedEvents"].endswith(":openrek*-failed-events")
    assert of_type(template, "AWS::SQS::Queue")["FailedEvents"]["QueueName"] == {
        "Fn::Sub": "${AWS::StackName}-failed-events"
    }
    assert allowed["LetRecognitionTellOfVideos"].endswith(f":role/{stack}-video-*")
    assert of_type(template, "AWS::IAM::Role")["VideoRole"]["RoleName"] == {
        "Fn::Sub": "${AWS::StackName}-video-${AWS::Region}"
    }


def test_every_route_to_data_needs_proof_of_who_calls(template: Template) -> None:
    routes = of_type(template, "AWS::ApiGatewayV2::Route")
    assert {each["RouteKey"] for each in routes.values()} == set(ROUTES)
    for properties in routes.values():
        if "/v1/" in properties["RouteKey"]:
            assert properties["AuthorizationType"] in ("CUSTOM", "JWT")
            assert properties["AuthorizerId"]["Ref"] in template["Resources"]
        else:
            assert properties["AuthorizationType"] == "NONE"


def test_the_routes_with_data_are_the_function_s(tmp_path: Path) -> None:
    objects = LocalObjectStore(tmp_path)
    recognition = boto3.client("rekognition", region_name="eu-west-1")
    services = FunctionServices(
        recognition, AnalysisStore(objects, "openrek"), objects, Log(None, None), lambda *_: "", lambda *_: ""
    )
    elsewhere = {"GET /v1/logs"}  # the gateway's own; on AWS openrek.aws answers from CloudWatch Logs
    assert {route for route, guarded in ROUTES.items() if guarded} == set(Function(services).routes) | elsewhere


def test_the_bucket_is_private_encrypted_versioned_and_stays(template: Template) -> None:
    resource = template["Resources"]["Bucket"]
    properties = resource["Properties"]
    assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain"
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    assert "BucketEncryption" in properties
    assert {rule.get("Prefix") for rule in properties["LifecycleConfiguration"]["Rules"]} == {"uploads/", None}
    denied, allowed = template["Resources"]["BucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert (denied["Effect"], denied["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    # CloudFront alone, for this stack's distribution, and only the console's files.
    assert (allowed["Principal"], allowed["Action"]) == ({"Service": "cloudfront.amazonaws.com"}, "s3:GetObject")
    assert allowed["Resource"]["Fn::Sub"].endswith(":s3:::${Bucket}/web/*")
    assert allowed["Condition"]["StringEquals"]["AWS:SourceArn"]["Fn::Sub"].endswith(":distribution/${Assets}")


def test_what_a_leaked_key_can_spend_is_bounded_by_default(template: Template) -> None:
    resources, parameters = template["Resources"], template["Parameters"]
    analyses = resources["Stage"]["Properties"]["RouteSettings"]["POST /v1/analyses"]
    assert analyses["ThrottlingRateLimit"] == {"Ref": "AnalysisRate"}
    assert parameters["AnalysisRate"]["Default"] == 1
    # The inbox comes by no API: what bounds it is how many calls run at once.
    reserved = resources["Function"]["Properties"]["ReservedConcurrentExecutions"]
    assert reserved == {"Fn::If": ["HasConcurrency", {"Ref": "MaxConcurrency"}, {"Ref": "AWS::NoValue"}]}
    assert parameters["MaxConcurrency"]["Default"] == 5


def test_the_duration_alarm_counts_the_api_s_calls_alone(template: Template) -> None:
    """Events of the inbox may take two minutes, and nobody waits for them."""
    alarm = of_type(template, "AWS::CloudWatch::Alarm")["DurationAlarm"]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/ApiGateway", "IntegrationLatency")
    assert alarm["Dimensions"] == [{"Name": "ApiId", "Value": {"Ref": "Api"}}]
    assert alarm["Threshold"] < 30_000


def test_the_console_s_files_come_from_the_bucket_and_not_from_the_function(template: Template) -> None:
    (distribution,) = of_type(template, "AWS::CloudFront::Distribution").values()
    (origin,) = distribution["DistributionConfig"]["Origins"]
    assert origin["OriginPath"] == "/web"
    assert origin["OriginAccessControlId"] == {"Ref": "AssetsAccess"}
    assert not [route for route in ROUTES if route.startswith("GET /console")]
    variables = template["Resources"]["Function"]["Properties"]["Environment"]["Variables"]
    assert variables["OPENREK_ASSETS_URL"] == {"Fn::Sub": "https://${Assets.DomainName}"}


def test_the_secret_is_never_shown_and_never_a_default() -> None:
    parameter = build_template("amazon", "key")["Parameters"]["TokenSha256"]
    assert parameter["NoEcho"] is True
    assert "Default" not in parameter


def test_every_log_ends_some_day(template: Template) -> None:
    logs = of_type(template, "AWS::Logs::LogGroup")
    assert {str(each["RetentionInDays"]) for each in logs.values()} == {"{'Ref': 'LogRetentionDays'}"}


def test_the_flavours_differ_in_the_code_alone() -> None:
    amazon, openrek = (of_type(build_template(each, "key"), "AWS::Lambda::Function") for each in ("amazon", "openrek"))
    assert amazon["Function"]["Handler"] == "openrek.aws.handler"
    assert openrek["Function"]["ImageConfig"] == {"Command": ["openrek.aws.handler"]}
    assert openrek["AuthoriserFunction"]["ImageConfig"] == {"Command": ["openrek.aws.authorize"]}
    assert amazon["Function"]["Role"] == openrek["Function"]["Role"]


def test_a_setting_of_the_function_is_one_that_it_reads(template: Template) -> None:
    from openrek.config import load_function_settings

    variables = template["Resources"]["Function"]["Properties"]["Environment"]["Variables"]
    given = dict.fromkeys(variables, "1") | {
        "OPENREK_RECOGNITION": "amazon",
        "OPENREK_TOKEN_SHA256": "0" * 64,
        "OPENREK_ASSETS_URL": "https://d111111abcdef8.cloudfront.net",
    }
    settings = load_function_settings(given)
    for name in variables:
        assert hasattr(settings, name.removeprefix("OPENREK_").lower())


def test_what_events_fail_with_is_kept_and_told(template: Template) -> None:
    (events,) = of_type(template, "AWS::Lambda::EventInvokeConfig").values()
    assert events["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": ["FailedEvents", "Arn"]}
    alarms = of_type(template, "AWS::CloudWatch::Alarm")
    assert {"Name": "QueueName", "Value": {"Fn::GetAtt": ["FailedEvents", "QueueName"]}} in (
        alarms["FailedEventsAlarm"]["Dimensions"]
    )


def test_a_bucket_that_is_there_can_be_taken_in_and_gets_its_settings_afterwards() -> None:
    """CloudFormation takes in only what has a name written out, is retained, and is named in full.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
    """
    deployed = build_template("amazon", "key", bucket="openrek-123456789012-eu-west-1")
    first = taking_in(deployed)
    bucket = first["Resources"]["Bucket"]
    assert bucket["Properties"] == {"BucketName": "openrek-123456789012-eu-west-1"}
    assert bucket["DeletionPolicy"] == "Retain"
    settings = set(deployed["Resources"]["Bucket"]["Properties"]) - {"BucketName"}
    assert settings >= {"CorsConfiguration", "LifecycleConfiguration", "NotificationConfiguration"}
    assert {name: each for name, each in first["Resources"].items() if name != "Bucket"} == {
        name: each for name, each in deployed["Resources"].items() if name != "Bucket"
    }
    assert linted(template_yaml(deployed)) == []
    # For a moment nothing uses the days that versions are kept.
    assert {found.rule.id for found in linted(template_yaml(first))} == {"W2001"}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("LogRetentionDays", "31", "must be one of 1, 3, 5"),
        ("AlarmTopicArn", "my-topic", "must match"),
        ("MemorySize", "100", "from 256 to 10240"),
        ("CorsOrigins", "https://a.example,https://b.example/path", "'https://b.example/path' is not a valid origin"),
        ("CorsOrigins", "www.example.com", "is not a valid origin"),
    ],
)
def test_what_cloudformation_would_refuse_is_refused_at_once(name: str, value: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_parameters(build_template("amazon", "key"), {name: value})


def test_what_cloudformation_would_take_is_taken() -> None:
    arn = "arn:aws:sns:eu-west-1:123456789012:alarms"
    origins = "https://a.example,http://localhost:8080"
    for values in ({"AlarmTopicArn": arn, "CorsOrigins": origins}, {"AlarmTopicArn": "", "CorsOrigins": ""}):
        check_parameters(build_template("amazon", "key"), values)
