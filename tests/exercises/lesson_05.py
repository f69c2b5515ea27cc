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


def pieces_with_else(word, entries):
    found, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):
            candidate = ("##" if start else "") + word[start:end]
            if candidate in entries:
                found.append(candidate)
                start = end
                break
        else:
            return ["[UNK]"]
    return found


def pieces_by_recursion(word, entries, mark=""):
    if not word:
        return []
    for end in reversed(range(1, len(word) + 1)):
        if mark + word[:end] in entries:
            rest = pieces_by_recursion(word[end:], entries, "##")
            return rest if rest == ["[UNK]"] else [mark + word[:end], *rest]
    return ["[UNK]"]


def pieces_by_length(word, entries):
    """Sort the entries from long to short, and take the first with which the rest begins."""
    found, done, mark = (), 0, ""
    by_length = sorted(entries, key=len, reverse=True)
    while done < len(word):
        fits = [e for e in by_length if (mark + word[done:]).startswith(e) and len(e) > len(mark)]
        fits = [e for e in fits if e.startswith("##") == (done > 0)]
        if not fits:
            return ("[UNK]",)
        found, done, mark = (*found, fits[0]), done + len(fits[0]) - len(mark), "##"
    return found


def pieces_by_the_library(word, entries):
    """The way of Hugging Face's tokenizers."""
    from tokenizers.models import WordPiece

    vocabulary = {entry: i for i, entry in enumerate(["[UNK]", *entries])}
    tokens = WordPiece(vocabulary, unk_token="[UNK]").tokenize(word)
    return [token.value for token in tokens]


def goes_back(word, entries, mark=""):
    """Take the longest entry with which the rest can be cut, too."""
    for end in range(len(word), 0, -1):
        if mark + word[:end] in entries:
            rest = goes_back(word[end:], entries, "##") if word[end:] else []
            if rest != ["[UNK]"]:
                return [mark + word[:end], *rest]
    return ["[UNK]"]


def never_ends(word, entries):
    """Goes on only where something fits."""
    found, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):
            candidate = ("##" if start else "") + word[start:end]
            if candidate in entries:
                found.append(candidate)
                start = end
                break
    return found


def takes_repeats_away(word, entries):
    found, rest, mark = [], word, ""
    while rest:
        fits = [rest[:end] for end in range(len(rest), 0, -1) if mark + rest[:end] in entries]
        if not fits:
            return ["[UNK]"]
        found.append(mark + fits[0])
        rest, mark = rest.replace(fits[0], ""), "##"
    return found


def any_entry(word, entries):
    return pieces(word, entries | {"##" + entry for entry in entries})


def counts_the_marks(word, entries):
    """Moves on by the length of the piece with its ##."""
    found, start = [], 0
    while start < len(word):
        mark = "##" if start else ""
        fits = [e for e in range(len(word), start, -1) if mark + word[start:e] in entries]
        if not fits:
            return ["[UNK]"]
        found.append(mark + word[start : fits[0]])
        start += len(found[-1])
    return found


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


def entering_in_a_loop(ids, types, tables, scale, bias, epsilon):
    rows = []
    for position, (i, kind) in enumerate(zip(ids.tolist(), types.tolist(), strict=True)):
        row = (tables[0][i] + tables[1][position] + tables[2][kind]).tolist()
        mean = sum(row) / len(row)
        deviation = (sum((x - mean) ** 2 for x in row) / len(row) + epsilon) ** 0.5
        unit = [(x - mean) / deviation for x in row]
        rows.append([x * scale[j] + bias[j] for j, x in enumerate(unit)])
    return rows


def entering_by_one_hot(ids, types, tables, scale, bias, epsilon):
    rows = zip(tables, (ids, np.arange(len(ids)), types), strict=True)
    x = np.add.reduce([np.eye(len(table))[i] @ table for table, i in rows])
    moments = [(x**power).mean(axis=-1)[:, None] for power in (1, 2)]
    variance = np.maximum(moments[1] - moments[0] ** 2, 0)
    return bias + scale * (x - moments[0]) * (variance + epsilon) ** -0.5


def entering_in_torch(ids, types, tables, scale, bias, epsilon):
    import torch
    from torch.nn import functional as F

    pieces, positions, kinds, scale, bias = map(torch.tensor, (*tables, scale, bias))
    ids, types = torch.tensor(ids), torch.tensor(types)
    x = F.embedding(ids, pieces) + positions[: len(ids)] + F.embedding(types, kinds)
    return F.layer_norm(x, x.shape[1:], scale, bias, epsilon)


def entering_in_tensorflow(ids, types, tables, scale, bias, epsilon):
    import tensorflow as tf

    x = tf.gather(tables[0], ids) + tables[1][: len(ids)] + tf.gather(tables[2], types)
    mean, variance = tf.nn.moments(x, axes=[1], keepdims=True)
    return tf.nn.batch_normalization(x, mean, variance, bias, scale, epsilon)


def only(*kept):
    def wrong(ids, types, tables, scale, bias, epsilon):
        rows = looked_up(ids, types, tables)
        return scaled(sum(rows[i] for i in kept), scale, bias, epsilon)

    return wrong


def epsilon_outside(ids, types, tables, scale, bias, epsilon):
    x = sum(looked_up(ids, types, tables))
    centered = x - x.mean(axis=1, keepdims=True)
    return centered / (x.std(axis=1, keepdims=True) + epsilon) * scale + bias


def one_variance_too_large(ids, types, tables, scale, bias, epsilon):
    x = sum(looked_up(ids, types, tables))
    variance = x.var(axis=1, keepdims=True, ddof=1)
    return (x - x.mean(axis=1, keepdims=True)) / np.sqrt(variance + epsilon) * scale + bias


def positions_from_behind(ids, types, tables, scale, bias, epsilon):
    rows = looked_up(ids, types, tables)
    return scaled(rows[0] + rows[1][::-1] + rows[2], scale, bias, epsilon)


def scales_its_table(ids, types, tables, scale, bias, epsilon):
    found = entering(ids, types, tables, scale, bias, epsilon)
    tables[0][:] *= 2
    return found


def hidden(ids, chosen, fate, others, mask_token_id):
    inputs = ids.copy()
    inputs[chosen & (fate < 0.8)] = mask_token_id
    inputs[chosen & (fate >= 0.9)] = others[chosen & (fate >= 0.9)]
    return inputs, ids * chosen


def hidden_in_a_loop(ids, chosen, fate, others, mask_token_id):
    inputs, targets = ids.tolist(), (0 * ids).tolist()
    for row, column in np.argwhere(chosen).tolist():
        targets[row][column] = inputs[row][column]
        if fate[row, column] < 0.8:
            inputs[row][column] = mask_token_id
        elif fate[row, column] >= 0.9:
            inputs[row][column] = others[row, column]
    return inputs, targets


def hidden_by_select(ids, chosen, fate, others, mask_token_id):
    cases = [~chosen, fate < 0.8, fate < 0.9]
    return [np.select(cases, [ids, mask_token_id, ids], others), np.select([chosen], [ids])]


def hidden_by_choose(ids, chosen, fate, others, mask_token_id):
    kind = chosen * np.digitize(fate, [0.8, 0.9], right=False)
    kind = np.where(chosen, kind + 1, 0)  # 0: not chosen, 1: hidden, 2: stays, 3: exchanged
    return np.choose(kind, [ids, mask_token_id, ids, others]), np.where(kind, ids, 0)


def hidden_in_torch(ids, chosen, fate, others, mask_token_id):
    import torch

    ids, chosen, fate, others = map(torch.tensor, (ids, chosen, fate, others))
    inputs = ids.masked_fill(chosen & fate.lt(0.8), mask_token_id)
    return torch.where(chosen & fate.ge(0.9), others, inputs), ids.masked_fill(~chosen, 0)


def hidden_in_tensorflow(ids, chosen, fate, others, mask_token_id):
    import tensorflow as tf

    inputs = tf.where(chosen & (fate < 0.8), tf.constant(mask_token_id, tf.int64), ids)
    return tf.where(chosen & (fate >= 0.9), others, inputs), tf.where(chosen, ids, 0)


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


def left_out_without_a_loop(vectors, labels):
    rows = unit_rows(vectors)
    member = labels == np.arange(2)[:, None]  # (2, n)
    others = member[:, None] & ~np.eye(len(labels), dtype=bool)  # (2, n, n)
    centroids = unit_rows((others @ rows).reshape(-1, rows.shape[1])).reshape(2, *rows.shape)
    cosines = np.einsum("snd,nd->sn", centroids, rows)
    margins = (cosines[1] - cosines[0]) * np.where(labels, 1, -1)
    return ((np.sign(margins.round(6)) + 1) / 2).mean()


def left_out_by_sums(vectors, labels):
    """The direction of a sum is that of the mean."""
    rows, points = unit_rows(vectors), 0.0
    sums = [rows[labels == sense].sum(axis=0) for sense in (0, 1)]
    for row, label in zip(rows, labels, strict=True):
        own, other = sums[label] - row, sums[1 - label]
        margin = row @ own / np.sqrt(own @ own) - row @ other / np.sqrt(other @ other)
        points += 1.0 if margin >= 1e-6 else 0.5 if margin > -1e-6 else 0.0
    return points / len(labels)


def left_out_in_torch(vectors, labels):
    import torch
    from torch.nn.functional import cosine_similarity, normalize

    rows, labels, points = normalize(torch.tensor(vectors)), torch.tensor(labels), []
    for i in range(len(rows)):
        rest = torch.arange(len(rows)).ne(i)
        cosines = [
            cosine_similarity(rows[i], rows[rest & (labels == s)].mean(0), 0) for s in (0, 1)
        ]
        margin = cosines[labels[i]] - cosines[1 - labels[i]]
        points.append(torch.where(margin.abs() < 1e-6, 0.5, margin.sign().clamp(0)))
    return torch.stack(points).mean()


def left_out_of_both(vectors, labels):
    """Where a row is left out, the first row of the other sense is left out as well."""
    rows, scores = unit_rows(vectors), []
    for i, label in enumerate(labels):
        other = np.flatnonzero(labels != label)[1:]
        own = [j for j in np.flatnonzero(labels == label) if j != i]
        near = [rows[i] @ unit_rows(rows[group].mean(axis=0)[None])[0] for group in (own, other)]
        scores.append(0.5 if abs(near[0] - near[1]) < 1e-6 else near[0] > near[1])
    return np.mean(scores)


def left_out_and_centered(vectors, labels):
    return left_out(vectors - vectors.mean(axis=0) + 1e-9, labels)


def scales_its_rows(vectors, labels):
    vectors[:] = unit_rows(vectors)
    return left_out(vectors, labels)


def one_by_one(states, ids, largest=np.max):
    rows = zip(states, ids, strict=True)
    return np.stack([largest(vectors[words != 0], axis=0) for vectors, words in rows])


def masked(states, ids, value, keep=True):
    return np.where(((ids != 0) == keep)[..., None], states, value)


def largest_in_a_loop(states, ids):
    n, length, d_model = states.shape
    found = [[-float("inf")] * d_model for _ in range(n)]
    for text in range(n):
        for position in range(length):
            if ids[text, position]:
                found[text] = [*map(max, found[text], states[text, position].tolist())]
    return found


def largest_of_a_masked_array(states, ids):
    padding = np.broadcast_to((ids == 0)[..., None], states.shape)
    return np.ma.array(states, mask=padding).max(axis=1)


def largest_by_where(states, ids):
    mask = np.broadcast_to((ids != 0)[..., None], states.shape)
    return np.max(states, axis=1, where=mask, initial=-np.inf)


def largest_in_torch(states, ids):
    import torch

    padding = torch.tensor(ids == 0)[..., None]
    return torch.tensor(states).masked_fill(padding, -torch.inf).amax(dim=1)


def largest_in_tensorflow(states, ids):
    import tensorflow as tf

    filler = tf.constant(states.dtype.type(-np.inf))
    return tf.reduce_max(tf.where((ids != 0)[..., None], states, filler), axis=1)


def buries_its_padding(states, ids):
    states[ids == 0] = -np.inf
    return states.max(axis=1)


def log_shares(logits):
    logits = logits - logits.max(axis=-1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))


def losses(first, second, scale):
    logits = np.einsum("id,jd->ij", first, second) * scale
    return -np.array([log_shares(row)[i] for i, row in enumerate(logits)])


def loss_by_logaddexp(first, second, scale):
    logits = scale * first @ second.T
    return (np.logaddexp.reduce(logits, axis=1) - logits.diagonal()).mean()


def loss_in_a_loop(first, second, scale):
    total = 0.0
    for i, row in enumerate(first):
        logits = [scale * sum(x * y for x, y in zip(row, o, strict=True)) for o in second]
        top = max(logits)
        total += top + np.log(sum(np.exp(z - top) for z in logits)) - logits[i]
    return total / len(first)


def loss_in_torch(first, second, scale):
    import torch

    logits = scale * torch.tensor(first, requires_grad=True) @ torch.tensor(second).T
    return torch.nn.functional.cross_entropy(logits, torch.arange(len(first)))


def loss_in_tensorflow(first, second, scale):
    import tensorflow as tf

    logits = scale * tf.matmul(first, second, transpose_b=True)
    per_row = tf.nn.sparse_softmax_cross_entropy_with_logits(np.arange(len(first)), logits)
    return tf.reduce_mean(per_row)


def overflowing(first, second, scale):
    powers = np.exp(scale * first @ second.T)
    return -np.log(np.diag(powers) / powers.sum(axis=1)).mean()


def underflowing(first, second, scale):
    shares = np.exp(log_shares(scale * first @ second.T))
    return -np.log(np.diag(shares)).mean()


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


def share_in_one_loop(lengths, size):
    tokens = computed = widest = 0
    for i, length in enumerate(lengths.tolist(), start=1):
        tokens, widest = tokens + length, max(widest, length)
        if i % size == 0 or i == len(lengths):
            computed += ((i - 1) % size + 1) * widest
            widest = 0
    return 1 - tokens / computed


def share_by_reduceat(lengths, size):
    starts = np.arange(0, len(lengths), size)
    widths = np.maximum.reduceat(lengths, starts)
    return 1 - lengths.sum() / widths.repeat(size)[: len(lengths)].sum()


def share_of_a_grid(lengths, size):
    """Fill the last batch up with texts of length 0, and do not count these."""
    grid = np.pad(lengths, (0, -len(lengths) % size)).reshape(-1, size)
    wide = np.where(grid > 0, grid.max(axis=1, keepdims=True), 0)
    return (wide - grid).sum() / wide.sum()


def share_in_torch(lengths, size):
    import torch

    parts = torch.tensor(lengths).split(size)
    computed = sum(part.numel() * part.max() for part in parts)
    return 1 - sum(part.sum() for part in parts) / computed


def sorts_its_lengths(lengths, size):
    kept = share(lengths, size)
    lengths.sort()
    return kept


def without_rest(lengths, size):
    full = lengths[: len(lengths) // size * size]
    return 1 - full.sum() / positions(full, size)


def with_an_empty_batch(lengths, size):
    """One batch too many, as wide as all texts."""
    return 1 - lengths.sum() / (positions(lengths, size) + max(lengths))


RIGHT = {
    "05-pieces": [
        pieces,
        pieces_with_else,
        pieces_by_recursion,
        pieces_by_length,
        pieces_by_the_library,
    ],
    "05-input": [
        entering,
        entering_in_a_loop,
        entering_by_one_hot,
        entering_in_torch,
        entering_in_tensorflow,
    ],
    "05-mask": [
        hidden,
        hidden_in_a_loop,
        hidden_by_select,
        hidden_by_choose,
        hidden_in_torch,
        hidden_in_tensorflow,
    ],
    "05-centroid": [left_out, left_out_without_a_loop, left_out_by_sums, left_out_in_torch],
    "05-masked-max": [
        one_by_one,
        largest_in_a_loop,
        largest_of_a_masked_array,
        largest_by_where,
        largest_in_torch,
        largest_in_tensorflow,
        lambda s, i: (s - 1e9 * (i == 0)[..., None]).max(axis=1),
    ],
    "05-pair-loss": [
        lambda a, b, scale: losses(a, b, scale).mean(),
        loss_by_logaddexp,
        loss_in_a_loop,
        loss_in_torch,
        loss_in_tensorflow,
    ],
    "05-padding": [share, share_in_one_loop, share_by_reduceat, share_of_a_grid, share_in_torch],
}

WRONG = {
    "05-pieces": {
        "take the longest": lambda w, e: pieces(w, e, longest=False),
        "those after the first begin with ##": lambda w, e: [
            p.removeprefix("##") for p in pieces(w, e)
        ],
        "even if you put ##": any_entry,
        "not the rest alone": lambda w, e: pieces(w, e, unknown="rest"),
        "return the pieces so far": lambda w, e: pieces(w, e, unknown="none"),
        "do not go back to": goes_back,
        "look up the whole word only": lambda w, e: [w] if w in e else ["[UNK]"],
        "stop after the first piece": lambda w, e: pieces(w, e)[:1],
        "replace takes a piece away": takes_repeats_away,
        "did not come to an end within 10 seconds (line": never_ends,
        "a list of strings, not str": lambda w, e: " ".join(pieces(w, e)),
        "yours is ['a', '##a']": counts_the_marks,
        "yours is ['[unk]']": lambda w, e: [p.replace("UNK", "unk") for p in pieces(w, e)],
        "entries = {'ba'}": lambda w, e: pieces(w, {x for x in e if x != w} | {w[:1]}),
        "changes what it was given": uses_up_its_entries,
    },
    "05-input": {
        "token types are missing": only(0, 1),
        "positions are missing": only(0, 2),
        "is not normalized": lambda i, s, t, *_: sum(looked_up(i, s, t)),
        "token type 0 for all": lambda i, s, *rest: entering(i, 0 * s, *rest),
        "normalized columns": lambda i, s, t, *rest: scaled(sum(looked_up(i, s, t)), *rest, axis=0),
        "epsilon is missing": lambda *given: entering(*given[:5], 0.0),
        "do not write 1e-12": lambda *given: entering(*given[:5], 1e-12),
        "before the root": epsilon_outside,
        "not by d_model - 1": one_variance_too_large,
        "scale and bias are missing": lambda i, s, t, scale, bias, e: entering(i, s, t, 1, 0, e),
        "the bias is missing": lambda i, s, t, scale, bias, e: entering(i, s, t, scale, 0, e),
        "it is not the id": lambda i, s, t, *rest: entering(
            i, s, (t[0], t[1][i % len(t[1])], t[2]), *rest
        ),
        "add all three first": lambda i, s, t, *rest: (
            scaled(t[0][i], *rest) + t[1][: len(i)] + t[2][s]
        ),
        "ids = [0, 0], token_type_ids = [1, 0]": positions_from_behind,
        "raised IndexError on ([0": lambda i, s, t, *rest: entering(i + 1, s, t, *rest),
        "one row for each token": lambda *given: entering(*given)[None],
        "yours is [[2.414, 2.293]]": lambda i, s, t, scale, bias, e: entering(
            i, s, t, scale, bias, 2 * e
        ),
        "changes what it was given": scales_its_table,
    },
    "05-mask": {
        "inputs first": lambda *given: hidden(*given)[::-1],
        "nothing is hidden: the": lambda ids, chosen, *_: (ids.copy(), ids * chosen),
        "every chosen token": lambda i, c, f, o, m: (np.where(c, m, i), i * c),
        "not chosen are changed": lambda i, c, f, o, m: (seen(i, c | True, f, o, m), i * c),
        "to 0.9 stays as it is.": lambda i, c, f, o, m: (
            seen(i, c, f + 0.1 * (f >= 0.8), o, m),
            i * c,
        ),
        "from `others`": lambda i, c, f, o, m: (seen(i, c, f, i, m), i * c),
        "not the reverse": lambda i, c, f, o, m: (
            np.select([~c, f < 0.8, f < 0.9], [i, m, o], i),
            i * c,
        ),
        "begins with ids again": lambda i, c, f, o, m: (np.where(c & (f >= 0.9), o, i), i * c),
        "both edges are off": lambda i, c, f, o, m: (seen(i, c, f - 1e-9, o, m), i * c),
        "where nothing is asked, they are 0": lambda *given: (seen(*given), given[0].copy()),
        "the true ids, not": lambda i, c, *rest: (seen(i, c, *rest), seen(i, c, *rest) * c),
        "by their change": lambda i, c, *rest: (seen(i, c, *rest), i * (seen(i, c, *rest) != i)),
        "-100 is that of": lambda i, c, *rest: (seen(i, c, *rest), np.where(c, i, -100)),
        "it should be [[[3]], [[7]]], and yours is [[[4]], [[7]]]": lambda *given: (
            seen(*given) + 1,
            given[0] * given[1],
        ),
        "and yours is [[[3]], [[1]]]": lambda i, c, *rest: (seen(i, c, *rest), c.astype(int)),
        "two arrays: the inputs and the targets": lambda *given: seen(*given),
        "the shape of your inputs is": lambda *given: [x.ravel() for x in hidden(*given)],
        "changes what it was given": hides_in_place,
    },
    "05-centroid": {
        "leave it out": lambda v, y: left_out(v, y, leave=False),
        "length 1 first": lambda v, y: left_out(v, y, unit=False),
        "length of the centroid": lambda v, y: left_out(v, y, cosine=False),
        "nearer to the other": lambda v, y: left_out(v, y, sign=-1),
        "not their number": lambda v, y: left_out(v, y, mean=False),
        "a tie counts as right": lambda v, y: left_out(v, y, tie=1.0),
        "a tie counts as wrong": lambda v, y: left_out(v, y, tie=0.0),
        "it should be 0.5, and yours is 0.123": lambda v, y: 0.123,
        "it should be 0.125, and yours is 0.5": left_out_of_both,
        "it should be 0.5, and yours is 50": lambda v, y: 100 * left_out(v, y),
        "it should be 0.125, and yours is 0.": left_out_and_centered,
        "return one number, not ndarray of shape (4,)": lambda v, y: np.full(
            len(y), left_out(v, y)
        ),
        "changes what it was given": scales_its_rows,
    },
    "05-masked-max": {
        "padding is the largest": lambda s, i: s.max(axis=1),
        "times 0": lambda s, i: masked(s, i, 0).max(axis=1),
        "a state may be below -10:": lambda s, i: masked(s, i, -10).max(axis=1),
        "a state may be below -10000:": lambda s, i: masked(s, i, -1e4).max(axis=1),
        "the smallest numbers": lambda s, i: masked(s, i, np.inf).min(axis=1),
        "turned around": lambda s, i: masked(s, i, -np.inf, keep=False).max(axis=1),
        "that is the mean": lambda s, i: one_by_one(s, i, np.mean),
        "the first token": lambda s, i: s[:, 0],
        "the sign is gone": lambda s, i: one_by_one(np.abs(s), i),
        "a state may be 0 itself": lambda s, i: np.where(
            masked(s, i, 0) == 0, -np.inf, masked(s, i, 0)
        ).max(axis=1),
        "by its id, not by its position": lambda s, i: np.where(
            np.arange(i.shape[1])[:, None] < (i != 0).sum(axis=1)[:, None, None], s, -np.inf
        ).max(axis=1),
        "it should be [[-2]], and yours is [[-1.9]]": lambda s, i: one_by_one(s, i) + 0.1,
        "raised ValueError on (": lambda s, i: one_by_one(s[:, 1:], i[:, 1:]),
        "yours is [[-5], [-3]]": lambda s, i: masked(s, i, -5).max(axis=1),
        "one vector for each text": lambda s, i: masked(s, i, -np.inf).max(axis=2),
        "changes what it was given": buries_its_padding,
    },
    "05-pair-loss": {
        "the sign is wrong": lambda a, b, scale: -losses(a, b, scale).mean(),
        "that is the sum": lambda a, b, scale: losses(a, b, scale).sum(),
        "the scale is missing": lambda a, b, scale: losses(a, b, 1).mean(),
        "along each row": lambda a, b, scale: losses(b, a, scale).mean(),
        "first with itself": lambda a, b, scale: losses(a, a, scale).mean(),
        "both directions": lambda a, b, scale: (
            (losses(a, b, scale) + losses(b, a, scale)).mean() / 2
        ),
        "only the diagonal": lambda a, b, scale: -log_shares(scale * a @ b.T).mean(),
        "that is the mean share": lambda a, b, scale: np.exp(-losses(a, b, scale)).mean(),
        "the logarithm first": lambda a, b, scale: -np.log(np.exp(-losses(a, b, scale)).mean()),
        "in bits": lambda a, b, scale: losses(a, b, scale).mean() / np.log(2),
        "it should be 0.1269, and yours is 0.3133": lambda a, b, scale: losses(
            a, b, scale / 2
        ).mean(),
        "np.exp(1000) is inf, and": overflowing,
        "a tiny share becomes 0": underflowing,
        "scale = 1000 it should be 0, and yours is 1": lambda a, b, scale: np.mean(
            (scale * a @ b.T).argmax(axis=1) == np.arange(len(a))
        ),
        "scale = 1000 it should be 1000, and yours is 23.03": lambda a, b, scale: (
            -np.log(np.exp(-losses(a, b, scale)) + 1e-10).mean()
        ),
        "return one number": losses,
        "changes what it was given": scales_its_input,
    },
    "05-padding": {
        "padding is the rest": lambda n, size: n.sum() / positions(n, size),
        "divide by the tokens": lambda n, size: positions(n, size) / n.sum() - 1,
        "number of positions": lambda n, size: positions(n, size) - n.sum(),
        "the longest of all": lambda n, size: 1 - n.sum() / (len(n) * n.max()),
        "only the texts that it has": lambda n, size: (
            1 - n.sum() / sum(size * max(b) for b in batches(n, size))
        ),
        "the last batch is missing": without_rest,
        "from long to short": lambda n, size: share(np.sort(n)[::-1], size),
        "average the shares": lambda n, size: np.mean(
            [1 - b.mean() / b.max() for b in batches(n, size)]
        ),
        "do not write 2": lambda n, size: share(n, 2),
        "not how many batches": lambda n, size: (
            1 - n.sum() / sum(len(b) * max(b) for b in np.array_split(n, size))
        ),
        "it should be 0, and yours is 0.5": lambda n, size: 0.5,
        "batch_size = 1 it should be 0, and yours is 0.5": with_an_empty_batch,
        "return one number, not list": lambda n, size: [
            1 - b.mean() / b.max() for b in batches(n, size)
        ],
        "raised ValueError": lambda n, size: (
            1 - n.sum() / (n.reshape(-1, size).max(axis=1) * size).sum()
        ),
        "changes what it was given": sorts_its_lengths,
    },
}


def some_word(rng):
    """A word of up to fourteen letters and many of its parts, or parts of a part of it."""
    word = "".join("xyz"[i] for i in rng.integers(0, rng.integers(1, 4), rng.integers(1, 15)))
    parts = {word[i:j] for i in range(len(word)) for j in range(i + 1, len(word) + 1)}
    longest, p_begin, p_inside = rng.integers(1, 6), rng.random(), rng.random()
    short = sorted(part for part in parts if len(part) <= longest)
    inside = {"##" + part for part in short if rng.random() < p_inside}
    return word, inside | {part for part in short if rng.random() < p_begin}


def some_input(rng):
    d_model, length, n_pieces = rng.integers(2, 12), rng.integers(1, 14), rng.integers(1, 15)
    tables = tuple(
        rng.normal(rng.normal(), 2 * rng.random(), (rows, d_model))
        for rows in (n_pieces, length + 1 + rng.integers(6), 2)
    )
    scale, bias = rng.normal(size=(2, d_model))
    ids, types = rng.integers(0, n_pieces, length), np.arange(length) >= rng.integers(length + 1)
    return ids, types.astype(int), tables, scale, bias, float(rng.exponential())


def some_masking(rng):
    shape = rng.integers(1, 10, 2)
    fate = np.where(rng.random(shape) < 0.2, rng.choice([0.8, 0.9], shape), rng.random(shape))
    ids, others = rng.integers(5, 1000, (2, *shape))
    return ids, rng.random(shape) < rng.random(), fate, others, 4


def some_senses(rng):
    """Normal rows around two points; now and then equal rows, which tie."""
    n, d = rng.integers(2, 9, 2), rng.integers(2, 8)
    labels = np.repeat([0, 1], n)
    rows = rng.normal(size=(n.sum(), d)) + rng.normal(size=(2, d))[labels]
    if rng.random() < 0.2:
        rows[:] = np.abs(rows[:1])
    order = rng.permutation(n.sum())
    return (rows * rng.exponential(2, (n.sum(), 1)) + 0.0)[order], labels[order]


def some_states(rng):
    n, length, d = rng.integers(1, 10, 3)
    ids = rng.integers(1, 30, (n, length)) * (
        np.arange(length) < rng.integers(1, length + 1, (n, 1))
    )
    return rng.normal(rng.normal(0, 2), 10.0 ** rng.integers(-2, 4), (n, length, d)), ids


def some_pairs(rng):
    n, d = rng.integers(1, 12), rng.integers(2, 9)
    first, second = (unit_rows(rng.normal(size=(n, d))) for _ in range(2))
    return first, second, float(rng.choice([1, 10, 100, 5000]) * rng.random())


def some_lengths(rng):
    n = int(rng.integers(1, 25))
    return rng.geometric(0.1, n), int(rng.integers(1, n + 1))


SECOND = {
    "05-pieces": some_word,
    "05-input": some_input,
    "05-mask": some_masking,
    "05-centroid": some_senses,
    "05-masked-max": some_states,
    "05-pair-loss": some_pairs,
    "05-padding": some_lengths,
}
