"""Downloads: where they come from, that they are verified, and what is said when they fail."""

import errno
import functools
import hashlib
import http.server
import io
import multiprocessing
import os
import re
import shutil
import ssl
import subprocess
import tarfile
import threading
import zipfile
from pathlib import Path

import pytest

from course_utils import course
from course_utils.data import available, files, load, parsers, sources, wheel
from course_utils.data.files import UnavailableError
from course_utils.data.register import Download, File, Wheel, dataset, register
from course_utils.data.sources import copy_files, fetch_files, verify
from course_utils.errors import DataError, InputError
from course_utils.tools import data_commands as commands
from course_utils.tools.cli import main

CONTENT = b"one,two\n" * 1000
REAL_MIRROR = os.environ.get("COURSE_DATA_MIRROR")
NOWHERE = "http://127.0.0.1:9/tiny/a.csv"  # nothing listens there


def tiny(url=NOWHERE, content=CONTENT, wheel=None, optional=()):
    file = File("tiny/a.csv", url, len(content), hashlib.sha256(content).hexdigest())
    parser = "parsers.tiny"
    return Download(
        "tiny", "A test", "MIT", "nobody", ("en",), parser, (file,), optional, wheel=wheel
    )


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
    """Serves files; of one below /broken/ it sends half and hangs up."""

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        if not self.path.startswith("/broken/"):
            return super().do_GET()
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT[: len(CONTENT) // 2])


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


@pytest.fixture
def secure_server(server, tmp_path):
    """Serve the same over https, with a certificate that nobody trusts."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    names = {"-keyout": tmp_path / "key.pem", "-out": tmp_path / "certificate.pem"}
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1"]
    command += [str(part) for pair in names.items() for part in pair]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(names["-out"], names["-keyout"])
    handler = functools.partial(Quiet, directory=server[0])
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        running.socket = context.wrap_socket(running.socket, server_side=True)
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"https://127.0.0.1:{running.server_port}", names["-out"]
        running.shutdown()


def test_a_certificate_that_is_not_trusted_is_named(secure_server, monkeypatch, capsys):
    address, certificate = secure_server
    monkeypatch.setenv("COURSE_DATA_MIRROR", address)
    words = r"its certificate is not trusted here .self.signed certificate.*REQUESTS_CA_BUNDLE"
    with pytest.raises(UnavailableError, match=words):
        fetch_files(tiny())
    with pytest.raises(files.NotHere, match=words):
        sources.ask(address)
    main(["doctor"])
    assert re.search(f"missing  mirror {address}: {words}", capsys.readouterr().out)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    assert (fetch_files(tiny()) / "a.csv").read_bytes() == CONTENT, "the advice helps"
    assert sources.ask(f"{address}/tiny/a.csv") == 200


def test_certificates_that_are_not_there_are_no_trouble_with_the_disk(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_DATA_MIRROR", "https://127.0.0.1:9")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    with pytest.raises(UnavailableError, match="REQUESTS_CA_BUNDLE names no file .*none.pem"):
        fetch_files(tiny())


def test_a_server_without_a_secure_connection_is_told_from_an_unreachable_one(server, monkeypatch):
    monkeypatch.setenv("COURSE_DATA_MIRROR", server[1].replace("http:", "https:"))
    with pytest.raises(UnavailableError, match="mirror [^;]*: no secure connection; .*unreachable"):
        fetch_files(tiny())


@pytest.mark.parametrize(
    "said",
    [
        "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate",
        "There was a problem confirming the ssl certificate: SSLError(SSLCertVerificationError("
        "1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local",
    ],
)
def test_a_certificate_of_the_package_index_is_named(said, tmp_path, monkeypatch):
    done = subprocess.CompletedProcess([], 1, "", said)
    monkeypatch.setattr(wheel.subprocess, "run", lambda *a, **k: done)
    with pytest.raises(files.NotHere, match="package index is not trusted .*PIP_CERT"):
        wheel._download("a==1", tmp_path)


@pytest.mark.parametrize("password", ["secret", "sec/ret", "se@cret", "s:e#c/r@e"])
def test_the_password_of_a_mirror_is_not_shown(password, monkeypatch):
    monkeypatch.setenv("COURSE_DATA_MIRROR", f"http://me:{password}@127.0.0.1:9/x")
    with pytest.raises(UnavailableError) as raised:
        fetch_files(tiny())
    assert "the mirror http://127.0.0.1:9/x:" in str(raised.value)


@pytest.mark.parametrize("where", ["here", "below"])
def test_a_file_in_place_of_the_cache_says_what_is_in_the_way(where, mirror, cache, monkeypatch):
    cache.write_text("I am in the way")
    monkeypatch.setenv("COURSE_CACHE", str(cache if where == "here" else cache / "x"))
    with pytest.raises(DataError, match="a file is in the way of the folder, or set COURSE_CACHE"):
        fetch_files(tiny())


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


def test_a_file_in_the_cache_is_hashed_once_a_use(mirror, monkeypatch):
    fetch_files(tiny())
    calls, digest = [], hashlib.file_digest
    monkeypatch.setattr(files.hashlib, "file_digest", lambda *a: calls.append(a) or digest(*a))
    fetch_files(tiny())
    assert len(calls) == 1


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


def test_a_wrong_checksum_is_told_beside_the_registered_one(server):
    (server[0] / "tiny" / "a.csv").write_bytes(CONTENT[:-1] + b"!")
    found = hashlib.sha256(CONTENT[:-1] + b"!").hexdigest()[:12]
    registered = hashlib.sha256(CONTENT).hexdigest()[:12]
    with pytest.raises(DataError, match=f"SHA-256 {found}..., registered is {registered}..."):
        fetch_files(tiny(f"{server[1]}/tiny/a.csv"))


@pytest.mark.parametrize("content", [CONTENT[:-1] + b"!", CONTENT[:-5], CONTENT + b"x"])
def test_where_every_source_differs_nobody_is_sent_online(content, server, mirror):
    (server[0] / "tiny" / "a.csv").write_bytes(content)
    (mirror / "tiny" / "a.csv").write_bytes(content)
    with pytest.raises(DataError) as caught:
        fetch_files(tiny(f"{server[1]}/tiny/a.csv"))
    said = str(caught.value)
    assert "the published file has changed, the register is wrong" in said
    assert "Go online" not in said
    with pytest.raises(DataError, match="the register is wrong.* Go online"):
        fetch_files(tiny())  # the mirror's copy differs, the address is out of reach


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


def test_a_download_that_breaks_off_is_named_and_never_kept(server, cache):
    with pytest.raises(DataError, match=r"broken off after [1-9][\d,]* of 8,000 bytes"):
        fetch_files(tiny(f"{server[1]}/broken/a.csv"))
    assert not leftovers(cache) and not (cache / "tiny" / "a.csv").exists()


def put_archive(folder, members, name="data.tar.gz"):
    with tarfile.open(folder / name, "w:gz") as archive:
        for member, content in members.items():
            info = tarfile.TarInfo(member)
            if content is None:
                info.type = tarfile.SYMTYPE
                info.linkname = "/etc/hostname"
            else:
                info.size = len(content)
            archive.addfile(info, io.BytesIO(content or b""))


@pytest.mark.parametrize("member", ["inner/a.csv", "../../evil.csv", "/tmp/evil.csv"])
def test_a_file_in_an_archive_is_taken_out_and_nothing_else(member, server, cache):
    put_archive(server[0], {member: CONTENT, "../other.csv": b"x"})
    assert (
        fetch_files(tiny(f"{server[1]}/data.tar.gz#{member}")) / "a.csv"
    ).read_bytes() == CONTENT
    files = [path for path in cache.parent.rglob("*") if path.is_file() and "www" not in path.parts]
    assert files == [cache / "tiny" / "a.csv"]


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"b.csv": CONTENT}, "the archive has no a.csv"),
        ({"a.csv": CONTENT[:-1] + b"!"}, "wrong checksum"),
        ({"a.csv": CONTENT + b"!"}, "a.csv in the archive is no file of 8,000 bytes"),
        ({"a.csv": None}, "a.csv in the archive is no file"),
        (None, "the archive is damaged"),
    ],
)
def test_a_wrong_archive_is_named_and_nothing_of_it_kept(members, words, server, cache):
    put_archive(server[0], members or {"a.csv": os.urandom(8000)})
    if members is None:
        archive = server[0] / "data.tar.gz"
        archive.write_bytes(archive.read_bytes()[:4000])
    with pytest.raises(DataError, match=words):
        fetch_files(tiny(f"{server[1]}/data.tar.gz#a.csv"))
    assert not [path for path in cache.rglob("*") if path.is_file()]


def test_a_missing_archive_is_named(server):
    with pytest.raises(DataError, match="the server answered 404"):
        fetch_files(tiny(f"{server[1]}/none.tar.gz#a.csv"))


def deny(monkeypatch, folder):
    """Make the files in a folder unreadable, for root too."""
    allowed = Path.open

    def refuse(path, mode="r", *arguments, **options):
        if path.is_relative_to(folder) and "r" in mode:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return allowed(path, mode, *arguments, **options)

    monkeypatch.setattr(Path, "open", refuse)


def test_an_unreadable_mirror_falls_back_and_is_not_mistaken_for_the_cache(
    mirror, server, cache, monkeypatch
):
    deny(monkeypatch, mirror)
    with pytest.raises(DataError, match="mirror .*cannot be read .Permission denied"):
        fetch_files(tiny())
    fetch_files(tiny(f"{server[1]}/tiny/a.csv"))
    assert (cache / "tiny" / "a.csv").read_bytes() == CONTENT


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_mirror_waits_for_no_named_pipe(mirror, server, cache):
    (mirror / "tiny" / "a.csv").rename(mirror / "kept.csv")
    os.mkfifo(mirror / "tiny" / "a.csv")
    with pytest.raises(DataError, match="mirror .*: what lies there is no file"):
        fetch_files(tiny())
    (mirror / "kept.csv").rename(mirror / "tiny" / "a.csv")


def test_an_unreadable_cache_is_one_sentence(mirror, cache, monkeypatch):
    fetch_files(tiny())
    deny(monkeypatch, cache)
    with pytest.raises(DataError, match="may not be read or written, or set COURSE_CACHE"):
        fetch_files(tiny())
    assert "cannot be read" in verify(tiny())["tiny/a.csv"]


def test_a_file_that_another_process_stored_first_is_taken(mirror, cache, monkeypatch):
    replace = os.replace

    def windows(part, target):
        if not Path(target).exists():
            replace(part, target)
        raise PermissionError(errno.EACCES, "the file is open in another process")

    monkeypatch.setattr(course.os, "replace", windows)
    assert (fetch_files(tiny()) / "a.csv").read_bytes() == CONTENT


def test_an_optional_file_may_be_missing_but_trouble_with_the_disk_is_said(mirror, monkeypatch):
    (mirror / "tiny" / "a.csv").rename(mirror / "tiny" / "away.csv")
    fetch_files(tiny(optional=("tiny/a.csv",)))
    with pytest.raises(UnavailableError):
        fetch_files(tiny(optional=("tiny/a.csv",)), ("tiny/a.csv",))
    (mirror / "tiny" / "away.csv").rename(mirror / "tiny" / "a.csv")

    def full(*arguments):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(sources.shutil, "copyfileobj", full)
    with pytest.raises(DataError, match="disk is full"):
        fetch_files(tiny(optional=("tiny/a.csv",)))


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "disk is full"), (errno.EACCES, "may not be read or written")],
)
def test_a_full_disk_and_a_locked_cache_are_named(mirror, cache, monkeypatch, number, words):
    def refuse(*arguments):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(sources.shutil, "copyfileobj", refuse)
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
        assert download.title and download.license and download.citation and download.languages
        for file in download.files:
            assert file.url.startswith("https://") and len(file.sha256) == 64 and file.bytes > 0
            assert file.path.startswith(f"{download.name}/")


@pytest.mark.parametrize("path", ["../evil", "tiny/../../evil", "other/a.csv", "/etc/passwd"])
def test_a_path_that_leaves_its_folder_is_refused(path, tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "datasets.toml").write_text(
        '[tiny]\ntitle="t"\nlicense="l"\ncitation="c"\nlanguages=["en"]\n'
        f'[[tiny.files]]\npath="{path}"\nurl="u"\nbytes=1\nsha256="0"\n'
    )
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    with pytest.raises(DataError, match="must lie in the folder"):
        register()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("sha256='ff", "sha256='xx"), "64 digits"),
        (("bytes=1", "bytes='1'"), "a whole number"),
        (("title='t'", "titel='t'"), "incomplete or misspelled .'title'"),
        (("languages=['en']", "languages='en'"), "languages must be a list"),
        (("optional=[]", "optional=['tiny/b.csv']"), "an optional file is not among the files"),
        (("parsers.tiny", "os.system.x"), "must be module.function"),
        (("title=", "title"), "datasets.toml is no TOML: .*line 2"),
    ],
)
def test_a_mistake_in_the_register_is_one_sentence(change, words, tmp_path, monkeypatch):
    text = (
        "[tiny]\ntitle='t'\nlicense='l'\ncitation='c'\nlanguages=['en']\nparser='parsers.tiny'\n"
        "optional=[]\n[[tiny.files]]\npath='tiny/a.csv'\nurl='u'\nbytes=1\n"
        f"sha256='{'ff' * 32}'\n"
    )
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "datasets.toml").write_text(text)
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    assert register()["tiny"].files[0].sha256 == "ff" * 32
    (tmp_path / "data" / "datasets.toml").write_text(text.replace(*change))
    with pytest.raises(DataError, match=words):
        register()


def test_a_file_that_is_not_registered_is_one_sentence(cache):
    with pytest.raises(DataError, match="'encoder' has no file 'encoder/a.txt': it has encoder/"):
        fetch_files(dataset("encoder"), ("encoder/a.txt",))


def test_a_parser_that_the_register_names_is_found(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "datasets.toml").write_text(
        "[tiny]\ntitle='t'\nlicense='l'\ncitation='c'\nlanguages=['en']\nparser='parsers.tiny'\n"
        f"[[tiny.files]]\npath='tiny/a.csv'\nurl='u'\nbytes=1\nsha256='{'FF' * 32}'\n"
    )
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    monkeypatch.setattr(parsers, "tiny", lambda rows=3: rows, raising=False)
    assert "tiny" in available() and load("tiny", rows=4) == 4
    monkeypatch.delattr(parsers, "tiny")
    with pytest.raises(DataError, match="course_utils/data/parsers.py has no function tiny"):
        load("tiny")
    path = tmp_path / "data" / "datasets.toml"
    path.write_text(path.read_text().replace("parsers.tiny", "passers.tiny"))
    with pytest.raises(DataError, match="course_utils/data/passers.py has no function tiny"):
        load("tiny")
    path.write_text(path.read_text().replace("tiny", "digits"))
    for look in (available, lambda: load("digits")):
        with pytest.raises(DataError, match="'digits' .* choose another name"):
            look()


def test_all_names_are_available_and_have_a_loader():
    from course_utils.data import _loader

    assert {"ag_news", "digits", "encoder", "foods", "word_vectors"} <= set(available())
    assert all(callable(_loader(name, {})) for name in available())


def test_unknown_names_and_options_get_suggestions():
    with pytest.raises(DataError, match="did you mean 'ag_news'"):
        load("agnews")
    with pytest.raises(DataError, match="did you mean 'encoder'"):
        dataset("encoders")
    with pytest.raises(InputError, match="no option 'clases'; it has classes"):
        load("documentation", clases=4)


def test_ag_news_is_read_from_its_csv(tmp_path):
    path = tmp_path / "test.csv"
    path.write_text(
        '"3","Oil #39;s up","Prices\\rose &lt;b&gt;3 &lt; 4&lt;/b&gt; &lt;A.N&gt;"\n'
        '"1","A ""quote""?","AT amp;T pays  #36;10 for  quot;news quot; in a year; or so"\n'
    )
    texts = parsers.read_ag_news(path, "here")
    assert texts.labels.tolist() == [2, 0] and texts.labels.dtype == "int64"
    assert texts.texts == [
        "Oil's up. Prices rose <b>3 < 4</b> <A.N>",
        'A "quote"? AT &T pays $10 for "news " in a year; or so',
    ]


def small_ag_news(folder, monkeypatch, names):
    """Register AG News with one row a file, and put the named files into a mirror."""
    text, rows = "", {"train": '"1","Training","x"\n', "test": '"2","Testing","x"\n'}
    for name, row in rows.items():
        sha256 = hashlib.sha256(row.encode()).hexdigest()
        text += f"[[ag_news.files]]\npath='ag_news/{name}.csv'\nurl='{NOWHERE}'\n"
        text += f"bytes={len(row)}\nsha256='{sha256}'\n"
    head = "[ag_news]\ntitle='t'\nlicense='for research'\ncitation='c'\nlanguages=['en']\n"
    (folder / "data").mkdir()
    (folder / "data" / "datasets.toml").write_text(head + "parser='parsers.ag_news'\n" + text)
    (folder / "mirror" / "ag_news").mkdir(parents=True)
    for name in names:
        (folder / "mirror" / "ag_news" / f"{name}.csv").write_text(rows[name])
    monkeypatch.setenv("COURSE_ROOT", str(folder))
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(folder / "mirror"))


def test_ag_news_takes_the_training_file_where_it_can(tmp_path, monkeypatch):
    small_ag_news(tmp_path, monkeypatch, ["train", "test"])
    assert load("ag_news").texts == ["Training. x"]
    assert load("ag_news").source == "AG News, train.csv (for research)"
    assert load("ag_news", split="test").texts == ["Testing. x"]


def test_ag_news_else_takes_the_test_file_and_says_so(tmp_path, monkeypatch):
    small_ag_news(tmp_path, monkeypatch, ["test"])
    assert load("ag_news").source == "AG News, test.csv (for research)"
    with pytest.raises(DataError, match="ag_news/train.csv"):
        load("ag_news", split="train")
    with pytest.raises(InputError, match="any, train or test"):
        load("ag_news", split="training")


def test_ag_news_does_not_pass_over_a_full_disk(tmp_path, monkeypatch):
    small_ag_news(tmp_path, monkeypatch, ["train", "test"])

    def full_for_large(path, *arguments):
        if "train" in str(path):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return store(path, *arguments)

    store = files.write_atomically
    monkeypatch.setattr(files, "write_atomically", full_for_large)
    with pytest.raises(DataError, match="disk is full"):
        load("ag_news")


@pytest.mark.skipif(not REAL_MIRROR, reason="COURSE_DATA_MIRROR is not set")
def test_ag_news_from_the_real_mirror(monkeypatch):
    monkeypatch.setenv("COURSE_DATA_MIRROR", REAL_MIRROR)
    texts = load("ag_news", split="test")
    assert len(texts) == 7600 and texts.labels.max() == 3
    joined = " ".join(texts.texts)
    assert not any(escape in joined for escape in ("&lt;", "#39;", " quot;", " #36;"))


def run(*arguments):
    return main(["data", *map(str, arguments)])


@pytest.fixture
def one_download(mirror, monkeypatch):
    """The commands know the tiny data set alone; its only file is optional."""
    monkeypatch.setattr(
        commands, "register", lambda: {"tiny": tiny(optional=("tiny/a.csv",))}, raising=True
    )
    return mirror


def test_the_commands_list_fetch_and_verify(one_download, cache, capsys):
    assert run("list") == 0
    listed = capsys.readouterr().out
    assert "tiny" in listed and "not fetched" in listed and "license: MIT" in listed
    assert "citation: nobody" in listed
    assert run("fetch") == 0 and "tiny: ready in" in capsys.readouterr().out
    assert run("verify") == 0 and "ok" in capsys.readouterr().out
    (cache / "tiny" / "a.csv").write_bytes(b"junk")
    assert run("verify") == 1 and "truncated" in capsys.readouterr().out


def test_fetch_says_which_optional_file_is_missing(one_download, capsys):
    (one_download / "tiny" / "a.csv").unlink()
    assert run("fetch") == 0
    assert "without tiny/a.csv" in capsys.readouterr().out


def test_a_teacher_makes_a_mirror(one_download, tmp_path, cache, monkeypatch, capsys):
    assert run("mirror", tmp_path / "class") == 0
    said = capsys.readouterr().out
    assert "Set COURSE_DATA_MIRROR to this folder" in said and str(tmp_path / "class") in said
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(tmp_path / "class"))
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "other"))
    assert (fetch_files(tiny()) / "a.csv").read_bytes() == CONTENT


@pytest.mark.parametrize("names", [["tiny"], ["tiny", "tiny"]])
def test_a_mirror_needs_its_folder(names, one_download, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run("mirror", *names) == 2
    assert "tiny is a data set: write the folder before it" in capsys.readouterr().err
    assert not (tmp_path / "tiny").exists()


def test_a_mirror_gets_no_damaged_file(one_download, tmp_path, cache, capsys):
    fetch_files(tiny())
    (cache / "tiny" / "a.csv").write_bytes(CONTENT[:-1] + b"!")
    (one_download / "tiny" / "a.csv").unlink()
    assert run("mirror", tmp_path / "class") == 0
    assert "without tiny/a.csv" in capsys.readouterr().out
    assert not [path for path in (tmp_path / "class").rglob("*") if path.is_file()]


def test_a_mirror_that_cannot_be_written_is_one_sentence(one_download, tmp_path, capsys):
    (tmp_path / "taken").write_text("I am a file")
    assert run("mirror", tmp_path / "taken") == 2
    error = capsys.readouterr().err
    assert "choose another folder" in error and error.count("\n") == 1


def test_a_mirror_that_is_complete_is_left_alone(mirror, tmp_path):
    copy_files(tiny(), tmp_path / "class")
    first = (tmp_path / "class" / "tiny" / "a.csv").stat().st_ino
    assert copy_files(tiny(), tmp_path / "class") == []
    assert (tmp_path / "class" / "tiny" / "a.csv").stat().st_ino == first
