"""The kept models of lessons 3 to 5: both frameworks load them, and they keep what logs say."""

import json
from dataclasses import asdict

import numpy as np
import pytest
from adapters import adapter

from course_utils.bert import WordPiece, write_masked_lm
from course_utils.bert.masked_head import masked_head_checkpoint
from course_utils.checkpoints import find_checkpoint, size_results, training_log
from course_utils.course import project_root
from course_utils.data import load
from course_utils.data.encoder import encoder
from course_utils.rnn import NGramModel
from course_utils.text import CharVocabulary
from course_utils.tools.recipes import RECIPES
from course_utils.tools.recipes.character_models import unknown_bits
from course_utils.tools.recipes.sizes import SizedLSTM
from course_utils.tools.recipes.table import kept_models
from course_utils.tools.recipes.word2vec_settings import Settings
from course_utils.transformer import TransformerConfig
from course_utils.weights import read_weights

FRAMEWORKS = ("pytorch", "tensorflow")
EVERYDAY = ("The children [MASK] in the garden.", "Paris is the [MASK] of France.")
DOCUMENTATION = (
    "Return the [MASK] of the array.",
    "An error is raised [MASK] the file is missing.",
)


def test_the_page_of_kept_models_is_the_one_that_their_logs_make():
    page = project_root() / "notebooks" / "KEPT_MODELS.md"
    assert page.read_text(encoding="utf8") == kept_models(), "run `course report`"


def test_every_stored_file_has_a_row_in_the_page():
    page = (project_root() / "notebooks" / "KEPT_MODELS.md").read_text(encoding="utf8")
    for path in project_root().glob("notebooks/*/weights/*.safetensors"):
        if path.stem != "reference":  # states to compare with, no weights
            assert f"`{path.stem}`" in page


def settings_of(run):
    """A run's own settings, with those that it takes from another run."""
    own = asdict(getattr(run, "settings", run))
    base = own.pop("base", {})
    if isinstance(run, Settings):
        both = own.pop("usual") | own
        del both["name"]
        return both
    if isinstance(run, SizedLSTM):
        return own | {"vocabulary_size": base["vocabulary_size"]}
    return base | own


@pytest.mark.parametrize(
    "run", [run for runs in RECIPES.values() for run in runs], ids=lambda run: run.name
)
def test_a_log_has_the_settings_of_its_run(run):
    lesson = next(lesson for lesson, runs in RECIPES.items() if run in runs)
    settings = training_log(lesson, run.name)["settings"]
    assert settings == json.loads(json.dumps(settings_of(run))), "the settings changed: train again"


def test_half_precision_costs_less_than_a_thousandth():
    for lesson, name in (("03", "source_code"), ("04", "code_gpt")):
        log = training_log(lesson, name)
        assert log["held_out_bits_in_half_precision"] == pytest.approx(
            log["held_out_bits"], abs=1e-3
        )


def test_the_gpt_is_far_below_the_lstm_and_counting():
    gpt, lstm = training_log("04", "code_gpt"), training_log("03", "source_code")
    counted = training_log("03", "ngrams")["results"]["source_code"]["8-gram, kneser_ney"]
    rivals = lstm["held_out_bits_in_half_precision"], counted["held_out_bits"]
    assert gpt["held_out_characters"] == lstm["held_out_characters"]
    assert gpt["held_out_bits_in_half_precision"] < min(rivals) - 0.25


def test_kept_n_grams_count_as_their_log_says():
    from course_utils.data import hold_out

    alphabet = CharVocabulary()
    train, held_out = map(alphabet.encode, hold_out(load("language_reference")))
    model = NGramModel(8, len(alphabet), "kneser_ney").fit(train)
    bits = model.bits_per_character(held_out) + unknown_bits(held_out, len(alphabet))
    stored = training_log("03", "ngrams")["results"]["language_reference"]["8-gram, kneser_ney"]
    assert bits == pytest.approx(stored["held_out_bits"], abs=0.02)  # another Python, another text


def test_unknown_characters_are_paid_for():
    ids = np.array([1, 0, 2, 3])
    assert unknown_bits(ids, 97) == pytest.approx(np.log2(0x110000 - 96) / 4)
    assert unknown_bits(ids[2:], 97) == 0


def test_both_frameworks_read_the_gpt_alike():
    kept, scores = find_checkpoint("04", "code_gpt"), []
    settings = kept.log["settings"]
    names = ("vocabulary_size", "d_model", "heads", "layers", "length")
    config = TransformerConfig(*(settings[name] for name in names), causal=True, scale_tokens=False)
    ids = np.random.default_rng(0).integers(1, settings["vocabulary_size"], (2, 40))
    for framework in map(adapter, FRAMEWORKS):
        decoder = framework.Transformer(config)
        framework.load_weights(decoder, kept.path)
        table = framework.get_weights(decoder)["token_embedding.table"]
        assert table.dtype == np.float32
        states = decoder(framework.to_tensor(ids))
        scores.append(framework.to_numpy(states) @ table.T)
    assert np.abs(scores[0] - scores[1]).max() < 1e-4


def translators():
    from tokenizers import Tokenizer

    from course_utils.tools.recipes import translation
    from course_utils.tools.recipes.translator import Translator

    kept = find_checkpoint("04", "translator")
    french, english = (
        Tokenizer.from_str(kept.log["tokenizers"][side]) for side in ("source", "target")
    )
    sizes = french.get_vocab_size(), english.get_vocab_size()
    for name in FRAMEWORKS:
        framework, model = translation.make_model(name, *sizes, Translator(**kept.log["settings"]))
        framework.load_weights(model, kept.path)
        if name == "pytorch":
            model.eval()
        yield framework, model, french, english


def test_the_translator_translates_sentences_of_our_own():
    sacrebleu = pytest.importorskip("sacrebleu")
    from course_utils.tools.recipes import translation

    own, scores = load("french_sentences"), []
    for framework, model, french, english in translators():
        ids = translation.encode(french, own.sources)
        some = framework.to_tensor(ids[:8]), framework.to_tensor(ids[:8, :9])
        scores.append(framework.to_numpy(model(*some)))
        if framework.__name__.endswith("pytorch"):
            outputs = translation.translate(framework, model, ids, english)
    assert np.abs(scores[0] - scores[1]).max() < 1e-4
    references = [[pair[i].lower() for pair in own.references] for i in (0, 1)]
    lowered = [text.lower() for text in outputs]
    assert sacrebleu.corpus_bleu(lowered, references).score > 70  # measured: 78.0
    assert sacrebleu.corpus_chrf(lowered, references).score > 80  # measured: 85.0
    log = training_log("04", "translator")
    assert log["test"]["bleu"] >= 48 > log["test_word_by_word"]["bleu"] + 20


def five_pieces(framework, model, tokenizer, text):
    """Return the five likeliest pieces at the blank of a text."""
    ids = tokenizer.encode([text]).input_ids
    asked = np.argwhere(ids == tokenizer.mask_token_id)[:, 1:]
    scores = framework.to_numpy(model(framework.to_tensor(ids), framework.to_tensor(asked)))[0, 0]
    candidates = framework.to_numpy(model.candidates)
    return [tokenizer.id_to_token(i) for i in candidates[np.argsort(-scores)[:5]].tolist()]


def test_the_masked_head_fills_alike_in_both_frameworks_and_in_the_librarys_pipeline(tmp_path):
    transformers = pytest.importorskip("transformers")
    tokenizer, texts = WordPiece.from_folder(encoder()), EVERYDAY + DOCUMENTATION
    said = []
    for framework in map(adapter, FRAMEWORKS):
        model = framework.load_masked_lm()
        said.append([five_pieces(framework, model, tokenizer, text) for text in texts])
    assert said[0] == said[1]
    candidates = framework.to_numpy(model.candidates)
    folder = write_masked_lm(tmp_path, framework.get_weights(model), candidates, encoder())
    fill = transformers.pipeline("fill-mask", str(folder), device="cpu")
    for text, pieces in zip(texts, said[0], strict=True):
        assert [guess["token_str"] for guess in fill(text)] == [
            piece.removeprefix("##") for piece in pieces
        ]


def test_the_masked_head_beats_trigrams():
    log = masked_head_checkpoint().log
    right = log["held_out_in_half_precision"]["accuracy"]
    assert right >= 0.35 and right > log["rivals"]["trigram"] > log["rivals"]["most_frequent_piece"]


def test_the_samples_are_judged_beside_held_out_files():
    results = training_log("04", "code_samples")["results"]
    files, gpt, lstm, chain = (
        results[name]
        for name in ("held-out files", *(f"{who}, temperature 0.7" for who in (
            "GPT", "LSTM", "8-gram chain"
        )))
    )  # fmt: skip
    assert min(one["lines_tokenized"] for one in (files, gpt, lstm)) > 0.96
    assert chain["lines_tokenized"] < 0.9
    assert files["parsed"] > gpt["parsed"] > lstm["parsed"] >= chain["parsed"]
    assert gpt["longest_copied_median"] < 2 * files["longest_copied_median"]


def test_the_bottleneck_shows_in_long_sentences():
    """Trained on sentences of up to 72 characters; both read short ones."""
    alone, attention = (
        [group["exact"] for group in training_log("04", name)["test_by_length"]]
        for name in ("date_reader", "date_reader_attention")
    )
    assert min(*alone[:2], *attention[:2]) > 0.98
    assert alone[-1] < 0.8 < 0.9 < attention[-1]
    assert alone == sorted(alone, reverse=True)


@pytest.mark.parametrize("name", ["date_reader", "date_reader_attention"])
def test_the_stored_readers_read_dates_as_their_log_says(name):
    pytest.importorskip("torch")
    from course_utils import pytorch
    from course_utils.tools.recipes import date_reader_training as training
    from course_utils.tools.recipes.date_readers import DateReaders

    log = training_log("04", name)
    run = next(run for run in RECIPES["04"] if run.name == name)
    assert isinstance(run, DateReaders)
    coder = training.Coder(list(log["characters"]))
    model = training.DateReader(len(coder.source), len(coder.target), run)
    named = training.lesson_names(pytorch.get_weights(model))
    back = dict(zip(named, pytorch.get_weights(model), strict=True))
    stored = read_weights(find_checkpoint("04", name).path)
    pytorch.set_weights(model, {back[key]: array for key, array in stored.items()})
    test = load("dates", n_train=1, n_test=300, longest=40).test
    assert training.share_right(model, coder, test)["exact"] > 0.97


def test_the_lines_of_gpt_and_lstm_cross():
    """With little compute the LSTM is ahead; later a GPT is, with a fifth of its compute."""
    small_gpt, gpt, _, small_lstm, _, lstm = size_results()
    assert small_lstm.compute[-1] < small_gpt.compute[-1]
    assert small_lstm.held_out_bits < small_gpt.held_out_bits
    assert gpt.compute[-1] < lstm.compute[-1] / 4
    assert gpt.held_out_bits < lstm.held_out_bits - 0.05


def test_each_stair_is_below_the_one_before():
    bits = [row["held_out_bits"] for row in training_log("04", "staircase")["rows"]]
    assert bits == sorted(bits, reverse=True) and bits[0] - bits[-1] > 1


def test_small_tasks_are_beside_their_rivals():
    """Fine-tuning wins on spans and tokens; on pairs the plain cosine is as good."""

    def scores(task, **about):
        rows = training_log("05", task)["rows"]
        chosen = [r for r in rows if r["group"] == "all" and about.items() <= r.items()]
        return {r["method"]: r["score"] for r in chosen}

    for kind in ("default", "raised"):
        spans = scores("spans", kind=kind)
        assert spans["fine-tuned"] > spans["nearest keyword"] + 0.1
    tokens = scores("tokens")
    assert tokens["fine-tuned"] > 2 * tokens["ever marked in training"] + 0.3
    pairs = scores("pairs")
    assert pairs["fine-tuned"] > pairs["word overlap"] + 0.1
    assert abs(pairs["fine-tuned"] - pairs["cosine, not fine-tuned"]) < 0.05
