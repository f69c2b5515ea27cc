"""Looks at pages in a real browser and says what is wrong with them."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

# Chromium's own errands (updates, sync) stay off; there is no sandbox in most containers.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LOCAL = ("file:", "data:", "blob:", "about:")


@contextmanager
def chromium() -> Iterator:
    """Yield a headless Chromium; skip the test, saying why, where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = [os.environ.get("COURSE_CHROMIUM"), *map(shutil.which, NAMES)]
    path = next((path for path in found if path), None)
    if path is None:
        pytest.skip("there is no Chromium: install it, or set COURSE_CHROMIUM to its path")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=ARGUMENTS, timeout=120_000)
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page in the browser, and what it complained about or asked for since it was opened."""

    page: object
    local: tuple[str, ...] = LOCAL
    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.page.on("console", lambda m: m.type == "error" and self.errors.append(m.text[:300]))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)[:300]))
        self.page.route("**/*", self._route)

    def _route(self, route) -> None:
        if route.request.url.startswith(self.local):
            route.continue_()
        else:
            self.outside.append(route.request.url[:200])
            route.abort()

    def problems(self) -> list[str]:
        """Return what the browser complains about, and every request that left this machine."""
        found = [f"console: {line}" for line in self.errors if "ERR_FAILED" not in line]
        return found + [f"asks for {url}" for url in self.outside]

    def undescribed(self) -> list[str]:
        """Return the pictures without a text alternative."""
        images = self.page.locator("img:not([alt]), img[alt='']")
        return [f"no text alternative: {image.get_attribute('src')}" for image in images.all()]

    def barriers(self) -> list[str]:
        """Return the serious and critical violations of accessibility that axe finds."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page).response["violations"]
        return [
            f"{one['id']} ({one['impact']}): {one['nodes'][0]['html'][:200]}"
            f" and {len(one['nodes']) - 1} more: {one['nodes'][0].get('failureSummary', '')[:300]}"
            for one in found
            if one["impact"] in ("serious", "critical")
        ]


@contextmanager
def opener(browser, path, title: str, body: str) -> Iterator:
    """Yield a function that opens a page of its own with some HTML, and closes all at the end."""
    contexts = []

    def open_page(**settings) -> Visit:
        path.write_text(
            f"<!doctype html><html lang='en'><meta charset='utf-8'><title>{title}</title><style>"
            f":root {{ color-scheme: light dark }}</style><main><h1>{title}</h1>"
            f"{body}</main></html>",
            encoding="utf8",
        )
        contexts.append(browser.new_context(**settings))
        seen = Visit(contexts[-1].new_page())
        seen.page.goto(path.as_uri())
        return seen

    yield open_page
    for context in contexts:
        context.close()
