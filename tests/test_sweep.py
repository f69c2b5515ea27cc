"""Bad values of every kind reach every public function, and end in a result or a sentence."""

import re
import subprocess
import sys
import time
from fnmatch import fnmatchcase
from functools import cache

import pytest
import sweep
import sweep_adapters
import sweep_calls
import sweep_rules
from adapters import PACKAGES

GROUPS = ("core", *PACKAGES)


class Found(dict):
    """The verdicts on the calls of a group, and its name."""

    name: str


@pytest.fixture(scope="module", params=GROUPS)
def found(request):
    return swept(request.param)


@cache
def swept(group: str) -> Found:
    """Run a group once for all tests."""
    if group in PACKAGES:
        pytest.importorskip(PACKAGES[group])
    found = Found(sweep.sweep(group))
    found.name = group
    return found


def test_every_good_call_is_good(found):
    answers = {key: told for key, (said, told) in found.items() if said != "returned"}
    bad = {key: told for key, told in answers.items() if key.endswith("()")}
    assert not bad, f"mend these calls in tests/sweep_calls.py or tests/sweep_adapters.py: {bad}"


def test_nearly_all_is_right_or_a_sentence_and_the_rest_is_listed(found):
    verdicts = {
        key: sweep_rules.verdict(key, said) for key, (said, _) in found.items() if ": " in key
    }
    odd = {key: said for key, said in verdicts.items() if said in ("silent", "hang", "dead")}
    assert not odd, f"mend these, or add a rule with its reason to tests/sweep_rules.py: {odd}"
    rest = [key for key, said in verdicts.items() if said == "bare"]
    assert len(verdicts) > 800 and len(rest) / len(verdicts) <= 0.05
    unlisted = [k for k in rest if not any(fnmatchcase(k, p) for p, _ in sweep_rules.BARE)]
    assert not unlisted, f"these end in another error: {unlisted}"


def test_what_means_the_same_is_right(found):
    same = {key: answer for key, answer in found.items() if " as " in key}
    assert len(same) > 70 and {said for said, _ in same.values()} == {"returned"}, same


@pytest.mark.parametrize(
    ("rules", "wanted"), [(sweep_rules.RIGHT, "returned"), (sweep_rules.BARE, "bare")]
)
def test_no_rule_is_without_use(rules, wanted):
    keys = [key for group in GROUPS for key, (said, _) in swept(group).items() if said == wanted]
    idle = [p for p, _ in rules if not any(fnmatchcase(key, p) for key in keys)]
    assert not idle, f"no call needs these rules: {idle}"


@pytest.mark.parametrize("room", sweep_calls.ROOMS)
def test_every_public_function_has_a_good_call(room):
    missing = {*sweep_calls.public(room)} - {*sweep_calls.CORE} - {*sweep_calls.NO_CALL}
    assert not missing, f"give a good call in tests/sweep_calls.py: {sorted(missing)}"


@pytest.mark.parametrize("framework", PACKAGES)
def test_every_public_function_of_an_adapter_has_a_good_call(framework):
    pytest.importorskip(PACKAGES[framework])
    found = {name.partition(".")[2] for name in sweep_calls.public(framework)}
    calls = {name.partition(".")[2] for name in sweep_adapters.adapter_calls(framework)}
    missing = found - calls - {*sweep_adapters.NO_CALL}
    assert not missing, f"give a good call in tests/sweep_adapters.py: {sorted(missing)}"


def _rows(page: str) -> dict[str, list[int]]:
    """Return for each room of a table its numbers."""
    rows = re.findall(r"^\| (\w+) \|([\d |]+)\| [\d.]+% \|$", page, re.M)
    return {room: [int(number) for number in numbers.split("|")] for room, numbers in rows}


def test_the_table_of_results_is_that_of_these_calls(found):
    """`python tests/sweep.py` makes it, with the adapters, in some minutes."""
    kept = _rows(sweep.TABLE.read_text(encoding="utf8"))
    for room, (functions, calls, *_) in _rows(sweep.table({found.name: found})).items():
        assert kept[room][:2] == [functions, calls], f"run `python tests/sweep.py`: {room}"
        _, calls, sentence, right, _, silent = kept[room]
        assert not silent and (room not in GROUPS or (sentence + right) / calls >= 0.95)


PLANTED = """
import ctypes, os, sys, time
sys.path.insert(0, {tests!r})
import sweep, sweep_calls
def bare(a): return 1 + a
def silent(a): return a
def told(a):
    from course_utils.errors import InputError
    if a != 1: raise InputError("a must be the number one, and nothing else.")
def hangs(a):
    while a != 1:  # asleep or busy
        if a == 0: time.sleep(0.1)
def dies(a):
    if a == 0: os._exit(9)
planted = (bare, silent, told, dies, hangs)
calls = {{f"text.{{f.__name__}}": lambda f=f: (f, {{"a": 1}}) for f in planted}}
sweep_calls.CORE.clear()
sweep_calls.CORE.update(calls)
sweep.SECONDS = 1
if len(sys.argv) > 1:
    import json
    sweep.work(sys.argv[1], json.loads(sys.argv[3]))
else:
    sweep.__file__ = __file__
    sweep.FILE = __file__
    for key, (said, _) in sweep.sweep("core").items():
        print(key, said)
"""


def test_a_process_that_ends_between_two_calls_is_no_end_of_the_sweep(tmp_path, monkeypatch):
    path = tmp_path / "ends.py"
    path.write_text('print(\'["text.tokenize()", "returned", ""]\')')
    monkeypatch.setattr(sweep, "FILE", path)
    with pytest.raises(RuntimeError, match="between two calls"):
        sweep.sweep("core")


def test_what_is_bare_silent_hanging_or_deadly_is_found(tmp_path):
    path = tmp_path / "planted.py"
    path.write_text(PLANTED.format(tests=str(sweep.HERE)))
    start = time.monotonic()
    result = subprocess.run([sys.executable, path], capture_output=True, text=True, timeout=120)
    said = dict(line.rsplit(" ", 1) for line in result.stdout.splitlines())
    assert said["text.bare(a: a word)"] == "bare" and said["text.silent(a: a word)"] == "returned"
    assert said["text.told(a: zero)"] == "sentence" and said["text.hangs(a: zero)"] == "hang"
    assert said["text.dies(a: zero)"] == "dead" and said["text.dies(a: negative)"] == "returned"
    assert time.monotonic() - start < 100
