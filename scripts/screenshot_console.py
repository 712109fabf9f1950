"""Takes the README's picture of the console: `python scripts/screenshot_console.py` writes docs/images/console.png."""

import io
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import FilePayload, sync_playwright
from skimage import data

TARGET = Path(__file__).parents[1] / "docs" / "images" / "console.png"
SIZE = {"width": 1280, "height": 900}


def main() -> None:
    """Starts the service, analyses two photographs of scikit-image, and takes the picture."""
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [sys.executable, "-m", "openrek", "serve", "--port", "0", "--data", folder, "--quiet"],
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        link = ""
        for line in process.stderr:
            if found := re.search(r"(http://\S+/login\?key=\S+)", line):
                link = found[1]
            if "AWS_SHARED_CREDENTIALS_FILE" in line:
                break
        try:
            _take(link)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _take(link: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        page = browser.new_page(viewport=SIZE, locale="en-US")  # type: ignore[arg-type]
        page.goto(link)
        for name in ("cat", "coffee", "astronaut"):
            buffer = io.BytesIO()
            Image.fromarray(getattr(data, name)()).save(buffer, "JPEG", quality=92)
            with page.expect_response(lambda answer: answer.request.method == "POST" and answer.status == 201):
                page.set_input_files(
                    "input[type=file] >> nth=0",
                    FilePayload(name=f"{name}.jpg", mimeType="image/jpeg", buffer=buffer.getvalue()),
                )
            page.wait_for_timeout(1500)
        TARGET.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(TARGET))
        browser.close()


if __name__ == "__main__":
    main()
