"""How the exercises of lesson 5 are checked."""

from collections.abc import Callable

import numpy as np

from course_utils.classroom.exercises import Wrong, exercise
from course_utils.rnn.generation import softmax


@exercise(
    "05-pieces",
    praise="always the longest entry, ## inside a word, and [UNK] where nothing fits.",
    hint="Try the ends from len(word) down to start + 1, and take the first that is an entry.",
)
def check_pieces(word_pieces: Callable) -> None:
    """Words of one piece, of several, with a misleading short or long entry, and unknown ones."""
    entries = {
        "un",
        "under",
        "stand",
        "##stand",
        "##s",
        "##able",
        "##a",
        "##der",
        "a",
        "an",
        "ants",
        "##derx",
    }
    cases = {
        "under": ["under"],
        "understand": ["under", "##stand"],
        "understandable": ["under", "##stand", "##able"],
        "ana": ["an", "##a"],
        "unants": ["[UNK]"],
        "underx": ["[UNK]"],
        "xan": ["[UNK]"],
    }
    for word, wanted in cases.items():
        got = _words(word_pieces(word, set(entries)))
        if got == wanted:
            continue
        if got == ["[UNK]"]:
            raise Wrong(f"{word!r} is not unknown: its pieces are {wanted}.")
        if wanted == ["[UNK]"]:
            _unknown(word, got)
        if got[:1] == ["un"] and wanted[0] == "under":
            raise Wrong(f"{word!r} begins with 'un', but also with 'under': take the longest.")
        if "".join(got) == word and len(got) > 1:
            raise Wrong(f"{word!r} gives {got}: the pieces after the first begin with ##.")
        if got[: len(wanted)] == wanted or got == wanted[: len(got)]:
            raise Wrong(f"{word!r} gives {got}: go on to the end of the word, and stop there.")
        raise Wrong(f"{word!r} gives {got}; it should be {wanted}.")


def _unknown(word: str, got: list[str]) -> None:
    if [piece.removeprefix("##") for piece in got] == ["un", "ants"]:
        raise Wrong(f"{word!r} has no entry '##ants': an entry without ## must begin a word.")
    if got == ["un", "##derx"]:
        raise Wrong(f"{word!r} begins with 'under', and nothing fits then: do not go back to 'un'.")
    if "[UNK]" in got:
        raise Wrong(f"{word!r} gives {got}: if anything is left, the whole word is ['[UNK]'].")
    raise Wrong(f"{word!r} gives {got}, but at some place no entry fits: return ['[UNK]'].")


@exercise(
    "05-input",
    praise="piece, place and segment added, and each token normalized.",
    hint="tables[0][ids] is one row for each id; places are 0, 1, 2, ...: tables[1][: len(ids)].",
)
def check_input(input_vectors: Callable) -> None:
    """Five tokens of two segments, with an id twice, a large epsilon, a scale and a bias."""
    rng = np.random.default_rng(0)
    pieces, places, kinds = (
        rng.normal(size=(9, 4)),
        rng.normal(size=(7, 4)),
        rng.normal(size=(2, 4)),
    )
    ids, segments = np.array([3, 8, 3, 1, 5]), np.array([0, 0, 1, 1, 1])
    scale, bias = rng.normal(2, 0.5, size=4), rng.normal(size=4)
    tables, epsilon = (pieces, places, kinds), 0.3
    got = _array(input_vectors(ids, segments, tables, scale, bias, epsilon))
    if got.shape != (5, 4):
        raise Wrong(f"your result has the shape {got.shape}; it should be (5, 4).")
    whole = pieces[ids] + places[:5] + kinds[segments]

    def normal(x, axis=1, inside=epsilon, outside=0.0):
        centered = x - x.mean(axis=axis, keepdims=True)
        root = np.sqrt(x.var(axis=axis, keepdims=True) + inside)
        return centered / (root + outside) * scale + bias

    for wrong, sentence in (
        (whole, "the sum is right, but it is not normalized."),
        (normal(whole - kinds[segments]), "the rows of the segments are missing."),
        (normal(pieces[ids] + kinds[segments]), "the rows of the places are missing."),
        (
            normal(whole - places[:5] + places[ids % 7]),
            "a place is 0, 1, 2, ...; it is not the id.",
        ),
        (normal(whole - places[:5] + places[1:6]), "the first place is 0."),
        (normal(whole - kinds[segments] + kinds[0]), "you took segment 0 for all tokens."),
        (normal(whole, axis=0), "you normalized columns: each row, a token, is normalized alone."),
        (normal(whole, inside=0.0), "epsilon is missing: it is added to the variance."),
        (normal(whole, 1, 0.0, epsilon), "epsilon is added to the variance, before the root."),
        ((normal(whole) - bias) / scale, "scale and bias are missing."),
        (normal(whole) - bias, "the bias is missing."),
        ((normal(whole) - bias) / scale + bias, "the scale is missing."),
        (
            normal(pieces[ids]) + places[:5] + kinds[segments],
            "add all three first; then normalize.",
        ),
    ):
        if _near(got, wrong):
            raise Wrong(sentence)
    if not _near(got, normal(whole)):
        raise Wrong(f"the first token is {_row(got[0])}; it should be {_row(normal(whole)[0])}.")


@exercise(
    "05-mask",
    praise="hidden, exchanged or left alone, and the true ids as targets.",
    hint="np.where(chosen & (fate < 0.8), mask_id, ids) hides; a second np.where exchanges.",
)
def check_mask(hide: Callable) -> None:
    """Two rows with every fate, chosen and not chosen, and fates at the edges."""
    ids = np.array([[7, 8, 9, 10, 11, 12], [13, 14, 15, 16, 17, 18]])
    chosen = np.array(
        [[True, True, True, False, False, False], [True, True, False, True, True, False]]
    )
    fate = np.array([[0.1, 0.85, 0.95, 0.1, 0.85, 0.95], [0.8, 0.9, 0.3, 0.79, 0.99, 0.99]])
    others, mask_id = ids + 100, 3
    inputs, targets = _two(hide(ids, chosen, fate, others, mask_id), ids.shape)
    wanted = np.where(chosen & (fate < 0.8), mask_id, ids)
    wanted = np.where(chosen & (fate >= 0.9), others, wanted)
    asked = np.where(chosen, ids, 0)
    if np.array_equal(inputs, asked) and np.array_equal(targets, wanted):
        raise Wrong("return the inputs first, then the targets.")
    if not np.array_equal(inputs, wanted):
        _inputs(inputs, ids, chosen, fate, others, mask_id)
    if np.array_equal(targets, ids):
        raise Wrong("the targets are the ids everywhere: where nothing is asked, they are 0.")
    if np.array_equal(targets, np.where(chosen, wanted, 0)):
        raise Wrong("the targets must be the true ids, not what the model sees.")
    if np.array_equal(targets, np.where(chosen & (wanted != ids), ids, 0)):
        raise Wrong("a chosen token that stays as it is is asked for as well.")
    if not np.array_equal(targets, asked):
        raise Wrong(
            f"the targets of the first row are {targets[0].tolist()}, not {asked[0].tolist()}."
        )


def _inputs(inputs, ids, chosen, fate, others, mask_id) -> None:
    everywhere = np.where(fate < 0.8, mask_id, np.where(fate >= 0.9, others, ids))
    swapped = np.where(chosen & (fate < 0.8), others, ids)
    for wrong, sentence in (
        (ids, "nothing is hidden: the inputs are the ids."),
        (np.where(chosen, mask_id, ids), "every chosen token is hidden: 20 % have another fate."),
        (everywhere, "tokens that were not chosen are changed, too."),
        (np.where(chosen & (fate < 0.8), mask_id, np.where(chosen, others, ids)),
         "a chosen token with a fate from 0.8 to 0.9 stays as it is."),
        (np.where(chosen & (fate >= 0.9), mask_id, swapped), "hiding and exchanging are mixed up."),
        (np.where(chosen & (fate < 0.8), mask_id, ids), "from 0.9 on, the id comes from `others`."),
        (np.where(chosen & (fate > 0.9), others, np.where(chosen & (fate <= 0.8), mask_id, ids)),
         "the edges are off: 0.8 itself is not hidden, and 0.9 itself is exchanged."),
    ):  # fmt: skip
        if np.array_equal(inputs, wrong):
            raise Wrong(sentence)
    raise Wrong("the inputs are not right for two rows of six tokens with all kinds of fate.")


@exercise(
    "05-centroid",
    praise="rows of length 1, the left-out row in no centroid, cosines, and ties as one half.",
    hint="others = np.arange(n) != i leaves row i out; others & (labels == 0) is one sense.",
)
def check_centroid(leave_one_out: Callable) -> None:
    """Rows of random lengths, rows that are all the same, and rows that are their own centroid."""
    rng = np.random.default_rng(3)
    labels = np.array([0] * 6 + [1] * 9)
    vectors = rng.normal(size=(15, 5)) + 0.8 * labels[:, None] * np.array([1, 0, -1, 0, 0]) + 0.5
    vectors *= np.exp(rng.normal(0, 1.5, size=(15, 1)))
    got = _share(leave_one_out(vectors, labels))
    right = _leave_one_out(vectors, labels)
    for options, sentence in (
        ({"leave": False}, "the row itself is in its centroid: leave it out."),
        ({"unit": False}, "scale the rows to length 1 first: long rows must not count more."),
        ({"cosine": False}, "divide by the length of the centroid: it is a cosine."),
    ):
        if got != right and np.isclose(got, _leave_one_out(vectors, labels, **options)):
            raise Wrong(sentence)
    if np.isclose(got, 1 - right):
        raise Wrong("you count the rows that are nearer to the other sense.")
    if np.isclose(got, 15 * right):
        raise Wrong("return the share of the rows, not their number.")
    if not np.isclose(got, right):
        raise Wrong(f"for fifteen rows the share is {got:.3f}; it should be {right:.3f}.")
    same = _share(leave_one_out(np.tile(rng.normal(size=4), (8, 1)), np.arange(8) % 2))
    if not np.isclose(same, 0.5):
        raise Wrong(f"eight equal rows are all ties: the share should be 0.5, not {same:.3f}.")


def _leave_one_out(vectors, labels, leave=True, unit=True, cosine=True) -> float:
    rows = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    pooled, right = rows if unit else vectors, 0.0
    for i, label in enumerate(labels):
        others = np.arange(len(labels)) != i if leave else np.ones(len(labels), bool)
        centers = [pooled[others & (labels == sense)].mean(axis=0) for sense in (0, 1)]
        values = [rows[i] @ c / (np.linalg.norm(c) if cosine else 1) for c in centers]
        margin = values[label] - values[1 - label]
        right += 0.5 if abs(margin) < 1e-6 else float(margin > 0)
    return right / len(labels)


@exercise(
    "05-masked-max",
    praise="a place of padding can never be the largest.",
    hint="np.where(mask, states, -np.inf) puts minus infinity where the mask is False.",
)
def check_masked_max(masked_max: Callable) -> None:
    """A text of two tokens, a full one, and one of a single token; all numbers below zero."""
    states = -np.random.default_rng(0).uniform(1, 9, (3, 4, 2))
    ids = np.array([[5, 7, 0, 0], [3, 9, 2, 4], [8, 0, 0, 0]])
    states[0, 2], states[2, 1] = -0.5, -0.25  # the largest numbers are padding
    got = _numbers(masked_max(states, ids), (3, 2))
    words = (ids != 0)[..., None]
    right = np.where(words, states, -np.inf).max(axis=1)
    for wrong, sentence in (
        (states.max(axis=1), "padding is the largest here: put minus infinity at its places."),
        ((states * words).max(axis=1), "times 0, padding becomes 0, which is larger than -3."),
        (np.where(words, states, np.inf).min(axis=1), "that is the smallest number."),
        (np.where(words, -np.inf, states).max(axis=1), "your mask is turned round: 0 is padding."),
        ((states * words).sum(axis=1) / words.sum(axis=1), "that is the mean."),
        (states[:, 0], "that is the first token: take the largest of all tokens."),
        (np.abs(np.where(words, states, 0)).max(axis=1), "keep the sign: -3 is larger than -9."),
    ):
        if _near(got, wrong):
            raise Wrong(sentence)
    if not _near(got, right):
        raise Wrong(f"the first text's vector is {_row(got[0])}; it should be {_row(right[0])}.")
    if not _near(_numbers(masked_max(states * 1e6, ids), (3, 2)), right * 1e6):
        raise Wrong("put something at the padding that is smaller than any number: minus infinity.")


@exercise(
    "05-pair-loss",
    praise="each text finds its own partner among all others of the batch.",
    hint="logits = scale * first @ second.T; subtract each row's largest before np.exp.",
)
def check_pair_loss(pair_loss: Callable) -> None:
    """Three pairs; then logits that overflow."""
    rng = np.random.default_rng(2)
    first, second = (_unit(rng.normal(size=(3, 4))) for _ in range(2))
    got, logits = _share(pair_loss(first, second, 5.0)), 5 * first @ second.T
    losses = -np.log(np.diag(softmax(logits)))
    for wrong, sentence in (
        (-losses.mean(), "the sign is wrong: a loss is -log, which is never below 0."),
        (losses.sum(), "that is the sum over the pairs: return the mean."),
        (-np.log(np.diag(softmax(logits / 5))).mean(), "the scale is missing in the logits."),
        (-np.log(np.diag(softmax(logits.T))).mean(), "the softmax goes along each row of logits."),
        (-np.log(softmax(logits)).mean(), "only the diagonal counts: pair i is right for row i."),
        (np.diag(softmax(logits)).mean(), "that is the share of the right pairs: take -log of it."),
        (-np.log(np.diag(softmax(logits)).mean()), "take the logarithm first, then the mean."),
        (losses.mean() / np.log(2), "that is in bits: take the natural logarithm."),
    ):
        if np.isclose(got, wrong):
            raise Wrong(sentence)
    if not np.isclose(got, losses.mean()):
        raise Wrong(f"the loss of three pairs is {losses.mean():.4f}, but yours is {got:.4f}.")
    if not np.isfinite(_share(pair_loss(first, second, 1e4))):
        raise Wrong("a scale of 10,000 overflows: subtract each row's largest logit before np.exp.")


@exercise(
    "05-padding",
    praise="each batch is as wide as its own longest text.",
    hint="A batch has len(batch) * max(batch) places. Padding is what is not taken by tokens.",
)
def check_padding(padding_share: Callable) -> None:
    """Five texts in batches of two: the last batch has one."""
    lengths = np.array([2, 6, 3, 3, 9])
    got = _share(padding_share(lengths, 2))
    tokens, places = lengths.sum(), 2 * 6 + 2 * 3 + 9
    in_order = 2 * 9 + 2 * 3 + 2
    for wrong, sentence in (
        (tokens / places, "that is the share of tokens: padding is the rest."),
        (places / tokens - 1, "you divide by the tokens: divide by all computed places."),
        (places - tokens, "that is the number of places with padding: divide by all places."),
        (1 - tokens / 45, "you pad all texts to the longest of all: each batch has its own."),
        (1 - tokens / (places + 9), "the last batch has one text only: count it as it is."),
        (1 - 14 / 18, "the last batch is missing: it may be smaller than the others."),
        (1 - tokens / in_order, "you sort the texts first: take them in the given order."),
        ((4 / 12 + 0 + 0) / 3, "you average the shares of the batches: count all places together."),
    ):
        if np.isclose(got, wrong):
            raise Wrong(sentence)
    if not np.isclose(got, 1 - tokens / places):
        raise Wrong(
            "lengths 2, 6, 3, 3, 9 in batches of two have 27 places for 23 tokens: the share is "
            f"4 / 27, but yours is {got:.3f}."
        )


def _words(value) -> list[str]:
    if not isinstance(value, list | tuple) or not all(isinstance(piece, str) for piece in value):
        raise Wrong(f"return a list of strings, not {type(value).__name__}.")
    return list(value)


def _share(value) -> float:
    try:
        array = np.asarray(value)
    except ValueError:
        raise Wrong("return one number.") from None
    if array.ndim or not np.issubdtype(array.dtype, np.number) or np.iscomplexobj(array):
        raise Wrong(f"return one number, not {type(value).__name__}.")
    return float(array)


def _array(value) -> np.ndarray:
    try:
        array = np.asarray(value)
    except ValueError:
        raise Wrong("the rows of your result have different lengths: return one array.") from None
    if array.ndim == 0 or not np.issubdtype(array.dtype, np.number):
        raise Wrong(f"return an array of numbers, not {type(value).__name__}.")
    return array


def _two(value, shape: tuple) -> tuple[np.ndarray, np.ndarray]:
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise Wrong("return two arrays: the inputs and the targets.")
    arrays = [_array(part) for part in value]
    for name, array in zip(("inputs", "targets"), arrays, strict=True):
        if array.shape != shape:
            raise Wrong(f"the {name} should have the shape {shape}, but yours has {array.shape}.")
    return arrays[0], arrays[1]


def _row(row: np.ndarray) -> str:
    return f"[{', '.join(f'{number:.3g}' for number in row)}]"


def _near(got: np.ndarray, wanted: np.ndarray) -> bool:
    return got.shape == wanted.shape and np.allclose(got, wanted, atol=1e-6)


def _numbers(value, shape: tuple) -> np.ndarray:
    """Return an answer as an array of numbers of this shape, or say what it is instead."""
    array = _array(value)
    if array.shape != shape:
        raise Wrong(f"your result has the shape {array.shape}; it should be {shape}.")
    return array


def _unit(x: np.ndarray) -> np.ndarray:
    return x / np.linalg.norm(x, axis=1, keepdims=True)
