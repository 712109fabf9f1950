"""The console in a real browser, against a real service."""

import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, Route, expect, sync_playwright

from tests.conftest import RunningService

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]

_HOVER = "button.row[data-id^='objects:'], button.row[data-id^='faces:']"
# Recognition on a busy two-core machine.
_PATIENCE_MS = 60_000
_WIDTH = "image => image.decode().then(() => image.naturalWidth)"


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One Chromium for the module."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, server: RunningService) -> Iterator[OpenPage]:
    """Opens the console, logged in; what the page reports as an error fails the test."""
    contexts = []
    complaints: list[str] = []

    def open_page(*, path: str = "/", log_in: bool = True, **options: Any) -> Page:
        context = browser.new_context(base_url=server.url, **{"locale": "en-GB", **options})
        contexts.append(context)
        context.set_default_timeout(_PATIENCE_MS)
        if log_in:
            assert context.request.post("/login", data={"token": server.token}).status == 204
        page = context.new_page()
        _listen(page, server.url, complaints)
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def _listen(page: Page, url: str, complaints: list[str]) -> None:
    """Notes script errors, what the Content-Security-Policy stopped, and requests to anywhere else."""

    def on_message(message: ConsoleMessage) -> None:
        if "Content Security" in message.text:
            complaints.append(message.text)

    def on_request(request: Request) -> None:
        if not request.url.startswith((url, "blob:", "data:")):
            complaints.append(request.url)

    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", on_message)
    page.on("request", on_request)


@pytest.fixture(scope="module")
def portrait(tmp_path_factory: pytest.TempPathFactory, astronaut: bytes) -> Path:
    """The astronaut as a file."""
    path = tmp_path_factory.mktemp("pictures") / "portrait.jpg"
    path.write_bytes(astronaut)
    return path


def _is_upload(response: Response) -> bool:
    return response.request.method == "POST" and response.url.endswith("/v1/analyses")


def analyse(page: Page, image: Path) -> dict[str, Any]:
    """Chooses a picture and waits until its analysis is shown; the analysis."""
    with page.expect_response(_is_upload, timeout=_PATIENCE_MS) as answered:
        page.set_input_files("input[name=pick]", image)
    return shown(page, answered.value)


def shown(page: Page, answer: Response) -> dict[str, Any]:
    """Waits until the analysis that this answer created is shown; the analysis."""
    assert answer.status == 201
    location = answer.headers["location"]
    expect(page).to_have_url(re.compile(f"#{location.rpartition('/')[2]}$"))
    expect(page.locator("#result-title")).to_be_visible()
    result: dict[str, Any] = page.request.get(location).json()
    return result


def test_the_one_time_link_opens_the_console_and_works_once(
    browser: Browser, server: RunningService, portrait: Path
) -> None:
    first, second = browser.new_context(), browser.new_context()
    page = first.new_page()
    page.goto(server.login_url)
    expect(page.locator("rek-uploader")).to_be_visible()
    assert page.evaluate("document.cookie") == ""  # HttpOnly: no script can read the session.
    other = second.new_page()
    other.goto(server.login_url)
    expect(other.locator("rek-login")).to_be_visible()
    first.close()
    second.close()


def test_a_picture_is_shown_with_its_labels_faces_and_boxes(open_page: OpenPage, portrait: Path) -> None:
    page = open_page()
    result = analyse(page, portrait)
    assert "Person" in [label["Name"] for label in result["labels"]]
    expect(page.locator(".labels .row", has_text="Person").first).to_be_visible()
    expect(page.locator(".outline.faces")).to_have_count(len(result["faces"]))
    assert len(result["faces"]) == 1
    boxes = sum(len(label["Instances"]) for label in result["labels"])
    expect(page.locator(".outline.objects")).to_have_count(boxes)
    assert page.locator(".frame img").evaluate(_WIDTH) == 512
    expect(page.locator("#said")).to_contain_text("1 face")


def test_a_box_lies_where_the_result_says(open_page: OpenPage, portrait: Path) -> None:
    page = open_page()
    box = analyse(page, portrait)["faces"][0]["BoundingBox"]
    frame = page.locator(".frame").bounding_box()
    drawn = page.locator(".outline.faces .line").bounding_box()
    assert frame is not None
    assert drawn is not None
    line = 6  # Half a stroke on either side, and rounding.
    assert abs(drawn["x"] - (frame["x"] + box["Left"] * frame["width"])) < line
    assert abs(drawn["y"] - (frame["y"] + box["Top"] * frame["height"])) < line
    assert abs(drawn["width"] - box["Width"] * frame["width"]) < 2 * line


def test_a_row_lights_its_boxes_and_a_box_its_row(open_page: OpenPage, portrait: Path) -> None:
    page = open_page()
    analyse(page, portrait)
    row = page.locator("button.row[data-id='faces:0']")
    outline = page.locator(".outline[data-id='faces:0']")
    row.hover()
    expect(outline).to_have_class(re.compile(r"\blit\b"))
    expect(page.locator(".name-tag.faces")).to_contain_text("Face 1")
    page.mouse.move(2, 2)
    expect(outline).not_to_have_class(re.compile(r"\blit\b"))
    outline.focus()
    expect(row).to_have_class(re.compile(r"\blit\b"))


def test_arrow_keys_go_from_box_to_box(open_page: OpenPage, portrait: Path) -> None:
    page = open_page()
    analyse(page, portrait)
    outlines = page.locator(".outline")
    outlines.first.focus()
    page.keyboard.press("ArrowRight")
    expect(outlines.nth(1)).to_be_focused()
    assert re.search(r", \d", outlines.nth(1).get_attribute("aria-label") or "")
    page.keyboard.press("ArrowLeft")
    expect(outlines.first).to_be_focused()


def test_a_layer_can_be_hidden(open_page: OpenPage, portrait: Path) -> None:
    page = open_page()
    analyse(page, portrait)
    page.locator(".layer.faces").click()
    expect(page.locator(".outline.faces")).to_have_count(0)
    expect(page.locator(".outline.objects").first).to_be_attached()
    page.locator(".layer.faces").click()
    expect(page.locator(".outline.faces")).to_have_count(1)


def test_the_json_can_be_copied(open_page: OpenPage, portrait: Path) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    result = analyse(page, portrait)
    page.locator("wa-details.json .summary").click()
    page.get_by_role("button", name="Copy the JSON").click()
    expect(page.locator("#said")).to_have_text("Copied.")
    assert json.loads(page.evaluate("navigator.clipboard.readText()"))["id"] == result["id"]


def test_the_log_of_an_analysis_is_shown(open_page: OpenPage, portrait: Path) -> None:
    page = open_page()
    analyse(page, portrait)
    page.locator("wa-details.logs .summary").click()
    expect(page.locator(".log")).to_contain_text("received")
    expect(page.locator(".log")).to_contain_text("stored")


def test_links_to_the_stored_files_need_no_login(open_page: OpenPage, browser: Browser, portrait: Path) -> None:
    page = open_page()
    analyse(page, portrait)
    stranger = browser.new_context()
    answers = {}
    for role in ("original", "result", "annotated", "thumbnail"):
        address = page.locator(f".file[data-role={role}] a").get_attribute("href")
        assert address is not None
        answers[role] = stranger.request.get(address)
        assert answers[role].status == 200
    assert answers["original"].body() == portrait.read_bytes()
    stranger.close()


def test_a_damaged_analysis_is_shown_as_damaged_and_deleted(
    open_page: OpenPage, server: RunningService, cat: bytes
) -> None:
    headers = server.bearer | {"Content-Type": "image/jpeg"}
    identifier = httpx.post(f"{server.url}/v1/analyses", content=cat, headers=headers, timeout=60).json()["id"]
    record = server.bucket / "analyses" / identifier / "result.json"
    record.write_bytes(record.read_bytes()[:100])
    page = open_page()
    damaged = page.locator(".thumbnails .damaged")
    expect(damaged).to_have_count(1)
    expect(damaged).to_contain_text("Damaged: the result cannot be read")
    damaged.get_by_role("button").click()
    page.locator(".deletion .confirm").click()
    expect(damaged).to_have_count(0)
    assert not [path for path in server.stored() if identifier in path]


def test_history_grows_is_opened_again_and_shrinks(open_page: OpenPage, portrait: Path) -> None:
    page = open_page()
    first = analyse(page, portrait)
    second = analyse(page, portrait)
    thumbnails = page.locator(".thumbnails a")
    expect(thumbnails.first).to_have_attribute("href", f"#{second['id']}")
    expect(thumbnails.nth(1)).to_have_attribute("href", f"#{first['id']}")
    assert thumbnails.first.locator("img").evaluate(_WIDTH) > 0
    thumbnails.nth(1).click()
    expect(page.locator(f".thumbnails a[href='#{first['id']}']")).to_have_attribute("aria-current", "true")

    page.locator(".delete").click()
    page.locator(".deletion .confirm").click()
    expect(page.locator(f".thumbnails a[href='#{first['id']}']")).to_have_count(0)
    expect(page.locator("rek-viewer")).to_have_count(0)
    expect(page.locator("#said")).to_have_text("Deleted.")
    assert page.request.get(f"/v1/analyses/{first['id']}").status == 404
    assert page.request.get(f"/v1/analyses/{second['id']}").status == 200


def test_a_dropped_and_a_pasted_picture_are_analysed(open_page: OpenPage, portrait: Path) -> None:
    page = open_page()
    for event, carrier in (("drop", "dataTransfer"), ("paste", "clipboardData")):
        with page.expect_response(_is_upload) as answered:
            page.evaluate(_HAND_OVER, [event, carrier, list(portrait.read_bytes())])
        shown(page, answered.value)


_HAND_OVER = """([name, carrier, bytes]) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], "portrait.jpg", { type: "image/jpeg" }));
  const type = name === "paste" ? ClipboardEvent : DragEvent;
  document.body.dispatchEvent(new type(name, { [carrier]: data, bubbles: true, cancelable: true }));
}"""


def test_the_camera_takes_a_picture(open_page: OpenPage) -> None:
    page = open_page()
    page.locator("#camera").click()
    with page.expect_response(_is_upload) as answered:
        page.locator(".shutter:not([disabled])").click()
    shown(page, answered.value)
    expect(page.locator("wa-dialog video")).not_to_be_visible()


def test_a_picture_over_the_limit_is_made_smaller_in_the_browser(open_page: OpenPage, tmp_path: Path) -> None:
    noise = np.random.default_rng(7).integers(0, 255, (2200, 2600, 3), dtype=np.uint8)
    image = tmp_path / "large.png"
    Image.fromarray(noise).save(image)
    assert image.stat().st_size > 15 * 1024 * 1024
    page = open_page()
    result = analyse(page, image)
    assert result["image"]["bytes"] <= 15 * 1024 * 1024
    assert result["image"]["format"] == "jpeg"
    expect(page.locator(".note")).to_contain_text("made smaller in your browser")


def test_a_large_picture_goes_into_the_bucket_as_it_is(open_page: OpenPage, tmp_path: Path) -> None:
    noise = np.random.default_rng(7).integers(0, 255, (1500, 2400, 3), dtype=np.uint8)
    image = tmp_path / "large.png"
    Image.fromarray(noise).save(image)
    page = open_page()
    assert analyse(page, image)["image"]["bytes"] == image.stat().st_size > 5 * 1024 * 1024
    expect(page.locator(".note")).to_have_count(0)


def test_a_turned_photograph_made_smaller_is_upright(open_page: OpenPage, tmp_path: Path) -> None:
    noise = np.random.default_rng(7).integers(0, 255, (2800, 3200, 3), dtype=np.uint8)
    exif = Image.Exif()
    exif[0x0112] = 6  # Orientation: turn by 90° clockwise to see it upright.
    image = tmp_path / "turned.jpg"
    Image.fromarray(noise).save(image, quality=100, exif=exif)
    assert image.stat().st_size > 15 * 1024 * 1024
    result = analyse(open_page(), image)
    assert result["image"]["width"] < result["image"]["height"]


def test_a_file_that_is_no_picture_gets_a_plain_error(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page()
    broken = tmp_path / "broken.jpg"
    broken.write_text("this is no picture")
    page.set_input_files("input[name=pick]", broken)
    error = page.locator(".error[role=alert]")
    expect(error).to_contain_text("cannot be read as a picture")
    error.get_by_role("button", name="Close").click()
    expect(error).to_have_count(0)


def test_the_language_switches_and_is_remembered(open_page: OpenPage) -> None:
    page = open_page()
    expect(page.get_by_role("heading", level=1)).to_have_text("See what is in a picture")
    page.locator(".language").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Xem trong ảnh có gì")
    expect(page.locator("html")).to_have_attribute("lang", "vi")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Xem trong ảnh có gì")


def test_a_vietnamese_browser_gets_vietnamese(open_page: OpenPage) -> None:
    expect(open_page(locale="vi-VN").locator("#pick")).to_contain_text("Chọn ảnh")


def test_labels_are_named_in_vietnamese_with_their_english_names_beside_them(
    open_page: OpenPage, portrait: Path
) -> None:
    page = open_page(locale="vi-VN")
    labels = analyse(page, portrait)["labels"]
    assert "Person" in [label["Name"] for label in labels]  # The API's names stay English.
    name = page.locator(".labels .row .name").get_by_text("Người", exact=True)
    expect(name).to_be_visible()
    expect(page.locator(".labels .row .name[title=Person]")).to_have_text("Người")
    expect(page.locator(".outline.objects[aria-label^='Người,'] title").first).to_have_text("Person")
    expect(page.locator("rek-history .caption").first).to_contain_text("Phụ nữ")
    page.locator(".language").click()
    expect(page.locator(".labels .row .name").get_by_text("Person", exact=True)).to_be_visible()
    expect(page.locator(".labels .row .name[title]")).to_have_count(0)


def test_a_picture_is_uploaded_and_read_with_the_keyboard_alone(open_page: OpenPage, portrait: Path) -> None:
    page = open_page()
    page.on("filechooser", lambda _: None)  # From now on the browser hands choosers over.
    expect(page.locator("#pick")).to_be_visible()
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "pick":
            break
    expect(page.locator("#pick")).to_be_focused()
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(portrait)
    expect(page.locator("#result-title")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator(_HOVER).first).to_be_focused()
    expect(page.locator(".outline.lit").first).to_be_attached()


def test_nothing_scrolls_sideways_on_a_phone(open_page: OpenPage, portrait: Path) -> None:
    page = open_page(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    expect(page.locator("#pick")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    analyse(page, portrait)
    for name in ("times", "json", "logs"):
        page.locator(f"wa-details.{name} .summary").click()
    expect(page.locator(".log")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_without_a_session_the_page_asks_for_the_token(open_page: OpenPage, server: RunningService) -> None:
    page = open_page(log_in=False)
    expect(page.locator("rek-login")).to_contain_text("one-time link")
    page.get_by_label("Token").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("rek-login [role=alert]")).to_contain_text("Wrong token")
    page.get_by_label("Token").fill(server.token)
    page.keyboard.press("Enter")
    expect(page.locator("rek-uploader")).to_be_visible()


def test_a_refusal_that_comes_after_the_login_asks_for_no_second_one(
    open_page: OpenPage, server: RunningService, portrait: Path
) -> None:
    page = open_page()
    expect(page.locator("#pick")).to_be_visible()
    page.context.clear_cookies()
    held: list[Route] = []

    def hold_first(route: Route) -> None:
        if route.request.method == "POST" and not held:
            held.append(route)
        else:
            route.fallback()

    page.route("**/v1/analyses", hold_first)
    with page.expect_request(lambda request: request.method == "POST"):
        page.set_input_files("input[name=pick]", portrait)
    page.evaluate("location.hash = '#00000000000000000000000000'")  # is asked for, too, and refused at once
    page.get_by_label("Token").fill(server.token)
    page.keyboard.press("Enter")
    expect(page.locator("rek-login")).to_have_count(0)
    held[0].fulfill(status=401, json={"error": {"code": "Unauthorized", "message": "", "request_id": ""}})
    expect(page.locator("#result-title")).to_be_visible()


def test_a_picture_that_meets_an_ended_session_is_analysed_after_the_login(
    open_page: OpenPage, server: RunningService, portrait: Path
) -> None:
    page = open_page()
    expect(page.locator("#pick")).to_be_visible()
    page.context.clear_cookies()
    page.set_input_files("input[name=pick]", portrait)
    page.get_by_label("Token").fill(server.token)
    page.keyboard.press("Enter")
    expect(page.locator("#result-title")).to_be_visible()


def test_a_missing_analysis_is_explained(open_page: OpenPage) -> None:
    page = open_page(path="/#01000000-0000-7000-8000-000000000000")
    expect(page.locator(".error")).to_contain_text("no longer exists")


def test_the_api_page_lists_the_routes(open_page: OpenPage) -> None:
    page = open_page(path="/docs")
    expect(page.locator("rapi-doc")).to_contain_text("/v1/analyses")


def test_a_small_picture_is_sent_as_it_is(open_page: OpenPage, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (120, 90), "#3377aa").save(buffer, "WEBP")
    image = tmp_path / "small.webp"
    image.write_bytes(buffer.getvalue())
    page = open_page()
    assert analyse(page, image)["image"]["bytes"] == len(buffer.getvalue())
    expect(page.locator(".note")).to_have_count(0)


def test_of_several_pictures_those_that_are_none_are_listed_and_the_others_analysed(
    open_page: OpenPage, portrait: Path, tmp_path: Path
) -> None:
    files = []
    for name in ("one.jpg", "<b>broken</b>.jpg", "two.jpg", "empty.jpg", "three.jpg"):
        files.append(tmp_path / name.replace("/", "-"))
        files[-1].write_bytes(portrait.read_bytes() if name[0] in "ot" else b"no picture")
    page = open_page()
    before = len(page.request.get("/v1/analyses?limit=100").json()["analyses"])
    page.set_input_files("input[name=pick]", files)
    error = page.locator(".error[role=alert]")
    expect(error).to_contain_text("2 of 5 pictures")
    expect(error.locator("li")).to_have_count(2)
    expect(error.locator("li strong").first).to_have_text(files[1].name)
    expect(error).to_contain_text("empty.jpg")
    assert len(page.request.get("/v1/analyses?limit=100").json()["analyses"]) == before + 3
    expect(page.locator("#result-title")).to_be_visible()


def test_an_address_that_cannot_be_decoded_is_of_no_analysis(open_page: OpenPage) -> None:
    expect(open_page(path="/#%E0%A4%A").locator(".error")).to_contain_text("no longer exists")


def test_errors_are_told_in_vietnamese_alone(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(locale="vi-VN")
    Image.new("RGB", (40, 40)).save(tmp_path / "small.png")
    page.set_input_files("input[name=pick]", tmp_path / "small.png")
    error = page.locator(".error[role=alert]")
    expect(error).to_contain_text("ít nhất 80 pixel")
    expect(error).not_to_contain_text("picture")


def test_much_text_leaves_no_gap_below_the_picture(open_page: OpenPage, tmp_path: Path) -> None:
    image = Image.new("RGB", (1200, 700), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size=22)
    for place in range(24):
        draw.text((40 + place % 2 * 600, 20 + place // 2 * 54), f"Line {place + 1} of the page", "black", font)
    image.save(tmp_path / "page.png")
    page = open_page(viewport={"width": 1280, "height": 900})
    analyse(page, tmp_path / "page.png")
    expect(page.locator(".list .row.text")).not_to_have_count(0)
    bottoms = page.evaluate(_EDGES)
    assert bottoms["panel"] > bottoms["details"]  # so the panel would have stretched the rows
    assert bottoms["gap"] < 40


_EDGES = """() => {
  const box = (name) => document.querySelector(name).getBoundingClientRect();
  const [viewer, panel, details] = ["rek-viewer", ".panel", "rek-details"].map(box);
  return { panel: panel.bottom, details: details.bottom, gap: details.top - viewer.bottom };
}"""
