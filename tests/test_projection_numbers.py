"""Maps of vectors without spread, or of any scale: a right map or one sentence.

A fault here once ended the whole process, so everything runs in a process of its own.
"""

import json
import subprocess
import sys

import pytest

# Prints, for each kind of vectors and each way to map them: the sentence, or what the map is like.
SCRIPT = """
import json, sys, warnings
import numpy as np
from course_utils.errors import InputError
from course_utils.visualization import project

warnings.simplefilter("error", RuntimeWarning)
some = np.random.default_rng(0).normal(size=(20, 5))
outlier = np.zeros((20, 5)); outlier[7] = 1
groups = np.repeat([0, 1], 10)
KINDS = {
    "zeros": np.zeros((20, 5)), "ones": np.ones((20, 5)), "equal": np.repeat(some[:1], 20, 0),
    "rounding": np.ones((20, 5), np.float32) + np.float32(1e-7) * (some > 0),
    "two": some[groups], "outlier": outlier, "three": np.repeat(some[[0, 1, 2, 2]], 5, 0),
    "near": 1 + 1e-9 * some, "near32": (1 + 1e-4 * some).astype(np.float32),
    "tiny": some * 1e-300, "tiny32": (some * 1e-36).astype(np.float32), "huge": some * 1e300,
    "huge32": (some * 1e37).astype(np.float32), "column": some * [1, 0, 0, 0, 0],
    "mostly zeros": some * (np.arange(20)[:, None] > 12), "good": some,
}
found = {}
for name in sys.argv[2:] or KINDS:
    for method in sys.argv[1].split(","):
        if method == "tsne" and name not in ("zeros", "ones", "equal", "rounding", "two"):
            continue  # slow, and prepared as for the others
        for dimensions in (2, 3) if name in ("zeros", "ones") else (2,):
            for metric in ("cosine", "euclidean"):
                try:
                    made = project(KINDS[name], method, dimensions=dimensions, metric=metric,
                                   perplexity=4, neighbors=5, neighbors_scored=5)
                    points = made.points.astype(float)
                    ok = bool(np.isfinite(points).all() and points.std() > 0)
                    answer = [ok, made.trustworthiness, made.overlap]
                except InputError as error:
                    answer = str(error)
                except Exception as error:
                    answer = f"bare {type(error).__name__}: {error}"
                found["/".join((name, method, str(dimensions), metric))] = answer
print(json.dumps(found))
"""


def run(*arguments: str) -> dict:
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments], capture_output=True, text=True, timeout=300
    )
    assert ended.returncode == 0, f"the process died ({ended.returncode}): {ended.stderr[-500:]}"
    return json.loads(ended.stdout.strip().splitlines()[-1])


@pytest.fixture(scope="module")
def maps():
    return run("pca,sne,tsne")


def test_vectors_that_are_all_the_same_are_one_sentence(maps):
    for name, answer in maps.items():
        if name.split("/")[0] in ("zeros", "ones", "equal", "rounding"):
            assert "nothing to place on a map" in str(answer), (name, answer)


def test_vectors_with_any_spread_get_a_map(maps):
    for name, answer in maps.items():
        kind, *_, metric = name.split("/")
        if kind in ("zeros", "ones", "equal", "rounding"):
            continue
        assert isinstance(answer, list) and answer[0], (name, answer)


@pytest.mark.parametrize("kind", ["near", "near32", "tiny", "tiny32", "huge", "huge32"])
def test_the_scale_of_vectors_does_not_decide_the_map(maps, kind):
    """Neighbors are kept as well as for the same vectors at an ordinary scale."""
    for name, (_, trust, _) in ((n, a) for n, a in maps.items() if n.startswith("good/")):
        other = maps.get(name.replace("good", kind))
        if other is None or (kind.startswith("near") and name.endswith("cosine")):
            continue  # other directions, so another map
        assert other[1] == pytest.approx(trust, abs=0.06), (name, other, trust)


def test_umap_of_vectors_without_spread_is_one_sentence():
    answers = run("umap", "zeros", "ones")  # with spread it is tried elsewhere: it takes a minute
    assert all("nothing to place on a map" in str(answer) for answer in answers.values())
