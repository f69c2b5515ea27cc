"""What all checkers share: which answers are read as a number, an array or words, and which not."""

import numpy as np
import pytest

from course_utils.classroom.checks.answers import (
    array,
    normalize,
    number,
    pair,
    sequence,
    strings,
)
from course_utils.classroom.exercises import Wrong


def said(function, *given, **options):
    """Return the sentence with which a helper refuses."""
    with pytest.raises(Wrong) as caught:
        function(*given, **options)
    return str(caught.value)


def with_gradient(values):
    torch = pytest.importorskip("torch")
    return torch.tensor(values, requires_grad=True)


@pytest.mark.parametrize(
    "half", [0.5, np.float64(0.5), np.float32(0.5), np.array(0.5)], ids=lambda half: str(type(half))
)
def test_a_number_is_one_of_python_or_numpy(half):
    assert number(half) == 0.5 and type(number(half)) is float
    assert number(3) == number(np.int64(3)) == 3.0
    assert np.isnan(number(np.nan)) and number(-np.inf) == -np.inf


def test_a_number_is_also_a_tensor_without_axes(framework):
    assert number(framework.to_tensor(np.array(0.5, np.float32))) == 0.5
    assert number(with_gradient(0.5)) == 0.5
    assert number(2 * with_gradient(0.5).exp()) == pytest.approx(2 * np.exp(0.5))


@pytest.mark.parametrize(
    ("odd", "kind"),
    [
        ("0.5", "str"),
        (None, "NoneType"),
        (True, "bool"),
        (1j, "complex"),
        ({}, "dict"),
        (np.bool_(True), "bool"),
        ([], "list of shape (0,)"),
        ([0.5], "list of shape (1,)"),
        ([[1], [2, 3]], "list"),
        (np.zeros((2, 1)), "ndarray of shape (2, 1)"),
    ],
)
def test_what_is_not_one_number_is_named(odd, kind):
    assert said(number, odd).startswith(f"return one number, not {kind}")
    assert said(number, odd).endswith(".")


def test_a_tensor_with_axes_is_not_one_number(framework):
    row = framework.to_tensor(np.zeros(3, np.float32))
    assert said(number, row).endswith("Tensor of shape (3,).")


@pytest.mark.parametrize("rows", [[[1, 2], [3, 4]], ((1.0, 2.0), (3.0, 4.0)), np.ones((2, 2))])
def test_an_array_is_also_a_list_or_a_tuple(rows):
    assert np.array_equal(array(rows, (2, 2)), np.asarray(rows))
    assert np.array_equal(array(list(rows)), np.asarray(rows))


def test_an_array_is_also_a_tensor_or_a_list_of_tensors(framework):
    rows = np.array([[0.5, 2.0, 3.0]] * 2, np.float32)
    tensor = framework.to_tensor(rows)
    for answer in (tensor, [tensor[0], tensor[1]], with_gradient(rows), [*with_gradient(rows)]):
        got = array(answer, (2, 3), of="float")
        assert type(got) is np.ndarray and np.array_equal(got, rows)


@pytest.mark.parametrize(
    ("odd", "given"),
    [(0.5, "one number"), ("text", "str"), (1j, "complex"), (iter(""), "iterator")],
)
def test_what_is_no_array_is_named(odd, given):
    assert said(array, odd).startswith("your result should be an array of numbers, not ")
    assert said(array, odd).endswith(f"{given}.")
    wanted = "your mask should be an array of shape (2,), one entry a word, not "
    assert said(array, odd, (2,), "one entry a word", name="mask").startswith(wanted)


def test_a_wrong_shape_is_told_with_its_meaning_or_its_cause():
    told = said(array, np.zeros((3, 2)), (2, 3), "one row a text", name="table")
    assert told == "the shape of your table is (3, 2); it should be (2, 3), one row a text."
    assert said(array, [[1]], (1,)) == "the shape of your result is (1, 1); it should be (1,)."
    assert said(array, [[1]], (1,), mistakes={(1, 1): "one axis too many."}) == "one axis too many."
    ragged = "the rows of your table have different lengths: return one array."
    assert said(array, [[1], [2, 3]], (2, 2), name="table") == ragged


@pytest.mark.parametrize(
    ("values", "of", "sentence"),
    [
        ([1.0], "int", "your result should hold whole numbers (int), not float64."),
        ([1], "float", "your result should hold fractions (float), not int64."),
        ([1], "bool", "your result should hold True or False (bool), not int64."),
        ([True], "number", "your result should hold numbers, not bool."),
    ],
)
def test_the_wrong_type_of_numbers_is_told(values, of, sentence):
    assert said(array, np.array(values), of=of) == sentence
    right = {"int": [1], "float": [1.0], "bool": [True], "number": [1]}[of]
    assert array(right, (1,), of=of).tolist() == right
    assert array([], (0,), of=of).size == 0


def test_a_pair_is_two_arrays_in_order():
    names, shapes = ("mix", "weights"), ((2,), (3,))
    mix, weights = pair(([1, 2], np.ones(3)), names, shapes)
    assert mix.tolist() == [1, 2] and weights.tolist() == [1, 1, 1]
    assert [len(part) for part in pair([[1], [2, 3]], names)] == [1, 2]
    assert pair(([1, 2], [3, 4]), names, ((2,), (2,)))[1].tolist() == [3, 4]
    two = "return two arrays: the mix and the weights."
    for odd in (np.ones((2, 2)), ([1],), ([1], [2], [3]), "ab", {}):
        assert said(pair, odd, names, shapes) == two
    turned = "return the mix first, then the weights."
    assert said(pair, ([1, 2, 3], [1, 2]), names, shapes) == turned
    told = said(pair, ([1, 2], [1, 2]), names, shapes)
    assert told == "the shape of your weights is (2,); it should be (3,)."
    assert "your weights should hold whole" in said(pair, ([1], [1.5]), names, of="int")
    assert "your mix should be an array" in said(pair, (1, [1]), names)


def test_a_sequence_is_a_list_a_tuple_or_an_array():
    assert sequence((1, 2), "states") == sequence(np.array([1, 2]), "states") == [1, 2]
    assert sequence(np.ones((1, 2)), "states") == [[1.0, 1.0]]
    assert sequence([(1, 2)], "states") == [(1, 2)] and sequence([], "states") == []
    for odd, kind in (("ab", "str"), ({1}, "set"), (3, "int"), (np.array(3), "ndarray")):
        assert said(sequence, odd, "states") == f"return a list of states, not {kind}."


def test_strings_are_strings_only():
    assert strings(["a", "b"]) == strings(("a", "b")) == strings(np.array(["a", "b"])) == ["a", "b"]
    assert said(strings, "ab") == "return a list of strings, not str."
    assert said(strings, ["a", 1]) == "return a list of strings, not of int."
    assert said(strings, [("a", 1)], "words", ": no cosines") == (
        "return a list of words, not of tuple: no cosines."
    )


def test_rows_or_columns_are_normalized():
    x = np.random.default_rng(0).normal(2, 3, size=(4, 5))
    for axis in (0, 1):
        got = normalize(x, 0.0, axis)
        assert got.mean(axis=axis) == pytest.approx(np.zeros(x.shape[1 - axis]), abs=1e-9)
        assert got.var(axis=axis) == pytest.approx(np.ones(x.shape[1 - axis]))
    variance = x.var(axis=1)
    assert normalize(x, 2.0).var(axis=1) == pytest.approx(variance / (variance + 2))
