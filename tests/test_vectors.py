"""Words with a vector each: neighbors, analogies, and word2vec's files, with gensim as judge."""

import re

import numpy as np
import pytest
from gensim.models import KeyedVectors

from course_utils.errors import DataError, InputError
from course_utils.vectors import WordVectors, character_ngrams, load_word2vec, save_word2vec

WORDS = ["king", "Straße", "naïve", "日本語", "a\x85b", "non\xa0breaking", "it's"]
VECTORS = WordVectors(
    WORDS, np.random.default_rng(0).normal(size=(len(WORDS), 5)).astype(np.float32)
)
FORMATS = pytest.mark.parametrize("binary", [False, True], ids=["text", "binary"])


# --- words and their vectors --------------------------------------------------------------------


def test_a_word_is_found_and_an_unknown_one_gets_suggestions():
    assert len(VECTORS) == 7 and "king" in VECTORS and "queen" not in VECTORS
    assert (VECTORS["naïve"] == VECTORS.vectors[2]).all() and VECTORS.row("naïve") == 2
    with pytest.raises(InputError, match="no vector for 'Kings'; similar words: king"):
        VECTORS["Kings"]
    with pytest.raises(InputError, match="no vector for 3.$"):
        VECTORS.row(3)
    with pytest.raises(InputError, match="2 words cannot name 3 vectors"):
        WordVectors(["a", "b"], np.zeros((3, 2)))
    with pytest.raises(InputError, match="one vector, but 'a' is given more than once"):
        WordVectors(["a", "b", "a"], np.zeros((3, 2)))


def test_neighbors_and_analogies_leave_the_questions_words_out():
    table = np.array([[1, 0.1], [1, 1], [-1, 0.1], [-9, 8], [1, -1], [0, 0]], np.float32)
    vectors = WordVectors(["man", "king", "woman", "queen", "boy", "zero"], table)
    assert [word for word, _ in vectors.nearest("man", 2)] == ["king", "boy"]
    assert vectors.nearest("king", 1)[0][1] == pytest.approx(1.1 / np.sqrt(2.02))
    assert [word for word, _ in vectors.analogy("man", "king", "woman", k=2)] == ["queen", "zero"]
    assert np.isfinite([cosine for _, cosine in vectors.analogy("zero", "king", "man", k=3)]).all()
    with pytest.raises(InputError, match="no vector for 'quen'; similar words: queen"):
        vectors.analogy("man", "king", "quen")


def test_the_pieces_of_a_word():
    assert character_ngrams("ab", 3, 4) == ["<ab", "ab>", "<ab>"]
    assert character_ngrams("a") == ["<a>"] and character_ngrams("a", 4) == []
    assert len(character_ngrams("matrix")) == 6 + 5 + 4 + 3  # lengths 3 to 6 of 8 characters
    with pytest.raises(InputError, match="at least 1 character, but the shortest is 0"):
        character_ngrams("a", 0)


# --- files --------------------------------------------------------------------------------------


@FORMATS
def test_gensim_reads_ours(tmp_path, binary):
    save_word2vec(VECTORS, tmp_path / "ours", binary)
    theirs = KeyedVectors.load_word2vec_format(tmp_path / "ours", binary=binary)
    assert theirs.index_to_key == WORDS and (theirs.vectors == VECTORS.vectors).all()


@FORMATS
def test_we_read_gensims(tmp_path, binary):
    theirs = KeyedVectors(5)
    theirs.add_vectors(WORDS, VECTORS.vectors)
    theirs.save_word2vec_format(tmp_path / "theirs", binary=binary)
    ours = load_word2vec(str(tmp_path / "theirs"), binary)
    assert ours.words == WORDS and (ours.vectors == VECTORS.vectors).all()


@FORMATS
def test_what_was_saved_comes_back_and_replaces_what_was_there(tmp_path, binary):
    path = tmp_path / "new folder" / "vectors"
    for vectors in (WordVectors(["old"], np.ones((1, 2), np.float32)), VECTORS):
        save_word2vec(vectors, path, binary)
    again = load_word2vec(path, binary)
    assert again.words == WORDS and (again.vectors == VECTORS.vectors).all()
    assert again.vectors.dtype == np.float32 and again.vectors.flags.writeable
    assert [p.name for p in path.parent.iterdir()] == ["vectors"]


def test_files_of_other_programs_are_read(tmp_path):
    (tmp_path / "windows").write_bytes(b"2 2\r\na 1 2\r\nb 3 4")
    (tmp_path / "marked").write_bytes(b"\xef\xbb\xbf2 2\na 1 2\nb 3 4\n")  # some editors' mark
    (tmp_path / "original").write_bytes(
        b"2 2\na 1 2 \nb 3 4 \n"
    )  # word2vec.c ends rows with a space
    numbers = np.array([[1, 2], [3, 4]], "<f4")
    rows = [word + b" " + row.tobytes() for word, row in zip((b"a", b"b"), numbers, strict=True)]
    (tmp_path / "gensim").write_bytes(b"2 2\n" + b"".join(rows))  # without line breaks
    for name in ("windows", "marked", "original", "gensim"):
        vectors = load_word2vec(tmp_path / name, binary=name == "gensim")
        assert vectors.words == ["a", "b"] and (vectors.vectors == numbers).all()


TEXT = b"3 2\nking 1.0 2.0\nqueen 3.0 4.0\nman 5.0 6.0\n"
DAMAGED = {
    "an empty file": b"",
    "a header alone": b"3 2\n",
    "a header of words": b"three two\n" + TEXT[4:],
    "cut off in a row": TEXT[:-8],
    "cut off after a row": TEXT[:-12],
    "more words than the header says": b"2 2\n" + TEXT[4:],
    "fewer words than the header says": b"4 2\n" + TEXT[4:],
    "more numbers than the header says": b"3 1\n" + TEXT[4:],
    "fewer numbers than the header says": b"3 3\n" + TEXT[4:],
    "no words": b"0 2\n",
    "negative counts": b"-3 -2\n" + TEXT[4:],
    "huge counts": b"9999999999999 300\n" + TEXT[4:],
    "huge rows": b"1 99999999999999999999999\n" + TEXT[4:],
    "a number that is none": TEXT.replace(b"4.0", b"x"),
    "a word without letters": TEXT.replace(b"queen", b""),
    "not UTF-8": TEXT.replace(b"queen", b"\xff\xfe"),
}


def refused(path, binary):
    """Return the one sentence that a file gets; it must not cost memory."""
    with pytest.raises(InputError) as caught:
        load_word2vec(path, binary)
    said = str(caught.value)
    assert repr(path.name) in said and said.endswith(".") and "\n" not in said
    assert caught.value.__suppress_context__
    return said


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_text_file_is_one_sentence(tmp_path, damage):
    path = tmp_path / "vectors.txt"
    path.write_bytes(TEXT)
    assert load_word2vec(path).words == ["king", "queen", "man"]
    path.write_bytes(DAMAGED[damage])
    said = refused(path, binary=False)
    assert "damaged or not in word2vec's text format" in said or "is damaged: line" in said


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (TEXT + b"boy 7.0 nan\n", "line 1 promises 3 vectors, but there are 4"),
        (TEXT.replace(b"4.0", b"nan"), "line 3 ('queen') holds NaN"),
        (TEXT.replace(b"4.0", b"-inf"), "line 3 ('queen') holds NaN or an infinite"),
        (TEXT.replace(b"6.0", b"1e99"), "line 4 ('man') holds NaN or an infinite"),
        (TEXT.replace(b"man", b"king"), "line 4 names 'king', as line 2 does"),
        (TEXT.replace(b" 4.0", b""), "line 3 is no word (UTF-8) with 2 numbers"),
        (TEXT.replace(b"4.0", b"four"), "line 3 is no word (UTF-8) with 2 numbers"),
        (TEXT.replace(b"queen", b"\xff"), "line 3 is no word (UTF-8) with 2 numbers"),
        (TEXT[4:].replace(b"4.0", b"nan"), "line 2 ('queen') holds NaN"),
        (TEXT[4:] + b"king 1 2\n", "line 4 names 'king', as line 1 does"),
        (TEXT[4:] + b"boy 1\n", "line 4 is no word (UTF-8) with 2 numbers"),
    ],
)
def test_what_is_wrong_in_a_text_file_has_its_line(tmp_path, content, words):
    (tmp_path / "vectors.txt").write_bytes(content)
    assert words in refused(tmp_path / "vectors.txt", binary=False)


def test_a_binary_vector_without_numbers_is_one_sentence(tmp_path):
    vectors = WordVectors(["a", "b"], np.array([[1.0, 2], [3, 4]]))
    vectors.vectors[1, 1] = np.inf
    save_word2vec(vectors, tmp_path / "x", True)
    assert "vector 2 ('b') holds NaN or an infinite number" in refused(tmp_path / "x", binary=True)


def test_a_file_without_the_line_of_sizes_is_read(tmp_path):
    (tmp_path / "glove.txt").write_bytes(TEXT[4:] + b". . . 7 8\n")
    vectors = load_word2vec(tmp_path / "glove.txt")
    assert vectors.words == ["king", "queen", "man", ". . ."]
    assert vectors["queen"].tolist() == [3, 4]


def binary_file(tmp_path):
    save_word2vec(VECTORS, tmp_path / "vectors.bin", binary=True)
    return tmp_path / "vectors.bin"


@pytest.mark.parametrize(
    "change",
    [
        lambda content: b"",
        lambda content: content[:-9],
        lambda content: content[:-30],
        lambda content: content + b"more",
        lambda content: content.replace(b"7 5\n", b"6 5\n", 1),
        lambda content: content.replace(b"7 5\n", b"8 5\n", 1),
        lambda content: content.replace(b"7 5\n", b"7 4\n", 1),
        lambda content: content.replace(b"7 5\n", b"7 6\n", 1),
        lambda content: content.replace(b"7 5\n", b"9999999999999 300\n", 1),
        lambda content: content.replace(b"7 5\n", b"1 99999999999999999999\n", 1),
        lambda content: content.replace("Straße".encode(), b"Stra\xff\xff e"),
    ],
)
def test_a_damaged_binary_file_is_one_sentence(tmp_path, change):
    path = binary_file(tmp_path)
    path.write_bytes(change(path.read_bytes()))
    said = refused(path, binary=True)
    assert "binary format: get it again, or load it with binary=False" in said


def test_counts_that_are_not_true_cost_no_memory(tmp_path, monkeypatch):
    sizes, empty = [], np.empty
    monkeypatch.setattr(
        np, "empty", lambda shape, *rest: sizes.append(shape) or empty(shape, *rest)
    )
    path = tmp_path / "vectors"
    path.write_bytes(b"1000000 1000\n" + b"x" * 5000)
    refused(path, binary=True), refused(path, binary=False)
    assert not sizes


def test_the_other_format_is_one_sentence(tmp_path):
    assert "load it with binary=True" in refused(binary_file(tmp_path), binary=False)
    path = tmp_path / "vectors.txt"
    for text in (TEXT, b"2 2\na 0.5 1.5\nb 1.5 2.5\n"):  # 4 bytes for each number, as in binary
        path.write_bytes(text)
        assert "load it with binary=False" in refused(path, binary=True)


def test_a_file_that_is_not_there_or_a_folder_is_one_sentence(tmp_path):
    assert "There is no file 'none.txt': check the path" in refused(tmp_path / "none.txt", False)
    (tmp_path / "folder").mkdir()
    assert "cannot be read" in refused(tmp_path / "folder", False)


@pytest.mark.parametrize("word", ["New York", "", "two\nlines", "tab\tbed", " "])
@FORMATS
def test_a_word_that_the_format_cannot_hold_is_named_and_nothing_is_written(tmp_path, word, binary):
    vectors = WordVectors(["fine", word], np.zeros((2, 3), np.float32))
    with pytest.raises(InputError, match=re.escape(f"The word {word!r} is empty or contains")):
        save_word2vec(vectors, tmp_path / "vectors", binary)
    assert not list(tmp_path.iterdir())


@FORMATS
def test_a_disk_that_fails_is_one_sentence_and_leaves_nothing(tmp_path, binary):
    save_word2vec(VECTORS, tmp_path / "vectors", binary)
    before = (tmp_path / "vectors").read_bytes()

    class Full(np.ndarray):
        def tobytes(self, *_):
            raise OSError(28, "No space left on device")

        tolist = tobytes

    full = WordVectors(WORDS, VECTORS.vectors.view(Full))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("course_utils.vectors.np.asarray", lambda table, dtype: table)
        with pytest.raises(DataError, match="'vectors' .No space left on device.: choose another"):
            save_word2vec(full, tmp_path / "vectors", binary)
    assert [p.name for p in tmp_path.iterdir()] == ["vectors"]
    assert (tmp_path / "vectors").read_bytes() == before
