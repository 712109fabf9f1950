"""Values of a query string."""

from openrek.web.api_error import ApiError

_MAX_DIGITS = 19
_MAX_TEXT = 128


def whole_number(text: str | None, name: str, low: int, high: int, default: int) -> int:
    """A parameter that must be a whole number from `low` to `high`; `default` where it is absent.

    Raises:
        ApiError: 400, it is not.
    """
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > _MAX_DIGITS or not low <= int(text) <= high:
        message = f"{name} is {text[:20]!r}; it must be a whole number from {low} to {high}"
        raise ApiError(400, "InvalidParameterException", message)
    return int(text)


def printable(text: str | None, name: str, max_length: int = _MAX_TEXT) -> str | None:
    """A parameter that must be short printable ASCII; None where it is absent.

    Raises:
        ApiError: 400, it is not.
    """
    if text is not None and (len(text) > max_length or not text.isascii() or not text.isprintable()):
        message = f"{name} must have at most {max_length} printable ASCII characters."
        raise ApiError(400, "InvalidParameterException", message)
    return text
