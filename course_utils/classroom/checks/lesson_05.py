"""How the exercises of lesson 5 are checked."""

from collections.abc import Callable

import numpy as np

from course_utils.classroom.checks.answers import (
    array,
    expect,
    near,
    normalize,
    number,
    pair,
    refuse,
    shown,
    strings,
)
from course_utils.classroom.exercises import old_style as exercise
from course_utils.classroom.net import Wrong
from course_utils.rnn.generation import softmax


@exercise(
    "05-pieces",
    praise="always the longest entry, ## inside a word, and [UNK] where nothing fits.",
    hint="Try the ends from len(word) down to start + 1, and take the first that is an entry.",
)
def check_pieces(word_pieces: Callable) -> None:
    """Words of one piece, of several, with a misleading short or long entry, and unknown ones."""
    beginnings = {"un", "under", "stand", "a", "an", "ants"}
    entries = beginnings | {"##stand", "##s", "##able", "##a", "##der", "##derx"}
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
        got = strings(word_pieces(word, set(entries)))
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
    praise="piece, position and token type added, and each token normalized.",
    hint="tables[0][ids] is one row an id; positions are 0, 1, 2, ...: tables[1][: len(ids)].",
)
def check_input(input_vectors: Callable) -> None:
    """Five tokens of two types, with an id twice, a large epsilon, a scale and a bias."""
    rng = np.random.default_rng(0)
    pieces, positions, kinds = tables = tuple(rng.normal(size=(rows, 4)) for rows in (9, 7, 2))
    ids, types = np.array([3, 8, 3, 1, 5]), np.array([0, 0, 1, 1, 1])
    scale, bias, epsilon = rng.normal(2, 0.5, size=4), rng.normal(size=4), 0.3
    got = array(input_vectors(ids, types, tables, scale, bias, epsilon), (5, 4))
    piece, position, kind = pieces[ids], positions[:5], kinds[types]
    whole = piece + position + kind

    def normal(x: np.ndarray) -> np.ndarray:
        return normalize(x, epsilon) * scale + bias

    unit, plain = normalize(whole, epsilon), normalize(whole, 0.0)
    columns = normalize(whole, epsilon, axis=0)
    late = plain / (1 + epsilon / whole.std(axis=1, keepdims=True))
    refuse(
        got,
        (whole, "the sum is right, but it is not normalized."),
        (normal(piece + position), "the rows of the token types are missing."),
        (normal(piece + kind), "the rows of the positions are missing."),
        (
            normal(piece + positions[ids % 7] + kind),
            "a position is 0, 1, 2, ...; it is not the id.",
        ),
        (normal(piece + positions[1:6] + kind), "the first position is 0."),
        (normal(piece + position + kinds[0]), "you took token type 0 for all tokens."),
        (columns * scale + bias, "you normalized columns: each row, a token, is normalized alone."),
        (plain * scale + bias, "epsilon is missing: it is added to the variance."),
        (late * scale + bias, "epsilon is added to the variance, before the root."),
        (unit, "scale and bias are missing."),
        (unit * scale, "the bias is missing."),
        (unit + bias, "the scale is missing."),
        (normal(piece) + position + kind, "add all three first; then normalize."),
    )
    right = normal(whole)
    expect(got, right, f"the first token is {shown(got[0])}; it should be {shown(right[0])}.")


@exercise(
    "05-mask",
    praise="hidden, exchanged or left alone, and the true ids as targets.",
    hint="np.where(chosen & (fate < 0.8), mask_token_id, ids) hides; a second np.where exchanges.",
)
def check_mask(hide: Callable) -> None:
    """Two rows with every fate, chosen and not chosen, and fates at the edges."""
    ids = np.array([[7, 8, 9, 10, 11, 12], [13, 14, 15, 16, 17, 18]])
    chosen = np.array(
        [[True, True, True, False, False, False], [True, True, False, True, True, False]]
    )
    fate = np.array([[0.1, 0.85, 0.95, 0.1, 0.85, 0.95], [0.8, 0.9, 0.3, 0.79, 0.99, 0.99]])
    others, mask_token_id = ids + 100, 3
    given = (ids, chosen, fate, others, mask_token_id)
    inputs, targets = pair(hide(*given), ("inputs", "targets"), (ids.shape, ids.shape))
    wanted = np.where(chosen & (fate < 0.8), mask_token_id, ids)
    wanted = np.where(chosen & (fate >= 0.9), others, wanted)
    asked = np.where(chosen, ids, 0)
    if near(inputs, asked) and near(targets, wanted):
        raise Wrong("return the inputs first, then the targets.")
    refuse(inputs, *_wrong_inputs(*given))
    expect(inputs, wanted, "the inputs are not right for two rows of six tokens of every fate.")
    refuse(
        targets,
        (ids, "the targets are the ids everywhere: where nothing is asked, they are 0."),
        (chosen * wanted, "the targets must be the true ids, not what the model sees."),
        (asked * (wanted != ids), "a chosen token that stays as it is is asked for as well."),
    )
    told = f"the targets of the first row are {targets[0].tolist()}, not {asked[0].tolist()}."
    expect(targets, asked, told)


def _wrong_inputs(
    ids: np.ndarray, chosen: np.ndarray, fate: np.ndarray, others: np.ndarray, mask_token_id: int
) -> list[tuple[np.ndarray, str]]:
    hidden, exchanged = chosen & (fate < 0.8), chosen & (fate >= 0.9)
    every = np.where(chosen, mask_token_id, ids)
    edges = np.where(chosen & (fate <= 0.8), mask_token_id, ids)
    edges = np.where(chosen & (fate > 0.9), others, edges)
    everywhere = np.where(fate < 0.8, mask_token_id, np.where(fate >= 0.9, others, ids))
    swapped = np.where(exchanged, mask_token_id, np.where(hidden, others, ids))
    never = np.where(hidden, mask_token_id, np.where(chosen, others, ids))
    return [
        (ids, "nothing is hidden: the inputs are the ids."),
        (every, "every chosen token is hidden: 20 % have another fate."),
        (everywhere, "tokens that were not chosen are changed, too."),
        (never, "a chosen token with a fate from 0.8 to 0.9 stays as it is."),
        (swapped, "hiding and exchanging are mixed up."),
        (np.where(hidden, mask_token_id, ids), "from 0.9 on, the id comes from `others`."),
        (edges, "the edges are off: 0.8 itself is not hidden, and 0.9 itself is exchanged."),
    ]


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
    got = number(leave_one_out(vectors, labels))
    right = _leave_one_out(vectors, labels)
    own, unscaled, undivided = (
        _leave_one_out(vectors, labels, **{option: False}) for option in ("leave", "unit", "cosine")
    )
    refuse(
        got,
        (own, "the row itself is in its centroid: leave it out."),
        (unscaled, "scale the rows to length 1 first: long rows must not count more."),
        (undivided, "divide by the length of the centroid: it is a cosine."),
        (1 - right, "you count the rows that are nearer to the other sense."),
        (15 * right, "return the share of the rows, not their number."),
    )
    expect(got, right, f"for fifteen rows the share is {got:.3f}; it should be {right:.3f}.")
    same = number(leave_one_out(np.tile(rng.normal(size=4), (8, 1)), np.arange(8) % 2))
    expect(same, 0.5, f"eight equal rows are all ties: the share should be 0.5, not {same:.3f}.")


def _leave_one_out(
    vectors: np.ndarray,
    labels: np.ndarray,
    leave: bool = True,
    unit: bool = True,
    cosine: bool = True,
) -> float:
    rows = _unit(vectors)
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
    praise="a position of padding can never be the largest.",
    hint="np.where(mask, states, -np.inf) puts minus infinity where the mask is False.",
)
def check_masked_max(masked_max: Callable) -> None:
    """A text of two tokens, a full one, and one of a single token; all numbers below zero."""
    states = -np.random.default_rng(0).uniform(1, 9, (3, 4, 2))
    ids = np.array([[5, 7, 0, 0], [3, 9, 2, 4], [8, 0, 0, 0]])
    states[0, 2], states[2, 1] = -0.5, -0.25  # the largest numbers are padding
    got = array(masked_max(states, ids), (3, 2), "one vector for each text")
    words = (ids != 0)[..., None]
    kept, only_padding = np.where(words, states, -np.inf), np.where(words, -np.inf, states)
    right, smallest = kept.max(axis=1), np.where(words, states, np.inf).min(axis=1)
    absolute, zeroed = np.abs(states * words), states * words
    refuse(
        got,
        (states.max(axis=1), "padding is the largest here: put minus infinity at its positions."),
        (zeroed.max(axis=1), "times 0, padding becomes 0, which is larger than -3."),
        (smallest, "that is the smallest number."),
        (only_padding.max(axis=1), "your mask is turned around: 0 is padding."),
        (zeroed.sum(axis=1) / words.sum(axis=1), "that is the mean."),
        (states[:, 0], "that is the first token: take the largest of all tokens."),
        (absolute.max(axis=1), "keep the sign: -3 is larger than -9."),
    )
    told = f"the first text's vector is {shown(got[0])}; it should be {shown(right[0])}."
    expect(got, right, told)
    large = array(masked_max(states * 1e6, ids), (3, 2), "one vector for each text")
    told = "put something at the padding that is smaller than any number: minus infinity."
    expect(large, right * 1e6, told)


@exercise(
    "05-pair-loss",
    praise="each text finds its own partner among all others of the batch.",
    hint="logits = scale * first @ second.T; subtract each row's largest before np.exp.",
)
def check_pair_loss(pair_loss: Callable) -> None:
    """Three pairs; then logits that overflow."""
    rng = np.random.default_rng(2)
    first, second = (_unit(rng.normal(size=(3, 4))) for _ in range(2))
    got, logits = number(pair_loss(first, second, 5.0)), 5 * first @ second.T
    shares = softmax(logits)
    partners = np.diag(shares)
    losses = -np.log(partners)
    unscaled, columns = (-np.log(np.diag(softmax(x))).mean() for x in (logits / 5, logits.T))
    refuse(
        got,
        (-losses.mean(), "the sign is wrong: a loss is -log, which is never below 0."),
        (losses.sum(), "that is the sum over the pairs: return the mean."),
        (unscaled, "the scale is missing in the logits."),
        (columns, "the softmax goes along each row of logits."),
        (-np.log(shares).mean(), "only the diagonal counts: pair i is right for row i."),
        (partners.mean(), "that is the share of the right pairs: take -log of it."),
        (-np.log(partners.mean()), "take the logarithm first, then the mean."),
        (losses.mean() / np.log(2), "that is in bits: take the natural logarithm."),
    )
    right = losses.mean()
    expect(got, right, f"the loss of three pairs is {right:.4f}, but yours is {got:.4f}.")
    if not np.isfinite(number(pair_loss(first, second, 1e4))):
        raise Wrong("a scale of 10,000 overflows: subtract each row's largest logit before np.exp.")


@exercise(
    "05-padding",
    praise="each batch is as wide as its own longest text.",
    hint="A batch has len(batch) * max(batch) positions. Padding is what is not taken by tokens.",
)
def check_padding(padding_share: Callable) -> None:
    """Five texts in batches of two: the last batch has one."""
    lengths = np.array([2, 6, 3, 3, 9])
    got = number(padding_share(lengths, 2))
    tokens, positions, in_order = 23, 2 * 6 + 2 * 3 + 9, 2 * 9 + 2 * 3 + 2
    right = 1 - tokens / positions
    refuse(
        got,
        (1 - right, "that is the share of tokens: padding is the rest."),
        (positions / tokens - 1, "you divide by the tokens: divide by all computed positions."),
        (
            positions - tokens,
            "that is the number of positions with padding: divide by all positions.",
        ),
        (1 - tokens / 45, "you pad all texts to the longest of all: each batch has its own."),
        (1 - tokens / (positions + 9), "the last batch has one text only: count it as it is."),
        (1 - 14 / 18, "the last batch is missing: it may be smaller than the others."),
        (1 - tokens / in_order, "you sort the texts first: take them in the given order."),
        (
            (4 / 12 + 0 + 0) / 3,
            "you average the shares of the batches: count all positions together.",
        ),
    )
    batches = "lengths 2, 6, 3, 3, 9 in batches of two have 27 positions for 23 tokens"
    expect(got, right, f"{batches}: the share is 4 / 27, but yours is {got:.3f}.")


def _unit(x: np.ndarray) -> np.ndarray:
    return x / np.linalg.norm(x, axis=1, keepdims=True)
