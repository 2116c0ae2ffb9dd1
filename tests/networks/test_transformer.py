"""Attention and blocks against torch's own with the same weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sequences import stirred

from handful.errors import InputError
from handful.networks import Transformer
from handful.networks.transformer import Block, attention, positions

random = torch.Generator().manual_seed(0)


def drawn(*shape):
    return torch.randn(shape, generator=random, dtype=torch.float64)


def test_attention_is_torchs():
    query, key, value = drawn(2, 3, 7, 4), drawn(2, 3, 7, 4), drawn(2, 3, 7, 4)
    seen = torch.rand((2, 1, 7, 7), generator=random) < 0.6
    seen[..., 0] = True
    expected = torch.nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=seen)
    np.testing.assert_allclose(attention(query, key, value, seen), expected, atol=1e-12)


def test_attention_to_one_place_is_that_places_value():
    query, key, value = drawn(5, 4), drawn(5, 4), drawn(5, 4)
    seen = torch.zeros(5, 5, dtype=torch.bool)
    seen[:, 2] = True
    np.testing.assert_allclose(attention(query, key, value, seen), value[[2] * 5], atol=1e-12)


def test_attention_to_equal_keys_is_the_mean():
    value = drawn(5, 4)
    found = attention(drawn(5, 4), torch.ones_like(value), value, torch.ones(5, 5).bool())
    np.testing.assert_allclose(found, value.mean(0).expand(5, 4), atol=1e-12)


def test_attentions_slopes_agree_with_small_differences():
    parts = tuple(drawn(1, 3, 2).requires_grad_() for _ in range(3))
    seen = torch.tensor([[True, True, False], [True, True, True], [False, True, True]])
    assert torch.autograd.gradcheck(lambda q, k, v: attention(q, k, v, seen), parts)


def test_a_block_is_torchs_encoder_layer():
    block = stirred(Block(16, 4, 0.0)).double()
    theirs = torch.nn.TransformerEncoderLayer(
        16, 4, 64, 0.0, "gelu", batch_first=True, norm_first=True, dtype=torch.float64
    ).eval()
    pairs = {
        "self_attn.in_proj_weight": block.attention.asks.weight,
        "self_attn.in_proj_bias": block.attention.asks.bias,
        "self_attn.out_proj.weight": block.attention.mixes.weight,
        "self_attn.out_proj.bias": block.attention.mixes.bias,
        "linear1.weight": block.widens.weight,
        "linear1.bias": block.widens.bias,
        "linear2.weight": block.narrows.weight,
        "linear2.bias": block.narrows.bias,
        "norm1.weight": block.first_norm.weight,
        "norm1.bias": block.first_norm.bias,
        "norm2.weight": block.second_norm.weight,
        "norm2.bias": block.second_norm.bias,
    }
    theirs.load_state_dict(pairs)  # strict: every parameter is accounted for
    x, seen = drawn(3, 9, 16), torch.arange(9) < torch.tensor([9, 1, 5])[:, None]
    ours = block(x, seen)
    expected = theirs(x.requires_grad_(), src_key_padding_mask=~seen)  # grad: torch's plain path
    np.testing.assert_allclose(ours.detach()[seen], expected.detach()[seen], atol=1e-10)


def test_positions_are_the_published_waves():
    found = positions(50, 8)
    for place in (0, 1, 49):
        for wave in range(4):
            angle = place / 10_000 ** (2 * wave / 8)
            assert found[place, wave] == pytest.approx(np.sin(angle), abs=1e-5)
            assert found[place, wave + 4] == pytest.approx(np.cos(angle), abs=1e-5)


def test_a_width_that_cannot_be_shared_out_is_refused():
    with pytest.raises(InputError, match="multiple of 6"):
        Transformer(3, 2, width=16, n_heads=3)
