"""`openrek destroy`"""

import click

from openrek.cli.aws import aws_options, aws_session, plainly


@click.group(name="destroy", short_help="Remove the system from AWS.")
def command() -> None:
    """Remove from AWS what `openrek deploy` created."""


@command.command()
@aws_options
@click.option("--with-data", is_flag=True, help="Also remove the bucket, with every image and every version in it.")
@click.option("--yes", is_flag=True, help="Do not prompt for confirmation.")
@plainly
def aws(stack: str, region: str | None, profile: str | None, with_data: bool, yes: bool) -> None:
    """Remove everything except the bucket with the analyses; with --with-data, that too."""
    from openrek.cli.progress import StackProgress
    from openrek.deploy.deployment import Deployment

    deployment = Deployment(aws_session(region, profile), stack)
    deployment.stack.check_ours()
    what = f"the stack {stack!r} with its API, functions and logs, and its artefacts"
    if repository := deployment.repository():
        what += f", the ECR repository {repository!r} with all its images"
    if with_data:
        what += f", AND ALL DATA in the bucket {deployment.bucket.name!r}"
    if not yes:
        click.confirm(f"Remove {what}?", abort=True)
    with StackProgress() as progress:
        found = deployment.destroy(progress.on_step, progress.on_event, with_data=with_data, removed=progress.count)
    if not found:
        raise click.ClickException(f"there is no stack {stack!r} in this region, nor resources left by one")
    if not with_data and deployment.bucket.exists():
        click.echo(f"The data stays in s3://{deployment.bucket.name}. To remove it, use --with-data.", err=True)
    click.echo(f"{stack} is removed.")
