"""Generating text with a model: from logits to the next character, one at a time.

Every random decision is drawn with NumPy, so that both frameworks generate the same text from the
same weights.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from course_utils.errors import InputError
from course_utils.text.arguments import checked
from course_utils.text.characters import CharVocabulary
from course_utils.text.checks import check_size, describe, real_number, whole_number


@partial(checked, own=True)
@dataclass(frozen=True)
class Sampling:
    """How the next token is drawn.

    Attributes
    ----------
    temperature : float
        Below 1 sharpens, above 1 flattens. 0 is greedy: the most probable token gets everything.
    top_k : int, optional
        Keep the k most probable tokens; a k above V keeps all.
    top_p : float, optional
        Keep the fewest tokens whose probabilities sum to at least p, the most probable first
        ("nucleus"). These are the probabilities before `top_k` cuts; Hugging Face's `generate`
        takes those after it, scaled to sum to 1.
    seed : int
        Of the random numbers.

    Raises
    ------
    InputError
        If the temperature is negative, k is below 1, p is not above 0 and at most 1, the seed is
        negative, or one has the wrong type.
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= real_number(self.temperature, "The temperature") < math.inf:
            raise InputError(
                "The temperature must be 0 (greedy) or a positive number, but it is "
                f"{self.temperature}."
            )
        if self.top_k is not None:
            whole_number(self.top_k, "top_k", 1)
        if self.top_p is not None and not 0 < real_number(self.top_p, "top_p") <= 1:
            raise InputError(f"top_p must be above 0 and at most 1, but it is {self.top_p}.")
        whole_number(self.seed, "The seed", 0)


@checked
def next_probabilities(
    logits: np.ndarray,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
) -> np.ndarray:
    """Return from which probabilities the next token is drawn.

    First the logits are divided by the temperature, then the tail is cut, then what is left is
    scaled to sum to 1.

    Parameters
    ----------
    logits : ndarray, shape (n, V)
    temperature, top_k, top_p
        As in `Sampling`.

    Returns
    -------
    ndarray of float64, shape (n, V), rows that sum to 1

    Raises
    ------
    InputError
        If the logits have another shape, one is NaN or plus infinity, a row has no finite one, or
        a setting makes no sense.

    References
    ----------
    A. Fan, M. Lewis, Y. Dauphin, Hierarchical neural story generation, 2018, section 5.4 (top-k).
    A. Holtzman et al., The curious case of neural text degeneration, 2020, section 3.1 (nucleus).
    """
    Sampling(temperature, top_k, top_p)
    if logits.dtype.kind not in "iuf":
        raise InputError(f"Logits must be numbers, but these are {describe(logits)}.")
    logits = logits.astype(np.float64)
    if logits.ndim != 2:
        raise InputError(
            f"Logits have the shape (texts, V), but these have {logits.shape}: put those of a "
            "single text in [ ]."
        )
    best = logits.max(axis=1, keepdims=True, initial=-np.inf)  # (n, 1), NaN if one is NaN
    if not np.isfinite(best).all():
        raise InputError(
            "Logits must be numbers or minus infinity, at least one finite in each row, but here "
            "is NaN or infinity: find out where it comes from, such as a training that diverged."
        )
    greedy = np.eye(logits.shape[1])[logits.argmax(axis=1)]
    if temperature == 0:
        return greedy
    with np.errstate(over="ignore"):
        scaled = logits / temperature
    if not np.isfinite(scaled.max(axis=1)).all():  # so cold that it is greedy
        return greedy
    probabilities = softmax(scaled)
    order = np.argsort(-probabilities, axis=1, kind="stable")  # (n, V), the most probable first
    ranked = np.take_along_axis(probabilities, order, axis=1)
    kept = np.ones_like(ranked, dtype=bool)
    if top_k is not None:
        kept[:, top_k:] = False
    if top_p is not None:
        before = np.cumsum(ranked, axis=1) - ranked  # what the more probable tokens have
        kept &= before < top_p - 1e-12
    ranked = np.where(kept, ranked, 0.0)
    np.put_along_axis(probabilities, order, ranked / ranked.sum(axis=1, keepdims=True), axis=1)
    return probabilities


@checked
def sample(probabilities: np.ndarray, uniforms: np.ndarray) -> np.ndarray:
    """Return one token for each row: the one at which the running sum passes the random number.

    Parameters
    ----------
    probabilities : ndarray, shape (n, V)
    uniforms : ndarray, shape (n,)
        Random numbers, uniform from 0 up to, not including, 1.

    Returns
    -------
    ndarray of int64, shape (n,)

    Raises
    ------
    InputError
        If the shapes do not fit, a probability is negative, NaN or infinite, a row has none above
        0, or a random number is out of its range.
    """
    probabilities, uniforms = np.asarray(probabilities, float), np.asarray(uniforms, float)
    if probabilities.ndim != 2 or uniforms.shape != probabilities.shape[:1]:
        raise InputError(
            "Drawing takes probabilities (n, V) and a random number for each row, but the shapes "
            f"are {probabilities.shape} and {uniforms.shape}."
        )
    sums = probabilities.sum(axis=1)
    if not (np.isfinite(sums) & (sums > 0)).all() or probabilities.min(initial=0) < 0:
        raise InputError(
            "Probabilities must be numbers from 0 up, with one above 0 in each row: take them "
            "after the softmax, and look for NaN before it."
        )
    if not ((uniforms >= 0) & (uniforms < 1)).all():
        raise InputError("Random numbers to draw with lie from 0 up to, not including, 1.")
    running = np.cumsum(probabilities, axis=1)  # (n, V)
    passed = running > uniforms[:, None] * running[:, -1:]
    return passed.argmax(axis=1)


@checked
class TextGenerator:
    """Generates text with a model, its state carried along. See `make_generator` of an adapter.

    Parameters
    ----------
    step : callable
        From ids (n, T) and a state (None at the beginning) to logits after the last one (n, V),
        as an array, and the new state.
    alphabet : CharVocabulary
    """

    def __init__(
        self, step: Callable[[np.ndarray, Any], tuple[np.ndarray, Any]], alphabet: CharVocabulary
    ):
        self.step = step
        self.alphabet = alphabet

    def generate(self, prompt: str, *, length: int = 200, **sampling: Any) -> str:
        """Return the `length` characters that the model puts after the prompt.

        Parameters
        ----------
        prompt : str
            One character or more to begin with. It is not part of what is returned.
        length : int
        **sampling
            `temperature`, `top_k`, `top_p` and `seed`, as in `Sampling`.

        Raises
        ------
        InputError
            If the prompt is empty or has unknown characters, or a setting makes no sense.
        """
        return self.generate_many([prompt], length=length, **sampling)[0]

    @partial(checked, own=("length",))
    def generate_many(
        self, prompts: Sequence[str], *, length: int = 200, **sampling: Any
    ) -> list[str]:
        """Return a text for each prompt, all generated at the same time.

        Text i depends on its prompt, on the seed and on i.

        Parameters
        ----------
        prompts : sequence of str, all of the same length
        length, **sampling
            As in `generate`.

        Raises
        ------
        InputError
            As `generate` does, and if the prompts differ in length.
        """
        ids = np.stack(list(self._ids(prompts, length, Sampling(**sampling))), axis=1)
        return [self.alphabet.decode(row) for row in ids]  # ids (n, length)

    def stream(self, prompt: str, *, length: int = 200, **sampling: Any) -> Iterator[str]:
        """Yield the characters of `generate` one after the other, as soon as each is drawn.

        Parameters
        ----------
        prompt, length, **sampling
            As in `generate`.

        Raises
        ------
        InputError
            As `generate` does, at the first character.
        """
        for ids in self._ids([prompt], length, Sampling(**sampling)):
            yield self.alphabet.decode(ids)

    def _ids(self, prompts: Sequence[str], length: int, sampling: Sampling) -> Iterator[np.ndarray]:
        """Yield the next ids (n,), `length` times.

        Raises
        ------
        InputError
            As `generate_many` does.
        """
        inputs = _encode(prompts, self.alphabet)  # (n, T)
        whole_number(length, "The length", 1)
        check_size(len(prompts), 2 * length, what="A text of this length")
        uniforms = _uniforms(len(prompts), length, sampling.seed)
        state = None
        for i in range(length):
            logits, state = self.step(inputs, state)  # (n, V)
            logits = np.array(logits, dtype=np.float64)
            logits[:, 0] = -np.inf  # the sign for unknown characters is never generated
            probabilities = next_probabilities(
                logits, temperature=sampling.temperature, top_k=sampling.top_k, top_p=sampling.top_p
            )
            ids = sample(probabilities, uniforms[:, i])
            yield ids
            inputs = ids[:, None]  # only the new character: the state holds all before


def check_alphabet(alphabet: CharVocabulary, size: int) -> None:
    """Say so if an alphabet is not that of a model.

    Raises
    ------
    InputError
        If it has not as many characters as the model scores.
    """
    if len(alphabet) != size:
        raise InputError(
            f"The model scores {size} characters, but the alphabet has {len(alphabet)}: take that "
            "of the text on which the model was trained."
        )


def _encode(prompts: Sequence[str], alphabet: CharVocabulary) -> np.ndarray:
    if isinstance(prompts, str) or not len(prompts):
        raise InputError("Prompts must be a list of one string or more.")
    if any(prompt == "" for prompt in prompts):
        raise InputError(
            "The prompt is empty: give the model at least one character to begin with, such as a "
            "line break."
        )
    ids = [alphabet.encode(prompt, strict=True) for prompt in prompts]
    if len({len(row) for row in ids}) > 1:
        raise InputError("The prompts of one call must have the same length.")
    return np.stack(ids)


def _uniforms(n: int, length: int, seed: int) -> np.ndarray:
    """Return random numbers (n, length); a text's own do not depend on how many there are."""
    return np.stack([np.random.default_rng([seed, i]).random(length) for i in range(n)])


@checked
def softmax(logits: np.ndarray) -> np.ndarray:
    """Return the softmax along the last axis; large logits do not overflow.

    Raises
    ------
    InputError
        If a logit is NaN or plus infinity. Minus infinity gets the probability 0.
    """
    if not (logits < np.inf).all():
        raise InputError("A logit is NaN or infinite: find out where it comes from.")
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)
