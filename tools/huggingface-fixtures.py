#!/usr/bin/env python3
"""Makes small random checkpoints in Hugging Face's format, with losses that transformers computes.

    python3 tools/huggingface-fixtures.py [NAME ...]        # torch, transformers 5

The models are written as that library writes them; the experts of gpt_oss-mxfp4 are packed here as
those of the published GPT-OSS are. Weights are computed in float64, but norms and the softmax of
routers run in f32 there, so losses are exact to some 1e-6.

MiniCPM, InternLM 2, Orion and Baichuan are in llama-cpp-fixtures.py: their code is not in the library.
"""
import json
import math
import pathlib
import sys

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModelForCausalLM

TARGET = pathlib.Path(__file__).resolve().parent.parent / "core/src/test/resources/families/hf"
TOKENS = 96
COMMON = dict(
    vocab_size=64, hidden_size=32, num_attention_heads=4, num_key_value_heads=2,
    intermediate_size=24, num_hidden_layers=2, max_position_embeddings=64, rms_norm_eps=4e-3,
    tie_word_embeddings=False, bos_token_id=1, eos_token_id=2, pad_token_id=None)
YARN = dict(
    rope_type="yarn", rope_theta=10000.0, factor=8.0, original_max_position_embeddings=32,
    beta_fast=32.0, beta_slow=1.0)
GPT_OSS = dict(
    model_type="gpt_oss", num_local_experts=4, num_experts_per_tok=2, head_dim=16,
    sliding_window=16, rope_parameters=dict(YARN, truncate=False),
    layer_types=["sliding_attention", "full_attention"])
DEEPSEEK = dict(
    n_routed_experts=8, num_experts_per_tok=3, moe_intermediate_size=14, first_k_dense_replace=1,
    kv_lora_rank=14, qk_nope_head_dim=10, qk_rope_head_dim=6, v_head_dim=12,
    num_key_value_heads=4, n_group=4, topk_group=2, routed_scaling_factor=1.5)
HYBRID = dict(
    model_type="granitemoehybrid", layer_types=["attention"] * 2, shared_intermediate_size=10,
    residual_multiplier=0.45, attention_multiplier=0.25, logits_scaling=1.6, mamba_n_heads=4,
    mamba_d_head=8)
SMALL = dict(hidden_size=16, num_attention_heads=2, num_key_value_heads=1, intermediate_size=12)
CASES = {
    "qwen2_moe": dict(
        model_type="qwen2_moe", num_experts=6, num_experts_per_tok=2, moe_intermediate_size=16,
        shared_expert_intermediate_size=20, num_hidden_layers=3, decoder_sparse_step=1,
        mlp_only_layers=[1], norm_topk_prob=False),
    "qwen3_moe": dict(
        model_type="qwen3_moe", num_experts=6, num_experts_per_tok=2, moe_intermediate_size=16,
        head_dim=16, decoder_sparse_step=2, mlp_only_layers=[], norm_topk_prob=True),
    "olmoe": dict(
        model_type="olmoe", num_experts=6, num_experts_per_tok=2, norm_topk_prob=False,
        num_key_value_heads=4),
    "granitemoe": dict(
        model_type="granitemoe", num_local_experts=4, num_experts_per_tok=2,
        embedding_multiplier=3.0, residual_multiplier=0.45, attention_multiplier=0.25,
        logits_scaling=1.6, tie_word_embeddings=True),
    "gpt_oss": GPT_OSS,
    "gpt_oss-mxfp4": dict(GPT_OSS, hidden_size=64, intermediate_size=32),
    "llama4": dict(
        model_type="llama4_text", num_local_experts=4, num_experts_per_tok=1, intermediate_size=16,
        intermediate_size_mlp=24, num_hidden_layers=4, interleave_moe_layer_step=2, head_dim=8,
        no_rope_layers=[1, 1, 0, 1], attention_chunk_size=32, floor_scale=16, attn_scale=0.3,
        attn_temperature_tuning=True, use_qk_norm=True),
    "deepseek_v2": dict(
        DEEPSEEK, model_type="deepseek_v2", n_shared_experts=2, q_lora_rank=None,
        topk_method="group_limited_greedy", norm_topk_prob=False,
        rope_parameters=dict(YARN, mscale=0.707, mscale_all_dim=0.707)),
    "deepseek_v3": dict(
        DEEPSEEK, model_type="deepseek_v3", n_shared_experts=1, q_lora_rank=12,
        norm_topk_prob=True, rope_parameters=dict(YARN, mscale=1.0, mscale_all_dim=1.0)),
    "llama-fp8": dict(
        model_type="llama", intermediate_size=160,
        quantization_config=dict(quant_method="fp8", weight_block_size=[128, 128])),
    "gemma": dict(
        model_type="gemma", head_dim=12, hidden_act="gelu_pytorch_tanh",
        hidden_activation="gelu_pytorch_tanh", tie_word_embeddings=True),
    "olmo": dict(model_type="olmo", clip_qkv=1.1),
    "olmo3": dict(
        model_type="olmo3", num_hidden_layers=4, sliding_window=16,
        rope_parameters=dict(
            full_attention=YARN,
            sliding_attention=dict(rope_type="default", rope_theta=10000.0)),
        layer_types=["sliding_attention"] * 3 + ["full_attention"]),
    "granite": dict(
        model_type="granite", embedding_multiplier=3.0, residual_multiplier=0.45,
        attention_multiplier=0.25, logits_scaling=1.6, attention_bias=True, mlp_bias=True,
        tie_word_embeddings=True),
    "cohere": dict(
        model_type="cohere", logit_scale=0.3, use_qk_norm=True, layer_norm_eps=4e-3,
        tie_word_embeddings=True),
    "exaone4": dict(
        model_type="exaone4", num_hidden_layers=4, sliding_window=16, sliding_window_pattern=4,
        layer_types=["sliding_attention"] * 3 + ["full_attention"]),
    "glm4": dict(
        model_type="glm4", head_dim=16, attention_bias=True,
        rope_parameters=dict(rope_type="default", rope_theta=5000.0, partial_rotary_factor=0.5)),
    "phi": dict(
        model_type="phi", layer_norm_eps=4e-3, hidden_act="gelu_new", num_key_value_heads=4,
        rope_parameters=dict(rope_type="default", rope_theta=5000.0, partial_rotary_factor=0.5)),
    "starcoder2": dict(
        model_type="starcoder2", norm_epsilon=4e-3, use_bias=True, sliding_window=16,
        hidden_act="gelu_pytorch_tanh", tie_word_embeddings=True),
    "nemotron": dict(
        model_type="nemotron", norm_eps=4e-3, hidden_act="relu2", head_dim=8,
        rope_parameters=dict(rope_type="default", rope_theta=5000.0, partial_rotary_factor=0.5)),
    "qwen3-window": dict(
        SMALL, model_type="qwen3", head_dim=8, num_hidden_layers=3, use_sliding_window=True,
        sliding_window=6, max_window_layers=1),
    "qwen2_moe-window": dict(
        SMALL, model_type="qwen2_moe", num_experts=2, num_experts_per_tok=1, num_hidden_layers=2,
        moe_intermediate_size=8, shared_expert_intermediate_size=8, use_sliding_window=True,
        sliding_window=6, layer_types=["sliding_attention", "full_attention"]),
    # The library reads the softcap of scores, and has none in Gemma 3.
    "gemma3-bias": dict(
        SMALL, model_type="gemma3_text", head_dim=8, attention_bias=True, sliding_window=6,
        query_pre_attn_scalar=12, attn_logit_softcapping=2.0, final_logit_softcapping=3.0,
        layer_types=["sliding_attention", "full_attention"]),
    "granite-silent": dict(SMALL, model_type="granite"),
    "ministral3": dict(
        SMALL, model_type="ministral3", head_dim=8,
        rope_parameters=dict(YARN, mscale=1.0, mscale_all_dim=1.0, llama_4_scaling_beta=0.1)),
    # A factor that is no quotient of the lengths: the library takes it.
    "phi3-longrope-factor": dict(
        SMALL, model_type="phi3", original_max_position_embeddings=32,
        rope_parameters=dict(
            rope_type="longrope", rope_theta=5000.0, factor=6.0,
            original_max_position_embeddings=32, short_factor=[1.0, 1.2, 1.5, 2.0],
            long_factor=[1.0, 2.0, 3.0, 5.0])),
    "deepseek_v3-silent": {
        **DEEPSEEK, **SMALL, "model_type": "deepseek_v3", "num_key_value_heads": 2, "n_group": 8,
        "topk_group": 4, "routed_scaling_factor": 2.5, "n_routed_experts": 16,
        "n_shared_experts": 1, "q_lora_rank": None},
    "smollm3-bias": dict(SMALL, model_type="smollm3", mlp_bias=True, attention_bias=True),
    "exaone4-silent": dict(SMALL, model_type="exaone4", num_hidden_layers=4),
    "olmo3-silent": dict(
        SMALL, model_type="olmo3", num_hidden_layers=4,
        rope_parameters=dict(full_attention=YARN, sliding_attention=dict(rope_type="default"))),
    "gpt_oss-silent": dict(
        SMALL, model_type="gpt_oss", num_local_experts=2, num_experts_per_tok=1, head_dim=16),
    "llama-gelu": dict(SMALL, model_type="llama", hidden_act="gelu"),
    "mistral-relu2": dict(SMALL, model_type="mistral", hidden_act="relu2", sliding_window=6),
    "qwen2_moe-bare": dict(
        SMALL, model_type="qwen2_moe", num_experts=2, num_experts_per_tok=1,
        moe_intermediate_size=8, shared_expert_intermediate_size=8, qkv_bias=False,
        hidden_act="relu"),
    "olmoe-clip": dict(
        SMALL, model_type="olmoe", num_experts=2, num_experts_per_tok=1, clip_qkv=0.7,
        hidden_act="quick_gelu"),
    "phi-normed": dict(
        SMALL, model_type="phi", layer_norm_eps=4e-3, num_key_value_heads=2, qk_layernorm=True),
    "bloom-normed": dict(
        model_type="bloom", hidden_size=16, n_head=2, n_layer=2, seq_length=64,
        layer_norm_epsilon=4e-3, apply_residual_connection_post_layernorm=True),
    "deepseek_v2-bias": {
        **DEEPSEEK, **SMALL, "model_type": "deepseek_v2", "num_key_value_heads": 2,
        "q_lora_rank": 12, "n_shared_experts": 1, "topk_method": "greedy", "norm_topk_prob": False,
        "attention_bias": True},
    "deepseek_v3-halves": {
        **DEEPSEEK, **SMALL, "model_type": "deepseek_v3", "num_key_value_heads": 2,
        "q_lora_rank": None, "n_shared_experts": 1, "norm_topk_prob": True,
        "attention_bias": True, "rope_interleave": False},
    "glm": dict(
        SMALL, model_type="glm", head_dim=8, hidden_act="silu",
        rope_parameters=dict(rope_type="default", rope_theta=5000.0, partial_rotary_factor=0.5)),
    "granitemoeshared": dict(
        SMALL, model_type="granitemoeshared", num_local_experts=2, num_experts_per_tok=1,
        shared_intermediate_size=10, residual_multiplier=0.45, attention_multiplier=0.25,
        logits_scaling=1.6),
    "granitemoehybrid": dict(
        SMALL, **HYBRID, num_local_experts=0, num_experts_per_tok=0, position_embedding_type="rope"),
    "granitemoehybrid-experts": dict(
        SMALL, **HYBRID, num_local_experts=2, num_experts_per_tok=1),
    "ministral": dict(
        SMALL, model_type="ministral", head_dim=8, num_hidden_layers=3, sliding_window=6,
        layer_types=["sliding_attention", "full_attention", "sliding_attention"]),
    "smollm3-window": dict(
        SMALL, model_type="smollm3", num_hidden_layers=4, use_sliding_window=True,
        sliding_window=6, no_rope_layers=[1, 0, 1, 0],
        layer_types=["full_attention", "sliding_attention", "sliding_attention", "full_attention"]),
    "arcee": dict(SMALL, model_type="arcee", hidden_act="relu2", mlp_bias=True),
    "ernie4_5": dict(SMALL, model_type="ernie4_5", head_dim=8, use_bias=True),
    "seed_oss": dict(
        SMALL, model_type="seed_oss", head_dim=8, attention_out_bias=True, residual_dropout=0.0),
    "glm4_moe": dict(
        SMALL, model_type="glm4_moe", head_dim=8, n_routed_experts=4, num_experts_per_tok=2,
        moe_intermediate_size=8, n_shared_experts=1, routed_scaling_factor=1.5, n_group=2,
        topk_group=1, first_k_dense_replace=1, use_qk_norm=True, attention_bias=True),
    "dots1": dict(
        SMALL, model_type="dots1", n_routed_experts=4, num_experts_per_tok=2,
        moe_intermediate_size=8, n_shared_experts=2, first_k_dense_replace=1, num_hidden_layers=3,
        routed_scaling_factor=1.5, norm_topk_prob=True, sliding_window=6, max_window_layers=2),
    "helium": dict(
        SMALL, model_type="helium", head_dim=8, attention_bias=True, mlp_bias=True),
    "gpt_bigcode": dict(
        SMALL, model_type="gpt_bigcode", max_position_embeddings=128, n_inner=20),
    "gpt_bigcode-heads": dict(
        SMALL, model_type="gpt_bigcode", max_position_embeddings=128, multi_query=False,
        scale_attn_weights=False, activation_function="gelu"),
    "opt": dict(SMALL, model_type="opt", ffn_dim=12, max_position_embeddings=128),
    "opt-after": dict(
        SMALL, model_type="opt", ffn_dim=12, max_position_embeddings=128,
        do_layer_norm_before=False, enable_bias=False),
    "gpt_neo": dict(
        SMALL, model_type="gpt_neo", num_hidden_layers=3, max_position_embeddings=128,
        window_size=6, attention_types=[[["local", "global"], 1], [["local"], 1]]),
}
# Keys and values of the header that give other losses.
MATTERS = {
    "llama-gelu": {"hidden_act": "silu"},
    "mistral-relu2": {"hidden_act": "relu", "sliding_window": 7},
    "qwen2_moe-bare": {"hidden_act": "silu"},
    "olmoe-clip": {"hidden_act": "gelu", "clip_qkv": 0.8},
    "bloom-normed": {"apply_residual_connection_post_layernorm": False},
    "deepseek_v3-halves": {"rope_interleave": True},
    "dots1": {"sliding_window": 7},
    "gpt_bigcode-heads": {"scale_attn_weights": True, "activation_function": "relu"},
    "glm4_moe": {"topk_group": 2, "routed_scaling_factor": 1.0},
    "gpt_neo": {"window_size": 7, "attention_types": [[["local", "global", "global"], 1]]},
    "granitemoehybrid": {"position_embedding_type": None},
    "granitemoehybrid-experts": {"position_embedding_type": "rope"},
    "ministral": {"sliding_window": 7},
    "smollm3-window": {"use_sliding_window": False, "sliding_window": 7},
}
# Keys that are taken out of config.json: the losses are those of what the library then assumes.
SILENT = {
    "deepseek_v3-silent": [
        "n_group", "topk_group", "routed_scaling_factor", "norm_topk_prob", "rope_interleave"],
    "granite-silent": [
        "attention_multiplier", "embedding_multiplier", "logits_scaling", "residual_multiplier"],
    "exaone4-silent": ["sliding_window", "sliding_window_pattern", "layer_types"],
    "olmo3-silent": ["sliding_window", "layer_types"],
    "gpt_oss-silent": [
        "rope_parameters", "sliding_window", "layer_types", "max_position_embeddings"],
}
LEVELS = torch.tensor([0, 0.5, 1, 1.5, 2, 3, 4, 6])


def deviation(name, key, weight, config):
    """Standard deviation: queries and keys about 1, routers decided, limits of GPT-OSS reached."""
    if "embed" in key:
        return (1.2 if config.tie_word_embeddings else 3) / math.sqrt(config.hidden_size)
    turned = weight.dim() == 3 and config.model_type in ("gpt_oss", "llama4_text")
    inputs = weight.shape[-2] if turned else weight.shape[-1]
    factor = 3 if "gate.weight" in key or "router" in key else 1.2
    return factor * (4 if "gpt_oss" in name and "gate_up" in key else 1) / math.sqrt(inputs)


def fill(name, model):
    buffers = [pair for pair in model.named_buffers() if "correction" in pair[0]]
    for key, weight in list(model.named_parameters()) + buffers:
        last = key.split(".")[-1]
        if "norm" in key:
            weight.copy_((model.config.model_type not in ("gemma", "nemotron")) + 0.2 * torch.randn_like(weight))
        elif "bias" in last or "sinks" in last:
            weight.copy_(0.3 * torch.randn_like(weight))
        else:
            weight.copy_(deviation(name, key, weight, model.config) * torch.randn_like(weight))


def packed(weight):
    """[experts, inputs, outputs] -> nibbles, exponents, and what they mean."""
    rows = weight.transpose(1, 2).unflatten(-1, (-1, 32))
    exponents = torch.floor(torch.log2(rows.abs().amax(-1, keepdim=True))) - 2
    scaled = rows / 2**exponents
    level = (scaled.abs().unsqueeze(-1) - LEVELS).abs().argmin(-1)
    nibbles = level + 8 * (scaled < 0)
    meant = torch.sign(scaled) * LEVELS[level] * 2**exponents
    pairs = nibbles[..., 0::2] + 16 * nibbles[..., 1::2]
    return (pairs.to(torch.uint8).contiguous(),
            (exponents.squeeze(-1) + 127).to(torch.uint8).contiguous(),
            meant.flatten(-2).transpose(1, 2))


def pack(model, folder):
    file = folder / "model.safetensors"
    tensors = load_file(file)
    for key, weight in model.named_parameters():
        if key.endswith("gate_up_proj") or key.endswith("experts.down_proj"):
            tensors[key + "_blocks"], tensors[key + "_scales"], meant = packed(weight)
            weight.copy_(meant)
            del tensors[key]
    save_file(tensors, file, {"format": "pt"})


def quantise(model, folder):
    """Matrices of layers as E4M3 with a scale for each block of 128 x 128, as DeepSeek-V3 has them."""
    file = folder / "model.safetensors"
    tensors = load_file(file)
    for key, weight in model.named_parameters():
        if "proj.weight" not in key:
            continue
        scales = torch.zeros([math.ceil(size / 128) for size in weight.shape])
        stored = torch.zeros_like(weight).to(torch.float8_e4m3fn)
        for row in range(scales.shape[0]):
            for column in range(scales.shape[1]):
                at = (slice(128 * row, 128 * row + 128), slice(128 * column, 128 * column + 128))
                scales[row, column] = weight[at].abs().max() / 448
                stored[at] = (weight[at] / scales[row, column]).to(torch.float8_e4m3fn)
                weight[at] = stored[at].float() * scales[row, column]
        tensors[key], tensors[key + "_scale_inv"] = stored, scales
    save_file(tensors, file, {"format": "pt"})


def silence(name, folder):
    """Takes keys out of the header, and reads the model again."""
    file = folder / "config.json"
    config = json.loads(file.read_text())
    for key in SILENT[name]:
        del config[key]
    file.write_text(json.dumps(config, indent=2) + "\n")
    return AutoModelForCausalLM.from_pretrained(
        folder, attn_implementation="eager", experts_implementation="eager").eval()


@torch.no_grad()
def make(name):
    torch.manual_seed(len(name))
    config = AutoConfig.for_model(**{**COMMON, **CASES[name]})
    config._attn_implementation = "eager"
    config._experts_implementation = "eager"
    model = AutoModelForCausalLM.from_config(config).eval()
    fill(name, model)
    folder = TARGET / name
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink()
    if name.endswith("mxfp4"):
        pack(model, folder)
    if name.endswith("fp8"):
        quantise(model, folder)
    if name in SILENT:
        model = silence(name, folder)
    ids = torch.randint(0, config.vocab_size, (1, TOKENS))
    logits = model.double()(ids).logits
    losses = torch.nn.functional.cross_entropy(logits[0, :-1], ids[0, 1:], reduction="none")
    (TARGET / f"{name}.ids.txt").write_text(" ".join(map(str, ids[0].tolist())) + "\n")
    fixture = {"methods": {"own": {"nll": [round(loss, 9) for loss in losses.tolist()]}}}
    if name in MATTERS:
        fixture["matters"] = MATTERS[name]
    (TARGET / f"{name}.json").write_text(json.dumps(fixture))


for case in sys.argv[1:] or CASES:
    make(case)
