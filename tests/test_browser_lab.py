"""Lesson 1 as a learner meets it: in JupyterLab, in a browser, without a network."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

import nbformat
import pytest
from browsing import LOCAL, Visit, chromium

from course_utils.course import FRAMEWORKS, find_lesson, installed

pytest.importorskip("jupyterlab", reason="the extra lab is not installed")
pytestmark = [pytest.mark.browser, pytest.mark.slow]
MINUTES = 60_000
ERRORS = '[data-mime-type="application/vnd.jupyter.error"]'
SETTINGS = {"windowingMode": "none"}  # every cell stays in the page, also the ones out of view
NO_NEWS = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
ANSWER = """def cosine(a, b):
    lengths = np.sqrt((a ** 2).sum() * (b ** 2).sum())
    return 0.0 if lengths == 0 else (a * b).sum() / lengths


check("01-cosine", cosine)
"""


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    """A copy of lesson 1 without outputs: all that is seen later comes from this run."""
    lesson = find_lesson("01")
    framework = next(name for name in FRAMEWORKS if installed(name))
    stored = nbformat.read(lesson.notebook(framework), as_version=4)
    for cell in stored.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    path = tmp_path_factory.mktemp("lab") / "lesson.ipynb"
    nbformat.write(stored, path)
    return path


@contextmanager
def jupyterlab(folder, settings):
    """Run JupyterLab over a folder on a port of its own, with no settings but ours."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{probe.getsockname()[1]}"
    environment = dict(os.environ)
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        environment[name] = str(settings / name)
    environment["JUPYTERLAB_SETTINGS_DIR"] = str(settings / "lab")
    write(settings / "JUPYTER_CONFIG_DIR" / "labconfig" / "page_config.json", NO_NEWS)
    tracker = "@jupyterlab/notebook-extension/tracker.jupyterlab-settings"
    write(settings / "lab" / tracker, SETTINGS)
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root"]
    command += ["--ip=127.0.0.1", f"--port={address.rsplit(':', 1)[1]}"]
    command += ["--ServerApp.port_retries=0", f"--ServerApp.root_dir={folder}"]
    command += ["--IdentityProvider.token=", "--ServerApp.password="]
    command += ["--ServerApp.disable_check_xsrf=True", "--LabApp.news_url="]
    with (settings / "server.log").open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        wait_for(f"{address}/api", server)
        yield address
    finally:
        server.terminate()
        server.wait(60)


def write(path, content):
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(content), encoding="utf8")


def wait_for(url, server, seconds=120):
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        try:
            return urllib.request.urlopen(url, timeout=5).read()
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    pytest.fail("JupyterLab did not start")


@pytest.fixture(scope="module")
def lesson(notebook, tmp_path_factory):
    """Lesson 1 in JupyterLab, all of its cells run."""
    settings = tmp_path_factory.mktemp("settings")
    with jupyterlab(notebook.parent, settings) as address, chromium() as browser:
        page = browser.new_context(viewport={"width": 1300, "height": 1000}).new_page()
        page.set_default_timeout(2 * MINUTES)
        seen = Visit(page, (*LOCAL, address, address.replace("http", "ws")))
        page.goto(f"{address}/lab/tree/{notebook.name}?reset", wait_until="domcontentloaded")
        until_idle(page)
        page.click('.lm-MenuBar-itemLabel:text-is("Run")')
        page.click('.lm-Menu-itemLabel:text-is("Run All Cells")')
        prompts = code_cells(page).last.locator(".jp-InputPrompt")
        prompts.filter(has_text=re.compile(r"\[\d+\]")).wait_for(timeout=15 * MINUTES)
        yield seen


def until_idle(page):
    """Wait until the kernel is connected and rests; before that, commands are lost."""
    page.wait_for_selector(".jp-NotebookPanel-toolbar")
    bar = "(document.querySelector('#jp-main-statusbar') || {}).innerText || ''"
    page.wait_for_function(f"() => / Idle/.test({bar})")
    page.wait_for_timeout(1_500)


def code_cells(page):
    return page.locator(".jp-Notebook .jp-CodeCell")


def test_every_cell_runs_and_shows_what_it_should(lesson, notebook):
    page, cells = lesson.page, nbformat.read(notebook, as_version=4).cells
    assert page.locator(ERRORS).all_inner_texts() == []
    assert code_cells(page).count() == sum(cell.cell_type == "code" for cell in cells)
    claims = page.locator(".jp-OutputArea-output", has_text=re.compile(r"^\s*[✔=] E\d+"))
    assert claims.count() >= 30
    assert page.locator(".jp-OutputArea-output", has_text="✘").count() == 0


@pytest.mark.xfail(
    strict=True, reason="JupyterLab does not hand on the text alternative that a figure brings"
)
def test_figures_have_text_alternatives(lesson):
    figures = lesson.page.locator(".jp-RenderedImage img")
    assert figures.count() >= 6
    alternatives = figures.evaluate_all("all => all.map(one => one.alt || '')")
    assert all(len(text) >= 20 for text in alternatives), alternatives


def test_the_map_of_words_answers(lesson):
    words = lesson.page.locator("course-words").first
    words.scroll_into_view_if_needed()
    words.locator("input").fill("coffee")
    assert words.locator("p").inner_text().startswith("Nearest to coffee: ")
    assert words.locator("svg line").count() > 0
    words.focus()
    lesson.page.keyboard.press("End")
    assert words.locator("p").inner_text().startswith("Nearest to frost: ")


def test_a_drawing_moves(lesson):
    moving = lesson.page.locator("course-steps").first
    moving.scroll_into_view_if_needed()
    said = moving.locator("p[aria-live]")
    seen = [said.inner_text()]
    moving.get_by_role("button", name="next").click()
    seen.append(said.inner_text())
    lesson.page.keyboard.press("ArrowRight")  # and the notebook does not take the key for itself
    seen.append(said.inner_text())
    assert len(set(seen)) == 3


def test_a_quiz_answers(lesson):
    cell = lesson.page.locator(".jp-CodeCell", has_text='quiz("01", "before")').first
    cell.scroll_into_view_if_needed()
    cell.locator("label", has_text="(100, 100)").click()
    cell.get_by_text("Not right. The 100 is the size that disappears").wait_for()
    cell.locator("label", has_text="(64, 4)").click()
    cell.get_by_text("Right. Each number of the result").wait_for()


def test_an_exercise_tells_a_stub_from_the_right_answer(lesson):
    page = lesson.page
    cell = page.locator(".jp-CodeCell", has_text="Mind the zero vector.").first
    output = cell.locator(".jp-OutputArea-output")
    cell.scroll_into_view_if_needed()
    assert output.inner_text().startswith("Not done yet")
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(ANSWER)
    page.keyboard.press("Control+Enter")
    page.locator(".jp-OutputArea-output", has_text="Correct:").first.wait_for()
    changed = page.locator(".jp-CodeCell", has_text="np.sqrt((a ** 2)").first
    assert changed.locator(".jp-OutputArea-output").inner_text().startswith("Correct:")


def test_nothing_leaves_the_machine_and_the_browser_has_no_complaint(lesson):
    """The last one: it looks back on all that the tests above did."""
    assert lesson.problems() == []
