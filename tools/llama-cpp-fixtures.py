#!/usr/bin/env python3
"""Makes small random checkpoints in Hugging Face's format, with losses that llama.cpp computes.

    python3 tools/llama-cpp-fixtures.py LLAMA_CPP PROGRAM [NAME ...]     # torch, safetensors

For families whose code is not in Hugging Face's library: MiniCPM, InternLM 2, Orion, Baichuan.
LLAMA_CPP is a checkout of llama.cpp (commit 3f545be of 2026-08-22), whose convert_hf_to_gguf.py
turns each checkpoint into GGUF: it knows names, joined projections and header keys. PROGRAM is
llama-cpp-logits.cpp of this folder, linked to its libllama; it computes logits in f32, which are
exact to some 1e-5. None of these families uses GELU, for which llama.cpp has a table.

`internlm2-bias` is computed by Hugging Face's Llama in float64, on the rows that the converter
takes from the joined projection: llama.cpp has neither its biases nor dynamic scaling.

`matters` of a fixture lists header keys, each with a value under which losses must move.
"""
import json
import math
import pathlib
import subprocess
import sys
import tempfile

import torch
from safetensors.torch import save_file

TARGET = pathlib.Path(__file__).resolve().parent.parent / "core/src/test/resources/families/hf"
TOKENS = 96
CONTEXT = 256
COMMON = dict(
    vocab_size=40, hidden_size=24, num_attention_heads=4, num_key_value_heads=2,
    intermediate_size=14, num_hidden_layers=2, max_position_embeddings=32, rms_norm_eps=4e-3,
    rope_theta=5000.0, hidden_act="silu", tie_word_embeddings=False, bos_token_id=1,
    eos_token_id=2)
MINICPM = dict(
    architectures=["MiniCPMForCausalLM"], model_type="minicpm", scale_emb=3.5, scale_depth=1.1,
    dim_model_base=16)
INTERNLM2 = dict(architectures=["InternLM2ForCausalLM"], model_type="internlm2", bias=False)
# llama.cpp takes 32 layers for Baichuan-7B and 40 for 13B, whatever the header says.
BAICHUAN = dict(
    architectures=["BaichuanForCausalLM"], model_type="baichuan", hidden_size=8,
    num_attention_heads=2, intermediate_size=8)
CASES = {
    "minicpm": MINICPM,
    "minicpm-longrope": dict(
        MINICPM, tie_word_embeddings=True,
        rope_scaling=dict(
            rope_type="longrope", short_factor=[1.0, 1.1, 1.3],
            long_factor=[1.0, 1.8, 4.0], original_max_position_embeddings=32)),
    "internlm2": dict(INTERNLM2, rope_scaling=dict(type="linear", factor=2.0)),
    "internlm2-bias": dict(
        INTERNLM2, bias=True, rope_scaling=dict(type="dynamic", factor=2.0)),
    # The converter does not pass Orion's rope_theta on: llama.cpp computes with 10,000.
    "orion": dict(architectures=["OrionForCausalLM"], model_type="orion", rope_theta=10000.0),
    "baichuan-7b": dict(BAICHUAN, num_hidden_layers=32),
    "baichuan-13b": dict(BAICHUAN, num_hidden_layers=40, model_max_length=32),
}
ABSENT = {
    "baichuan-7b": ["num_key_value_heads", "rope_theta"],
    "baichuan-13b": ["num_key_value_heads", "rope_theta", "max_position_embeddings"],
}
MATTERS = {
    "minicpm": dict(
        scale_emb=1, scale_depth=1.7, dim_model_base=24, rope_theta=10000.0, rms_norm_eps=0.1),
    "minicpm-longrope": dict(scale_depth=1.5, rope_scaling=None),
    "internlm2": dict(rope_scaling=None, rope_theta=10000.0, rms_norm_eps=1e-6),
    "internlm2-bias": dict(rope_scaling=None),
    "orion": dict(rope_theta=5000.0, rms_norm_eps=1e-6),
    "baichuan-7b": dict(rms_norm_eps=1e-6),
    "baichuan-13b": dict(rms_norm_eps=1e-6),
}
# Token by token, deep stacks are slow.
LENGTHS = {"baichuan-7b": 40, "baichuan-13b": 40}
# Deep stacks multiply the rounding of single precision.
TOLERANCE = {"baichuan-7b": 1e-4, "baichuan-13b": 2e-4}


def shapes(config):
    """Tensor names of the original code, with their sizes."""
    hidden, inner = config["hidden_size"], config["intermediate_size"]
    heads = config["num_attention_heads"]
    keys = config.get("num_key_value_heads", heads) * (hidden // heads)
    kind = config["model_type"]
    names = ("tok_embeddings", "output") if kind == "internlm2" else ("embed_tokens", "lm_head")
    yield f"model.{names[0]}.weight", (config["vocab_size"], hidden)
    for layer in range(config["num_hidden_layers"]):
        at = f"model.layers.{layer}."
        if kind == "internlm2":
            rows = {"attention.wqkv": hidden + 2 * keys, "attention.wo": hidden}
            for part, size in rows.items():
                yield at + part + ".weight", (size, hidden)
                if config["bias"]:
                    yield at + part + ".bias", (size,)
            maps, norms = ("w1", "w3", "w2"), ("attention_norm", "ffn_norm")
            maps = ["feed_forward." + name for name in maps]
        else:
            if kind == "baichuan":
                rows = {"W_pack": 3 * hidden, "o_proj": hidden}
            else:
                rows = {"q_proj": hidden, "k_proj": keys, "v_proj": keys, "o_proj": hidden}
            for part, size in rows.items():
                yield at + f"self_attn.{part}.weight", (size, hidden)
            maps = ["mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"]
            norms = ("input_layernorm", "post_attention_layernorm")
        yield at + maps[0] + ".weight", (inner, hidden)
        yield at + maps[1] + ".weight", (inner, hidden)
        yield at + maps[2] + ".weight", (hidden, inner)
        for norm in norms:
            yield at + norm + ".weight", (hidden,)
            if kind == "orion":
                yield at + norm + ".bias", (hidden,)
    yield "model.norm.weight", (hidden,)
    if kind == "orion":
        yield "model.norm.bias", (hidden,)
    if not config["tie_word_embeddings"]:
        yield f"{names[1]}.weight", (config["vocab_size"], hidden)


def weights(config):
    """Queries and keys of deviation about 1; in deep stacks branches that add little each."""
    deep = 1 / math.sqrt(config["num_hidden_layers"] / 2)
    for name, shape in shapes(config):
        noise = torch.randn(shape)
        if name.endswith("bias"):
            yield name, 0.3 * noise
        elif len(shape) == 1:
            yield name, 1 + 0.2 * noise
        elif "embed" in name:
            yield name, noise * (0.3 if config["tie_word_embeddings"] else 1)
        else:
            last = any(part in name for part in ("o_proj", "down_proj", ".wo.", ".w2."))
            yield name, 1.2 * noise * (deep if last else 1) / math.sqrt(shape[1])


def converted(llama_cpp, folder):
    """The GGUF file that llama.cpp's converter makes of a checkpoint, without a tokenizer."""
    sys.path[:0] = [str(llama_cpp), str(llama_cpp / "gguf-py")]
    import gguf
    from conversion import get_model_class

    hparams = json.loads((folder / "config.json").read_text())
    own = get_model_class(hparams["architectures"][0])

    def no_vocabulary(model):
        model.gguf_writer.add_tokenizer_model("no_vocab")
        model.gguf_writer.add_vocab_size(hparams["vocab_size"])

    split, plain = own.modify_tensors, own.__mro__[1].modify_tensors

    def modify(model, tensor, name, layer):
        return (split if "W_pack" in name else plain)(model, tensor, name, layer)

    own.set_vocab = no_vocabulary
    if hparams["model_type"] == "baichuan":
        own.modify_tensors = modify  # at this commit its own calls itself without end for others
    target = folder / "model.gguf"
    own(folder, gguf.LlamaFileType.ALL_F32, target).write()
    return target


def by_llama_cpp(llama_cpp, program, config, tensors, ids):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "config.json").write_text(json.dumps(config))
        save_file(tensors, folder / "model.safetensors", {"format": "pt"})
        out = subprocess.run(
            [program, converted(llama_cpp, folder), str(CONTEXT), *map(str, ids)],
            check=True, capture_output=True).stdout
    return torch.frombuffer(bytearray(out), dtype=torch.float32).view(len(ids), -1).double()


@torch.no_grad()
def by_llama(config, tensors, ids):
    """InternLM 2 as a Llama: each group of the joined rows is its queries, a key and a value."""
    from transformers import AutoConfig, AutoModelForCausalLM

    keys = config["num_key_value_heads"]
    size = config["hidden_size"] // config["num_attention_heads"]
    names = {
        "attention.wo": "self_attn.o_proj", "feed_forward.w1": "mlp.gate_proj",
        "feed_forward.w3": "mlp.up_proj", "feed_forward.w2": "mlp.down_proj",
        "attention_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm",
        "tok_embeddings": "embed_tokens"}
    state = {}
    for name, tensor in tensors.items():
        if "wqkv" in name:
            groups = tensor.view(keys, -1, size, *tensor.shape[1:])
            parts = {"q": groups[:, :-2], "k": groups[:, -2], "v": groups[:, -1]}
            for part, rows in parts.items():
                state[name.replace("attention.wqkv", f"self_attn.{part}_proj")] = (
                    rows.reshape(-1, *tensor.shape[1:]))
            continue
        for old, new in names.items():
            name = name.replace(old, new)
        state["lm_head.weight" if name == "output.weight" else name] = tensor
    scaling = config["rope_scaling"]
    llama = AutoConfig.for_model(**{
        **config, "model_type": "llama", "attention_bias": config["bias"],
        "rope_parameters": dict(
            rope_type=scaling["type"], factor=scaling["factor"], rope_theta=config["rope_theta"])})
    llama._attn_implementation = "eager"
    model = AutoModelForCausalLM.from_config(llama).double().eval()
    loaded = model.load_state_dict(state, strict=True)
    assert not loaded.missing_keys and not loaded.unexpected_keys
    return model(torch.tensor([ids])).logits[0]


def make(llama_cpp, program, name):
    torch.manual_seed(len(name))
    config = {**COMMON, **CASES[name]}
    for key in ABSENT.get(name, []):
        del config[key]
    tensors = {key: weight.contiguous() for key, weight in weights(config)}
    ids = torch.randint(0, config["vocab_size"], (LENGTHS.get(name, TOKENS),)).tolist()
    logits = (
        by_llama(config, tensors, ids) if config.get("bias")
        else by_llama_cpp(llama_cpp, program, config, tensors, ids))
    losses = torch.nn.functional.cross_entropy(
        logits[:-1], torch.tensor(ids[1:]), reduction="none")
    folder = TARGET / name
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    (TARGET / f"{name}.ids.txt").write_text(" ".join(map(str, ids)) + "\n")
    fixture = {"methods": {"own": {"nll": [round(loss, 9) for loss in losses.tolist()]}},
               "matters": MATTERS[name]}
    if name in TOLERANCE:
        fixture["tolerance"] = TOLERANCE[name]
    (TARGET / f"{name}.json").write_text(json.dumps(fixture))
    print(name, "mean loss", losses.mean().item(), "deviation of logits", logits.std().item())


for case in sys.argv[3:] or CASES:
    make(pathlib.Path(sys.argv[1]), sys.argv[2], case)
