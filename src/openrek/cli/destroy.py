"""`openrek destroy`"""

import click

from openrek.cli.aws import aws_options, aws_session, plainly


@click.group(name="destroy", short_help="Take the system off AWS.")
def command() -> None:
    """Take off AWS what `openrek deploy` put there."""


@command.command()
@aws_options
@click.option("--with-data", is_flag=True, help="Also the bucket, with every image and every version in it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@plainly
def aws(stack: str, region: str | None, profile: str | None, with_data: bool, yes: bool) -> None:
    """Remove everything but the bucket with the analyses; with --with-data, that too."""
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
        found = deployment.destroy(progress.tell, progress.told, with_data=with_data, removed=progress.count)
    if not found:
        raise click.ClickException(f"there is no stack {stack!r} here, nor anything left of one")
    if not with_data and deployment.bucket.exists():
        click.echo(f"The data stays in s3://{deployment.bucket.name}; --with-data removes it.", err=True)
    click.echo(f"{stack} is removed.")
