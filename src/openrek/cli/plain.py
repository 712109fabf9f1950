"""Text from outside, made safe for a terminal."""

import re

import click

from openrek.errors import OpenrekError

# C0, DEL and C1, which terminals take for orders; marks that turn the direction of text; halves of broken file names.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(text: object) -> str:
    r"""The text with what a terminal would obey written out, as \x1b.

    File names, recognised words and requests' paths come from anybody: they must not colour, move or forge lines.
    """
    return _UNFIT.sub(lambda found: ascii(found[0])[1:-1], str(text))


def plainly(error: Exception) -> click.ClickException:
    """The error as the end of a command.

    Raises:
        Exception: the error itself, if it is unexpected: then its traceback is needed.
    """
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        return click.ClickException(plain(f"{where}{error.strerror}"))
    if isinstance(error, OpenrekError):
        return click.ClickException(plain(error.message))
    if isinstance(error, (OSError, RuntimeError, LookupError, ValueError)):
        return click.ClickException(plain(error))
    raise error
