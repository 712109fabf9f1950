"""A page of another origin in a real browser: presigned links and forms work as the bucket's CORS rules let them."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, FilePayload, Page, sync_playwright

from tests.api.s3_service import new_bucket, s3_client
from tests.conftest import RunningService
from tests.file_server import FileServer

pytestmark = pytest.mark.browser

_PAGE = b"<!doctype html><meta charset=utf-8><title>Elsewhere</title><link rel=icon href=data:,>"
_PUT = """
async ([url, text]) => {
  try {
    const answer = await fetch(url, {method: "PUT", body: new Blob([text], {type: "image/jpeg"})});
    return [answer.status, answer.headers.get("etag")];
  } catch (error) {
    return ["blocked", String(error)];
  }
}
"""
_POST = """
async ([url, fields]) => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append("file", new File(["from a form"], "ảnh.jpg", {type: "image/jpeg"}));
  try {
    const answer = await fetch(url, {method: "POST", body: form});
    return [answer.status, answer.headers.get("etag")];
  } catch (error) {
    return ["blocked", String(error)];
  }
}
"""
_READ = """
async url => {
  try {
    const answer = await fetch(url);
    return [answer.status, await answer.text()];
  } catch (error) {
    return ["blocked", String(error)];
  }
}
"""
_SUBMIT = """
([url, fields]) => {
  const form = document.createElement("form");
  form.method = "post";
  form.action = url;
  form.enctype = "multipart/form-data";
  for (const [name, value] of Object.entries(fields)) {
    const input = document.createElement("input");
    input.type = "hidden";
    input.name = name;
    input.value = value;
    form.append(input);
  }
  const file = document.createElement("input");
  file.type = "file";
  file.name = "file";
  form.append(file);
  document.body.append(form);
}
"""


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """Another origin, with a page."""
    with FileServer({"/": _PAGE, "/done": _PAGE}) as files:
        yield files.url


@pytest.fixture
def page(browser: Browser, elsewhere: str) -> Iterator[Page]:
    context = browser.new_context()
    page = context.new_page()
    page.goto(elsewhere + "/")
    yield page
    context.close()


@pytest.fixture(scope="module")
def s3(server: RunningService) -> Any:
    return s3_client(server)


@pytest.fixture(scope="module")
def bucket(s3: Any, elsewhere: str) -> Iterator[str]:
    rule = {
        "AllowedOrigins": [elsewhere],
        "AllowedMethods": ["GET", "PUT", "POST"],
        "AllowedHeaders": ["content-type"],
        "ExposeHeaders": ["ETag"],
    }
    with new_bucket(s3) as name:
        s3.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": [rule]})
        yield name


def put_link(s3: Any, bucket: str, key: str) -> str:
    link: str = s3.generate_presigned_url(
        "put_object", Params={"Bucket": bucket, "Key": key, "ContentType": "image/jpeg"}, ExpiresIn=60
    )
    return link


def test_a_presigned_link_puts_and_reads(page: Page, s3: Any, bucket: str) -> None:
    status, etag = page.evaluate(_PUT, [put_link(s3, bucket, "by-link.jpg"), "from a link"])
    head = s3.head_object(Bucket=bucket, Key="by-link.jpg")
    assert (status, etag, head["ContentType"]) == (200, head["ETag"], "image/jpeg")
    link = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "by-link.jpg"}, ExpiresIn=60)
    assert page.evaluate(_READ, link) == [200, "from a link"]
    status, text = page.evaluate(_READ, link + "0")  # the page may read why it was refused
    assert (status, "<Code>SignatureDoesNotMatch</Code>" in text) == (403, True)


def test_a_form_is_sent_by_a_script(page: Page, s3: Any, bucket: str) -> None:
    post = s3.generate_presigned_post(bucket, "by-script/${filename}", ExpiresIn=60)
    status, etag = page.evaluate(_POST, [post["url"], post["fields"]])
    got = s3.get_object(Bucket=bucket, Key="by-script/ảnh.jpg")
    assert (status, etag, got["Body"].read()) == (204, got["ETag"], b"from a form")


def test_a_form_is_submitted_and_leads_back(page: Page, s3: Any, elsewhere: str) -> None:
    """Without any rule: a form needs none."""
    with new_bucket(s3) as plain:
        field = {"success_action_redirect": f"{elsewhere}/done"}
        post = s3.generate_presigned_post(plain, "by-form/${filename}", field, [field], ExpiresIn=60)
        page.evaluate(_SUBMIT, [post["url"], post["fields"]])
        file: FilePayload = {"name": "người.jpg", "mimeType": "image/jpeg", "buffer": b"submitted"}
        page.set_input_files("input[type=file]", file)
        page.evaluate("document.forms[0].submit()")
        page.wait_for_url(f"{elsewhere}/done?*")
        assert s3.get_object(Bucket=plain, Key="by-form/người.jpg")["Body"].read() == b"submitted"


def test_a_bucket_without_rules_is_closed_to_the_page(page: Page, s3: Any) -> None:
    with new_bucket(s3) as closed:
        s3.put_object(Bucket=closed, Key="k", Body=b"secret")
        assert page.evaluate(_PUT, [put_link(s3, closed, "new.jpg"), "x"])[0] == "blocked"
        assert s3.list_objects_v2(Bucket=closed)["KeyCount"] == 1
        link = s3.generate_presigned_url("get_object", Params={"Bucket": closed, "Key": "k"}, ExpiresIn=60)
        assert page.evaluate(_READ, link)[0] == "blocked"
