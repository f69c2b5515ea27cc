"""The documentation corpus: what counts as prose, and a cache that mends itself."""

import errno
import gzip
import json
import multiprocessing
import os
import re
import sys
from collections import Counter, defaultdict

import numpy as np
import pytest

from course_utils.data import documentation, installed, load, prose
from course_utils.errors import DataError

BUILT = {"answer": list(range(50))}


def stored(folder):
    return sorted((folder / "documentation").glob("*"))


def build_slowly(folder, results):
    import os
    import time

    os.environ["COURSE_CACHE"] = str(folder)
    results.put(
        installed.cached("slow", {"numpy": "1"}, (__file__,), lambda: time.sleep(0.2) or BUILT)
    )


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    "damage", ["flipped byte", "cut off", "empty", "no gzip", "no JSON", "other JSON"]
)
def test_a_cache_that_is_damaged_in_any_way_is_built_anew(cache, damage):
    installed.cached("small", {"numpy": "1"}, (__file__,), lambda: BUILT)
    (path,) = stored(cache)
    content = path.read_bytes()
    middle = len(content) // 2
    path.write_bytes(
        {
            "flipped byte": content[:10] + b"\xff" + content[11:],  # just after the header
            "cut off": content[:middle],
            "empty": b"",
            "no gzip": b"hello",
            "no JSON": gzip.compress(b"{"),
            "other JSON": gzip.compress(b'{"numpy": []}'),
        }[damage]
    )
    assert installed.cached("small", {"numpy": "1"}, (__file__,), lambda: BUILT) == BUILT
    assert json.loads(gzip.decompress(path.read_bytes()))["built"] == BUILT and stored(cache) == [
        path
    ]


def test_a_good_cache_is_used(cache):
    installed.cached("small", {"numpy": "1"}, (__file__,), lambda: BUILT)
    assert (
        installed.cached("small", {"numpy": "1"}, (__file__,), lambda: pytest.fail("built again"))
        == BUILT
    )


def test_another_version_or_another_program_is_another_corpus(tmp_path):
    first, second = tmp_path / "first.py", tmp_path / "second.py"
    keys = set()
    for version, *programs in (("1", "a", "c"), ("2", "a", "c"), ("2", "b", "c"), ("2", "b", "d")):
        first.write_text(programs[0])
        second.write_text(programs[1])
        keys.add(installed._key({"numpy": version}, (str(first), str(second))))
    assert len(keys) == 4


def test_every_package_of_the_running_text_is_part_of_its_key(monkeypatch):
    keyed = {}
    monkeypatch.setattr(documentation, "cached", lambda name, v, code, build: keyed.update(v) or [])
    documentation.running_text()
    assert set(keyed) == {"standard library", *documentation._RUNNING}


def test_processes_that_build_at_the_same_time_all_get_it(tmp_path):
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    workers = [context.Process(target=build_slowly, args=(tmp_path, results)) for _ in range(3)]
    for worker in workers:
        worker.start()
    got = [results.get(timeout=60) for _ in workers]
    for worker in workers:
        worker.join()
    assert got == [BUILT] * 3 and len(stored(tmp_path)) == 1  # no half-written file is left


@pytest.mark.parametrize("why", ["read-only", "full", "a file in the way", "below a file"])
def test_what_was_built_is_returned_though_it_cannot_be_stored(why, tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("in the way")
    places = {"a file in the way": tmp_path / "file", "below a file": tmp_path / "file" / "x"}
    monkeypatch.setenv("COURSE_CACHE", str(places.get(why, tmp_path)))

    def refuse(*arguments):
        number = errno.EROFS if why == "read-only" else errno.ENOSPC
        raise OSError(number, os.strerror(number))

    if why not in places:
        monkeypatch.setattr(installed, "write_bytes", refuse)
    assert installed.cached("small", {"numpy": "1"}, (__file__,), lambda: BUILT) == BUILT
    said = capsys.readouterr().out
    assert said.count("\n") == 1 and said.startswith("Could not store small-")
    assert "set COURSE_CACHE to another folder" in said


def test_a_shared_cache_serves_the_same_python_of_another_builder(cache, monkeypatch):
    installed.cached("small", {"numpy": "1"}, (__file__,), lambda: BUILT)
    monkeypatch.setattr(sys, "version", sys.version + " [another compiler]")
    again = installed.cached("small", {"numpy": "1"}, (__file__,), lambda: pytest.fail("built"))
    assert again == BUILT
    keys = {installed._key({}, ())}
    monkeypatch.setattr(sys, "version_info", (3, 12, 0, "final", 0))
    assert installed._key({}, ()) not in keys


def test_a_library_whose_files_are_gone_is_named(monkeypatch):
    monkeypatch.setattr(installed, "find_spec", lambda module: None)
    with pytest.raises(DataError, match="pip install scikit-learn"):
        installed.package_root("sklearn", "scikit-learn")


def test_nothing_is_imported_to_read_the_documentation():
    import subprocess
    import sys

    code = (
        "import sys; from course_utils.data import load; load('documentation'); "
        "sys.exit(', '.join({'sklearn', 'networkx', 'matplotlib', 'torch', 'tensorflow'} "
        "& set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_no_name_gives_the_label_away():
    names = "scikit-?learn|sklearn|matplotlib|pyplot|plt|mpl|networkx|nx|numpy|np|scipy|python"
    named = [t for t in load("documentation").texts if re.search(rf"\b({names})\b", t, re.I)]
    assert named == []


TARGETS = "The targets that belong to the samples, one of them for each, in their order."


@pytest.mark.parametrize(
    ("docstring", "paragraphs"),
    [
        (
            "See :class:`~a.svm.SVC` and :ref:`the guide <svm>` for **all** of the many reasons.",
            [],  # less than a line of prose
        ),
        (
            "See :class:`~a.svm.SVC` and :ref:`the guide <svm>` for **all** of the many reasons "
            "that there are.",
            ["See SVC and the guide for all of the many reasons that there are."],
        ),
        (f"{TARGETS}\n\n::\n\n    {TARGETS}", [TARGETS]),
        (f"Parameters\n----------\nX : array\n    {TARGETS}\n\n    {TARGETS}", []),
        (f"Notes\n-----\n{TARGETS[:-1]} [1]_.", [TARGETS]),
        (f">>> print({TARGETS!r})", []),
    ],
)
def test_only_prose_is_taken_from_a_docstring(docstring, paragraphs):
    assert prose.paragraphs(docstring) == paragraphs


def test_running_text_has_room_above_its_promise_and_no_repeated_sentence():
    text = load("running_text")
    assert text.n_words >= 1_650_000 and len(set(text.sentences)) == len(text.sentences)


def test_near_copies_are_rare():
    texts = load("documentation").texts
    words = [re.findall(r"\w+", text.lower()) for text in texts]
    runs = [{tuple(w[i : i + 5]) for i in range(max(1, len(w) - 4))} for w in words]
    holders = defaultdict(list)
    for row, own in enumerate(runs):
        for run in own:
            holders[run].append(row)
    common = Counter(
        (first, second)
        for rows in holders.values()
        for i, second in enumerate(rows)
        for first in rows[:i]
    )
    jaccard = [n / (len(runs[a]) + len(runs[b]) - n) for (a, b), n in common.items()]
    assert np.sum(np.array(jaccard) > 0.6) <= len(texts) / 1000


def test_a_bag_of_words_learns_it_and_leaves_room_above():
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    from course_utils.data import split

    parts = split(load("documentation"))
    vectorizer = TfidfVectorizer(sublinear_tf=True, min_df=2)
    train = vectorizer.fit_transform(parts.train.texts)
    model = LogisticRegression(max_iter=1000).fit(train, parts.train.labels)
    accuracy = model.score(vectorizer.transform(parts.test.texts), parts.test.labels)
    assert 0.82 < accuracy < 0.92
