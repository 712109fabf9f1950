"""The command line: one module a command, imported only when it is called."""

from importlib import import_module
from typing import Any

import click

from openrek.errors import ServiceError

COMMANDS = {
    "serve": "Start the service and the web console.",
    "worker": "Run jobs that a service started.",
    "analyze": "Analyse images or folders of images.",
    "logs": "Read or follow the log.",
    "keys": "Manage access keys and their policies.",
    "models": "Pull, verify and use other models.",
    "faces": "Index folders of images into a collection, and correct who is who.",
    "collections": "List, export and import collections of faces.",
    "celebrities": "Manage the people that RecognizeCelebrities recognizes.",
    "deploy": "Deploy the same system to AWS.",
    "destroy": "Remove the system from AWS.",
    "sync": "Copy analyses between a data folder and S3.",
}


_INTERRUPTED = 130
"""Exit status of a program that SIGINT ended, as shells have it: 128 + 2."""


def _end_interrupted() -> None:
    from openrek.cli.stop_signals import end_now

    end_now("Interrupted.\n", _INTERRUPTED)  # threads may be in the middle of an image


def _was_interrupted(error: BaseException | None) -> bool:
    """Whether the error came of an interrupt: compiled modules that are interrupted as they load raise ImportError."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"openrek.cli.{cmd_name}").command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Reports errors that any command can meet, such as a read-only folder, as a message without a traceback."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            _end_interrupted()
        except ImportError as error:
            if _was_interrupted(error):
                _end_interrupted()
            raise
        except (OSError, RuntimeError) as error:
            if isinstance(
                error, (BrokenPipeError, click.exceptions.Exit, click.Abort, NotImplementedError, RecursionError)
            ):
                raise  # click's own, or a bug
            from openrek.cli.plain import plainly

            raise plainly(error) from None
        except ServiceError as error:
            from openrek.cli.plain import plainly

            raise plainly(error) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="openrek")
def main() -> None:
    """openrek: image recognition that anyone can run."""
