"""Answers to the exercises of lesson 5; tests/test_exercises.py says what each table is."""

import numpy as np


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


def without_marks(word, entries):
    return [piece.removeprefix("##") for piece in pieces(word, entries)]


def any_entry(word, entries):
    return pieces(word, entries | {"##" + entry for entry in entries})


def uses_up_its_entries(word, entries):
    found = pieces(word, entries)
    entries.difference_update(found)
    return found


def normal(x, scale, bias, epsilon, axis=1):
    mean, variance = x.mean(axis=axis, keepdims=True), x.var(axis=axis, keepdims=True)
    return (x - mean) * (variance + epsilon) ** -0.5 * scale + bias


def looked_up(ids, segments, tables):
    return [np.take(tables[0], ids, axis=0), tables[1][np.arange(len(ids))], tables[2][segments]]


def entering(ids, segments, tables, scale, bias, epsilon):
    return normal(sum(looked_up(ids, segments, tables)), scale, bias, epsilon)


def only(*kept):
    def wrong(ids, segments, tables, scale, bias, epsilon):
        rows = looked_up(ids, segments, tables)
        return normal(sum(rows[i] for i in kept), scale, bias, epsilon)

    return wrong


def scales_its_table(ids, segments, tables, scale, bias, epsilon):
    found = entering(ids, segments, tables, scale, bias, epsilon)
    tables[0][:] *= 2
    return found


def hidden(ids, chosen, fate, others, mask_id):
    inputs = ids.copy()
    inputs[chosen & (fate < 0.8)] = mask_id
    inputs[chosen & (fate >= 0.9)] = others[chosen & (fate >= 0.9)]
    return inputs, ids * chosen


def hides_in_place(ids, chosen, fate, others, mask_id):
    targets = ids * chosen
    ids[chosen & (fate < 0.8)] = mask_id
    ids[chosen & (fate >= 0.9)] = others[chosen & (fate >= 0.9)]
    return ids, targets


def seen(ids, chosen, fate, others, mask_id):
    return hidden(ids, chosen, fate, others, mask_id)[0]


def left_out(vectors, labels, *, unit=True, leave=True, cosine=True, tie=0.5, sign=1, mean=True):
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    rows, scores = vectors / lengths, []
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
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return left_out(vectors, labels)


RIGHT = {
    "05-pieces": pieces,
    "05-input": entering,
    "05-mask": hidden,
    "05-centroid": left_out,
}

WRONG = {
    "05-pieces": {
        "take the longest": lambda w, e: pieces(w, e, longest=False),
        "pieces after the first begin with ##": without_marks,
        "must begin a word": any_entry,
        "the whole word is": lambda w, e: pieces(w, e, unknown="rest"),
        "at some place no entry fits": lambda w, e: pieces(w, e, unknown="none"),
        "is not unknown": lambda w, e: [w] if w in e else ["[UNK]"],
        "go on to the end": lambda w, e: pieces(w, e)[:1],
        "a list of strings": lambda w, e: " ".join(pieces(w, e)),
        "changes what it was given": uses_up_its_entries,
    },
    "05-input": {
        "segments are missing": only(0, 1),
        "places are missing": only(0, 2),
        "is not normalized": lambda i, s, t, *_: sum(looked_up(i, s, t)),
        "segment 0 for all": lambda i, s, *rest: entering(i, 0 * s, *rest),
        "normalized columns": lambda i, s, t, *rest: normal(sum(looked_up(i, s, t)), *rest, axis=0),
        "epsilon is missing": lambda *given: entering(*given[:5], 0.0),
        "scale and bias are missing": lambda i, s, t, scale, bias, e: entering(i, s, t, 1, 0, e),
        "the bias is missing": lambda i, s, t, scale, bias, e: entering(i, s, t, scale, 0, e),
        "the scale is missing": lambda i, s, t, scale, bias, e: entering(i, s, t, 1, bias, e),
        "it is not the id": lambda i, s, t, *rest: entering(i, s, (t[0], t[1][i % 7], t[2]), *rest),
        "the first place is 0": lambda i, s, t, *rest: entering(
            i, s, (t[0], t[1][1:], t[2]), *rest
        ),
        "add all three first": lambda i, s, t, *rest: (
            normal(t[0][i], *rest) + t[1][: len(i)] + t[2][s]
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
}
