"""Lesson 2: training word vectors."""


def train_word2vec(corpus, *, progress=True, **settings):
    """Train word vectors with negative sampling.

    Each step takes one or more blocks of 32 consecutive words and the words around them, and
    compares all of them with the same negative samples. The gradient is written out, not derived by
    the framework, and taken by plain gradient descent (SGD).

    Parameters
    ----------
    corpus : Corpus
        From `course_utils.word2vec.build_corpus`.
    progress : bool
        Show a bar.
    **settings
        Those of `course_utils.word2vec.Word2VecSettings`, such as `model="cbow"`, `dimension=50`.

    Returns
    -------
    Word2VecModel
        If it is interrupted, with the vectors of the last step.

    Raises
    ------
    InputError
        If a setting has the wrong type or makes no sense. One of another name is Python's own
        TypeError.
    CourseError
        If the loss becomes NaN or infinite, or more than a hundred times that of guessing.

    References
    ----------
    T. Mikolov et al., Distributed representations of words and phrases and their compositionality,
    2013, eq. 4. Negative samples shared by a step: S. Ji et al., Parallelizing Word2Vec in shared
    and distributed memory, 2016, section 3.
    """
