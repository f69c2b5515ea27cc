"""The drawings of lesson 3 on toy numbers, for the tests of drawings and of steps."""

import numpy as np

from course_utils import visualization as vis

LETTERS = "helo"
SIGNS = [*"abcdefgh", " ", "\n"]
LONG = ["extraordinarily", "bad", "documentation"]


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def softmax(scores):
    shares = np.exp(scores)
    return shares / shares.sum(axis=-1, keepdims=True)


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).normal(0, 0.8, shape)


def states(symbols, units=3, seed=0):
    """Return the state of a plain cell before the first symbol and after each."""
    found, U = [np.zeros(units)], numbers(units, units, seed=seed)
    for x in numbers(len(symbols), units, seed=seed + 1):
        found.append(np.tanh(x + found[-1] @ U))
    return np.array(found)


def unrolled(symbols="hello", seed=0):
    return vis.draw_unrolled(symbols, states(symbols, seed=seed), title="One cell " * 8)


def lstm_numbers(units=3, seed=0):
    x, h, c = numbers(3, units, seed=seed)
    f, i, o = sigmoid(numbers(3, units, seed=seed + 1))
    g = np.tanh(numbers(units, seed=seed + 2))
    c_after = f * c + i * g
    return {"x": x, "h": h, "c": c, "f": f, "i": i, "g": g, "o": o, "c_after": c_after,
            "h_after": o * np.tanh(c_after)}  # fmt: skip


def lstm(units=3, seed=0, title="One step of an LSTM", **other):
    return vis.draw_lstm_step(**lstm_numbers(units, seed) | other, title=title)


def gru_numbers(units=3, seed=0):
    x, h = numbers(2, units, seed=seed)
    z, r = sigmoid(numbers(2, units, seed=seed + 1))
    n = np.tanh(numbers(units, seed=seed + 2))
    return {"x": x, "h": h, "z": z, "r": r, "n": n, "h_after": z * h + (1 - z) * n}


def gru(units=3, seed=0, title="One step of a GRU", **other):
    return vis.draw_gru_step(**gru_numbers(units, seed) | other, title=title)


def four_shapes(image=None, **other):
    image = np.eye(8) if image is None else image
    given = {"label": "7", "spelled": "seven", "letters": "house", "verdict": "real word",
             "word": "file", "backward": "elif", "title": "Four shapes"}  # fmt: skip
    return vis.draw_four_shapes(image, **given | other)


def next_characters(text="hello", characters=LETTERS, seed=0):
    rows = [list(characters).index(character) for character in text[:-1]]
    found = states(rows, seed=seed)[1:]
    scores = found @ numbers(3, len(characters), seed=seed + 2)
    one_hot = np.eye(len(characters))[rows]
    return vis.draw_next_characters(one_hot, found, scores, text=text, characters=characters)


def writing_numbers(prompt="a b ", written="h\nc", seed=0):
    reads = states(prompt + written[1:], 4, seed)[1:]
    shares = softmax(3 * numbers(len(written), len(SIGNS), seed=seed + 2))
    return prompt, written, reads, shares


def writing(*given, **other):
    return vis.draw_writing(*writing_numbers(*given, **other), characters=SIGNS)


TEMPERATURES = [0.25, 1.0, 2.0]


def shares_at(temperatures, seed=0):
    return softmax(2 * numbers(len(SIGNS), seed=seed) / np.array(temperatures)[:, None])


def temperatures(values=TEMPERATURES, best=7, seed=0):
    shares = shares_at(values, seed)
    return vis.draw_temperatures(shares, values, characters=SIGNS, best=best, title="Bars " * 12)


RNN_DRAWINGS = {
    "unrolled": unrolled,
    "unrolled, long words": lambda: unrolled(LONG),
    "LSTM": lstm,
    "LSTM, two units": lambda: lstm(2),
    "LSTM, one unit": lambda: lstm(1, title=""),
    "LSTM, large numbers": lambda: lstm(c=137 * numbers(3), x=numbers(1)),
    "GRU": gru,
    "GRU, two units": lambda: gru(2),
    "GRU, one unit": lambda: gru(1, x=137 * numbers(3)),
    "four shapes": four_shapes,
    "four shapes, long words": lambda: four_shapes(
        label=LONG[0], verdict=LONG[2], letters="ab", spelled=LONG[2][:12], word="a", backward="b"
    ),
    "next characters": next_characters,
    "next characters, spaces": lambda: next_characters("a\nb a", [*"ab", " ", "\n"]),
    "writing": writing,
    "writing, one character": lambda: writing("a", "b"),
    "writing, a long prompt": lambda: writing("abcdefgh", "gh\na"),
    "temperatures": temperatures,
    "temperatures, one of them": lambda: temperatures([1.0], best=3),
    "temperatures, no others": lambda: temperatures(best=10),
}
