"""Answers to the exercises of lesson 5; tests/test_exercises.py says what each table is."""

import numpy as np
from exercises.formulas import normal, unit_rows


def pieces(word, entries, *, marks="##", longest=True, unknown="whole"):
    found, rest, mark = [], word, ""
    while rest:
        ends = range(len(rest), 0, -1) if longest else range(1, len(rest) + 1)
        fits = [rest[:end] for end in ends if mark + rest[:end] in entries]
        if not fits:
            return {"whole": ["[UNK]"], "rest": [*found, "[UNK]"], "none": found}[unknown]
        found.append(mark + fits[0])
        rest, mark = rest[len(fits[0]) :], marks
    return found


def goes_back(word, entries, mark=""):
    """Take the longest entry with which the rest can be cut, too."""
    for end in range(len(word), 0, -1):
        if mark + word[:end] in entries:
            rest = goes_back(word[end:], entries, "##") if word[end:] else []
            if rest != ["[UNK]"]:
                return [mark + word[:end], *rest]
    return ["[UNK]"]


def without_marks(word, entries):
    return [piece.removeprefix("##") for piece in pieces(word, entries)]


def any_entry(word, entries):
    return pieces(word, entries | {"##" + entry for entry in entries})


def uses_up_its_entries(word, entries):
    found = pieces(word, entries)
    entries.difference_update(found)
    return found


def scaled(x, scale, bias, epsilon, axis=1):
    return normal(x, epsilon, axis) * scale + bias


def looked_up(ids, types, tables):
    return [np.take(tables[0], ids, axis=0), tables[1][np.arange(len(ids))], tables[2][types]]


def entering(ids, types, tables, scale, bias, epsilon):
    return scaled(sum(looked_up(ids, types, tables)), scale, bias, epsilon)


def only(*kept):
    def wrong(ids, types, tables, scale, bias, epsilon):
        rows = looked_up(ids, types, tables)
        return scaled(sum(rows[i] for i in kept), scale, bias, epsilon)

    return wrong


def epsilon_outside(ids, types, tables, scale, bias, epsilon):
    x = sum(looked_up(ids, types, tables))
    centered = x - x.mean(axis=1, keepdims=True)
    return centered / (x.std(axis=1, keepdims=True) + epsilon) * scale + bias


def scales_its_table(ids, types, tables, scale, bias, epsilon):
    found = entering(ids, types, tables, scale, bias, epsilon)
    tables[0][:] *= 2
    return found


def hidden(ids, chosen, fate, others, mask_token_id):
    inputs = ids.copy()
    inputs[chosen & (fate < 0.8)] = mask_token_id
    inputs[chosen & (fate >= 0.9)] = others[chosen & (fate >= 0.9)]
    return inputs, ids * chosen


def hides_in_place(ids, chosen, fate, others, mask_token_id):
    targets = ids * chosen
    ids[chosen & (fate < 0.8)] = mask_token_id
    ids[chosen & (fate >= 0.9)] = others[chosen & (fate >= 0.9)]
    return ids, targets


def seen(ids, chosen, fate, others, mask_token_id):
    return hidden(ids, chosen, fate, others, mask_token_id)[0]


def left_out(vectors, labels, *, unit=True, leave=True, cosine=True, tie=0.5, sign=1, mean=True):
    rows, scores = unit_rows(vectors), []
    used = rows if unit else vectors
    for i in range(len(labels)):
        keep = [j for j in range(len(labels)) if j != i or not leave]
        near = []
        for sense in (labels[i], 1 - labels[i]):
            center = np.mean([used[j] for j in keep if labels[j] == sense], axis=0)
            near.append(rows[i] @ center / (np.linalg.norm(center) if cosine else 1))
        difference = sign * (near[0] - near[1])
        scores.append(tie if abs(difference) < 1e-6 else difference > 0)
    return np.mean(scores) if mean else np.sum(scores)


def scales_its_rows(vectors, labels):
    vectors[:] = unit_rows(vectors)
    return left_out(vectors, labels)


def one_by_one(states, ids, largest=np.max):
    rows = zip(states, ids, strict=True)
    return np.stack([largest(vectors[words != 0], axis=0) for vectors, words in rows])


def masked(states, ids, value, keep=True):
    return np.where(((ids != 0) == keep)[..., None], states, value)


def buries_its_padding(states, ids):
    states[ids == 0] = -np.inf
    return states.max(axis=1)


def log_shares(logits):
    logits = logits - logits.max(axis=-1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))


def losses(first, second, scale):
    logits = np.einsum("id,jd->ij", first, second) * scale
    return -np.array([log_shares(row)[i] for i, row in enumerate(logits)])


def overflowing(first, second, scale):
    powers = np.exp(scale * first @ second.T)
    return -np.log(np.diag(powers) / powers.sum(axis=1)).mean()


def scales_its_input(first, second, scale):
    first *= scale
    return losses(first, second, 1).mean()


def batches(lengths, size):
    return [lengths[i : i + size] for i in range(0, len(lengths), size)]


def positions(lengths, size):
    return sum(len(batch) * max(batch) for batch in batches(lengths, size))


def share(lengths, size):
    return np.concatenate([max(b) - b for b in batches(lengths, size)]).sum() / positions(
        lengths, size
    )


def sorts_its_lengths(lengths, size):
    kept = share(lengths, size)
    lengths.sort()
    return kept


def without_rest(lengths, size):
    full = lengths[: len(lengths) // size * size]
    return 1 - full.sum() / positions(full, size)


RIGHT = {
    "05-pieces": pieces,
    "05-input": entering,
    "05-mask": hidden,
    "05-centroid": left_out,
    "05-masked-max": one_by_one,
    "05-pair-loss": lambda a, b, scale: losses(a, b, scale).mean(),
    "05-padding": share,
}

WRONG = {
    "05-pieces": {
        "take the longest": lambda w, e: pieces(w, e, longest=False),
        "pieces after the first begin with ##": without_marks,
        "must begin a word": any_entry,
        "the whole word is": lambda w, e: pieces(w, e, unknown="rest"),
        "at some place no entry fits": lambda w, e: pieces(w, e, unknown="none"),
        "do not go back to": goes_back,
        "is not unknown": lambda w, e: [w] if w in e else ["[UNK]"],
        "go on to the end": lambda w, e: pieces(w, e)[:1],
        "a list of strings": lambda w, e: " ".join(pieces(w, e)),
        "changes what it was given": uses_up_its_entries,
    },
    "05-input": {
        "token types are missing": only(0, 1),
        "positions are missing": only(0, 2),
        "is not normalized": lambda i, s, t, *_: sum(looked_up(i, s, t)),
        "token type 0 for all": lambda i, s, *rest: entering(i, 0 * s, *rest),
        "normalized columns": lambda i, s, t, *rest: scaled(sum(looked_up(i, s, t)), *rest, axis=0),
        "epsilon is missing": lambda *given: entering(*given[:5], 0.0),
        "before the root": epsilon_outside,
        "scale and bias are missing": lambda i, s, t, scale, bias, e: entering(i, s, t, 1, 0, e),
        "the bias is missing": lambda i, s, t, scale, bias, e: entering(i, s, t, scale, 0, e),
        "the scale is missing": lambda i, s, t, scale, bias, e: entering(i, s, t, 1, bias, e),
        "it is not the id": lambda i, s, t, *rest: entering(i, s, (t[0], t[1][i % 7], t[2]), *rest),
        "the first position is 0": lambda i, s, t, *rest: entering(
            i, s, (t[0], t[1][1:], t[2]), *rest
        ),
        "add all three first": lambda i, s, t, *rest: (
            scaled(t[0][i], *rest) + t[1][: len(i)] + t[2][s]
        ),
        "changes what it was given": scales_its_table,
    },
    "05-mask": {
        "inputs first": lambda *given: hidden(*given)[::-1],
        "nothing is hidden": lambda ids, chosen, *_: (ids.copy(), ids * chosen),
        "every chosen token": lambda i, c, f, o, m: (np.where(c, m, i), i * c),
        "not chosen are changed": lambda i, c, f, o, m: (seen(i, c | True, f, o, m), i * c),
        "stays as it is.": lambda i, c, f, o, m: (seen(i, c, f + 0.1 * (f >= 0.8), o, m), i * c),
        "from `others`": lambda i, c, f, o, m: (seen(i, c, f, i, m), i * c),
        "the edges are off": lambda i, c, f, o, m: (seen(i, c, f - 1e-9, o, m), i * c),
        "mixed up": lambda i, c, f, o, m: (
            np.where(c & (f < 0.8), o, np.where(c & (f >= 0.9), m, i)),
            i * c,
        ),
        "are not right for two rows": lambda *given: (seen(*given) + 1, given[0] * given[1]),
        "they are 0": lambda *given: (seen(*given), given[0].copy()),
        "the true ids": lambda i, c, *rest: (seen(i, c, *rest), seen(i, c, *rest) * c),
        "asked for as well": lambda i, c, *rest: (
            seen(i, c, *rest),
            i * (seen(i, c, *rest) != i),
        ),
        "changes what it was given": hides_in_place,
    },
    "05-centroid": {
        "leave it out": lambda v, y: left_out(v, y, leave=False),
        "length 1 first": lambda v, y: left_out(v, y, unit=False),
        "length of the centroid": lambda v, y: left_out(v, y, cosine=False),
        "nearer to the other": lambda v, y: left_out(v, y, sign=-1),
        "not their number": lambda v, y: left_out(v, y, mean=False),
        "should be 0.5": lambda v, y: left_out(v, y, tie=1.0),
        "fifteen rows": lambda v, y: 0.123,
        "changes what it was given": scales_its_rows,
    },
    "05-masked-max": {
        "put minus infinity": lambda s, i: s.max(axis=1),
        "times 0": lambda s, i: masked(s, i, 0).max(axis=1),
        "smaller than any number": lambda s, i: masked(s, i, -10).max(axis=1),
        "the smallest number": lambda s, i: masked(s, i, np.inf).min(axis=1),
        "turned around": lambda s, i: masked(s, i, -np.inf, keep=False).max(axis=1),
        "that is the mean": lambda s, i: one_by_one(s, i, np.mean),
        "the first token": lambda s, i: s[:, 0],
        "keep the sign": lambda s, i: one_by_one(np.abs(s), i),
        "the first text's vector is": lambda s, i: one_by_one(s, i) + 1,
        "it should be (3, 2)": lambda s, i: masked(s, i, -np.inf).max(axis=2),
        "changes what it was given": buries_its_padding,
    },
    "05-pair-loss": {
        "the sign is wrong": lambda a, b, scale: -losses(a, b, scale).mean(),
        "that is the sum": lambda a, b, scale: losses(a, b, scale).sum(),
        "the scale is missing": lambda a, b, scale: losses(a, b, 1).mean(),
        "along each row": lambda a, b, scale: losses(b, a, scale).mean(),
        "only the diagonal": lambda a, b, scale: -log_shares(scale * a @ b.T).mean(),
        "that is the share": lambda a, b, scale: np.exp(-losses(a, b, scale)).mean(),
        "the logarithm first": lambda a, b, scale: -np.log(np.exp(-losses(a, b, scale)).mean()),
        "in bits": lambda a, b, scale: losses(a, b, scale).mean() / np.log(2),
        "of three pairs is": lambda a, b, scale: losses(a, b, scale / 2).mean(),
        "overflows": overflowing,
        "return one number": losses,
        "changes what it was given": scales_its_input,
    },
    "05-padding": {
        "padding is the rest": lambda n, size: n.sum() / positions(n, size),
        "divide by the tokens": lambda n, size: positions(n, size) / n.sum() - 1,
        "number of positions": lambda n, size: positions(n, size) - n.sum(),
        "the longest of all": lambda n, size: 1 - n.sum() / (len(n) * n.max()),
        "has one text only": lambda n, size: (
            1 - n.sum() / sum(size * max(b) for b in batches(n, size))
        ),
        "the last batch is missing": without_rest,
        "in the given order": lambda n, size: share(np.sort(n)[::-1], size),
        "average the shares": lambda n, size: np.mean(
            [1 - b.mean() / b.max() for b in batches(n, size)]
        ),
        "4 / 27": lambda n, size: 0.5,
        "changes what it was given": sorts_its_lengths,
    },
}
