#!/usr/bin/env python3
"""Makes the fixtures of heads of which only a part turns, with an attention factor above 1.

    pip install torch transformers safetensors      (made with 2.13.0 and 5.18.0)
    python3 tools/partial-rotary-fixtures.py

Small random models as Hugging Face's code runs them in float64, in the form of
core/src/test/resources/families/hf: weights, ids, and the loss of every id given those before it.
`beginnings` are losses where the text ends after so many ids, within the original length.
Hugging Face makes rotary tables in float32, whatever the model; here they are made in float64.
Printed is how far the losses move if the factor is taken for one on whole scores.
"""
import json
import pathlib
import shutil

import torch
from transformers import GPTNeoXConfig, GPTNeoXForCausalLM, Phi3Config, Phi3ForCausalLM

TARGET = pathlib.Path(__file__).resolve().parent.parent / "core/src/test/resources/families/hf"
ORIGINAL, IDS, BEGINNING, VOCABULARY = 64, 120, 48, 64


def phi3():
    """Phi-4-mini in small: LongRoPE on 12 of 16 channels."""
    return Phi3ForCausalLM(Phi3Config(
        vocab_size=VOCABULARY, hidden_size=32, intermediate_size=24, num_hidden_layers=2,
        num_attention_heads=2, num_key_value_heads=1, max_position_embeddings=4 * ORIGINAL,
        original_max_position_embeddings=ORIGINAL, pad_token_id=0, eos_token_id=2,
        rope_parameters={
            "rope_type": "longrope", "rope_theta": 10000.0, "partial_rotary_factor": 0.75,
            "original_max_position_embeddings": ORIGINAL,
            "short_factor": [1.0, 1.05, 1.1, 1.2, 1.3, 1.4],
            "long_factor": [1.1, 1.5, 2.2, 2.9, 3.6, 4.0]}))


def neox():
    """YaRN on 6 of 16 channels."""
    return GPTNeoXForCausalLM(GPTNeoXConfig(
        vocab_size=VOCABULARY, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
        num_attention_heads=2, max_position_embeddings=4 * ORIGINAL,
        rope_parameters={
            "rope_type": "yarn", "rope_theta": 10000.0, "partial_rotary_factor": 0.375,
            "factor": 4.0, "original_max_position_embeddings": ORIGINAL}))


def exact_tables(rotary):
    """Tables of phases in float64 in place of those of `rotary`, chosen for the length as there."""
    config, kind = rotary.config, rotary.rope_type
    theta = rotary.inv_freq

    def forward(x, position_ids, layer_type=None):
        frequencies = theta.double()
        if kind == "longrope":
            rope = config.rope_parameters
            long = position_ids.max() + 1 > ORIGINAL
            divisors = torch.tensor(rope["long_factor" if long else "short_factor"]).double()
            pairs = len(divisors)
            frequencies = 10000.0 ** (-torch.arange(pairs).double() / pairs) / divisors
        phases = position_ids[..., None].double() * frequencies
        both = torch.cat((phases, phases), -1)
        return both.cos() * rotary.attention_scaling, both.sin() * rotary.attention_scaling

    return forward


def losses(model, ids):
    with torch.no_grad():
        logits = model(torch.tensor([ids]), use_cache=False).logits[0, :-1]
    assert logits.dtype == torch.float64
    return torch.nn.functional.cross_entropy(logits, torch.tensor(ids[1:]), reduction="none")


def write(name, model, note):
    torch.manual_seed(len(name))
    for parameter in model.parameters():
        spread = 0.05 if parameter.dim() < 2 else 1.6 / parameter.shape[1] ** 0.5
        parameter.data = (parameter.data if parameter.dim() < 2 else 0) + spread * torch.randn(
            parameter.shape)
    shutil.rmtree(TARGET / name, ignore_errors=True)
    model.save_pretrained(TARGET / name)
    (TARGET / name / "generation_config.json").unlink(missing_ok=True)
    (TARGET / name / "model.safetensors").chmod(0o644)
    model.double().eval()
    model.set_attn_implementation("eager")
    base = model.base_model
    rotary = base.rotary_emb
    usual = losses(model, (ids := torch.randint(VOCABULARY, (IDS,)).tolist()))
    rotary.forward = exact_tables(rotary)
    right = losses(model, ids)
    short = losses(model, ids[:BEGINNING])
    assert (usual - right).abs().max() < 1e-4, (usual - right).abs().max()
    (TARGET / f"{name}.ids.txt").write_text(" ".join(map(str, ids)) + "\n")
    (TARGET / f"{name}.json").write_text(json.dumps({
        "trained_length": ORIGINAL, "note": note,
        "methods": {"own": {"nll": [round(x, 9) for x in right.tolist()]}},
        "beginnings": {"own": {"nll": [round(x, 9) for x in short.tolist()]}}}) + "\n")

    square, rotary.attention_scaling = rotary.attention_scaling**2, 1.0
    assert square > 1.1
    for layer in base.layers:
        attention = getattr(layer, "self_attn", None) or layer.attention
        attention.scaling *= square
    print(name, "factor²", square, "float32 tables move", (usual - right).abs().max().item(),
          "whole scores move", (losses(model, ids) - right).abs().max().item(),
          "and", (losses(model, ids[:BEGINNING]) - short).abs().max().item())


write("phi3-partial-longrope", phi3(), "attention factor on 12 of 16 channels")
write("gpt_neox-partial-yarn", neox(), "attention factor on 6 of 16 channels")
