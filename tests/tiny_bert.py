"""A random BERT of two small blocks, written as the files that such models come in."""

import json

import numpy as np

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
PIECES += ["the", "play", "##ing", "##ed", "children", "a", "b", "in", "garden", "."]
CONFIG = {
    "model_type": "bert", "hidden_act": "gelu", "vocab_size": 15, "hidden_size": 16,
    "num_attention_heads": 4, "num_hidden_layers": 2, "intermediate_size": 24,
    "max_position_embeddings": 20, "type_vocab_size": 2, "layer_norm_eps": 1e-12,
}  # fmt: skip


def write_tokenizer(folder, pieces=PIECES):
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    ids = {piece: i for i, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    if "[SEP]" in ids:
        ends = [(end, ids[end]) for end in ("[CLS]", "[SEP]")]
        tokenizer.post_processor = processors.BertProcessing(ends[1], ends[0])
    tokenizer.add_special_tokens([piece for piece in PIECES[:5] if piece in ids])
    tokenizer.enable_truncation(6)
    tokenizer.enable_padding(length=128)  # as the real file does; WordPiece must undo it
    tokenizer.save(str(folder / "tokenizer.json"))


def tensors(seed=0):
    """Return a small BERT checkpoint with random numbers, under the names that such files have."""
    rng, d_model, d_ff = np.random.default_rng(seed), 16, 24
    norms = ["embeddings.LayerNorm"]
    linear, shapes = {}, {}
    for layer in ("encoder.layer.0", "encoder.layer.1"):
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            linear[f"{layer}.attention.{part}"] = (d_model, d_model)
        linear[f"{layer}.intermediate.dense"] = (d_ff, d_model)
        linear[f"{layer}.output.dense"] = (d_model, d_ff)
        norms += [f"{layer}.attention.output.LayerNorm", f"{layer}.output.LayerNorm"]
    for name, rows in {"word": 15, "position": 20, "token_type": 2}.items():
        shapes[f"embeddings.{name}_embeddings.weight"] = (rows, d_model)
    for name, shape in linear.items():
        shapes |= {f"{name}.weight": shape, f"{name}.bias": shape[:1]}
    for name in norms:
        shapes |= {f"{name}.weight": (d_model,), f"{name}.bias": (d_model,)}
    return {n: rng.normal(0, 0.5, shape).astype(np.float32) for n, shape in shapes.items()}


def write_folder(folder, weights=None, pieces=PIECES, **settings):
    from safetensors.numpy import save_file

    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(CONFIG | settings))
    write_tokenizer(folder, pieces)
    save_file(tensors() if weights is None else weights, folder / "model.safetensors")
    return folder
