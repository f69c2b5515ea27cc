"""What must be true of the site's files, without a browser. Each complaint is a sentence."""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup

# What a page loads by itself, in contrast to what a reader may follow.
_LOADED = ("img[src]", "script[src]", "source[src]", "iframe[src]", "link[rel~=stylesheet]",
           "link[rel~=preconnect]", "link[rel~=preload]", "link[rel~=icon]")  # fmt: skip
_IN_STYLE = re.compile(r"(?:url\(\s*['\"]?|@import\s+['\"])((?:https?:)?//[^'\")\s]+)")
_UNREAD = re.compile(r":::|\{term\}|\{\{\w+\}\}|```")  # Markdown that became text


def problems(folder: Path) -> list[str]:
    """Return everything that is wrong with the files of a site."""
    pages = {
        path: BeautifulSoup(path.read_text(encoding="utf8"), "html.parser")
        for path in sorted(folder.glob("*.html"))
    }
    anchors = {
        path: {str(tag["id"]) for tag in page.select("[id]")} for path, page in pages.items()
    }
    found = [f"{path.name}: loads {url}" for path in folder.rglob("*.css") for url in _styles(path)]
    for path, page in pages.items():
        wrong = [*_outside(page), *_undescribed(page), *_unread(page), *_lost(page, path, anchors)]
        found += [f"{path.name}: {line}" for line in wrong]
    return found


def _styles(path: Path) -> list[str]:
    return _IN_STYLE.findall(path.read_text(encoding="utf8"))


def _outside(page: BeautifulSoup) -> list[str]:
    """What the page loads from the network."""
    urls = [str(tag.get("src") or tag.get("href")) for tag in page.select(", ".join(_LOADED))]
    return [f"loads {url}" for url in urls if re.match(r"(https?:)?//", url)]


def _undescribed(page: BeautifulSoup) -> list[str]:
    return [f"{img['src']} has no text alternative" for img in page("img") if not img.get("alt")]


def _unread(page: BeautifulSoup) -> list[str]:
    for code in page(["pre", "code", "script"]):
        code.extract()
    return [f"shows the markup {mark}" for mark in sorted(set(_UNREAD.findall(page.get_text())))]


def _lost(page: BeautifulSoup, path: Path, anchors: dict[Path, set[str]]) -> list[str]:
    """Links to files that are not there, or to anchors that their page does not have."""
    found = []
    for link in page.select("a[href]"):
        parts = urlsplit(str(link["href"]))
        if parts.scheme or parts.netloc:
            continue
        goal = path.parent / unquote(parts.path) if parts.path else path
        if not goal.exists():
            found.append(f"the link {link['href']} points nowhere")
        elif parts.fragment and goal in anchors and parts.fragment not in anchors[goal]:
            found.append(f"the link {link['href']} points to no anchor of that page")
    return found
