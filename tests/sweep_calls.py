"""A good call of each public function, for `sweep.py`: what to call, and with which arguments."""

import inspect
from collections import Counter
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import tiny_bert

Call = tuple[Callable, dict]
ROOMS = (
    "text", "word2vec", "rnn", "transformer", "bert", "training", "data", "classroom",
    "visualization", "evaluation", "vectors", "checkpoints", "weights",
)  # fmt: skip


def public(room: str) -> dict[str, Callable]:
    """Return what a room hands on: functions, classes, and their public methods, by name."""
    package = import_module(f"course_utils.{room}")
    found = {}
    for name, value in vars(package).items():
        ours = getattr(value, "__module__", "").startswith("course_utils")
        if name.startswith("_") or inspect.ismodule(value) or not ours or not callable(value):
            continue
        if inspect.isclass(value) and issubclass(value, BaseException):
            continue
        if "__path__" not in vars(package) and value.__module__ != package.__name__:
            continue
        found[f"{room}.{name}"] = value
        if inspect.isclass(value) and room not in ("pytorch", "tensorflow"):
            for part, method in vars(value).items():
                if not part.startswith("_") and (
                    callable(method) or isinstance(method, classmethod | staticmethod)
                ):
                    found[f"{room}.{name}.{part}"] = method
    return found


def good_calls(group: str) -> dict[str, Callable[[], Call]]:
    """Return for each name a function that makes a good call anew."""
    if group == "core":
        return CORE
    from sweep_adapters import adapter_calls

    return adapter_calls(group)


RNG = np.random.default_rng
TEXTS = ["the cat sat", "a dog ran", "the cat ran", "a dog sat"] * 3
WORDS = ["cat", "dog", "sun", "sea", "red", "car"]
LABELS = np.array([0, 1] * 6)
IDS = np.array([[2, 3, 0], [3, 1, 2]])


def points(rows=12, columns=4):
    return RNG(0).normal(size=(rows, columns))


@cache
def vocabulary():
    from course_utils.text import Vocabulary

    return Vocabulary.from_texts(TEXTS)


def corpus():
    from course_utils.word2vec import build_corpus

    return build_corpus([" ".join(TEXTS)] * 9, minimum_count=1)


def word_vectors():
    from course_utils.vectors import WordVectors

    return WordVectors(list(WORDS), points(6).astype(np.float32))


def alphabet():
    from course_utils.text import CharVocabulary

    return CharVocabulary("ab\n")


def generator():
    from course_utils.rnn import TextGenerator

    return TextGenerator(lambda ids, state: (np.zeros((len(ids), 4)), state), alphabet())


def ngrams():
    from course_utils.rnn import NGramModel

    return NGramModel(2, 4).fit(np.array([1, 2, 3, 1, 2]))


@cache
def bert_folder() -> Path:
    return tiny_bert.write_folder(Path(mkdtemp()) / "bert")


@cache
def masked_lm_weights() -> dict[str, np.ndarray]:
    """Return the weights of a tiny masked language model with BERT's own head."""
    from course_utils.bert import rename_bert_tensors

    (bert_folder() / "vocab.txt").write_text("\n".join(tiny_bert.PIECES) + "\n")
    bert = rename_bert_tensors(tiny_bert.tensors())
    head = {"transform.kernel": np.eye(16), "bias.table": np.zeros((3, 1))}
    head |= {f"transform{part}": np.zeros(16) for part in (".bias", "_norm.scale", "_norm.bias")}
    return {f"bert.{name}": array for name, array in bert.items()} | head


def word_piece():
    from course_utils.bert import WordPiece

    return WordPiece.from_folder(bert_folder())


def dataset():
    from course_utils.data import TextDataset

    return TextDataset("tiny", TEXTS * 3, np.array([0, 1] * 18), ["a", "b"], "ours")


def history():
    from course_utils.training import History

    return History([{"epoch": 1, "train_loss": 2.0, "seconds": 0.1, "validation_accuracy": 0.5}])


def projection():
    from course_utils.visualization import Projection

    return Projection(points(12, 2), "pca", {}, 0.9, 0.5, 0.1)


DRAWN_STEP = {
    "words": ["a", "b", "c"],
    "classes": ["s", "t"],
    "ids": np.array([2, 1]),
    "target": 1,
    "table": points(3, 2),
    "mean": points(1, 2)[0],
    "weights": points(2, 2),
    "probabilities": np.array([0.4, 0.6]),
    "loss": 0.5,
    "difference": np.array([0.4, -0.4]),
    "gradient": points(3, 2),
    "learning_rate": 0.5,
    "table_after": points(3, 2),
    "weights_after": points(2, 2),
    "probabilities_after": np.array([0.3, 0.7]),
    "loss_after": 0.3,
}


def training_step():
    from course_utils.visualization import TrainingStep

    return TrainingStep(**DRAWN_STEP)


DRAWN_PAIRS = {
    "middle": "a",
    "candidates": ["b", "c"],
    "v": points(1, 2)[0],
    "u": points(2, 2),
    "probabilities": np.array([0.4, 0.6]),
    "loss": 1.5,
    "gradient_v": points(1, 2)[0],
    "gradient_u": points(2, 2),
    "learning_rate": 0.5,
    "v_after": points(1, 2)[0],
    "u_after": points(2, 2),
    "probabilities_after": np.array([0.5, 0.5]),
    "loss_after": 1.3,
}


def pair_step():
    from course_utils.visualization import PairStep

    return PairStep(**DRAWN_PAIRS)


@cache
def frames():
    from course_utils.visualization import training_step_frames

    return training_step_frames(training_step())


def baseline():
    from course_utils.evaluation import TfidfBaseline

    return TfidfBaseline().fit(TEXTS, LABELS)


def settings():
    from course_utils.word2vec import Word2VecSettings

    return Word2VecSettings(dimension=4, epochs=1)


def transfer():
    from course_utils.checkpoints import transfer_results

    return transfer_results("pytorch")


def figure():
    from matplotlib.figure import Figure

    return Figure()


def analogies():
    from course_utils.data.word_sets import Analogies

    return Analogies([("cat", "dog", "sun", "sea")], ["all"], "ours")


def pairs():
    from course_utils.data.word_sets import WordPairs

    return WordPairs([("cat", "dog"), ("sun", "sea"), ("red", "car")], [1.0, 3.0, 2.0], "ours")


def vector_file():
    from course_utils.vectors import save_word2vec

    path = Path(mkdtemp()) / "vectors.txt"
    save_word2vec(word_vectors(), path)
    return path


def weight_file():
    from course_utils.weights import write_weights

    path = Path(mkdtemp()) / "w.safetensors"
    write_weights({"a": np.ones(3)}, path)
    return path


def documents():
    from course_utils.data.splits import Documents

    return Documents([f"text {i}" * 9 for i in range(30)], [f"n{i}" for i in range(30)], "ours")


def batches_of(numbers):
    return [(points(4), LABELS[:4])]


def of(room: str, name: str, /, **good: object) -> Callable[[], Call]:
    """Return a maker of a call whose arguments need no care: arrays are copied."""

    def make() -> Call:
        function = import_module(f"course_utils.{room}")
        for part in name.split("."):
            function = getattr(function, part)
        return function, {k: v.copy() if isinstance(v, np.ndarray) else v for k, v in good.items()}

    return make


def on(room: str, name: str, make_object: Callable[[], object], /, **good: object):
    """Return a maker of a call of a method, on an object that is made anew."""

    def make() -> Call:
        method = getattr(make_object(), name)
        return method, {k: v.copy() if isinstance(v, np.ndarray) else v for k, v in good.items()}

    return make


def late(room: str, name: str, /, **makers: Callable[[], object]) -> Callable[[], Call]:
    """Return a maker of a call whose arguments are made anew by functions."""

    def make() -> Call:
        function = import_module(f"course_utils.{room}")
        for part in name.split("."):
            function = getattr(function, part)
        return function, {key: maker() for key, maker in makers.items()}

    return make


def both(make: Callable[[], Call], /, **makers: Callable[[], object]) -> Callable[[], Call]:
    """Return a maker of a call with some arguments that are made anew, too."""

    def made() -> Call:
        function, good = make()
        return function, good | {key: maker() for key, maker in makers.items()}

    return made


WEIGHTS = np.full((2, 3, 3), 1 / 3)
STEP = {"step": 1, "steps": 10, "peak": 0.1, "warmup_steps": 2}
TOKENS = ["a", "b", "c"]
WORDS12 = [f"w{i}" for i in range(12)]

CORE: dict[str, Callable[[], Call]] = {
    "text.CharVocabulary": of("text", "CharVocabulary", characters="ab"),
    "text.CharVocabulary.from_text": of(
        "text", "CharVocabulary.from_text", text="abba", minimum_count=1
    ),
    "text.CharVocabulary.encode": on("text", "encode", alphabet, text="ab"),
    "text.CharVocabulary.decode": on("text", "decode", alphabet, ids=np.array([1, 2])),
    "text.Vocabulary": of("text", "Vocabulary", words=["a", "b"], counts=[2, 1]),
    "text.Vocabulary.from_texts": of(
        "text",
        "Vocabulary.from_texts",
        texts=TEXTS,
        minimum_count=1,
        maximum_size=9,
        tokenize=str.split,
    ),
    "text.Vocabulary.id": on("text", "id", vocabulary, word="cat"),
    "text.Vocabulary.encode": on("text", "encode", vocabulary, text="the cat"),
    "text.Vocabulary.decode": on("text", "decode", vocabulary, ids=np.array([2, 3])),
    "text.Vocabulary.suggest": on("text", "suggest", vocabulary, word="ca", n=2),
    "text.bag_of_words": of("text", "bag_of_words", ids=IDS, vocabulary_size=5),
    "text.check_ids": of("text", "check_ids", ids=IDS, size=5),
    "text.encode_texts": both(
        of("text", "encode_texts", texts=TEXTS, length=4), vocabulary=vocabulary
    ),
    "text.flatten": of("text", "flatten", sequences=[[1, 2], [3]]),
    "text.frequent_words": of("text", "frequent_words", counted=Counter({"a": 3}), minimum_count=1),
    "text.pad": of("text", "pad", sequences=[[1, 2], [3]], length=3),
    "text.tokenize": of("text", "tokenize", text="The cat"),
    "word2vec.Blocks": late(
        "word2vec", "Blocks", corpus=corpus, settings=settings, epoch=lambda: 0
    ),
    "word2vec.Corpus": both(
        of("word2vec", "Corpus", ids=np.array([2, 3, 2]), sentences=np.array([0, 0, 1])),
        vocabulary=vocabulary,
    ),
    "word2vec.Corpus.keep_probabilities": on(
        "word2vec", "keep_probabilities", corpus, subsample=1e-3
    ),
    "word2vec.Corpus.negative_distribution": on(
        "word2vec", "negative_distribution", corpus, exponent=0.75
    ),
    "word2vec.Corpus.draw_negatives": both(
        on("word2vec", "draw_negatives", corpus, shape=(2, 3), exponent=0.75), rng=lambda: RNG(0)
    ),
    "word2vec.Word2VecSettings": of(
        "word2vec",
        "Word2VecSettings",
        model="skipgram",
        dimension=4,
        window=2,
        negatives=2,
        subsample=1e-3,
        exponent=0.75,
        epochs=1,
        learning_rate=0.1,
        blocks=2,
        negatives_per_block=4,
        seed=0,
    ),
    "word2vec.Word2VecSettings.blocks_for": both(
        on("word2vec", "blocks_for", settings), corpus=corpus
    ),
    "word2vec.Word2VecSettings.negatives_for": both(
        on("word2vec", "negatives_for", settings), corpus=corpus
    ),
    "word2vec.build_corpus": of(
        "word2vec", "build_corpus", sentences=TEXTS, minimum_count=1, tokenize=str.split
    ),
    "word2vec.held_out_loss": both(
        of(
            "word2vec",
            "held_out_loss",
            vectors=points(8),
            context_vectors=points(8),
            predictions=20,
            seed=1,
        ),
        held_out=corpus,
        training=corpus,
        settings=settings,
    ),
    "word2vec.score_analogies": both(
        of("word2vec", "score_analogies", exclude=True, offset=True, center=False, batch_size=10),
        vectors=word_vectors,
        analogies=analogies,
    ),
    "word2vec.similarity_correlation": late(
        "word2vec", "similarity_correlation", vectors=word_vectors, pairs=pairs
    ),
    "rnn.NGramModel": of("rnn", "NGramModel", order=2, vocabulary_size=4, smoothing="kneser_ney"),
    "rnn.NGramModel.fit": on("rnn", "fit", ngrams, ids=np.array([1, 2, 3])),
    "rnn.NGramModel.probabilities": on(
        "rnn", "probabilities", ngrams, ids=np.array([1, 2, 3]), order=1
    ),
    "rnn.NGramModel.bits_per_character": on(
        "rnn", "bits_per_character", ngrams, ids=np.array([1, 2, 3]), order=1
    ),
    "rnn.NGramModel.next_probabilities": on(
        "rnn", "next_probabilities", ngrams, contexts=np.array([[1], [2]])
    ),
    "rnn.Sampling": of("rnn", "Sampling", temperature=1.0, top_k=2, top_p=0.5, seed=0),
    "rnn.TextGenerator": both(
        of("rnn", "TextGenerator", step=lambda ids, state: (np.zeros((len(ids), 4)), state)),
        alphabet=alphabet,
    ),
    "rnn.TextGenerator.generate": on(
        "rnn",
        "generate",
        generator,
        prompt="a",
        length=3,
        temperature=1.0,
        top_k=2,
        top_p=0.5,
        seed=0,
    ),
    "rnn.TextGenerator.generate_many": on(
        "rnn", "generate_many", generator, prompts=["a", "b"], length=3, temperature=1.0
    ),
    "rnn.TextGenerator.stream": on(
        "rnn", "stream", generator, prompt="a", length=3, temperature=1.0
    ),
    "rnn.distinct_ngrams": of("rnn", "distinct_ngrams", texts=["a b c d e f"], n=2),
    "rnn.line_tokenizes": of("rnn", "line_tokenizes", line="x = 1"),
    "rnn.loop_length": of("rnn", "loop_length", text="ababababab", longest=5, times=3, minimum=4),
    "rnn.loop_rate": of("rnn", "loop_rate", texts=["abababab", "abc"]),
    "rnn.next_probabilities": of(
        "rnn", "next_probabilities", logits=points(2), temperature=1.0, top_k=2, top_p=0.5
    ),
    "rnn.sample": of(
        "rnn", "sample", probabilities=np.full((2, 4), 0.25), uniforms=np.array([0.1, 0.9])
    ),
    "rnn.share_of_known_words": of(
        "rnn", "share_of_known_words", texts=["a house here"], known=["house"]
    ),
    "rnn.share_of_lines": of("rnn", "share_of_lines", texts=["x = 1\ny = 2"]),
    "rnn.softmax": of("rnn", "softmax", logits=points(2)),
    "rnn.words_of": of("rnn", "words_of", text="a house"),
    "transformer.TransformerConfig": of(
        "transformer",
        "TransformerConfig",
        vocabulary_size=9,
        d_model=8,
        heads=2,
        layers=1,
        max_length=6,
        d_ff=16,
        positions="learned",
        scale_tokens=True,
        causal=False,
        cross=False,
        token_types=2,
        norm_first=True,
        epsilon=1e-5,
        dropout=0.1,
    ),
    "transformer.sinusoidal_positions": of(
        "transformer", "sinusoidal_positions", max_length=4, d_model=6
    ),
    "bert.WordPiece": lambda: (
        import_module("course_utils.bert").WordPiece,
        {"tokenizer": word_piece()._tokenizer, "max_length": 9},
    ),
    "bert.WordPiece.from_folder": late("bert", "WordPiece.from_folder", folder=bert_folder),
    "bert.WordPiece.encode": on(
        "bert", "encode", word_piece, texts=["the play"], pairs=["a garden"], max_length=9
    ),
    "bert.WordPiece.tokenize": on("bert", "tokenize", word_piece, text="the play"),
    "bert.WordPiece.char_to_tokens": on(
        "bert", "char_to_tokens", word_piece, text="the play", start=4, end=8
    ),
    "bert.WordPiece.decode": on("bert", "decode", word_piece, ids=[5, 6]),
    "bert.WordPiece.id_to_token": on("bert", "id_to_token", word_piece, id=5),
    "bert.WordPiece.token_to_id": on("bert", "token_to_id", word_piece, token="play"),
    "bert.mask_tokens": both(
        of(
            "bert",
            "mask_tokens",
            ids=IDS,
            mask_token_id=4,
            candidates=[1, 2, 3],
            special_ids=[0],
            share=0.5,
        ),
        rng=lambda: RNG(0),
    ),
    "bert.masked_batch": of(
        "bert", "masked_batch", inputs=IDS, targets=IDS, candidates=np.array([0, 1, 2, 3])
    ),
    "bert.read_bert": both(of("bert", "read_bert", layers=1), folder=bert_folder),
    "bert.rename_bert_tensors": late("bert", "rename_bert_tensors", tensors=tiny_bert.tensors),
    "bert.write_masked_lm": both(
        of("bert", "write_masked_lm", candidates=np.array([0, 5, 6])),
        folder=lambda: Path(mkdtemp()) / "hf",
        weights=masked_lm_weights,
        encoder=bert_folder,
    ),
    "bert.reverse_padded": of("bert", "reverse_padded", rows=IDS, lengths=np.array([2, 3])),
    "training.ContiguousBatches": of(
        "training", "ContiguousBatches", ids=np.arange(40), batch_size=2, sequence_length=4, seed=0
    ),
    "training.ContiguousBatches.sequential": of(
        "training",
        "ContiguousBatches.sequential",
        ids=np.arange(40),
        batch_size=2,
        sequence_length=4,
    ),
    "training.ContiguousBatches.batch": on(
        "training",
        "batch",
        lambda: import_module("course_utils.training").ContiguousBatches(np.arange(40), 2, 4),
        number=1,
    ),
    "training.History.column": on("training", "column", history, name="train_loss"),
    "training.cosine_schedule": of("training", "cosine_schedule", **STEP),
    "training.linear_schedule": of("training", "linear_schedule", **STEP),
    "training.length_batches": lambda: (
        lambda source, target, batch_size, seed: import_module(
            "course_utils.training"
        ).length_batches(source, target, batch_size=batch_size, seed=seed),
        {"source": IDS.copy(), "target": IDS.copy(), "batch_size": 2, "seed": 0},
    ),
    "training.length_order": of(
        "training", "length_order", lengths=np.array([3, 1, 2]), batch_size=2, sort=True
    ),
    "training.minibatches": lambda: (
        lambda arrays, batch_size, seed, shuffle: [
            *import_module("course_utils.training").minibatches(
                arrays, batch_size, seed=seed, shuffle=shuffle
            )(0)
        ],
        {"arrays": [points(), LABELS], "batch_size": 2, "seed": 0, "shuffle": True},
    ),
    "training.run_epochs": lambda: (
        import_module("course_utils.training").run_epochs,
        {
            "step": lambda batch: (1.0, 2),
            "batches": batches_of,
            "epochs": 2,
            "evaluate": lambda: {"loss": 1.0},
            "monitor": "validation_loss",
            "patience": 1,
            "progress": False,
        },
    ),
    "training.split_evenly": of("training", "split_evenly", batches=[1, 2, 3], parts=2),
    "training.track": of("training", "track", items=[1, 2], description="counting", unit="step"),
    "data.ImageDataset": of(
        "data",
        "ImageDataset",
        name="x",
        images=points(4),
        labels=LABELS[:4],
        classes=["a", "b"],
        source="ours",
    ),
    "data.ImageDataset.subset": on(
        "data",
        "subset",
        lambda: import_module("course_utils.data").ImageDataset(
            "x", points(4), LABELS[:4], ["a", "b"], "o"
        ),
        indices=np.array([0, 1]),
    ),
    "data.TextDataset": of(
        "data",
        "TextDataset",
        name="x",
        texts=TEXTS,
        labels=LABELS,
        classes=["a", "b"],
        source="ours",
    ),
    "data.TextDataset.subset": on("data", "subset", dataset, indices=np.array([0, 1])),
    "data.few_labels": both(of("data", "few_labels", n=4, seed=0), dataset=dataset),
    "data.hold_out": both(of("data", "hold_out", share=5), documents=documents),
    "data.load": of("data", "load", name="digits"),
    "data.split": both(of("data", "split", validation=0.2, test=0.2, seed=0), dataset=dataset),
    "classroom.check": of("classroom", "check", name="01-cosine", answer=lambda a, b: 0.0),
    "classroom.claim": of(
        "classroom",
        "claim",
        id="E1",
        statement="a value",
        value=1.0,
        at_least=0.5,
        at_most=2.0,
        unit="bits",
        compare=True,
        kind="outcome",
    ),
    "classroom.hint": of("classroom", "hint", name="01-cosine"),
    "classroom.quiz": of("classroom", "quiz", lesson="01", part="before"),
    "classroom.record_models": of(
        "classroom", "record_models", models=[("a", 3, 1.0, {"accuracy": 0.5})]
    ),
    "visualization.attention_html": of(
        "visualization",
        "attention_html",
        weights=WEIGHTS,
        queries=TOKENS,
        keys=TOKENS,
        heads=["1", "2"],
        title="t",
    ),
    "visualization.attention_table": of(
        "visualization",
        "attention_table",
        weights=WEIGHTS,
        queries=TOKENS,
        keys=TOKENS,
        heads=["1", "2"],
        title="t",
    ),
    "visualization.plot_attention": of(
        "visualization",
        "plot_attention",
        weights=WEIGHTS,
        queries=TOKENS,
        keys=TOKENS,
        heads=["1", "2"],
        columns=2,
        title="t",
        size=(4.0, 3.0),
    ),
    "visualization.course_map": of("visualization", "course_map", current=1),
    "visualization.TrainingStep": of("visualization", "TrainingStep", **DRAWN_STEP),
    "visualization.draw_classifier": of(
        "visualization",
        "draw_classifier",
        vectors=points(3, 2),
        mean=points(1, 2)[0],
        weights=points(2, 2),
        bias=points(1, 2)[0],
        scores=points(1, 2)[0],
        words=TOKENS,
        classes=["a", "b"],
        title="t",
    ),
    "visualization.draw_forces": of(
        "visualization",
        "draw_forces",
        points=points(3, 2),
        pulls=points(3, 2),
        pushes=points(3, 2),
        words=TOKENS,
        title="t",
    ),
    "visualization.draw_lookup": of(
        "visualization",
        "draw_lookup",
        one_hot=np.eye(3)[1],
        table=points(3, 2),
        vector=points(1, 2)[0],
        words=TOKENS,
        title="t",
    ),
    "visualization.draw_offsets": of(
        "visualization",
        "draw_offsets",
        flat=np.array([4, 0, 2]),
        offsets=np.array([0, 2]),
        means=points(2, 2),
        texts=[["a", "b"], ["c"]],
        title="t",
    ),
    "visualization.draw_recommender": of(
        "visualization",
        "draw_recommender",
        picks=np.array([2, 0]),
        table=points(12, 2),
        user=points(1, 2)[0],
        scores=points(12, 2)[:, 0],
        names=WORDS12,
        best=3,
        title="t",
    ),
    "visualization.plot_heavy_tail": of(
        "visualization", "plot_heavy_tail", near=0.8, far=0.05, title="t"
    ),
    "visualization.draw_training_step": both(
        of("visualization", "draw_training_step", title="t"), step=training_step
    ),
    "visualization.training_step_frames": both(
        of("visualization", "training_step_frames", title="t"), step=training_step
    ),
    "visualization.forces_frames": of(
        "visualization",
        "forces_frames",
        maps=points(6, 2).reshape(2, 3, 2),
        pulls=points(6, 2).reshape(2, 3, 2),
        pushes=points(6, 2).reshape(2, 3, 2),
        words=TOKENS,
        texts=["s", "t"],
        title="t",
    ),
    "visualization.PairStep": of("visualization", "PairStep", **DRAWN_PAIRS),
    "visualization.draw_pair_step": both(
        of("visualization", "draw_pair_step", title="t"), step=pair_step
    ),
    "visualization.pair_step_frames": both(
        of("visualization", "pair_step_frames", title="t"), step=pair_step
    ),
    "visualization.draw_window": of(
        "visualization",
        "draw_window",
        words=TOKENS,
        around=np.array([[0, 3], [2, 4], [3, 0]]),
        title="t",
    ),
    "visualization.window_frames": of(
        "visualization",
        "window_frames",
        words=TOKENS,
        around=np.array([[0, 3], [2, 4], [3, 0]]),
        title="t",
    ),
    "visualization.draw_two_tables": of(
        "visualization",
        "draw_two_tables",
        given=points(3, 2),
        asked=points(3, 2),
        scores=points(1, 2)[0],
        probabilities=points(1, 2)[0],
        words=TOKENS,
        middle=1,
        candidates=np.array([2, 0]),
        title="t",
    ),
    "visualization.draw_cbow_and_skipgram": of(
        "visualization",
        "draw_cbow_and_skipgram",
        around=points(3, 2),
        mean=points(1, 2)[0],
        middle=points(1, 2)[0],
        nearby=TOKENS,
        word="a",
        title="t",
    ),
    "visualization.draw_strips": of(
        "visualization",
        "draw_strips",
        vectors=points(3, 20),
        names=TOKENS,
        cosines=points(1, 3)[0],
        ruled=2,
        title="t",
    ),
    "visualization.draw_analogy": of(
        "visualization",
        "draw_analogy",
        points=points(4, 2),
        total=points(1, 2)[0],
        words=["a", "b", "c", "d"],
        title="t",
    ),
    "visualization.draw_pieces": of(
        "visualization",
        "draw_pieces",
        vectors=points(2, 3),
        total=points(1, 3)[0],
        word="ab",
        pieces=["<ab", "ab>"],
        title="t",
    ),
    "visualization.draw_counting_and_predicting": of(
        "visualization",
        "draw_counting_and_predicting",
        counts=points(3, 3),
        ppmi=points(3, 3),
        counted=points(3, 2),
        pairs=[("a", "b"), ("b", "a")],
        gradient=points(1, 2)[0],
        predicted=points(3, 2),
        words=TOKENS,
        title="t",
    ),
    "visualization.neighbor_probabilities": of(
        "visualization", "neighbor_probabilities", X=points(), perplexity=3.0
    ),
    "visualization.pulls_and_pushes": of(
        "visualization", "pulls_and_pushes", P=np.ones((3, 3)) / 6, Y=points(3, 2)
    ),
    "visualization.show_steps": both(
        of("visualization", "show_steps", alt="A drawing that moves and shows."), frames=frames
    ),
    "visualization.steps_html": both(
        of("visualization", "steps_html", alt="A drawing that moves and shows."), frames=frames
    ),
    "visualization.export_projector": both(
        of("visualization", "export_projector", vectors=points(), words=WORDS12, labels=WORDS12),
        folder=lambda: Path(mkdtemp()) / "p",
    ),
    "visualization.interactive_map": both(
        of(
            "visualization",
            "interactive_map",
            labels=LABELS,
            names=["a", "b"],
            words=WORDS12,
            title="t",
        ),
        projection=projection,
    ),
    "visualization.show_word_map": both(
        of(
            "visualization",
            "show_word_map",
            vectors=points(),
            words=WORDS12,
            labels=LABELS,
            names=["a", "b"],
            neighbors=2,
            title="t",
            alt="A map of words to be read.",
        ),
        projection=projection,
    ),
    "visualization.plot_bars": of(
        "visualization",
        "plot_bars",
        names=["a", "b"],
        values=[1.0, 2.0],
        errors=[0.1, 0.1],
        baseline={"c": 0.5},
        ylabel="y",
        title="t",
        log=False,
    ),
    "visualization.plot_confusion": of(
        "visualization",
        "plot_confusion",
        targets=LABELS,
        predictions=LABELS,
        names=["a", "b"],
        title="t",
    ),
    "visualization.plot_heatmap": of(
        "visualization",
        "plot_heatmap",
        matrix=points(3, 3),
        rows=TOKENS,
        columns=TOKENS,
        title="t",
        annotate=True,
    ),
    "visualization.plot_learning_curves": lambda: (
        import_module("course_utils.visualization").plot_learning_curves,
        {
            "histories": {"a": history()},
            "column": "validation_accuracy",
            "baseline": {"b": 0.5},
            "title": "t",
        },
    ),
    "visualization.plot_lines": of(
        "visualization",
        "plot_lines",
        x=[1.0, 2.0],
        series={"a": [1.0, 2.0]},
        errors={"a": [0.1, 0.1]},
        baseline={"b": 1.0},
        xlabel="x",
        ylabel="y",
        title="t",
        logx=False,
        logy=False,
    ),
    "visualization.plot_map": both(
        of(
            "visualization",
            "plot_map",
            labels=LABELS,
            names=["a", "b"],
            words=WORDS12,
            max_labels=4,
            title="t",
            size=(4.0, 3.0),
        ),
        projection=projection,
    ),
    "visualization.plot_maps": lambda: (
        import_module("course_utils.visualization").plot_maps,
        {
            "projections": [projection(), projection()],
            "labels": LABELS,
            "names": ["a", "b"],
            "titles": ["s", "t"],
            "columns": 2,
        },
    ),
    "visualization.project": of(
        "visualization",
        "project",
        vectors=points(),
        method="pca",
        dimensions=2,
        metric="cosine",
        perplexity=3.0,
        neighbors=3,
        seed=0,
        neighbors_scored=3,
    ),
    "visualization.show": both(
        of("visualization", "show", alt="A figure that shows something."), figure=figure
    ),
    "evaluation.TfidfBaseline.fit": on(
        "evaluation",
        "fit",
        lambda: import_module("course_utils.evaluation").TfidfBaseline(),
        texts=TEXTS,
        labels=LABELS,
    ),
    "evaluation.TfidfBaseline.transform": on("evaluation", "transform", baseline, texts=TEXTS),
    "evaluation.TfidfBaseline.predict": on("evaluation", "predict", baseline, texts=TEXTS),
    "evaluation.TfidfBaseline.score": on(
        "evaluation", "score", baseline, texts=TEXTS, labels=LABELS
    ),
    "evaluation.accuracy": of("evaluation", "accuracy", predictions=LABELS, targets=LABELS),
    "evaluation.canonical_correlations": of(
        "evaluation", "canonical_correlations", X=points(12, 2), Y=points(12, 3)
    ),
    "evaluation.centroid_accuracy": of(
        "evaluation", "centroid_accuracy", vectors=points(), labels=LABELS, balanced=True
    ),
    "evaluation.cosine_similarity": of("evaluation", "cosine_similarity", X=points(), Y=points()),
    "evaluation.knn_accuracy": of(
        "evaluation",
        "knn_accuracy",
        train_x=points(),
        train_y=LABELS,
        test_x=points(),
        test_y=LABELS,
        k=3,
    ),
    "evaluation.nearest_neighbors": of(
        "evaluation",
        "nearest_neighbors",
        query=points()[0],
        vectors=points(),
        words=WORDS12,
        k=3,
        exclude=["w0"],
    ),
    "evaluation.neighbor_ids": of("evaluation", "neighbor_ids", X=points(), k=3),
    "evaluation.neighbor_purity": of(
        "evaluation", "neighbor_purity", vectors=points(), labels=LABELS, k=3
    ),
    "evaluation.neighborhood_overlap": of(
        "evaluation", "neighborhood_overlap", X=points(), Y=points(12, 2), k=3
    ),
    "evaluation.normalize_rows": of("evaluation", "normalize_rows", X=points()),
    "evaluation.recall_at_k": of(
        "evaluation",
        "recall_at_k",
        scores=points(),
        targets=np.array([0, 1, 2] * 4),
        k=2,
        exclude=np.full((12, 1), 3),
    ),
    "evaluation.trustworthiness": of(
        "evaluation", "trustworthiness", X=points(), Y=points(12, 2), k=3
    ),
    "evaluation.wilson_interval": of(
        "evaluation", "wilson_interval", correct=3, n=9, confidence=0.95
    ),
    "vectors.WordVectors": of("vectors", "WordVectors", words=WORDS, vectors=points(6)),
    "vectors.WordVectors.row": on("vectors", "row", word_vectors, word="cat"),
    "vectors.WordVectors.nearest": on("vectors", "nearest", word_vectors, word="cat", k=2),
    "vectors.WordVectors.analogy": on(
        "vectors", "analogy", word_vectors, a="cat", b="dog", c="sun", k=1
    ),
    "vectors.character_ngrams": of(
        "vectors", "character_ngrams", word="where", shortest=3, longest=4
    ),
    "vectors.load_word2vec": both(of("vectors", "load_word2vec", binary=False), path=vector_file),
    "vectors.save_word2vec": both(
        of("vectors", "save_word2vec", binary=False),
        vectors=word_vectors,
        path=lambda: Path(mkdtemp()) / "v.txt",
    ),
    "checkpoints.TransferResults.values": on(
        "checkpoints", "values", transfer, method="frozen features", labels=200, column="accuracy"
    ),
    "checkpoints.find_checkpoint": of(
        "checkpoints", "find_checkpoint", lesson="03", name="source_code"
    ),
    "checkpoints.training_log": of("checkpoints", "training_log", lesson="03", name="source_code"),
    "checkpoints.transfer_results": of("checkpoints", "transfer_results", framework="pytorch"),
    "checkpoints.weights_folder": of("checkpoints", "weights_folder", lesson="03"),
    "weights.check_weights": of(
        "weights", "check_weights", shapes={"a": (3,)}, weights={"a": np.ones(3)}, partial=False
    ),
    "weights.draw_weights": of(
        "weights", "draw_weights", shapes={"a.table": (3, 2)}, seed=0, embedding_std=0.1
    ),
    "weights.read_weights": late("weights", "read_weights", path=weight_file),
    "weights.write_weights": both(
        of("weights", "write_weights", weights={"a": np.ones(3)}),
        path=lambda: Path(mkdtemp()) / "w.safetensors",
    ),
}

# What takes no argument, or none that a user makes: records that the course itself fills.
NO_CALL = {
    "training.progress_hidden": "no argument",
    "data.available": "no argument",
    "visualization.use_style": "no argument",
    "evaluation.TfidfBaseline": "no argument",
    "word2vec.Word2VecModel.word_vectors": "no argument",
    "checkpoints.TransferResults.means": "no argument",
    "checkpoints.TransferResults.spreads": "no argument",
    "word2vec.Word2VecModel": "what training returns",
    "training.History": "what training returns",
    "training.Batches": "what training reads",
    "bert.BatchEncoding": "what `encode` returns",
    "visualization.Frame": "what `training_step_frames` returns",
    "visualization.Projection": "what `project` returns",
    "checkpoints.size_results": "no argument",
    "checkpoints.SizedRun": "what `size_results` returns",
    "checkpoints.Checkpoint": "what `find_checkpoint` returns",
    "checkpoints.TransferResults": "what `transfer_results` returns",
    "data.Splits": "what `split` returns",
    "data.suggestion": "names what is not known",
}
