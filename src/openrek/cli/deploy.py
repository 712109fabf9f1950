"""`openrek deploy`"""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from openrek.cli.aws import aws_options, aws_session, plainly

if TYPE_CHECKING:
    from openrek.deploy.deployment import Choices

_PARAMETERS = {
    "memory": "MemorySize",
    "link_seconds": "LinkSeconds",
    "log_days": "LogRetentionDays",
    "version_days": "VersionRetentionDays",
    "throttle_rate": "ThrottleRate",
    "throttle_burst": "ThrottleBurst",
    "analysis_rate": "AnalysisRate",
    "analysis_burst": "AnalysisBurst",
    "max_concurrency": "MaxConcurrency",
    "alarm_topic": "AlarmTopicArn",
}


@click.group(name="deploy", short_help="Deploy the same system to AWS.")
def command() -> None:
    """Deploy the same system to AWS: HTTP API, function, bucket, logs."""


@command.command()
@aws_options
@click.option(
    "--recognition",
    type=click.Choice(["amazon", "openrek"]),
    help="Amazon Rekognition, or openrek's own models in a container image.  [default: unchanged, or amazon]",
)
@click.option(
    "--architecture",
    type=click.Choice(["arm64", "x86_64"]),
    help="CPU architecture of the function.  [default: unchanged, or arm64]",
)
@click.option("--key-file", type=click.File("r"), help="File with the callers' key, - for standard input.")
@click.option("--new-key", is_flag=True, help="Create a new key; the old one stops working.")
@click.option("--jwt-issuer", metavar="URL", help="Accept tokens of this identity provider instead of a key.")
@click.option(
    "--jwt-audience", "jwt_audiences", metavar="NAME", multiple=True, help="Audience of the tokens; repeatable."
)
@click.option("--memory", type=click.IntRange(256, 10240), help="Memory of the function in MB.")
@click.option("--link-seconds", type=click.IntRange(1, 43200), help="How long links to images work.")
@click.option("--log-days", type=int, help="Retention of logs in days; one of CloudWatch's values.")
@click.option("--version-days", type=click.IntRange(1, 3650), help="Days for which deleted objects can be restored.")
@click.option("--throttle-rate", type=click.IntRange(1, 10000), help="Requests a second in the long run.")
@click.option("--throttle-burst", type=click.IntRange(1, 5000), help="Requests at once.")
@click.option("--analysis-rate", type=click.IntRange(1, 10000), help="Analyses a second in the long run.")
@click.option("--analysis-burst", type=click.IntRange(1, 5000), help="Analyses at once.")
@click.option("--max-concurrency", type=click.IntRange(0, 1000), help="Calls of the function at once; 0 reserves none.")
@click.option(
    "--cors-origin",
    "cors_origins",
    metavar="URL",
    multiple=True,
    help="Origin whose pages may call the API; '' for none.",
)
@click.option("--alarm-topic", metavar="ARN", help="SNS topic for alarms; '' for none.")
@click.option("--dry-run", is_flag=True, help="Only write files, without calls to AWS.")
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), help="Folder for --dry-run.")
@plainly
def aws(
    stack: str,
    region: str | None,
    profile: str | None,
    dry_run: bool,
    output: Path | None,
    **given: Any,
) -> None:
    """Deploy to AWS, or update the stack. Options that are not given keep their values.

    A key for the callers is made the first time and printed, once. The console's address is printed at the end.
    """
    from openrek.deploy.deployment import check_stack_name

    if dry_run != (output is not None):
        raise click.UsageError("--dry-run and --output DIR go together")
    try:
        check_stack_name(stack)
        choices = _choices(given)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if output is not None:
        _write(output, stack, choices)
    else:
        _deploy(aws_session(region, profile), stack, choices)


def _choices(given: dict[str, Any]) -> "Choices":
    from openrek.deploy.deployment import Choices

    parameters = {name: str(given[option]) for option, name in _PARAMETERS.items() if given[option] is not None}
    if given["cors_origins"]:
        parameters["CorsOrigins"] = ",".join(given["cors_origins"])
    return Choices(
        given["recognition"],
        given["architecture"],
        given["key_file"].read().strip() if given["key_file"] else None,
        given["new_key"],
        given["jwt_issuer"],
        given["jwt_audiences"],
        parameters,
    )


def _write(folder: Path, stack: str, choices: "Choices") -> None:
    from openrek.deploy.handover import write_handover

    artefact, key = write_handover(folder, stack, choices, lambda text: click.echo(f"{text} …", err=True))
    if key is not None:
        _show_key(key)
    for name in ("template.yaml", "parameters.json", "web", "README.md"):
        click.echo(f"{folder / name}")
    click.echo(f"{artefact.path}  {artefact.unpacked_bytes / 1e6:.1f} MB unpacked, SHA-256 {artefact.sha256}")


def _deploy(session: Any, stack: str, choices: "Choices") -> None:
    from openrek.cli.progress import StackProgress
    from openrek.deploy.deployment import Deployment

    deployment = Deployment(session, stack)
    with tempfile.TemporaryDirectory(prefix="openrek-") as folder, StackProgress() as progress:
        deployed = deployment.deploy(choices, Path(folder), progress.on_step, progress.on_event, _show_key)
    if not deployed.changed:
        click.echo("The stack is unchanged.", err=True)
    click.echo(f"Bucket: s3://{deployment.bucket.name}")
    if not deployed.alarm_topic:
        click.echo(
            "No one is notified of alarms: they only show in the CloudWatch console. Name an SNS topic with "
            "--alarm-topic ARN.",
            err=True,
        )
    click.echo(f"Console: {deployed.outputs.get('ConsoleUrl', 'the stack has no ConsoleUrl')}")


def _show_key(key: str) -> None:
    click.echo(
        "The key for callers and for the console. It is shown only this once; AWS stores only its SHA-256:", err=True
    )
    click.echo(f"Key: {key}")
