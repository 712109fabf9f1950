"""Numbers in requests."""

from openrek.gateway.s3.errors import S3Error


def whole_number(text: str, name: str, low: int, high: int) -> int:
    """The number that a parameter, header or element holds, written in ASCII digits.

    Raises:
        S3Error: it is not a number, or out of its range; the message names both.
    """
    digits = text.lstrip("0") or "0" if text.isascii() and text.isdigit() else ""
    if not digits or len(digits) > 19 or not low <= int(digits) <= high:
        raise S3Error(
            400, "InvalidArgument", f"{name} is {text[:20]!r}; it must be an integer between {low} and {high}."
        )
    return int(digits)
