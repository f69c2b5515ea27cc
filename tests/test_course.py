"""Where the cache, the mirror and the course are, however their variables are written."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from course_utils import course
from course_utils.course import cache_dir, data_mirror, numba_cache, project_root
from course_utils.errors import CourseError

ROOT = Path(__file__).resolve().parents[1]
PLACES = {"COURSE_CACHE": cache_dir, "COURSE_DATA_MIRROR": data_mirror}


@pytest.fixture
def no_home(monkeypatch):
    """A container in which the user has a number only."""
    pwd = pytest.importorskip("pwd")

    def unknown(number):
        raise KeyError(f"getpwuid(): uid not found: {number}")

    for name in ("HOME", "XDG_CACHE_HOME", "COURSE_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", unknown)


def at_home(monkeypatch, folder):
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(folder))


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("value", ["~", "~/", "~/a b/ö"])
def test_the_home_is_read(name, value, monkeypatch, tmp_path):
    at_home(monkeypatch, tmp_path)
    monkeypatch.setenv(name, value)
    assert PLACES[name]() == tmp_path / value[2:]


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("value", ["cache", "./cache", "../cache", " cache "])
def test_a_relative_path_begins_in_the_course_wherever_one_is(name, value, monkeypatch, tmp_path):
    monkeypatch.setenv(name, value)
    found = []
    for folder in (ROOT, ROOT / "notebooks" / "01_embeddings", tmp_path):
        monkeypatch.chdir(folder)
        found.append(PLACES[name]())
    assert found == [ROOT / value.strip()] * 3


@pytest.mark.parametrize("value", ["", " "])
def test_an_empty_value_counts_as_none(value, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for name in ("COURSE_ROOT", *PLACES):
        monkeypatch.setenv(name, value)
    assert project_root() == ROOT and data_mirror() is None
    assert cache_dir() == Path(tmp_path, "course_utils")


@pytest.mark.parametrize("value", [".", "..", "course", "./notebooks"])
def test_a_relative_root_is_refused(value, monkeypatch):
    monkeypatch.setenv("COURSE_ROOT", value)
    with pytest.raises(CourseError, match="COURSE_ROOT is .* write the full path"):
        project_root()


def test_the_root_may_begin_at_home(monkeypatch):
    at_home(monkeypatch, ROOT.parent)
    monkeypatch.setenv("COURSE_ROOT", f"~/{ROOT.name}")
    assert project_root() == ROOT


@pytest.mark.parametrize("name", ["COURSE_ROOT", *PLACES])
@pytest.mark.parametrize("value", ["~", "~/x", "~nobody_of_this_name/x"])
def test_a_home_that_nobody_knows_is_one_sentence(name, value, no_home, monkeypatch):
    monkeypatch.setenv(name, value)
    with pytest.raises(CourseError, match=f"{name} is .* not known here: write the full path"):
        {**PLACES, "COURSE_ROOT": project_root}[name]()
    monkeypatch.setenv("HOME", "")
    with pytest.raises(CourseError, match="write the full path"):
        {**PLACES, "COURSE_ROOT": project_root}[name]()


@pytest.mark.parametrize("home", [None, ""])
def test_without_a_home_the_cache_is_a_temporary_folder(home, no_home, monkeypatch):
    if home is not None:
        monkeypatch.setenv("HOME", home)
    assert cache_dir() == Path(tempfile.gettempdir(), f"course_utils-{os.getuid()}")


def test_a_relative_home_means_one_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("COURSE_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", "home")
    monkeypatch.chdir(tmp_path)
    assert cache_dir().is_absolute()


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("http://a.example/x/", "http://a.example/x"),
        ("HTTPS://a.example", "https://a.example"),
        (" http://a.example ", "http://a.example"),
    ],
)
def test_an_address_is_no_folder(value, address, monkeypatch):
    monkeypatch.setenv("COURSE_DATA_MIRROR", value)
    assert data_mirror() == address


@pytest.mark.parametrize("value", ["httpfolder", "https", "http"])
def test_a_folder_may_be_named_like_an_address(value, monkeypatch):
    monkeypatch.setenv("COURSE_DATA_MIRROR", value)
    assert data_mirror() == ROOT / value


@pytest.mark.parametrize("value", ["file:///media/stick", "ftp://a.example", "s3://bucket/x"])
def test_another_kind_of_address_is_refused(value, monkeypatch):
    monkeypatch.setenv("COURSE_DATA_MIRROR", value)
    with pytest.raises(CourseError, match="give a folder, or an address that begins with http"):
        data_mirror()


def test_a_file_in_place_of_the_course_is_one_sentence(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    for value in (tmp_path / "file", tmp_path / "file" / "below", tmp_path / "none"):
        monkeypatch.setenv("COURSE_ROOT", str(value))
        with pytest.raises(CourseError, match="No course in"):
            project_root()


def only(monkeypatch, *folders):
    """Let nothing be writable but what lies in these folders."""
    really = course.writable

    def writable(folder, mode=0o777):
        inside = any(one in (folder, *folder.parents) for one in folders)
        return inside and really(folder, mode)

    monkeypatch.setattr(course, "writable", writable)


def test_numba_keeps_its_own_place_where_it_has_one(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    only(monkeypatch, tmp_path)
    assert numba_cache() is None


def test_numba_gets_the_cache_of_the_course_where_it_has_no_place(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    only(monkeypatch, tmp_path)
    assert numba_cache() == tmp_path / "numba"


@pytest.mark.parametrize("why", ["read-only", "of another user", "a file in the way", "no home"])
def test_numba_gets_a_temporary_folder_where_the_cache_does_not_serve(why, monkeypatch, tmp_path):
    value = "~nobody_of_this_name/x" if why == "no home" else str(tmp_path)
    monkeypatch.setenv("COURSE_CACHE", value)
    only(monkeypatch, *([] if why == "read-only" else [tmp_path]))
    if why == "of another user":
        monkeypatch.setattr(course, "_user", lambda: -1)
    if why == "a file in the way":
        (tmp_path / "numba").write_text("")
    found = numba_cache()
    assert found.is_dir() and tmp_path not in found.parents and found == numba_cache()
    assert os.name == "nt" or found.stat().st_mode & 0o077 == 0


UMAP_WITHOUT_A_PLACE = """
import os, sys
from pathlib import Path
from numba.core import caching
from course_utils import course
given = Path(sys.argv[1])
really = course.writable
course.writable = lambda folder, mode=0o777: given in (folder, *folder.parents) and really(folder)
class Nowhere:
    def __init__(self, *arguments): pass
    @classmethod
    def from_function(cls, *arguments): return None
places = caching.CacheImpl._locator_classes
caching.CacheImpl._locator_classes = [
    place if place is caching.UserProvidedCacheLocator else Nowhere for place in places
]
for kind in vars(caching).values():
    if isinstance(kind, type) and issubclass(kind, caching.CacheImpl):
        kind._locator_classes = caching.CacheImpl._locator_classes
from course_utils.visualization.projection import _umap_class
print(_umap_class().__name__, len(list(given.glob("numba/*"))))
"""
SMALL_UMAP = """
import numba
@numba.njit("int64(int64)", cache=True)
def one_more(x):
    return x + 1
class UMAP: pass
"""  # UMAP itself takes half a minute to compile


def test_umap_is_loaded_where_numba_has_no_place(tmp_path):
    (tmp_path / "umap.py").write_text(SMALL_UMAP)
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    environment = {**os.environ, "COURSE_CACHE": str(tmp_path), "PYTHONPATH": path}
    environment.pop("NUMBA_CACHE_DIR", None)
    command = [sys.executable, "-c", UMAP_WITHOUT_A_PLACE, str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.stdout == "UMAP 1\n", done.stderr[-600:]


def test_numba_without_a_home_makes_no_folder_named_like_one(no_home, monkeypatch, tmp_path):
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    only(monkeypatch, tmp_path, Path("~"))
    assert numba_cache() == tmp_path / "cache" / "numba"
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]


def test_a_long_list_of_names_is_cut():
    from course_utils.errors import suggestion

    names = [f"{i:02}-exercise" for i in range(25)]
    assert suggestion("zzz", names).endswith("19-exercise and 5 more.")
    assert suggestion("zzz", names[:3]) == "choose from 00-exercise, 01-exercise, 02-exercise."
