"""How the exercises of lesson 1 are checked."""

from itertools import pairwise
from typing import Any

import numpy as np

from course_utils.classroom.checks.answers import (
    array,
    experiment,
    letter,
    number,
    pair,
    prediction,
    strings,
)
from course_utils.classroom.checks.inputs import distinct, numbers, sizes, words
from course_utils.classroom.exercises import exercise, judged
from course_utils.classroom.net import Wrong, brief
from course_utils.training import History

Rng = np.random.Generator


def _two_vectors(rng: Rng, size: int) -> tuple:
    """Two vectors of one length, now and then one of zeros or both in one direction."""
    dimension = int(rng.integers(1, size + 2))
    a, b = numbers(rng, dimension), numbers(rng, dimension)
    return [(a, b), (a * 0, b), (a, b * 0), (a, -2 * a), (a, b)][rng.integers(5)]


@exercise(
    "01-cosine",
    grade="first steps",
    inputs=_two_vectors,
    returns=lambda answer, wanted: number(answer),
    examples=((np.array([3.0, 4.0]), np.array([4.0, 3.0])), (np.array([1, 0]), np.array([0, 1]))),
    praise="equal directions give 1, right angles 0, and length does not matter.",
    hint="np.linalg.norm(a) is the length of a. What should happen when it is 0?",
)
def cosine(a: np.ndarray, b: np.ndarray) -> float:
    lengths = np.linalg.norm(a) * np.linalg.norm(b)
    return float(a @ b / lengths) if lengths else 0.0


@cosine.mistake("that is the dot product: divide it by both lengths.")
def _(a, b):
    return a @ b


@cosine.mistake("you divided by the squared lengths: take the square roots.")
def _(a, b):
    return a @ b / max((a @ a) * (b @ b), 1e-30)


@cosine.mistake("you divided by one length only: divide by both.")
def _(a, b):
    return a @ b / (np.linalg.norm(a) or 1)


@cosine.mistake("that is the cosine distance, 1 minus the cosine.")
def _(a, b):
    return 1 - cosine.reference(a, b)


@cosine.mistake("where a length is zero you divide zero by zero.")
def _(a, b):
    return a @ b / (np.linalg.norm(a) * np.linalg.norm(b))


prediction(
    "01-predict-padding",
    grade="first steps",
    praise="adding zeros changes no sum, but the sum is divided by 64 instead of 4. The direction "
    "stays and the length shrinks to a sixteenth, so the cosine sees nothing, and a classifier "
    "with a bias does. With any other row for padding the direction goes as well.",
    hint="Take one number of the vector: 4 words have 8, 4, 0 and 4. What is the mean of these "
    "four, and what is it with sixty zeros more?",
    wrong={
        "a": "zeros add nothing to the sum, that is true, but they are counted: the sum is "
        "divided by 64.",
        "c": "every zero has the same part in all numbers of the mean, so none of them gains on "
        "the others: the direction stays.",
    },
)


def _texts(rng: Rng, size: int) -> tuple:
    """Lists of ids, some of them empty, with repeats inside and between them."""
    lengths = rng.integers(0, size + 1, rng.integers(1, size + 2))
    return ([rng.integers(1, 9, length).tolist() for length in lengths],)


def _ids_and_offsets(answer: Any, wanted: Any) -> Any:
    flat, offsets = pair(answer, ("flat ids", "offsets"), of="int")
    return flat.astype(int), offsets.astype(int)


@exercise(
    "01-flatten",
    grade="first steps",
    inputs=_texts,
    returns=_ids_and_offsets,
    examples=(([[5, 6, 7], [8], [9, 4]],), ([[5], [5]],), ([[1], []],), ([[], [7, 7]],)),
    praise="each offset points at the first word of its text, also after an empty text.",
    hint="The first text starts at 0. The second starts where the first one ends.",
)
def flatten(sequences: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    lengths = [len(sequence) for sequence in sequences]
    flat = np.array([i for sequence in sequences for i in sequence], dtype=int)
    return flat, np.cumsum([0, *lengths[:-1]])


@flatten.mistake("return the flat ids first, then the offsets.")
def _(sequences):
    return flatten.reference(sequences)[::-1]


@flatten.mistake("these are the ends of the texts; an offset is where a text starts.")
def _(sequences):
    return flatten.reference(sequences)[0], np.cumsum([len(s) for s in sequences])


@flatten.mistake("these are the lengths; add up the lengths of the texts before.")
def _(sequences):
    return flatten.reference(sequences)[0], np.array([len(s) for s in sequences])


@flatten.mistake("one offset too many: the end of the last text is no start.")
def _(sequences):
    return flatten.reference(sequences)[0], np.cumsum([0, *map(len, sequences)])


@flatten.mistake("an empty text takes no room: the next one starts at the same place.")
def _(sequences):
    return flatten.reference(sequences)[0], np.cumsum([0, *(len(s) or 1 for s in sequences[:-1])])


def _padded(rng: Rng, size: int) -> tuple:
    """Vectors and ids; padding (0) may stand anywhere, and may be all there is."""
    n_texts, length, dimension = sizes(rng, 3, size)
    ids = rng.integers(0, 4, (n_texts, length))
    ids[rng.integers(n_texts)] *= rng.integers(2)
    return numbers(rng, n_texts, length, dimension, dtype=np.float32), ids


@exercise(
    "01-masked-mean",
    grade="the idea",
    tensors=True,
    inputs=_padded,
    returns=lambda answer, wanted: array(answer, wanted.shape, "one row for each text", of="float"),
    praise="padding counts neither in the sum nor in the number of words.",
    hint="Make a mask of 1 for words and 0 for padding, with one more axis at the end. Divide by "
    "at least 1: clamp(min=1) in PyTorch, tf.maximum(..., 1) in TensorFlow.",
)
def masked_mean(vectors: np.ndarray, ids: np.ndarray) -> np.ndarray:
    mask = (ids != 0)[..., None]  # (texts, length, 1)
    return (vectors * mask).sum(axis=1) / np.maximum(mask.sum(axis=1), 1)


@masked_mean.mistake("padding is averaged in: it must not count.")
def _(vectors, ids):
    return vectors.mean(axis=1)


@masked_mean.mistake("the sum is right, but you divide by the padded length.")
def _(vectors, ids):
    return (vectors * (ids != 0)[..., None]).mean(axis=1)


@masked_mean.mistake("that is the sum: divide by the number of words.")
def _(vectors, ids):
    return (vectors * (ids != 0)[..., None]).sum(axis=1)


@masked_mean.mistake("you averaged the numbers of each word: average over the words, axis 1.")
def _(vectors, ids):
    return vectors.mean(axis=2)


@masked_mean.mistake("a text of padding only gives NaN: divide by at least 1.")
def _(vectors, ids):
    mask = (ids != 0)[..., None]
    return (vectors * mask).sum(axis=1) / mask.sum(axis=1)


@masked_mean.mistake("Id 1 was left out, but only id 0 is padding.")
def _(vectors, ids):
    return masked_mean.reference(vectors, ids * (ids > 1))


@masked_mean.mistake("padding may stand anywhere: mask it by its id, not by its position.")
def _(vectors, ids):
    words_first = np.arange(ids.shape[1]) < (ids != 0).sum(axis=1, keepdims=True)
    return masked_mean.reference(vectors, words_first)


def _logits_and_labels(rng: Rng, size: int) -> tuple:
    """Logits of some texts, some of them now and then around a thousand, and their classes."""
    n_texts, n_classes = sizes(rng, 2, size + 1)
    logits = numbers(rng, n_texts, n_classes, dtype=np.float64)
    if rng.integers(4) == 0:
        logits = logits + rng.choice([-1000, 0, 1000], (n_texts, 1))
    return logits, rng.integers(0, n_classes, n_texts)


@exercise(
    "01-cross-entropy",
    grade="the idea",
    inputs=_logits_and_labels,
    returns=lambda answer, wanted: number(answer),
    examples=(
        (np.array([[2.0, 1.0, 0.0]]), np.array([0])),
        (np.array([[2.0, 1.0, 0.0], [0.0, 3.0, 1.0]]), np.array([2, 1])),
        (np.array([[1000.0, 0.0]]), np.array([0])),
        (np.array([[1000.0, 0.0]]), np.array([1])),
        (np.array([[-1000.0, -1001.0]]), np.array([1])),
        (np.array([[1000.0, 0.0], [1.0, 0.0]]), np.array([0, 1])),
    ),
    praise="a mean of -log p over the texts, from logits, and large scores do not overflow.",
    hint="log p of a class is its logit minus log(sum(exp(all logits))). Subtract the largest "
    "logit of each row first: log p stays the same, and np.exp cannot overflow.",
)
def cross_entropy(logits: np.ndarray, labels: np.ndarray) -> float:
    return float(-_right_ones(_log_softmax(logits), labels).mean())


def _log_softmax(logits: np.ndarray, axis: int = 1) -> np.ndarray:
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


def _right_ones(values: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return for each text the value of its right class, (texts,)."""
    return values[np.arange(len(labels)), labels]


@cross_entropy.mistake("the sign is turned around: a loss is positive.")
def _(logits, labels):
    return -cross_entropy.reference(logits, labels)


@cross_entropy.mistake("average over the texts: yours is the sum.")
def _(logits, labels):
    return cross_entropy.reference(logits, labels) * len(labels)


@cross_entropy.mistake("divide by the number of texts, not by that of all logits.")
def _(logits, labels):
    return cross_entropy.reference(logits, labels) / logits.shape[1]


@cross_entropy.mistake("that is the loss in bits: use the natural logarithm.")
def _(logits, labels):
    return cross_entropy.reference(logits, labels) / np.log(2)


@cross_entropy.mistake("the logarithm is missing: you average the probabilities of the classes.")
def _(logits, labels):
    return np.exp(_right_ones(_log_softmax(logits), labels)).mean()


@cross_entropy.mistake("take the logarithm first, then the mean: yours is the log of the mean.")
def _(logits, labels):
    return -np.log(np.exp(_right_ones(_log_softmax(logits), labels)).mean())


@cross_entropy.mistake("the softmax is missing: you average the logits themselves.")
def _(logits, labels):
    return -_right_ones(logits, labels).mean()


@cross_entropy.mistake("there are two softmaxes: the logits need one, and then the logarithm.")
def _(logits, labels):
    return cross_entropy.reference(np.exp(_log_softmax(logits)), labels)


@cross_entropy.mistake("the softmax goes over the classes of a text, axis 1, not over the texts.")
def _(logits, labels):
    return -_right_ones(_log_softmax(logits, axis=0), labels).mean()


@cross_entropy.mistake("the softmax goes over the classes of each text: yours is over all logits.")
def _(logits, labels):
    shifted = logits - logits.max()
    return -_right_ones(shifted - np.log(np.exp(shifted).sum()), labels).mean()


@cross_entropy.mistake("take the class of the label, not the one with the highest logit.")
def _(logits, labels):
    return -_log_softmax(logits).max(axis=1).mean()


@cross_entropy.mistake("the formula is right, but np.exp overflows: subtract each row's largest.")
def _(logits, labels):
    exponentials = np.exp(logits)
    return -np.log(
        _right_ones(exponentials / exponentials.sum(axis=1, keepdims=True), labels)
    ).mean()


@cross_entropy.mistake("subtract the largest logit of each row: yours is the largest of all rows.")
def _(logits, labels):
    shifted = logits - logits.max()
    return (np.log(np.exp(shifted).sum(axis=1)) - _right_ones(shifted, labels)).mean()


@cross_entropy.mistake("a probability of 0 has no logarithm: stay with log p, do not make p first.")
def _(logits, labels):
    return -np.log(np.exp(_right_ones(_log_softmax(logits), labels))).mean()


@cross_entropy.mistake("subtract the largest logit of each row: the largest of all makes zeros.")
def _(logits, labels):
    powers = np.exp(logits - logits.max())
    return -np.log(_right_ones(powers / powers.sum(axis=1, keepdims=True), labels)).mean()


def _step(rng: Rng, size: int) -> tuple:
    """Weights, word ids with repeats, labels and a learning rate."""
    n_texts, length, dimension, n_classes = sizes(rng, 4, size)
    n_words, n_classes = n_texts + length + 1, n_classes + 1
    table, weights = (
        (rng.integers(-20, 21, shape) / 10).astype(np.float32)
        for shape in ((n_words, dimension), (dimension, n_classes))
    )
    ids = rng.integers(0, min(n_words, 4), (n_texts, length))
    return table, weights, ids, rng.integers(0, n_classes, n_texts), float(rng.choice([0.1, 1, 5]))


_SMALL = np.array([[2.0], [1.0]], np.float32), np.array([[1.0, -1.0]], np.float32)


def _table_and_weights(answer: Any, wanted: Any) -> Any:
    return pair(answer, ("table", "weights"), (wanted[0].shape, wanted[1].shape), of="float")


@exercise(
    "01-training-step",
    grade="a challenge",
    tensors=True,
    inputs=_step,
    returns=_table_and_weights,
    examples=(
        (*_SMALL, np.array([[0, 1]]), np.array([1]), 0.5),
        (*_SMALL, np.array([[0], [1]]), np.array([0, 1]), 0.5),
        (*_SMALL, np.array([[1, 1], [1, 0]]), np.array([1, 1]), 0.5),
        (*_SMALL, np.array([[0, 0], [1, 1]]), np.array([1, 0]), 2.0),
    ),
    tolerance=1e-4,
    praise="forward, loss, gradient, update: every training in this course repeats these four.",
    hint="Forward: look up, average over the words (axis 1), multiply. PyTorch: make copies with "
    ".clone().requires_grad_(), call loss.backward(), and read .grad. TensorFlow: make tf.Variable "
    "copies, compute the loss inside of tf.GradientTape, and ask tape.gradient; "
    "tf.convert_to_tensor makes a full matrix of the table's gradient.",
)
def training_step(
    table: np.ndarray,
    weights: np.ndarray,
    ids: np.ndarray,
    labels: np.ndarray,
    learning_rate: float,
) -> tuple[np.ndarray, np.ndarray]:
    return _moved(table, weights, *_gradients(table, weights, ids, labels), learning_rate)


def _moved(table: Any, weights: Any, to_table: Any, to_weights: Any, rate: float) -> tuple:
    return table - rate * to_table, weights - rate * to_weights


def _gradients(
    table: np.ndarray, weights: np.ndarray, ids: np.ndarray, labels: np.ndarray, softmaxes: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Return the gradients of the mean cross-entropy: of the table, of the weights."""
    means = table[ids].mean(axis=1)  # (texts, d)
    logits = means @ weights  # (texts, classes)
    right = np.eye(weights.shape[1])[labels]
    to_logits = (np.exp(_log_softmax(logits)) - right) / len(labels)
    if softmaxes == 2:
        p = np.exp(_log_softmax(logits))
        to_p = (np.exp(_log_softmax(p)) - right) / len(labels)
        to_logits = p * (to_p - (p * to_p).sum(axis=1, keepdims=True))
    to_table = np.zeros_like(table)
    for text, row in zip(ids, to_logits @ weights.T / ids.shape[1], strict=True):
        np.add.at(to_table, text, row)
    return to_table, means.T @ to_logits


@training_step.mistake("you climb: subtract the gradient, do not add it.")
def _(table, weights, ids, labels, learning_rate):
    return training_step.reference(table, weights, ids, labels, -learning_rate)


@training_step.mistake("nothing has moved: return table and weights after the step.")
def _(table, weights, ids, labels, learning_rate):
    return table, weights


@training_step.mistake("the table has not moved: its rows are weights and are trained as well.")
def _(table, weights, ids, labels, learning_rate):
    return table, training_step.reference(table, weights, ids, labels, learning_rate)[1]


@training_step.mistake("the weights have not moved: take a step with both.")
def _(table, weights, ids, labels, learning_rate):
    return training_step.reference(table, weights, ids, labels, learning_rate)[0], weights


@training_step.mistake("the loss is the mean over the texts; yours is the sum.")
def _(table, weights, ids, labels, learning_rate):
    return training_step.reference(table, weights, ids, labels, learning_rate * len(labels))


@training_step.mistake("the learning rate is not used: multiply the gradient by it.")
def _(table, weights, ids, labels, learning_rate):
    return training_step.reference(table, weights, ids, labels, 1)


@training_step.mistake("these are the gradients: subtract them, times the rate, from the weights.")
def _(table, weights, ids, labels, learning_rate):
    return _gradients(table, weights, ids, labels)


@training_step.mistake("a second softmax: the loss takes logits and does the softmax itself.")
def _(table, weights, ids, labels, learning_rate):
    return _moved(table, weights, *_gradients(table, weights, ids, labels, 2), learning_rate)


@training_step.mistake("a text is the mean of its rows; yours is the sum.")
def _(table, weights, ids, labels, learning_rate):
    length = ids.shape[1]
    to_table, to_weights = _gradients(table * length, weights, ids, labels)
    return _moved(table, weights, to_table * length, to_weights, learning_rate)


@training_step.mistake("a word that occurs twice in a batch gets both gradients: add them up.")
def _(table, weights, ids, labels, learning_rate):
    _, to_weights = _gradients(table, weights, ids, labels)
    to_logits = (
        np.exp(_log_softmax(table[ids].mean(axis=1) @ weights)) - np.eye(weights.shape[1])[labels]
    )
    to_table = np.zeros_like(table)
    to_table[ids] = (to_logits @ weights.T / ids.size)[:, None]
    return _moved(table, weights, to_table, to_weights, learning_rate)


@training_step.mistake("two steps at once: take both gradients before you move anything.")
def _(table, weights, ids, labels, learning_rate):
    _, moved = training_step.reference(table, weights, ids, labels, learning_rate)
    return training_step.reference(table, moved, ids, labels, learning_rate)[0], moved


@judged(
    "01-minimum-count",
    grade="first steps",
    kind="experiment",
    praise="most different words are rare, and most of what is written is frequent words. So the "
    "first step takes away many rows and loses little text; later steps cost more and more. Two "
    "is a common choice.",
    hint="Measure at 1, 2, 5 and 20. How many rows go from 1 to 2, and how much text is lost?",
)
def minimum_count(answer: Any, adapter: Any, seed: int) -> None:
    """Numbers of words and shares of unknown ones, by minimum counts; then the reason, a letter."""
    found, why = experiment(answer, "{count: vocabulary_with(count)}")
    for count, measured in found.items():
        if not isinstance(measured, tuple | list) or len(measured) != 2:
            told = f"at {count} give what vocabulary_with({count}) returns, not {brief(measured)}."
            raise Wrong(told, "form")
    n_words, unknown = np.array(
        [[number(part) for part in measured] for measured in found.values()]
    ).T
    if not (np.diff(n_words) < 0).all() or not (np.diff(unknown) > 0).all():
        told = "a higher count leaves fewer words and more unknown ones; yours are not so. "
        raise Wrong(f"{told}Give vocabulary_with the count, and nothing else.", "not measured")
    if np.array_equal(unknown, unknown.round(3)) or not ((unknown > 0) & (unknown < 1)).all():
        told = "the second number is the share of unknown words as it was measured, not rounded."
        raise Wrong(told, "not measured")
    if min(found) > 1:
        raise Wrong("begin with 1, where every word stays: it is what you compare with.", "form")
    if max(found) < 10:
        raise Wrong(f"go further than {max(found)}, to 10 or more: the price comes later.", "form")
    letter(why, _NOT_COUNT)


_NOT_COUNT = {
    "a": "words such as *the* are frequent, so they stay until the end. Print some that go.",
    "c": "words that training never saw are in no vocabulary, not even at 1: they are the share "
    "that is unknown there already.",
}


@judged(
    "01-dimension",
    grade="the idea",
    kind="experiment",
    praise="a few classes need a few directions. Beyond them more numbers cost memory and time, "
    "and the table learns its texts by heart sooner. For a task with more to tell apart the same "
    "curve settles later: measure it, as you did here.",
    hint="Take 2, 8, 32 and 128, and 512 if you have the time. Compare the best accuracies.",
)
def dimension(answer: Any, adapter: Any, seed: int) -> None:
    """Histories of short trainings, by the numbers a word has; then the reason, a letter."""
    runs, why = experiment(answer, "{dimension: train_with(dimension)}")
    for size, history in runs.items():
        if not isinstance(history, History) or len(history) < 2:
            told = f"at {size} give the history that train_with({size}) returns"
            raise Wrong(f"{told}, not {brief(history)}.", "form")
    curves = [history.column("train_loss") for history in runs.values()]
    if len({len(curve) for curve in curves}) > 1:
        raise Wrong("the runs differ in length: change the dimension alone.", "not measured")
    if any(np.array_equal(a, b) for a, b in pairwise(curves)):
        told = "two runs are equal to the last digit: hand the dimension on to train_with."
        raise Wrong(told, "not measured")
    if any(not (np.isfinite(c) & (c > 0)).all() or np.array_equal(c, c.round(3)) for c in curves):
        told = "the losses are numbers above 0 as they were measured: give the histories."
        raise Wrong(told, "not measured")
    if min(runs) > 4:
        raise Wrong(f"your smallest is {min(runs)}: try 4 or fewer, where it is too few.", "form")
    if max(runs) < 64:
        raise Wrong(f"your largest is {max(runs)}: go to 64 or more, until it settles.", "form")
    letter(why, _NOT_DIMENSION)


_NOT_DIMENSION = {
    "a": "then each fourfold would bring as much as the one before. Look at your best accuracies: "
    "the first step brings most.",
    "c": "every number of a row that is looked up has a gradient. Look at your training losses: "
    "the largest table has the lowest one, so it was trained.",
}


def _ranking(rng: Rng, size: int) -> tuple:
    """Scores without ties, one target a row, and k up to the number of items."""
    n_users, n_items = sizes(rng, 2, size)
    targets = rng.integers(0, n_items, n_users)
    return distinct(rng, n_users, n_items), targets, int(rng.integers(1, n_items + 1))


@exercise(
    "01-recall",
    grade="the idea",
    inputs=_ranking,
    returns=lambda answer, wanted: number(answer),
    praise="the target counts wherever it stands among the k best.",
    hint="np.argsort(-scores, axis=1)[:, :k] gives the k best items of each row.",
)
def recall(scores: np.ndarray, targets: np.ndarray, k: int) -> float:
    best = np.argsort(-scores, axis=1)[:, :k]  # (users, k)
    return float((best == targets[:, None]).any(axis=1).mean())


@recall.mistake("you look at the best item only: use k.")
def _(scores, targets, k):
    return recall.reference(scores, targets, 1)


@recall.mistake("you take the lowest scores: argsort goes upward.")
def _(scores, targets, k):
    return recall.reference(-scores, targets, k)


@recall.mistake("return the share of hits, not their number.")
def _(scores, targets, k):
    return recall.reference(scores, targets, k) * len(targets)


@recall.mistake("do not divide by k: a row is a hit or it is not.")
def _(scores, targets, k):
    return recall.reference(scores, targets, k) / k


@recall.mistake("you look at one item too many.")
def _(scores, targets, k):
    return recall.reference(scores, targets, k + 1)


@recall.mistake("you look at one item too few.")
def _(scores, targets, k):
    return recall.reference(scores, targets, k - 1)


@recall.mistake("you rank the users of each item (axis 0): rank the items of each user, axis 1.")
def _(scores, targets, k):
    ranks = np.argsort(np.argsort(-scores, axis=0), axis=0)  # (users, items)
    return float((ranks[np.arange(len(targets)), targets] < k).mean())


def _source(rng: Rng, size: int) -> tuple:
    """Words of which some have a vector, now and then the padding word, too."""
    dimension = int(rng.integers(1, size + 2))
    names = ["<pad>", "<unk>", *words(rng, size)]
    known = [*names[2 + rng.integers(size) :], *("sea", "sky")[rng.integers(2) :]]
    known += names[: rng.integers(3)]
    vectors = {w: numbers(rng, dimension, dtype=np.float64) for w in known}
    return names, vectors, dimension


def _table(answer: Any, wanted: np.ndarray) -> np.ndarray:
    rows: dict[tuple[int, ...], str] = {}
    rows[len(wanted) - 2, wanted.shape[1]] = "padding and unknown need rows of their own, too."
    return array(answer, wanted.shape, "a row for each word", of="float", mistakes=rows)


@exercise(
    "01-load-table",
    grade="first steps",
    inputs=_source,
    returns=_table,
    praise="each row belongs to its word, and padding is zero.",
    hint="Go through `words` in order; vectors.get(word, mean) gives the vector or the mean.",
)
def load_table(words: list[str], vectors: dict[str, np.ndarray], dimension: int) -> np.ndarray:
    return _filled(words, vectors, np.mean(list(vectors.values()), axis=0))


def _filled(words: list[str], vectors: dict[str, np.ndarray], missing: np.ndarray) -> np.ndarray:
    """Return a table whose missing words get one vector, and padding zeros."""
    table = np.stack([vectors.get(word, missing) for word in words])
    table[0] = 0
    return table


@load_table.mistake("a missing word got zeros; give it the mean of all vectors.")
def _(words, vectors, dimension):
    return _filled(words, vectors, np.zeros(dimension))


@load_table.mistake("that is the mean of the found words only; take all of the source.")
def _(words, vectors, dimension):
    found = [vectors[w] for w in words if w in vectors]
    return _filled(words, vectors, np.mean(found, axis=0))


@load_table.mistake("the unknown word got zeros: give it its vector, or the mean.")
def _(words, vectors, dimension):
    table = load_table.reference(words, vectors, dimension)
    table[1] = 0
    return table


@load_table.mistake("the row of the padding word should be zeros, whatever the source says.")
def _(words, vectors, dimension):
    mean = np.mean(list(vectors.values()), axis=0)
    return np.stack([vectors.get(word, mean) for word in words])


@load_table.mistake("the rows are shifted by two: words[0] and words[1] have rows, too.")
def _(words, vectors, dimension):
    return np.roll(load_table.reference(words, vectors, dimension), -2, axis=0)


@load_table.mistake("the rows are shifted by one: row i belongs to words[i].")
def _(words, vectors, dimension):
    return np.roll(load_table.reference(words, vectors, dimension), 1, axis=0)


prediction(
    "01-predict-neighbors",
    grade="first steps",
    praise="about four. Two numbers cannot hold all that 384 say, so fewer than half stay. By "
    "chance it would be none for most texts, so four are many. The next section measures it.",
    hint="On paper a point has room for few others at the same distance, and in 384 numbers for "
    "very many. But t-SNE was made to keep neighbors, and does nothing else.",
    wrong={
        "a": "that is what PCA keeps, which does not look at neighbors at all. t-SNE is made to "
        "keep them.",
        "c": "then two numbers would say as much as 384. A point on paper has room for few others "
        "at the same distance.",
    },
)


def _cosines(word: str, words: list[str], vectors: np.ndarray) -> np.ndarray:
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit @ unit[words.index(word)]


def _ranked(word: str, words: list[str], scores: np.ndarray) -> list[str]:
    order = [words[i] for i in np.argsort(-scores, kind="stable")]
    return [other for other in order if other != word]


def _word_and_vectors(rng: Rng, size: int) -> tuple:
    """A word among others, with cosines that differ clearly, and now and then a copy of it."""
    while True:
        names = words(rng, size + 2)
        word = names[rng.integers(len(names))]
        vectors = rng.normal(size=(len(names), 2 + size % 3)).round(1)
        vectors *= rng.choice([1, 1, 3], (len(names), 1))
        if rng.integers(3) == 0:
            vectors[rng.integers(len(names))] = vectors[names.index(word)]
        if not vectors.any(axis=1).all():
            continue
        others = np.delete(_cosines(word, names, vectors), names.index(word))
        if np.diff(np.sort(others)).min(initial=1) > 0.01:
            return word, names, vectors, int(rng.integers(1, len(names)))


def _names(answer: Any, wanted: list[str]) -> list[str]:
    got = strings(answer, "words", ": words[i] alone is the word")
    if len(got) != len(wanted):
        raise Wrong(f"for k={len(wanted)} you return {len(got)} words.", "form")
    return got


@exercise(
    "01-neighbors",
    grade="the idea",
    inputs=_word_and_vectors,
    returns=_names,
    praise="lengths do not matter, and the word itself is left out.",
    hint="Scale all rows to length 1; then one matrix product gives all cosines.",
)
def neighbors(word: str, words: list[str], vectors: np.ndarray, k: int) -> list[str]:
    return _ranked(word, words, _cosines(word, words, vectors))[:k]


@neighbors.mistake("the word itself is its nearest neighbor: leave it out.")
def _(word, words, vectors, k):
    return [word, *neighbors.reference(word, words, vectors, k)][:k]


@neighbors.mistake("the first is left out by its place: leave the word out by its name.")
def _(word, words, vectors, k):
    order = np.argsort(-_cosines(word, words, vectors).round(9), kind="stable")
    return [words[i] for i in order[1 : k + 1]]


@neighbors.mistake("the longest vectors win: divide by the lengths.")
def _(word, words, vectors, k):
    return _ranked(word, words, vectors @ vectors[words.index(word)])[:k]


@neighbors.mistake("you return the most distant words: sort from high to low cosine.")
def _(word, words, vectors, k):
    return _ranked(word, words, -_cosines(word, words, vectors))[:k]


@neighbors.mistake("the right words, but the nearest should come first.")
def _(word, words, vectors, k):
    return neighbors.reference(word, words, vectors, k)[::-1]


@neighbors.mistake("you rank by Euclidean distance; the exercise asks for the cosine.")
def _(word, words, vectors, k):
    distances = np.linalg.norm(vectors - vectors[words.index(word)], axis=1)
    return _ranked(word, words, -distances)[:k]
