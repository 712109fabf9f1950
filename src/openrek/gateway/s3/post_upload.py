"""A browser's form on its way to the disk: who signed it is verified before a byte of its file is kept."""

from collections.abc import Callable
from dataclasses import replace

from starlette.responses import Response

from openrek.errors import OpenrekError
from openrek.function.pipeline import MAX_STORED_BYTES
from openrek.function.uploads import PREFIX as UPLOADS
from openrek.gateway.browsers import scheme_of
from openrek.gateway.context import RequestContext
from openrek.gateway.s3 import checksums, objects, post_object, request_headers
from openrek.gateway.s3.call import Call, split_path
from openrek.gateway.s3.errors import S3Error
from openrek.gateway.s3.identification import SERVICE
from openrek.gateway.s3.object_head import check_header_value
from openrek.gateway.s3.post_form import FormReader, PostForm
from openrek.gateway.s3.post_policy import PostPolicy
from openrek.gateway.s3.upload import Upload
from openrek.gateway.services import GatewayServices
from openrek.iam import Verifier
from openrek.s3 import LocalObjectStore
from openrek.web.request_body import COURTESY_BYTES


class PostUpload:
    """Takes the body of a form: see BodySink.

    A browser that is cut off while it sends sees a broken connection, not the answer. The rest of a refused form is
    therefore read, up to 64 MiB, and kept nowhere.
    """

    def __init__(
        self, context: RequestContext, services: GatewayServices, store: LocalObjectStore, verifier: Verifier
    ) -> None:
        self._context = context
        self._services = services
        self._store = store
        self._verifier = verifier
        self._reader: FormReader | None = None
        self._policy: PostPolicy | None = None
        self._call: Call | None = None
        self._upload: Upload | None = None
        self._error: S3Error | OpenrekError | None = None
        self._dropped = 0

    def begin(self) -> None:
        """See BodySink.begin."""
        try:
            self._reader = FormReader(self._context.headers["content-type"], self._open)
        except S3Error as error:
            self._error = error

    def write(self, data: bytes) -> None:
        """See BodySink.write."""
        if self._error is not None or self._reader is None:
            self._dropped += len(data)
            if self._error is not None and self._dropped > COURTESY_BYTES:
                raise self._error
            return
        try:
            self._reader.feed(data)
        except (S3Error, OpenrekError) as error:
            self._error = error

    def end(self) -> None:
        """See BodySink.end."""
        if self._error is not None:
            raise self._error
        assert self._reader is not None
        self._reader.finish()
        form = self._reader.form
        post_object.key_of(form)  # there is a file
        assert self._policy is not None
        self._policy.check_size(form.size_bytes)

    def close(self) -> None:
        """See BodySink.close."""
        if self._upload is not None:
            self._upload.close()

    def answer(self) -> Response:
        """Makes the file an object; the response."""
        assert self._reader is not None
        assert self._call is not None
        host = self._context.headers.get("host", "")
        base_url = f"{scheme_of(self._context, self._services)}://{host}"
        return post_object.post_object(replace(self._call, upload=self._upload), self._reader.form, base_url)

    def _open(self, form: PostForm) -> Callable[[bytes], None]:
        """Verifies who signed the form, and that its policy and theirs let it upload; then takes the file."""
        context, services = self._context, self._services
        bucket, _ = split_path(context.request)
        key = post_object.key_of(form)
        signer = self._verifier.verify_form(form.fields, SERVICE)
        context.access_key_id = signer.access_key_id
        context.caller = services.keys.caller(signer.access_key_id)
        policy = post_object.allowing_policy(form, bucket, key)
        if bucket == services.bucket and key.startswith(UPLOADS):
            policy = replace(policy, max_bytes=min(policy.max_bytes, MAX_STORED_BYTES))
        context.object_key = key
        headers = post_object.headers_of(form.fields)
        for name, value in headers.items():
            check_header_value(name, value)
        request_headers.check(headers)
        conditions = context.conditions | {"aws:RequestedRegion": signer.region or services.region}
        self._call = Call("PUT", bucket, key, {}, headers, b"", context.caller, conditions, self._store)
        objects.check_announced(self._call)
        self._policy = policy
        self._upload = upload = Upload(self._store, checksums.algorithms_of(headers))

        def write(data: bytes) -> None:
            if form.size_bytes > policy.max_bytes:
                policy.check_size(form.size_bytes)
            upload.write(data)

        return write
