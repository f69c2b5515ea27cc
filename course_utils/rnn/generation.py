"""Writing text with a model: from logits to the next character, one at a time.

Every random decision is drawn with NumPy, so that both frameworks write the same text from the
same weights.
"""

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from course_utils.errors import InputError
from course_utils.text.characters import CharVocabulary


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
    temperature : float
        Below 1 sharpens, above 1 flattens. 0 is greedy: the most probable token gets everything.
    top_k : int, optional
        Keep the k most probable tokens; a k above V keeps all.
    top_p : float, optional
        Keep the fewest tokens whose probabilities sum to at least p, the most probable first
        ("nucleus").

    Returns
    -------
    ndarray of float64, shape (n, V), rows that sum to 1

    Raises
    ------
    InputError
        If the temperature is negative, k is below 1, or p is not above 0 and at most 1.

    References
    ----------
    A. Fan, M. Lewis, Y. Dauphin, Hierarchical neural story generation, 2018, section 5.4 (top-k).
    A. Holtzman et al., The curious case of neural text degeneration, 2020, section 3.1 (nucleus).
    """
    check_settings(temperature, top_k, top_p)
    logits = np.asarray(logits, dtype=np.float64)
    if temperature == 0:
        return np.eye(logits.shape[1])[logits.argmax(axis=1)]
    probabilities = softmax(logits / temperature)
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


def check_settings(temperature: float, top_k: int | None, top_p: float | None) -> None:
    """Say which setting makes no sense, if one does not.

    Raises
    ------
    InputError
        If the temperature is negative, k is below 1, or p is not above 0 and at most 1.
    """
    if not (temperature >= 0 and math.isfinite(temperature)):
        raise InputError(
            f"The temperature must be 0 (greedy) or a positive number, but it is {temperature}."
        )
    if top_k is not None and top_k < 1:
        raise InputError(f"top_k must keep at least 1 token, but it is {top_k}.")
    if top_p is not None and not 0 < top_p <= 1:
        raise InputError(f"top_p must be above 0 and at most 1, but it is {top_p}.")


def choose(probabilities: np.ndarray, chances: np.ndarray) -> np.ndarray:
    """Return one token for each row: the one at which the running sum passes the chance.

    Parameters
    ----------
    probabilities : ndarray, shape (n, V)
    chances : ndarray, shape (n,)
        Random numbers from 0 up to, not including, 1.

    Returns
    -------
    ndarray of int64, shape (n,)
    """
    running = np.cumsum(probabilities, axis=1)  # (n, V)
    passed = running > chances[:, None] * running[:, -1:]
    return passed.argmax(axis=1)


class Writer:
    """Writes text with a model, the state carried along. `make_writer` of an adapter makes one.

    Parameters
    ----------
    advance : callable
        From ids (n, T) and a state (None at the beginning) to logits after the last one (n, V),
        as an array, and the new state.
    alphabet : CharVocabulary
    """

    def __init__(self, advance: Callable, alphabet: CharVocabulary):
        self.advance, self.alphabet = advance, alphabet

    def write(
        self,
        prompt: str,
        *,
        length: int = 200,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        seed: int = 0,
    ) -> str:
        """Return the `length` characters that the model writes after the prompt.

        Raises
        ------
        InputError
            If the prompt is empty or has unknown characters, or a setting makes no sense.
        """
        settings = {"temperature": temperature, "top_k": top_k, "top_p": top_p}
        return self.write_many([prompt], length=length, seed=seed, **settings)[0]

    def write_many(
        self,
        prompts: Sequence[str],
        *,
        length: int = 200,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        seed: int = 0,
    ) -> list[str]:
        """Return a text for each prompt, all written at the same time.

        Text i depends on its prompt, on the seed and on i.

        Raises
        ------
        InputError
            As `write` does, and if the prompts differ in length.
        """
        settings = {"temperature": temperature, "top_k": top_k, "top_p": top_p}
        ids = np.stack(list(self._ids(prompts, length, seed, **settings)), axis=1)  # (n, length)
        return [self.alphabet.decode(row) for row in ids]

    def stream(
        self,
        prompt: str,
        *,
        length: int = 200,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        seed: int = 0,
    ) -> Iterator[str]:
        """Yield the characters of `write` one after the other, as soon as each is chosen.

        Raises
        ------
        InputError
            As `write` does, at the first character.
        """
        settings = {"temperature": temperature, "top_k": top_k, "top_p": top_p}
        for ids in self._ids([prompt], length, seed, **settings):
            yield self.alphabet.decode(ids)

    def _ids(self, prompts, length, seed, **settings) -> Iterator[np.ndarray]:
        """Yield the next ids (n,), `length` times.

        Raises
        ------
        InputError
            As `write_many` does.
        """
        inputs = _encode(prompts, self.alphabet)  # (n, T)
        check_settings(**settings)
        if length < 1:
            raise InputError(f"The length must be at least 1 character, but it is {length}.")
        chances = _chances(len(prompts), length, seed)
        state = None
        for i in range(length):
            logits, state = self.advance(inputs, state)  # (n, V)
            logits = np.array(logits, dtype=np.float64)
            logits[:, 0] = -np.inf  # the sign for unknown characters is never written
            ids = choose(next_probabilities(logits, **settings), chances[:, i])
            yield ids
            inputs = ids[:, None]  # only the new character: the state holds all before


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


def _chances(n: int, length: int, seed: int) -> np.ndarray:
    """Return random numbers (n, length); a text's own do not depend on how many there are."""
    return np.stack([np.random.default_rng([seed, i]).random(length) for i in range(n)])


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return the softmax along the last axis; large logits do not overflow."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)
