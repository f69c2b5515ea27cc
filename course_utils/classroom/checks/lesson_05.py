"""How the exercises of lesson 5 are checked."""

from collections.abc import Callable

import numpy as np

from course_utils.classroom.checks.answers import array, normalize, number, pair, strings
from course_utils.classroom.checks.inputs import numbers, sizes
from course_utils.classroom.exercises import exercise

Rng = np.random.Generator


def _word_and_entries(rng: Rng, size: int) -> tuple:
    """A word of few letters, so that they repeat, most of its pieces, and pieces beside them."""
    word = "".join(rng.choice(list("abc"), int(rng.integers(1, size + 3))))
    cuts = [0, *np.flatnonzero(rng.random(len(word)) < 0.5), len(word)]
    spans = [(a, b) for a, b in zip(cuts, cuts[1:], strict=False) if a < b and rng.random() < 0.9]
    for _ in range(rng.integers(1, size + 2)):
        start = rng.integers(len(word))
        spans.append((start, rng.integers(start, len(word)) + 1))
    marks = [("##" if start else "") if rng.random() < 0.8 else "##" for start, _ in spans]
    entries = {m + word[start:end] for m, (start, end) in zip(marks, spans, strict=True)}
    return word, entries | {word[start:end] for start, end in spans[-1:]}


@exercise(
    "05-pieces",
    grade="the idea",
    inputs=_word_and_entries,
    returns=lambda answer, wanted: strings(answer),
    examples=(
        ("under", {"un", "under", "##der"}),
        ("unders", {"un", "under", "##ders"}), ("unders", {"un", "under", "##ders"}),
        ("unders", {"un", "under", "##ders", "##s"}), ("unders", {"un", "under", "##ders", "##s"}),
        ("understand", {"un", "under", "##stand"}), ("unants", {"un", "ants", "##s"}),
        ("unants", {"un", "ants", "##s"}), ("aaa", {"a", "##a"}), ("axa", {"a", "##a"}),
    ),
    praise="always the longest entry, ## inside a word, and [UNK] where nothing fits.",
    hint="Try the ends from len(word) down to start + 1, and take the first that is an entry. If "
    "none is, return at once: a loop that goes on from the same place never ends.",
)  # fmt: skip
def pieces(word: str, entries: set[str]) -> list[str]:
    found, rest = _cut(word, entries)
    return ["[UNK]"] if rest else found


def _cut(
    word: str, entries: set[str], take: Callable = max, mark: str = "##", first: str = ""
) -> tuple[list[str], str]:
    """Return the pieces of a word up to where no entry fits, and what is left there."""
    found, start = [], 0
    while start < len(word):
        begins = mark if start else first
        ends = range(start + 1, len(word) + 1)
        fitting = [end for end in ends if begins + word[start:end] in entries]
        if not fitting:
            break
        found.append(begins + word[start : take(fitting)])
        start = take(fitting)
    return found, word[start:]


def _known(found: list[str], rest: str) -> list[str]:
    return ["[UNK]"] if rest else found


@pieces.mistake("several entries fit: take the longest, not the shortest.")
def _(word, entries):
    return _known(*_cut(word, entries, take=min))


@pieces.mistake("the pieces are right, but those after the first begin with ##: keep it.")
def _(word, entries):
    return [piece.removeprefix("##") for piece in pieces.reference(word, entries)]


@pieces.mistake("an entry without ## must begin a word: inside, look it up with ## in front.")
def _(word, entries):
    return _known(*_cut(word, entries, mark=""))


@pieces.mistake("an entry without ## must begin a word, even if you put ## in front of it after.")
def _(word, entries):
    return _known(*_cut(word, entries | {f"##{entry}" for entry in entries}))


@pieces.mistake("the first piece begins the word: look it up without ##.")
def _(word, entries):
    return _known(*_cut(word, entries, first="##"))


@pieces.mistake("if anything is left, the whole word is [UNK], not the rest alone.")
def _(word, entries):
    found, rest = _cut(word, entries)
    return [*found, "[UNK]"] if rest else found


@pieces.mistake("where nothing fits you stop and return the pieces so far: return ['[UNK]'].")
def _(word, entries):
    return _cut(word, entries)[0]


@pieces.mistake("where nothing fits the list is empty: return ['[UNK]'].")
def _(word, entries):
    found, rest = _cut(word, entries)
    return [] if rest else found


def _skipping(word: str, entries: set[str], instead: list[str]) -> list[str]:
    """Return pieces of a word, and for each letter where nothing fits something else."""
    found, rest = _cut(word, entries)
    while rest:
        found += instead
        more, rest = _cut(rest[1:], entries, first="##")
        found += more
    return found


@pieces.mistake("a letter where nothing fits is left out: the whole word is ['[UNK]'] then.")
def _(word, entries):
    return _skipping(word, entries, [])


@pieces.mistake("where nothing fits you write [UNK] and go on: it stands for the whole word.")
def _(word, entries):
    return _skipping(word, entries, ["[UNK]"])


@pieces.mistake("if nothing fits after the longest entry, do not go back to a shorter one.")
def _(word, entries):
    return _going_back(word, entries, "") or ["[UNK]"]


def _going_back(word: str, entries: set[str], mark: str) -> list[str]:
    """Return the first way to cut the whole word, or nothing."""
    for end in range(len(word), 0, -1):
        if mark + word[:end] in entries:
            rest = _going_back(word[end:], entries, "##")
            if rest or end == len(word):
                return [mark + word[:end], *rest]
    return []


@pieces.mistake("you look up the whole word only: if it is no entry, cut it into pieces.")
def _(word, entries):
    return [word] if word in entries else ["[UNK]"]


@pieces.mistake("you look up the pieces only: the word itself may be an entry.")
def _(word, entries):
    return pieces.reference(word, entries - {word})


@pieces.mistake("you stop after the first piece: go on to the end of the word.")
def _(word, entries):
    return pieces.reference(word, entries)[:1]


@pieces.mistake("a piece may be a single letter: the last end to try is start + 1.")
def _(word, entries):
    return pieces.reference(word, {e for e in entries if len(e.removeprefix("##")) > 1})


@pieces.mistake("you begin at the end of the word: take the longest entry at its beginning.")
def _(word, entries):
    found: list[str] = []
    while word:
        starts = [i for i in range(len(word)) if ("##" if i else "") + word[i:] in entries]
        if not starts:
            return ["[UNK]"]
        found.insert(0, ("##" if starts[0] else "") + word[starts[0] :])
        word = word[: starts[0]]
    return found


@pieces.mistake("replace takes a piece away everywhere: cut it off at the front.")
def _(word, entries):
    found, mark = [], ""
    while word:
        first = _cut(word, entries, first=mark)[0][:1]
        if not first:
            return ["[UNK]"]
        found += first
        word, mark = word.replace(first[0].removeprefix("##"), ""), "##"
    return found


def _tokens(rng: Rng, size: int) -> tuple:
    """Ids with repeats, token types in any order, tables with more positions than are needed."""
    d_model = 1
    while d_model == 1:  # one number alone has no variance
        length, n_pieces, d_model = sizes(rng, 3, size)
    rows = n_pieces, length + int(rng.integers(1, 4)), 2
    tables = tuple(numbers(rng, n, d_model, dtype=np.float64) for n in rows)
    scale, bias = numbers(rng, 2, d_model, dtype=np.float64)
    ids, types = rng.integers(0, n_pieces, length), rng.integers(0, 2, length)
    return ids, types, tables, scale, bias, float(rng.choice([0.1, 0.5, 2]))


_TABLES = tuple(np.array(t, float) for t in ([[1, 0]], [[2, 0], [0, 1], [0, 0]], [[0, 0], [0, 1]]))
_SCALE, _BIAS = np.array([2.0, 1.0]), np.array([1.0, 3.0])


@exercise(
    "05-input",
    grade="the idea",
    inputs=_tokens,
    examples=(
        (np.array([0]), np.array([1]), _TABLES, _SCALE, _BIAS, 0.5),
        (np.array([0, 0]), np.array([1, 0]), _TABLES, _SCALE, _BIAS, 0.5),
        (np.array([0, 0]), np.array([0, 0]), _TABLES, _SCALE, _BIAS, 0.5),  # one row: variance 0
        (np.array([0, 0]), np.array([0, 0]), _TABLES, _SCALE, _BIAS, 0.5),
        (np.array([0]), np.array([1]), tuple(t / 100 for t in _TABLES), _SCALE, _BIAS, 0.5),
    ),
    returns=lambda answer, wanted: array(answer, wanted.shape, "one row for each token"),
    praise="piece, position and token type added, and each token normalized.",
    hint="tables[0][ids] is one row an id; positions are 0, 1, 2, ...: tables[1][: len(ids)].",
)
def input_vectors(
    ids: np.ndarray,
    token_type_ids: np.ndarray,
    tables: tuple[np.ndarray, np.ndarray, np.ndarray],
    scale: np.ndarray,
    bias: np.ndarray,
    epsilon: float,
) -> np.ndarray:
    x = _added(ids, token_type_ids, tables)  # (length, d_model)
    return normalize(x, epsilon) * scale + bias


def _looked_up(ids: np.ndarray, types: np.ndarray, tables: tuple) -> list[np.ndarray]:
    """Return the rows of the pieces, the positions and the token types, (length, d_model) each."""
    return [tables[0][ids], tables[1][: len(ids)], tables[2][types]]


def _added(ids: np.ndarray, types: np.ndarray, tables: tuple) -> np.ndarray:
    piece, position, kind = _looked_up(ids, types, tables)
    return piece + position + kind


@input_vectors.mistake("the sum is right, but it is not normalized.")
def _(ids, token_type_ids, tables, scale, bias, epsilon):
    return _added(ids, token_type_ids, tables)


@input_vectors.mistake("the sum gets scale and bias, but it is not normalized before.")
def _(ids, token_type_ids, tables, scale, bias, epsilon):
    return _added(ids, token_type_ids, tables) * scale + bias


@input_vectors.mistake("the rows of the token types are missing.")
def _(ids, token_type_ids, tables, scale, bias, epsilon):
    return input_vectors.reference(ids, ids * 0, (*tables[:2], tables[2] * 0), scale, bias, epsilon)


@input_vectors.mistake("the rows of the positions are missing.")
def _(ids, token_type_ids, tables, scale, bias, epsilon):
    changed = tables[0], tables[1] * 0, tables[2]
    return input_vectors.reference(ids, token_type_ids, changed, scale, bias, epsilon)


@input_vectors.mistake("the rows of the pieces are missing.")
def _(ids, token_type_ids, tables, scale, bias, epsilon):
    changed = tables[0] * 0, *tables[1:]
    return input_vectors.reference(ids, token_type_ids, changed, scale, bias, epsilon)


@input_vectors.mistake("a position is 0, 1, 2, ...; it is not the id.")
def _(ids, token_type_ids, tables, scale, bias, epsilon):
    changed = tables[0], tables[1][ids % len(tables[1])], tables[2]
    return input_vectors.reference(ids, token_type_ids, changed, scale, bias, epsilon)


@input_vectors.mistake("the first position is 0: you begin at 1.")
def _(ids, token_type_ids, tables, scale, bias, epsilon):
    changed = tables[0], tables[1][1:], tables[2]
    return input_vectors.reference(ids, token_type_ids, changed, scale, bias, epsilon)


@input_vectors.mistake("all tokens have the row of position 0: give each its own.")
def _(ids, token_type_ids, tables, scale, bias, epsilon):
    changed = tables[0], tables[1][ids * 0], tables[2]
    return input_vectors.reference(ids, token_type_ids, changed, scale, bias, epsilon)


@input_vectors.mistake("you took token type 0 for all tokens.")
def _(ids, token_type_ids, tables, scale, bias, epsilon):
    return input_vectors.reference(ids, ids * 0, tables, scale, bias, epsilon)


@input_vectors.mistake("the token types are mixed up: type 0 has row 0.")
def _(ids, token_type_ids, tables, scale, bias, epsilon):
    return input_vectors.reference(ids, 1 - token_type_ids, tables, scale, bias, epsilon)


@input_vectors.mistake("BERT does not multiply pieces by the root of d_model, as lesson 4 did.")
def _(ids, token_type_ids, tables, scale, bias, epsilon):
    changed = tables[0] * np.sqrt(len(scale)), *tables[1:]
    return input_vectors.reference(ids, token_type_ids, changed, scale, bias, epsilon)


@input_vectors.mistake("you normalized columns: each row, a token, is normalized alone.")
def _(ids, token_type_ids, tables, scale, bias, epsilon):
    return normalize(_added(ids, token_type_ids, tables), epsilon, axis=0) * scale + bias


@input_vectors.mistake("you normalized the whole array: each row, a token, is normalized alone.")
def _(ids, token_type_ids, tables, scale, bias, epsilon):
    x = _added(ids, token_type_ids, tables)
    return normalize(x.reshape(1, -1), epsilon).reshape(x.shape) * scale + bias


@input_vectors.mistake("each of the three is normalized by itself: add first, normalize once.")
def _(ids, token_type_ids, tables, scale, bias, epsilon):
    rows = _looked_up(ids, token_type_ids, tables)
    return sum(normalize(x, epsilon) for x in rows) * scale + bias


@input_vectors.mistake("only the pieces are normalized: add all three first, then normalize.")
def _(ids, token_type_ids, tables, scale, bias, epsilon):
    piece, position, kind = _looked_up(ids, token_type_ids, tables)
    return normalize(piece, epsilon) * scale + bias + position + kind


@input_vectors.mistake("epsilon is missing: it is added to the variance.")
def _(ids, token_type_ids, tables, scale, bias, epsilon):
    return input_vectors.reference(ids, token_type_ids, tables, scale, bias, 0.0)


@input_vectors.mistake("epsilon is a parameter: do not write 1e-5 into the function.")
def _(ids, token_type_ids, tables, scale, bias, epsilon):
    return input_vectors.reference(ids, token_type_ids, tables, scale, bias, 1e-5)


@input_vectors.mistake("epsilon is a parameter: do not write 1e-12 into the function.")
def _(ids, token_type_ids, tables, scale, bias, epsilon):
    return input_vectors.reference(ids, token_type_ids, tables, scale, bias, 1e-12)


def _centered(ids: np.ndarray, types: np.ndarray, tables: tuple) -> tuple[np.ndarray, np.ndarray]:
    """Return the sum with mean 0, (length, d_model), and its variances, (length, 1)."""
    x = _added(ids, types, tables)
    return x - x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)


@input_vectors.mistake("epsilon is added to the variance, before the root.")
def _(ids, token_type_ids, tables, scale, bias, epsilon):
    centered, variance = _centered(ids, token_type_ids, tables)
    return centered / (np.sqrt(variance) + epsilon) * scale + bias


@input_vectors.mistake("the root is missing: divide by the root of variance plus epsilon.")
def _(ids, token_type_ids, tables, scale, bias, epsilon):
    centered, variance = _centered(ids, token_type_ids, tables)
    return centered / (variance + epsilon) * scale + bias


@input_vectors.mistake("the variance is a mean: divide by d_model, not by d_model - 1.")
def _(ids, token_type_ids, tables, scale, bias, epsilon):
    centered, variance = _centered(ids, token_type_ids, tables)
    d_model = len(scale)
    return centered / np.sqrt(variance * d_model / (d_model - 1) + epsilon) * scale + bias


@input_vectors.mistake("the variance is the mean of the squares, not their sum.")
def _(ids, token_type_ids, tables, scale, bias, epsilon):
    centered, variance = _centered(ids, token_type_ids, tables)
    return centered / np.sqrt(variance * len(scale) + epsilon) * scale + bias


@input_vectors.mistake("subtract the mean of each row before you divide.")
def _(ids, token_type_ids, tables, scale, bias, epsilon):
    x = _added(ids, token_type_ids, tables)
    return x / np.sqrt(x.var(axis=1, keepdims=True) + epsilon) * scale + bias


@input_vectors.mistake("scale and bias are missing.")
def _(ids, token_type_ids, tables, scale, bias, epsilon):
    return input_vectors.reference(ids, token_type_ids, tables, scale * 0 + 1, bias * 0, epsilon)


@input_vectors.mistake("the bias is missing.")
def _(ids, token_type_ids, tables, scale, bias, epsilon):
    return input_vectors.reference(ids, token_type_ids, tables, scale, bias * 0, epsilon)


@input_vectors.mistake("the scale is missing.")
def _(ids, token_type_ids, tables, scale, bias, epsilon):
    return input_vectors.reference(ids, token_type_ids, tables, scale * 0 + 1, bias, epsilon)


@input_vectors.mistake("the bias comes after the scale: it is not scaled.")
def _(ids, token_type_ids, tables, scale, bias, epsilon):
    return input_vectors.reference(ids, token_type_ids, tables, scale, bias * scale, epsilon)


def _chosen_ids(rng: Rng, size: int) -> tuple:
    """Ids with padding, fates of all kinds, 0.8 and 0.9 themselves, and chosen or not."""
    shape = tuple(sizes(rng, 2, size))
    ids, others = rng.integers(0, 9, shape), rng.integers(1, 9, shape)
    chosen = (rng.random(shape) < rng.choice([0.3, 0.8])) & (ids != 0)
    fate = rng.choice([0, 0.3, 0.79, 0.8, 0.85, 0.89, 0.9, 0.95], shape)
    return ids, chosen, fate, others, int(rng.integers(1, 9))


@exercise(
    "05-mask",
    grade="the idea",
    inputs=_chosen_ids,
    returns=lambda answer, wanted: pair(answer, ("inputs", "targets"), (wanted[0].shape,) * 2),
    examples=(
        (np.array([[7]]), np.array([[True]]), np.array([[0.3]]), np.array([[5]]), 3),
        (np.array([[7]]), np.array([[True]]), np.array([[0.85]]), np.array([[5]]), 3),
        (np.array([[7]]), np.array([[True]]), np.array([[0.8]]), np.array([[5]]), 3),
        (np.array([[7]]), np.array([[True]]), np.array([[0.9]]), np.array([[5]]), 3),
        (np.array([[7]]), np.array([[False]]), np.array([[0.1]]), np.array([[5]]), 3),
    ),
    praise="hidden, exchanged or left alone, and the true ids as targets.",
    hint="np.where(chosen & (fate < 0.8), mask_token_id, ids) hides; a second np.where exchanges.",
)
def hide(
    ids: np.ndarray, chosen: np.ndarray, fate: np.ndarray, others: np.ndarray, mask_token_id: int
) -> tuple[np.ndarray, np.ndarray]:
    inputs = np.where(chosen & (fate < 0.8), mask_token_id, ids)
    inputs = np.where(chosen & (fate >= 0.9), others, inputs)
    return inputs, np.where(chosen, ids, 0)


@hide.mistake("return the inputs first, then the targets.")
def _(ids, chosen, fate, others, mask_token_id):
    return hide.reference(ids, chosen, fate, others, mask_token_id)[::-1]


@hide.mistake("nothing is hidden: the inputs are the ids.")
def _(ids, chosen, fate, others, mask_token_id):
    return ids, ids * chosen


@hide.mistake("every chosen token is hidden: those with a fate from 0.8 on are not.")
def _(ids, chosen, fate, others, mask_token_id):
    return np.where(chosen, mask_token_id, ids), ids * chosen


@hide.mistake("tokens that were not chosen are changed, too.")
def _(ids, chosen, fate, others, mask_token_id):
    return hide.reference(ids, chosen | True, fate, others, mask_token_id)[0], ids * chosen


@hide.mistake("a chosen token with a fate from 0.8 to 0.9 stays as it is.")
def _(ids, chosen, fate, others, mask_token_id):
    late = np.where(fate < 0.8, fate, 0.9)
    return hide.reference(ids, chosen, late, others, mask_token_id)


@hide.mistake("hiding and exchanging are mixed up: below 0.8 a token is hidden.")
def _(ids, chosen, fate, others, mask_token_id):
    inputs = np.where(chosen & (fate < 0.8), others, ids)
    return np.where(chosen & (fate >= 0.9), mask_token_id, inputs), ids * chosen


@hide.mistake("from 0.8 to 0.9 a token stays, and from 0.9 on it is exchanged, not the reverse.")
def _(ids, chosen, fate, others, mask_token_id):
    turned = np.where(fate < 0.8, fate, np.where(fate < 0.9, 0.95, 0.85))
    return hide.reference(ids, chosen, turned, others, mask_token_id)


@hide.mistake("from 0.9 on, the id comes from `others`.")
def _(ids, chosen, fate, others, mask_token_id):
    return hide.reference(ids, chosen, fate, ids, mask_token_id)


@hide.mistake("the second np.where begins with ids again, so nothing is hidden: go on with inputs.")
def _(ids, chosen, fate, others, mask_token_id):
    return np.where(chosen & (fate >= 0.9), others, ids), ids * chosen


@hide.mistake("0.8 itself is not hidden: below 0.8, not up to it.")
def _(ids, chosen, fate, others, mask_token_id):
    return hide.reference(ids, chosen, np.where(fate == 0.8, 0, fate), others, mask_token_id)


@hide.mistake("0.9 itself is exchanged: from 0.9 on, not above it.")
def _(ids, chosen, fate, others, mask_token_id):
    return hide.reference(ids, chosen, np.where(fate == 0.9, 0.85, fate), others, mask_token_id)


@hide.mistake("both edges are off: 0.8 itself is not hidden, and 0.9 itself is exchanged.")
def _(ids, chosen, fate, others, mask_token_id):
    return hide.reference(ids, chosen, fate - 1e-9, others, mask_token_id)


@hide.mistake("the id that hides is a parameter: do not write 103 into the function.")
def _(ids, chosen, fate, others, mask_token_id):
    return hide.reference(ids, chosen, fate, others, 103)


@hide.mistake("the targets are the ids everywhere: where nothing is asked, they are 0.")
def _(ids, chosen, fate, others, mask_token_id):
    return hide.reference(ids, chosen, fate, others, mask_token_id)[0], ids


@hide.mistake("the targets must be the true ids, not what the model sees.")
def _(ids, chosen, fate, others, mask_token_id):
    inputs = hide.reference(ids, chosen, fate, others, mask_token_id)[0]
    return inputs, inputs * chosen


@hide.mistake("a chosen token that is not hidden is asked for as well.")
def _(ids, chosen, fate, others, mask_token_id):
    inputs = hide.reference(ids, chosen, fate, others, mask_token_id)[0]
    return inputs, ids * (chosen & (fate < 0.8))


@hide.mistake("a chosen token that stays as it is is asked for as well.")
def _(ids, chosen, fate, others, mask_token_id):
    inputs = hide.reference(ids, chosen, fate, others, mask_token_id)[0]
    return inputs, ids * (chosen & ((fate < 0.8) | (fate >= 0.9)))


@hide.mistake("the targets tell chosen tokens by their change: a token can look the same after.")
def _(ids, chosen, fate, others, mask_token_id):
    inputs = hide.reference(ids, chosen, fate, others, mask_token_id)[0]
    return inputs, ids * (inputs != ids)


@hide.mistake("where nothing is asked, the target is 0 here; -100 is that of another library.")
def _(ids, chosen, fate, others, mask_token_id):
    inputs, targets = hide.reference(ids, chosen, fate, others, mask_token_id)
    return inputs, np.where(chosen, targets, -100)


@hide.mistake("the targets are turned around: the true id where chosen, 0 elsewhere.")
def _(ids, chosen, fate, others, mask_token_id):
    return hide.reference(ids, chosen, fate, others, mask_token_id)[0], ids * ~chosen


def _two_senses(rng: Rng, size: int) -> tuple:
    """Rows of different lengths and two or more of each label; margins are clear, or ties."""
    while True:
        n_rows, dimension = 4 + int(rng.integers(size + 2)), int(rng.choice([2, 3]))
        labels = rng.permutation([0, 0, 1, 1, *rng.integers(0, 2, n_rows - 4)])
        vectors = rng.integers(-2, 3, (n_rows, dimension)) + labels[:, None] * rng.integers(0, 3)
        vectors[:, 0] = rng.integers(1, 4, n_rows)  # above 0, so that no centroid is 0
        if rng.integers(4) == 0:
            vectors[:] = vectors[0]
        vectors = vectors * rng.choice([1, 1, 10], (n_rows, 1)) / 2
        margins = np.abs(_margins(vectors, labels))
        if ((margins < 1e-9) | (margins > 1e-4)).all():
            return vectors, labels


def _unit(x: np.ndarray) -> np.ndarray:
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def _cosines(centroids: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return the cosine of each row, of length 1, with its own centroid, (n,)."""
    return (_unit(centroids) * rows).sum(axis=1)


def _margins(
    vectors: np.ndarray,
    labels: np.ndarray,
    leave: bool = True,
    unit: bool = True,
    score: Callable = _cosines,
) -> np.ndarray:
    """Return how much nearer each row is to the centroid of its sense than to the other, (n,)."""
    rows, same = _unit(vectors), labels[:, None] == labels  # (n, d), (n, n)
    pooled = rows if unit else vectors
    own, other = same & ~np.eye(len(labels), dtype=bool) if leave else same, ~same
    centroids = [group @ pooled / group.sum(axis=1, keepdims=True) for group in (own, other)]
    return score(centroids[0], rows) - score(centroids[1], rows)


def _points(margins: np.ndarray, tie: float = 0.5) -> np.ndarray:
    return np.where(np.abs(margins) < 1e-6, tie, margins > 0)


@exercise(
    "05-centroid",
    grade="a challenge",
    inputs=_two_senses,
    returns=lambda answer, wanted: number(answer),
    examples=(
        *((np.ones((4, 2)), np.array([0, 1, 0, 1])),) * 2,
        *((np.array([[1.0, 1], [1, 2], [1, 1], [1, 1]]), np.array([1, 1, 0, 0])),) * 2,
        *((np.array([[1.0, 1], [1, 0.5], [1, -1], [1, 0]]), np.array([0, 1, 0, 1])),) * 2,
    ),
    praise="rows of length 1, the left-out row in no centroid, cosines, and ties as one half.",
    hint="others = np.arange(n) != i leaves row i out; others & (labels == 0) is one sense.",
)
def leave_one_out(vectors: np.ndarray, labels: np.ndarray) -> float:
    return float(_points(_margins(vectors, labels)).mean())


@leave_one_out.mistake("the row itself is in its centroid: leave it out.")
def _(vectors, labels):
    return _points(_margins(vectors, labels, leave=False)).mean()


@leave_one_out.mistake("scale the rows to length 1 first: long rows must not count more.")
def _(vectors, labels):
    return _points(_margins(vectors, labels, unit=False)).mean()


@leave_one_out.mistake("divide by the length of the centroid: it is a cosine.")
def _(vectors, labels):
    def score(centroids: np.ndarray, rows: np.ndarray) -> np.ndarray:
        return (centroids * rows).sum(axis=1)

    return _points(_margins(vectors, labels, score=score)).mean()


@leave_one_out.mistake("you compare distances to the centroids: the exercise asks for the cosine.")
def _(vectors, labels):
    def score(centroids: np.ndarray, rows: np.ndarray) -> np.ndarray:
        return -np.linalg.norm(centroids - rows, axis=1)

    return _points(_margins(vectors, labels, score=score)).mean()


@leave_one_out.mistake("you look for the nearest row: average the rows of each sense first.")
def _(vectors, labels):
    cosines = _unit(vectors) @ _unit(vectors).T - 9 * np.eye(len(labels))  # never the row itself
    same = labels[:, None] == labels
    nearest = [np.where(group, cosines, -9).max(axis=1) for group in (same, ~same)]
    return _points(nearest[0] - nearest[1]).mean()


@leave_one_out.mistake("you count the rows that are nearer to the other sense.")
def _(vectors, labels):
    return _points(-_margins(vectors, labels)).mean()


@leave_one_out.mistake("return the share of the rows, not their number.")
def _(vectors, labels):
    return _points(_margins(vectors, labels)).sum()


@leave_one_out.mistake("a tie counts as wrong: it should count one half.")
def _(vectors, labels):
    return _points(_margins(vectors, labels), tie=0).mean()


@leave_one_out.mistake("a tie counts as right: it should count one half.")
def _(vectors, labels):
    return _points(_margins(vectors, labels), tie=1).mean()


@leave_one_out.mistake("a tie is left out of the mean: it should count one half.")
def _(vectors, labels):
    margins = _margins(vectors, labels)
    clear = np.abs(margins) >= 1e-6
    return (margins > 0)[clear].sum() / clear.sum()


@leave_one_out.mistake("you average the shares of the two senses: every row counts alike.")
def _(vectors, labels):
    points = _points(_margins(vectors, labels))
    return np.mean([points[labels == sense].mean() for sense in (0, 1)])


def _states(rng: Rng, size: int) -> tuple:
    """States with zeros, now and then in the millions; padding anywhere, but not all there is."""
    n_texts, length, d_model = sizes(rng, 3, size)
    ids = rng.integers(0, 3, (n_texts, length))
    ids[np.arange(n_texts), rng.integers(0, length, n_texts)] = rng.integers(1, 9, n_texts)
    states = numbers(rng, n_texts, length, d_model) - rng.integers(0, 4)
    return states * rng.choice([1, 1, 1, 1e6]).astype(states.dtype), ids


@exercise(
    "05-masked-max",
    grade="first steps",
    inputs=_states,
    returns=lambda answer, wanted: array(answer, wanted.shape, "one vector for each text"),
    examples=(
        (np.array([[[-2.0], [-1.0]]]), np.array([[5, 0]])),
        (np.array([[[0.0], [-1.0], [2.0]]]), np.array([[5, 7, 0]])),
        (np.array([[[-2e6], [-1.0]], [[-3.0], [-4e6]]]), np.array([[5, 0], [6, 6]])),
    ),
    praise="a position of padding can never be the largest.",
    hint="np.where(mask, states, -np.inf) puts minus infinity where the mask is False.",
)
def masked_max(states: np.ndarray, ids: np.ndarray) -> np.ndarray:
    mask = (ids != 0)[..., None]  # (n, length, 1)
    return np.where(mask, states, -np.inf).max(axis=1)


@masked_max.mistake("padding is the largest: put minus infinity at its positions.")
def _(states, ids):
    return states.max(axis=1)


@masked_max.mistake("times 0, padding becomes 0, which is larger than -3.")
def _(states, ids):
    return (states * (ids != 0)[..., None]).max(axis=1)


def _filled_with(filler: float) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    return lambda states, ids: np.where((ids != 0)[..., None], states, filler).max(axis=1)


for filler in (-1, -10, -100, -1000, -10_000):
    masked_max.mistake(f"a state may be below {filler}: put minus infinity at the padding.")(
        _filled_with(filler)
    )


@masked_max.mistake("a state may be 0 itself: find padding by its id, not by a product of 0.")
def _(states, ids):
    product = states * (ids != 0)[..., None]
    return np.where(product == 0, -np.inf, product).max(axis=1)


@masked_max.mistake("these are the smallest numbers: take the largest.")
def _(states, ids):
    return -masked_max.reference(-states, ids)


@masked_max.mistake("your mask is turned around: 0 is padding.")
def _(states, ids):
    return masked_max.reference(states, ids == 0)


@masked_max.mistake("that is the mean: take the largest.")
def _(states, ids):
    mask = (ids != 0)[..., None]
    return (states * mask).sum(axis=1) / mask.sum(axis=1)


@masked_max.mistake("that is the first token: take the largest of all tokens.")
def _(states, ids):
    return states[:, 0]


@masked_max.mistake("the sign is gone: these are the largest without it, and -3 is above -9.")
def _(states, ids):
    return masked_max.reference(np.abs(states), ids)


@masked_max.mistake("keep the sign in the comparison: -3 is larger than -9.")
def _(states, ids):
    farthest = masked_max.reference(np.abs(states), ids)
    return np.where((states == farthest[:, None]).any(axis=1), farthest, -farthest)


@masked_max.mistake("every text has its own padding: you take that of the first text for all.")
def _(states, ids):
    return np.where((ids[:1] != 0)[..., None], states, -np.inf).max(axis=1)


@masked_max.mistake("padding may stand anywhere: mask it by its id, not by its position.")
def _(states, ids):
    words_first = np.arange(ids.shape[1]) < (ids != 0).sum(axis=1, keepdims=True)
    return masked_max.reference(states, words_first)


@masked_max.mistake("Id 1 was left out, but only id 0 is padding.")
def _(states, ids):
    return masked_max.reference(states, ids > 1)


def _directions(rng: Rng, n: int, d_model: int) -> np.ndarray:
    """Return rows of length 1 that are easy to read, with repeats: two numbers, the others 0."""
    sides = np.array([(1, 0), (0.6, 0.8), (0.8, 0.6), (0.28, 0.96)])
    rows = np.zeros((n, d_model))
    rows[:, :2] = sides[rng.integers(0, 4, n)] * rng.choice([-1, 1], (n, 2))
    return rng.permuted(rows, axis=1)


def _batch_of_pairs(rng: Rng, size: int) -> tuple:
    """Pairs of different directions, and a scale at which np.exp overflows now and then."""
    n = int(rng.integers(1, size + 2))
    d_model = 2 + int(rng.integers(size) + 1) % 3
    d_model += d_model == n
    first, second = _directions(rng, n, d_model), _directions(rng, n, d_model)
    return first, second, float(rng.choice([0.5, 2, 5, 20, 1000]))


_AXES = np.eye(2)
_UP, _DOWN = np.array([[1.0], [1.0]]), np.array([[-1.0], [-1.0]])


@exercise(
    "05-pair-loss",
    grade="the idea",
    inputs=_batch_of_pairs,
    returns=lambda answer, wanted: number(answer),
    examples=(
        (_AXES, _AXES, 2.0), (_AXES, _AXES[::-1], 2.0), (_UP, _UP, 1000.0), (_UP, _UP, 1000.0),
        (_UP, _DOWN, 1000.0), (_UP, _DOWN, 1000.0), (_AXES, _AXES[::-1], 1000.0),
        (_AXES, _AXES[::-1], 1000.0), (_AXES[:1], _AXES[1:], 1000.0), (_AXES, -_AXES, 1000.0),
        (_AXES, -_UP @ _AXES[:1], 1000.0), (_AXES, -_UP @ _AXES[:1], 1000.0),
    ),
    praise="each text finds its own partner among all others of the batch.",
    hint="logits = scale * first @ second.T; subtract each row's largest before np.exp. The "
    "logarithm of a share is the logit minus the logarithm of the sum.",
)  # fmt: skip
def pair_loss(first: np.ndarray, second: np.ndarray, scale: float) -> float:
    return float(-np.diag(_log_shares(scale * first @ second.T)).mean())


def _log_shares(logits: np.ndarray) -> np.ndarray:
    """Return the logarithm of the softmax along the last axis; nothing overflows."""
    logits = logits - logits.max(axis=-1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))


def _losses(first: np.ndarray, second: np.ndarray, scale: float) -> np.ndarray:
    return -np.diag(_log_shares(scale * first @ second.T))


@pair_loss.mistake("the sign is wrong: a loss is -log, which is never below 0.")
def _(first, second, scale):
    return -pair_loss.reference(first, second, scale)


@pair_loss.mistake("that is the sum over the pairs: return the mean.")
def _(first, second, scale):
    return _losses(first, second, scale).sum()


@pair_loss.mistake("the scale is missing in the logits.")
def _(first, second, scale):
    return pair_loss.reference(first, second, 1.0)


@pair_loss.mistake("you divide by the scale: multiply the dot products by it.")
def _(first, second, scale):
    return pair_loss.reference(first, second, 1 / scale)


@pair_loss.mistake("the loss is scaled, but not the logits: multiply the dot products.")
def _(first, second, scale):
    return scale * pair_loss.reference(first, second, 1.0)


@pair_loss.mistake("the softmax goes along each row of logits, not down the columns.")
def _(first, second, scale):
    return pair_loss.reference(second, first, scale)


@pair_loss.mistake("you average both directions: row i of first asks, all rows of second answer.")
def _(first, second, scale):
    return (_losses(first, second, scale) + _losses(second, first, scale)).mean() / 2


@pair_loss.mistake("the softmax goes along each row, not over all logits at once.")
def _(first, second, scale):
    logits = scale * first @ second.T
    return -np.diag(_log_shares(logits.ravel()).reshape(logits.shape)).mean()


@pair_loss.mistake("you compare first with itself: the partners are the rows of second.")
def _(first, second, scale):
    return pair_loss.reference(first, first, scale)


@pair_loss.mistake("only the diagonal counts: pair i is right for row i.")
def _(first, second, scale):
    return -_log_shares(scale * first @ second.T).mean()


@pair_loss.mistake("a text's own partner belongs into the sum of its row, too.")
def _(first, second, scale):
    logits = scale * first @ second.T
    others = np.where(np.eye(len(logits)), -np.inf, logits)
    return (np.logaddexp.reduce(others, axis=1) - np.diag(logits)).mean()


@pair_loss.mistake("that is the mean logit of the right pairs: take -log of its softmax.")
def _(first, second, scale):
    return np.diag(scale * first @ second.T).mean()


@pair_loss.mistake("that is the mean share of the right pairs: take -log of each share.")
def _(first, second, scale):
    return np.exp(-_losses(first, second, scale)).mean()


@pair_loss.mistake("take the logarithm first, then the mean.")
def _(first, second, scale):
    return -np.log(np.exp(-_losses(first, second, scale)).mean())


@pair_loss.mistake("that is in bits: take the natural logarithm.")
def _(first, second, scale):
    return pair_loss.reference(first, second, scale) / np.log(2)


@pair_loss.mistake("that is log10: take the natural logarithm.")
def _(first, second, scale):
    return pair_loss.reference(first, second, scale) / np.log(10)


@pair_loss.mistake("that is the perplexity, exp of the loss: return the loss.")
def _(first, second, scale):
    return np.exp(pair_loss.reference(first, second, scale))


@pair_loss.mistake(
    "np.exp(1000) is inf, and np.exp(-1000) is 0: subtract each row's largest logit."
)
def _(first, second, scale):
    powers = np.exp(scale * first @ second.T)
    return -np.log(np.diag(powers) / powers.sum(axis=1)).mean()


@pair_loss.mistake(
    "log(np.exp(1000)) is inf, log(np.exp(-1000)) -inf: subtract each row's largest."
)
def _(first, second, scale):
    logits = scale * first @ second.T
    return (np.log(np.exp(logits).sum(axis=1)) - np.diag(logits)).mean()


@pair_loss.mistake("a tiny share becomes 0, and its logarithm -inf: subtract logarithms instead.")
def _(first, second, scale):
    return -np.log(np.exp(-_losses(first, second, scale))).mean()


@pair_loss.mistake("subtract the largest logit of each row, not that of the whole batch.")
def _(first, second, scale):
    logits = scale * first @ second.T
    logits = logits - logits.max()
    return (np.log(np.exp(logits).sum(axis=1)) - np.diag(logits)).mean()


def _lengths(rng: Rng, size: int) -> tuple:
    """Lengths in any order, with repeats, and batches that do not always come out even."""
    lengths = rng.integers(1, 10, rng.integers(1, size + 4))
    return lengths, int(rng.integers(1, len(lengths) + 1))


@exercise(
    "05-padding",
    grade="first steps",
    inputs=_lengths,
    returns=lambda answer, wanted: number(answer),
    examples=((np.array([2, 6, 3, 3, 9]), 2), (np.array([5, 1, 4, 2, 2, 8, 3]), 3)),
    praise="each batch is as wide as its own longest text.",
    hint="A batch has len(batch) * max(batch) positions. Padding is what is not taken by tokens.",
)
def padding_share(lengths: np.ndarray, batch_size: int) -> float:
    return float(1 - lengths.sum() / _positions(_batches(lengths, batch_size)))


def _batches(lengths: np.ndarray, batch_size: int) -> list[np.ndarray]:
    return [lengths[start : start + batch_size] for start in range(0, len(lengths), batch_size)]


def _positions(batches: list[np.ndarray]) -> int:
    """Return how many positions are computed: each batch is as wide as its longest text."""
    return sum(len(batch) * batch.max() for batch in batches)


@padding_share.mistake("that is the share of tokens: padding is the rest.")
def _(lengths, batch_size):
    return 1 - padding_share.reference(lengths, batch_size)


@padding_share.mistake("you divide by the tokens: divide by all computed positions.")
def _(lengths, batch_size):
    return _positions(_batches(lengths, batch_size)) / lengths.sum() - 1


@padding_share.mistake("that is the number of positions with padding: divide by all positions.")
def _(lengths, batch_size):
    return _positions(_batches(lengths, batch_size)) - lengths.sum()


@padding_share.mistake("you pad all texts to the longest of all: each batch has its own.")
def _(lengths, batch_size):
    return 1 - lengths.sum() / (len(lengths) * lengths.max())


@padding_share.mistake("the last batch may be smaller: count only the texts that it has.")
def _(lengths, batch_size):
    return 1 - lengths.sum() / sum(batch_size * b.max() for b in _batches(lengths, batch_size))


@padding_share.mistake("the last batch is missing: it may be smaller than the others.")
def _(lengths, batch_size):
    full = lengths[: len(lengths) // batch_size * batch_size]
    return padding_share.reference(full, batch_size)


@padding_share.mistake("you sort the texts from short to long first: take them as they come.")
def _(lengths, batch_size):
    return padding_share.reference(np.sort(lengths), batch_size)


@padding_share.mistake("you sort the texts from long to short first: take them as they come.")
def _(lengths, batch_size):
    return padding_share.reference(np.sort(lengths)[::-1], batch_size)


@padding_share.mistake("you average the shares of the batches: count all positions together.")
def _(lengths, batch_size):
    return np.mean([1 - b.mean() / b.max() for b in _batches(lengths, batch_size)])


@padding_share.mistake("batch_size is a parameter: do not write 2 into the function.")
def _(lengths, batch_size):
    return padding_share.reference(lengths, 2)


@padding_share.mistake("batch_size says how many texts are in a batch, not how many batches.")
def _(lengths, batch_size):
    return 1 - lengths.sum() / _positions(np.array_split(lengths, batch_size))


@padding_share.mistake("a batch is as wide as its longest text, not as its first.")
def _(lengths, batch_size):
    positions = sum(len(b) * b[0] for b in _batches(lengths, batch_size))
    return 1 - lengths.sum() / positions


@padding_share.mistake("a batch is as wide as its longest text, not as its last.")
def _(lengths, batch_size):
    positions = sum(len(b) * b[-1] for b in _batches(lengths, batch_size))
    return 1 - lengths.sum() / positions
