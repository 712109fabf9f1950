"""Listings in pages, from keys in ascending order."""

from collections.abc import Iterable, Iterator

from openrek.s3.storage import Listing, ListObjects, ObjectInfo


class ListedInPages:
    """`keys` and `folders` of a store that has `list_page`."""

    def keys(self: ListObjects, bucket: str, prefix: str) -> list[str]:
        """See ListObjects.keys."""
        return [info.key for page in pages(self, bucket, prefix) for info in page.objects]

    def folders(self: ListObjects, bucket: str, prefix: str) -> list[str]:
        """See ListObjects.folders."""
        listed = (each for page in pages(self, bucket, prefix, "/") for each in page.prefixes)
        return [each.removeprefix(prefix).removesuffix("/") for each in listed]


def pages(store: ListObjects, bucket: str, prefix: str, delimiter: str = "") -> Iterator[Listing]:
    """All pages of a listing."""
    after: str | None = ""
    while after is not None:
        page = store.list_page(bucket, prefix, after=after, delimiter=delimiter)
        after = page.next_after
        yield page


def page_of(
    entries: Iterable[tuple[str, ObjectInfo | None]], prefix: str, after: str, delimiter: str, limit: int
) -> Listing:
    """The first page of entries.

    Args:
        entries: Keys with their objects, or common prefixes with None, ascending; all begin with `prefix`.
        prefix: See ListObjects.list_page, also for the rest.
        after: Entries up to it are passed over.
        delimiter: What ends a common prefix.
        limit: Entries of a page.
    """
    objects: list[ObjectInfo] = []
    prefixes: list[str] = []
    last = after
    for key, info in entries:
        end = key.find(delimiter, len(prefix)) if delimiter else -1
        name = key[: end + len(delimiter)] if end >= 0 else key
        if name <= after or (prefixes and name == prefixes[-1]):
            continue
        if len(objects) + len(prefixes) == limit:
            return Listing(tuple(objects), tuple(prefixes), last)
        if end >= 0:
            prefixes.append(name)
        elif info is not None:
            objects.append(info)
        last = name
    return Listing(tuple(objects), tuple(prefixes))
