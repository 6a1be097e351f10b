"""The page "Try it in the browser" in headless Chromium: without errors, by keyboard alone, as wide as a telephone.

Skipped where Chromium, npm, mkdocs or playwright is missing; CI has an environment for it.
"""

import functools
import importlib.util
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
MISSING = [
    *(() if CHROMIUM else ("Chromium",)),
    *(() if shutil.which("npm") else ("npm",)),
    *(name for name in ("mkdocs", "mkdocstrings", "playwright") if importlib.util.find_spec(name) is None),
]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the site, built and served."""
    folder = tmp_path_factory.mktemp("site")
    for command in (["mkdocs", "build", "--strict", "--quiet", "-d", str(folder)], ["docs.browser", str(folder)]):
        subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Visit:
    """A page that is open, and what went wrong or went elsewhere."""

    def __init__(self, browser: Any, site: str, width: int = 1280) -> None:
        self.page = browser.new_page(viewport={"width": width, "height": 800})
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.site = site
        self.page.on("console", self.hear)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(f"{site}/try.html")

    def hear(self, message: Any) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def wait_for(self, words: str) -> None:
        script = "words => document.querySelector('#initport [role=status]').textContent.includes(words)"
        self.page.wait_for_function(script, arg=words, timeout=120_000)

    @property
    def result(self) -> str:
        text: str = self.page.inner_text("#initport-result")
        return text

    def close(self) -> None:
        assert self.errors == []
        assert self.requests
        assert [url for url in self.requests if not url.startswith((self.site, "blob:", "data:"))] == []
        self.page.close()


def test_every_kind_of_input_has_a_result(chromium: Any, site: str) -> None:
    visit = Visit(chromium, site)
    for kind, summary, written in (
        ("caffe", "4 weights, 0 refused", 'nn.init.kaiming_uniform_(w, nonlinearity="linear")'),
        ("keras", "4 weights, 0 refused", 'nn.init.xavier_uniform_(w)'),
        ("python", "3 weights, 0 refused", "tf.keras.initializers.TruncatedNormal(stddev=0.1)"),
    ):  # fmt: skip
        visit.page.check(f"input[value={kind}]")
        visit.page.click("#initport button")
        visit.wait_for(summary)
        assert written in visit.result
        assert visit.page.locator("#initport-result svg").count() >= 1
    visit.page.fill("#initport textarea", "layer {")
    visit.page.check("input[value=caffe]")
    visit.page.click("#initport button")
    visit.wait_for("Not converted")
    assert "IP105" in visit.result
    visit.close()


def test_by_keyboard_alone(chromium: Any, site: str) -> None:
    visit = Visit(chromium, site)
    keyboard, focus = visit.page.keyboard, "document.activeElement"
    for _ in range(60):
        keyboard.press("Tab")
        if visit.page.evaluate(f"{focus}.name") == "kind":
            break
    keyboard.press("ArrowDown")
    assert visit.page.evaluate(f"{focus}.value") == "keras"
    keyboard.press("Tab")
    assert visit.page.evaluate(f"{focus}.tagName") == "TEXTAREA"
    for expected in ("SELECT", "INPUT", "BUTTON"):
        keyboard.press("Tab")
        assert visit.page.evaluate(f"{focus}.tagName") == expected
    keyboard.press("Enter")
    visit.wait_for("4 weights")
    assert visit.page.evaluate(f"{focus}.id") == "initport-result"
    keyboard.press("Tab")
    assert visit.page.evaluate(f"{focus}.getAttribute('aria-label')") == "Table of weights"
    visit.close()


def test_as_wide_as_a_telephone(chromium: Any, site: str) -> None:
    visit = Visit(chromium, site, width=360)
    visit.page.click("#initport button")
    visit.wait_for("4 weights")
    width = "document.documentElement.scrollWidth"
    assert visit.page.evaluate(width) <= 360
    for name in ("textarea", "button", "select", "fieldset"):
        box = visit.page.locator(f"#initport {name}").first.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
    visit.close()
