#!/usr/bin/env python3
"""Makes the losses of small random models of many families under position methods, in float64.

    python3 tools/method-fixtures.py            # numpy; checks itself, then writes the fixtures
    python3 tools/method-fixtures.py --check    # only the check
    python3 tools/method-fixtures.py --transformers   # the same scalings in that library's headers

A witness beside the product: it shares no code with it and was written from the papers' formulas.
Weights are those of core/src/test/resources/families (safetensors and GGUF). A method is a matrix
of distances ρ(i, j), one of what is seen, frequencies and a scale; every score is one explicit
rotation by θ·ρ of a pair of channels, nothing is cached, and whole matrices are made.

The check: under the declared positions losses must be those of Hugging Face's library, and logits
those of llama.cpp, which lie beside the weights.

Under a method (p = i − j, n tokens, r rotary channels of a head, base and θ of the layer):
- what a method does not set is the model's: its frequencies under `window`, its mask under `yarn`;
- a layer that is local (a window or chunks) in a model that has other layers, too, is left alone,
  unless the method says `layers=all`: then it is changed as any other, with its own base;
- a layer without rotation gets the mask and the scale of a method, never a rotation;
- caps, sinks, temperatures, norms and multipliers are the model's under every method.

With `top-k` of LM-Infinite every row chooses, as where a text is read token by token.
"""
import json
import math
import pathlib
import struct
import sys
from types import SimpleNamespace

import numpy as np

FAMILIES = pathlib.Path(__file__).resolve().parent.parent / "core/src/test/resources/families"
TARGET = FAMILIES / "methods"
PLACES = slice(4, None, 5)  # losses that are kept: every fifth


# ---------------------------------------------------------------- files

def safetensors(path):
    data = path.read_bytes()
    end = 8 + struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:end])
    header.pop("__metadata__", None)
    found = {}
    for name, entry in header.items():
        if entry["dtype"] == "F32":
            start, stop = entry["data_offsets"]
            found[name] = np.frombuffer(data[end + start:end + stop], "<f4").astype(
                np.float64).reshape(entry["shape"])
    return found


def gguf(path):
    """Settings and tensors of a file whose tensors are all F32."""
    data, at = path.read_bytes(), 8

    def number(form):
        nonlocal at
        at += struct.calcsize("<" + form)
        return struct.unpack_from("<" + form, data, at - struct.calcsize("<" + form))[0]

    def text():
        nonlocal at
        length = number("Q")
        at += length
        return data[at - length:at].decode()

    def value(kind):
        if kind == 8:
            return text()
        if kind == 9:
            inner = number("I")
            return [value(inner) for _ in range(number("Q"))]
        return number({0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q",
                       11: "q", 12: "d"}[kind])

    tensors, settings = number("Q"), number("Q")
    header = {}
    for _ in range(settings):
        name = text()
        header[name] = value(number("I"))
    entries = []
    for _ in range(tensors):
        name = text()
        shape = [number("Q") for _ in range(number("I"))][::-1]
        kind = number("I")
        assert kind == 0, "F32 only"
        entries.append((name, shape, number("Q")))
    start = -(-at // 32) * 32
    return header, {
        name: np.frombuffer(data, "<f4", math.prod(shape), start + offset).astype(
            np.float64).reshape(shape) for name, shape, offset in entries}


# ---------------------------------------------------------------- models: names and settings

# Layers have the names of GGUF here.
LLAMA = {
    "model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output",
    "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm", "self_attn.qkv_proj": "attn_qkv",
    "self_attn.sinks": "attn_sinks", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down", "mlp.gate_up_proj": "ffn_gate_up"}
AFTER = LLAMA | {
    "post_attention_layernorm": "post_attention_norm", "pre_feedforward_layernorm": "ffn_norm",
    "post_feedforward_layernorm": "post_ffw_norm"}
NEOX = {
    "gpt_neox.embed_in": "token_embd", "gpt_neox.final_layer_norm": "output_norm",
    "embed_out": "output", "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
    "attention.query_key_value": "attn_qkv", "self_attention.query_key_value": "attn_qkv",
    "attention.dense": "attn_output", "self_attention.dense": "attn_output",
    "mlp.dense_h_to_4h": "ffn_up", "mlp.dense_4h_to_h": "ffn_down", "lm_head": "output",
    "transformer.word_embeddings": "token_embd", "transformer.ln_f": "output_norm",
    "transformer.word_embeddings_layernorm": "token_embd_norm"}
GPT2 = {
    "transformer.wte": "token_embd", "transformer.wpe": "position_embd", "lm_head": "output",
    "transformer.ln_f": "output_norm", "ln_1": "attn_norm", "ln_2": "ffn_norm",
    "attn.attention.q_proj": "attn_q", "attn.attention.k_proj": "attn_k",
    "attn.attention.v_proj": "attn_v", "attn.attention.out_proj": "attn_output",
    "attn.c_attn": "attn_qkv", "attn.c_proj": "attn_output", "mlp.c_fc": "ffn_up",
    "mlp.c_proj": "ffn_down"}
NAMES = {
    "gptj": {
        "transformer.wte": "token_embd", "transformer.ln_f": "output_norm", "lm_head": "output",
        "ln_1": "attn_norm", "attn.q_proj": "attn_q", "attn.k_proj": "attn_k",
        "attn.v_proj": "attn_v", "attn.out_proj": "attn_output", "mlp.fc_in": "ffn_up",
        "mlp.fc_out": "ffn_down"},
    "mpt": {
        "transformer.wte": "token_embd", "transformer.norm_f": "output_norm", "norm_1": "attn_norm",
        "norm_2": "ffn_norm", "attn.Wqkv": "attn_qkv", "attn.out_proj": "attn_output",
        "ffn.up_proj": "ffn_up", "ffn.down_proj": "ffn_down"},
    "gpt_neox": NEOX, "bloom": NEOX, "falcon": NEOX,
    "opt": {
        "model.decoder.embed_tokens": "token_embd", "lm_head": "output",
        "model.decoder.embed_positions": "position_embd",
        "model.decoder.final_layer_norm": "output_norm",
        "self_attn_layer_norm": "attn_norm", "final_layer_norm": "ffn_norm",
        "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
        "self_attn.out_proj": "attn_output", "fc1": "ffn_up", "fc2": "ffn_down"},
    "gpt_neo": GPT2, "gpt_bigcode": GPT2,
    "phi": LLAMA | {
        "model.final_layernorm": "output_norm", "self_attn.dense": "attn_output",
        "mlp.fc1": "ffn_up", "mlp.fc2": "ffn_down"},
    "starcoder2": LLAMA | {"mlp.c_fc": "ffn_up", "mlp.c_proj": "ffn_down"},
    "glm4": LLAMA | {
        "post_self_attn_layernorm": "post_attention_norm", "post_mlp_layernorm": "post_ffw_norm"},
    "llama4_text": LLAMA | {
        f"feed_forward.{part}_proj": "ffn_" + part for part in ("gate", "up", "down")},
    "olmo3": AFTER, "exaone4": AFTER, "gemma3_text": AFTER}


def renamed(tensors, names):
    """Hugging Face's names → GGUF's; what has no short name (experts) keeps its own."""
    found = {}
    for name, value in tensors.items():
        if name == "model.decoder.embed_positions.weight":
            value = value[2:]  # OPT's places begin at its third row
        parts = name.split(".")
        layer = next((k for k, part in enumerate(parts) if part.isdigit()), -1)
        ending = parts[-1] if parts[-1] in ("weight", "bias") else "weight"
        inner = ".".join(parts[layer + 1:]).removesuffix("." + ending)
        short = names.get(inner, inner)
        found[(f"blk.{parts[layer]}." if layer >= 0 else "") + short + "." + ending] = value
    return found


def from_folder(path):
    """A model in Hugging Face's format."""
    c = json.loads((path / "config.json").read_text())
    kind = c["model_type"]
    get = lambda *keys: next((c[key] for key in keys if c.get(key) is not None), None)
    ropes = get("rope_parameters") or {"rope_theta": get("rope_theta") or 10000.0}
    rope = ropes.get("full_attention", ropes)
    local = ropes.get("sliding_attention", ropes)
    heads = get("num_attention_heads", "n_head", "n_heads", "num_heads")
    hidden = get("hidden_size", "n_embd", "d_model")
    layers = get("num_hidden_layers", "n_layer", "n_layers", "num_layers")
    size = get("head_dim") or hidden // heads
    types = get("layer_types") or ["full_attention"] * layers
    window = get("sliding_window", "window_size") or 0
    if kind in ("phi3", "mistral", "starcoder2") and window:
        types = ["sliding_attention"] * layers
    m = SimpleNamespace(
        kind=kind, w=renamed(safetensors(path / "model.safetensors"), NAMES.get(kind, LLAMA)),
        layers=layers, heads=heads, size=size, kv=get("num_key_value_heads") or heads,
        rotary=int(size * (rope.get("partial_rotary_factor") or get("partial_rotary_factor") or 1)),
        interleaved=kind in (
            "gptj", "glm", "glm4", "cohere", "llama4_text", "deepseek_v2", "helium", "ernie4_5"),
        bases=[(local if t == "sliding_attention" else rope)["rope_theta"] for t in types],
        scalings=[dict(local if t == "sliding_attention" else rope) for t in types],
        windows=[window if t == "sliding_attention" else 0 for t in types],
        chunks=[get("attention_chunk_size") if t == "chunked_attention" else 0 for t in types],
        rotates=[True] * layers, temperature=[None] * layers, wiring="sequence", rms=True,
        plus_one=False,
        eps=get("rms_norm_eps"), activation="silu", scale=size ** -0.5, cap=0, final_cap=0, alibi=0,
        alibi_divided=False, clip=0, embedding=1.0, residual=1.0, logits=1.0, fused="rows",
        longest=get("max_position_embeddings"), config=c)
    if kind in ("gptj", "mpt", "gpt_neox", "bloom", "falcon", "phi", "starcoder2", "nemotron",
                "cohere", "opt", "gpt_neo", "gpt_bigcode", "olmo"):
        m.rms = False
        m.eps = get("layer_norm_epsilon", "layer_norm_eps", "norm_epsilon", "norm_eps") or 1e-5
        m.activation = "tanh"
    if kind in ("gptj", "cohere", "phi"):
        m.wiring = "parallel"
    if kind in ("bloom", "falcon", "gpt_neox"):
        m.fused = "heads"
        m.kv = heads
    if kind in ("opt", "gpt_neo", "gpt_bigcode"):
        m.rotary, m.kv = 0, 1 if c.get("multi_query") else heads
    match kind:
        case "opt":
            m.activation = "relu"
        case "gpt_neo":
            m.scale = 1.0
            m.windows = [window if t == "local" else 0 for t in c["attention_layers"]]
        case "olmo":
            m.clip, m.activation = c["clip_qkv"], "silu"
        case "arcee":
            m.activation = "relu2"
        case "gptj":
            m.rotary = c["rotary_dim"]
        case "mpt":
            attention = c["attn_config"]
            m.alibi, m.clip = attention["alibi_bias_max"], attention["clip_qkv"]
            m.activation = "erf"
        case "bloom":
            m.alibi = 8
            m.wiring = "normed" if c["apply_residual_connection_post_layernorm"] else "sequence"
        case "falcon":
            m.alibi, m.alibi_divided, m.activation = 8, True, "erf"
        case "gpt_neox":
            m.wiring, m.activation = "parallel", "erf"
        case "nemotron":
            m.plus_one, m.activation = True, "relu2"
        case "cohere":
            m.logits, m.activation = c["logit_scale"], "silu"
        case "glm4":
            m.wiring = "sandwich"
        case "gemma3_text":
            m.wiring, m.plus_one, m.activation = "sandwich", True, "tanh"
            m.scale, m.embedding = c["query_pre_attn_scalar"] ** -0.5, hidden ** 0.5
            m.final_cap = c["final_logit_softcapping"] or 0  # Hugging Face caps no scores here
        case "olmo3":
            m.wiring = "after"
        case "exaone4":
            m.wiring, m.rotates = "after", [t == "sliding_attention" for t in types]
        case "granite":
            m.embedding, m.residual = c["embedding_multiplier"], c["residual_multiplier"]
            m.scale, m.logits = c["attention_multiplier"], 1 / c["logits_scaling"]
        case "smollm3":
            m.rotates = [bool(with_rotary) for with_rotary in c["no_rope_layers"]]
        case "llama4_text":
            m.rotates = [bool(with_rotary) for with_rotary in c["no_rope_layers"]]
            grown = lambda i: 1 + c["attn_scale"] * np.log1p(np.floor((i + 1) / c["floor_scale"]))
            m.temperature = [None if turns else grown for turns in m.rotates]
        case "ministral3":
            m.temperature = [
                lambda i: 1 + rope["llama_4_scaling_beta"] * np.log1p(
                    np.floor(i / rope["original_max_position_embeddings"]))] * layers
        case "mistral":
            m.activation = c["hidden_act"]
        case "deepseek_v2":
            m.size, m.rotary = c["qk_nope_head_dim"] + c["qk_rope_head_dim"], c["qk_rope_head_dim"]
            m.scale = m.size ** -0.5
    return m


def from_gguf(path):
    """A model in llama.cpp's format."""
    header, w = gguf(path)
    kind = header["general.architecture"]
    get = lambda key, default=None: header.get(kind + "." + key, default)
    layers, heads, hidden = get("block_count"), get("attention.head_count"), get("embedding_length")
    size, window = get("attention.key_length", hidden // heads), get("attention.sliding_window", 0)
    cycle = {"gemma2": 2, "gemma3": 6, "cohere2": 4}.get(kind)
    local = [cycle is not None and bool((layer + 1) % cycle) for layer in range(layers)]
    base = get("rope.freq_base", 10000.0)
    scaling = {
        "rope_type": get("rope.scaling.type", "default"), "factor": get("rope.scaling.factor", 1.0)}
    rms = get("attention.layer_norm_rms_epsilon")
    gemma = kind.startswith("gemma")
    return SimpleNamespace(
        kind=kind, w=w, layers=layers, heads=heads, size=size,
        kv=get("attention.head_count_kv", heads),
        rotary=get("rope.dimension_count", size),
        interleaved=kind == "cohere2",
        bases=[
            get("rope.freq_base_swa", 10000.0) if kind == "gemma3" and l else base for l in local],
        scalings=[{} if kind == "gemma3" and l else scaling for l in local],
        windows=[window if l else 0 for l in local], chunks=[0] * layers,
        rotates=[kind != "cohere2" or l for l in local], temperature=[None] * layers,
        wiring={"gemma2": "sandwich", "gemma3": "sandwich", "olmo2": "after"}.get(
            kind, "sequence" if "blk.0.ffn_norm.weight" in w else "parallel"),
        rms=rms is not None, plus_one=False, eps=rms or get("attention.layer_norm_epsilon"),
        activation="tanh" if gemma or kind in ("falcon", "mpt") else "silu", scale=size ** -0.5,
        cap=get("attn_logit_softcapping", 0), final_cap=get("final_logit_softcapping", 0),
        alibi=get("attention.max_alibi_bias", 0), alibi_divided=False,
        clip=get("attention.clamp_kqv", 0), embedding=hidden ** 0.5 if gemma else 1.0,
        residual=1.0, logits=get("logit_scale", 1.0), fused="rows",
        longest=get("context_length"), config={})


# ---------------------------------------------------------------- frequencies

def plain(m, base):
    return base ** (-np.arange(0, m.rotary, 2) / m.rotary)


def by_parts(m, base, factor, original, slow=1, fast=32, truncate=True):
    """NTK by parts, the ramp over indices of pairs (YaRN's released code)."""
    index = lambda turns: (
        m.rotary * math.log(original / (2 * math.pi * turns)) / (2 * math.log(base)))
    low, high = index(fast), index(slow)
    if truncate:
        low, high = math.floor(low), math.ceil(high)
    low, high = max(low, 0), min(high, m.rotary - 1)
    high += 0.001 if low == high else 0
    ramp = np.clip((np.arange(m.rotary // 2) - low) / (high - low), 0, 1)
    theta = plain(m, base)
    return theta * (1 - ramp) + theta / factor * ramp


def warmth(factor, weight=1.0):
    """YaRN's factor on cosines and sines."""
    return 1 + 0.1 * weight * math.log(factor) if factor > 1 else 1.0


def declared(m, layer, tokens):
    """Frequencies of a layer as its checkpoint says, the factor on cosines and sines, and that on
    whole scores."""
    base, s = m.bases[layer], m.scalings[layer]
    match s.get("rope_type", "default"):
        case "default" | "none":
            return plain(m, base), 1.0, 1.0
        case "linear":
            return plain(m, base) / s["factor"], 1.0, 1.0
        case "yarn":
            theta = by_parts(m, base, s["factor"], s["original_max_position_embeddings"],
                             s.get("beta_slow", 1), s.get("beta_fast", 32), s.get("truncate", True))
            above, below = s.get("mscale"), s.get("mscale_all_dim")
            if above and below:
                whole = warmth(s["factor"], below) ** 2 if m.kind == "deepseek_v2" else 1.0
                return theta, warmth(s["factor"], above) / warmth(s["factor"], below), whole
            return theta, warmth(s["factor"]), 1.0
        case "longrope":
            original = s["original_max_position_embeddings"]
            divisors = np.array(s["long_factor" if tokens > original else "short_factor"])
            amplitude = math.sqrt(1 + math.log(m.longest / original) / math.log(original))
            return plain(m, base) / divisors, amplitude, 1.0


def frequencies(m, base, method, tokens):
    """Frequencies and factor on cosines and sines that a method sets, in place of all that
    `declared` gives; None for none."""
    name, a, r = method.name, method, m.rotary
    theta = plain(m, base)
    grown = lambda factor: plain(m, base * factor ** (r / (r - 2)))
    match name:
        case "rope":
            return theta, 1.0
        case "linear":
            return theta / a.factor, 1.0
        case "ntk":
            return grown(a.factor), 1.0
        case "ntk-mixed":  # kexue.fm 9706; digits are counted from 1
            step = math.log(a.factor) / (r / 2) ** 0.625
            return theta * np.exp(-step * np.arange(1, r // 2 + 1) ** 0.625), 1.0
        case "dynamic-ntk":
            return grown(a.factor * max(tokens, a.original) / a.original - a.factor + 1), 1.0
        case "ntk-by-parts":
            return by_parts(m, base, a.factor, a.original), 1.0
        case "yarn":
            return by_parts(m, base, a.factor, a.original), warmth(a.factor)
        case "dynamic-yarn":
            factor = max(1.0, tokens / a.original)
            return by_parts(m, base, factor, a.original), warmth(factor)
        case "llama3":
            turns = a.original * theta / (2 * math.pi)
            smooth = np.clip((turns - 1) / (4 - 1), 0, 1)
            return theta * ((1 - smooth) / a.factor + smooth), 1.0
    return None


# ---------------------------------------------------------------- distances, masks, scales

def distances(method, n):
    """ρ(i, j) and what is seen, or None where a method sets neither."""
    i, j = np.arange(n)[:, None], np.arange(n)[None, :]
    p, a = (i - j).astype(float), method
    causal = p >= 0
    match method.name:
        case "rope" | "alibi":
            return p, causal
        case "window":
            return p, causal & (p < a.window)
        case "lm-infinite":
            ceiling = a.get("ceiling", a.local)
            far = p if ceiling == "none" else np.minimum(p, ceiling)
            return np.where(p < a.local, p, far), causal & ((p < a.local) | (j < a["global"]))
        case "streaming-llm":
            room = a.sinks + a.window
            full = i >= room  # the cache is full: its sinks stand right before the window
            sink = full & (p >= a.window) & (j < a.sinks)
            return np.where(sink, room - 1 - j, p), causal & (~full | (p < a.window) | sink)
        case "rerope":
            return np.minimum(p, a.window), causal
        case "leaky-rerope":
            return np.where(p < a.window, p, a.window + (p - a.window) / a.factor), causal
        case "self-extend":
            far = i // a.group - j // a.group + a.window - a.window // a.group
            return np.where(p < a.window, p, far), causal
        case "dual-chunk":
            s = a.chunk - a.local
            behind = i // s - j // s
            before = np.minimum(i % s + s, a.chunk)
            query = np.where(behind == 0, i % s, np.where(behind == 1, before, a.chunk))
            return (query - j % s).astype(float), causal
    return None


class Method(dict):
    """One method of a text: its name and its numbers."""

    def __getattr__(self, key):
        return self[key]


def parsed(text):
    methods = []
    for part in text.split("+"):
        name, _, values = part.partition(":")
        method = Method(name=name)
        for entry in values.split(",") if values else []:
            key, value = entry.split("=")
            method[key] = value if value in ("all", "none") else int(value)
        methods.append(method)
    return methods


class Positions:
    """What one layer has of positions under a method (`own`: nothing but the model's)."""

    def __init__(self, m, layer, text, n):
        i, j = np.arange(n)[:, None], np.arange(n)[None, :]
        self.distance, self.seen, self.row = (i - j).astype(float), i >= j, np.ones(n)
        self.theta, self.amplitude, self.whole = declared(m, layer, n)
        self.chosen = None
        window, chunk = m.windows[layer], m.chunks[layer]
        if window:
            self.seen = self.seen & (i - j < window)
        if chunk:
            self.seen = self.seen & (i // chunk == j // chunk)
        if not m.rotates[layer] or m.alibi:
            self.theta = np.zeros(0)
        if m.temperature[layer]:
            self.row = m.temperature[layer](np.arange(n))
        alike = len(set(zip(m.windows, m.chunks, m.rotates, m.bases))) == 1
        for method in [] if text == "own" else parsed(text):
            if (window or chunk) and not alike and method.get("layers") != "all":
                continue
            turned = frequencies(m, m.bases[layer], method, n) if len(self.theta) else None
            if turned:
                (self.theta, self.amplitude), self.whole = turned, 1.0
            self.distance, self.seen = distances(method, n) or (self.distance, self.seen)
            if "top-k" in method and layer >= min(4, m.layers - 1):
                middle = (i - j >= method.local) & (j >= method["global"])
                self.chosen = method["top-k"], middle, method.local / 2
            if method.name == "log-n":
                grown = np.log(np.arange(n) + 1) / math.log(method.base)
                self.row = self.row * np.maximum(1, grown)


# ---------------------------------------------------------------- the model

ERF = np.vectorize(math.erf)
ACTIVATIONS = {
    "silu": lambda x: x / (1 + np.exp(-x)),
    "erf": lambda x: x / 2 * (1 + ERF(x / math.sqrt(2))),
    "tanh": lambda x: x / 2 * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
    "relu": lambda x: np.maximum(x, 0),
    "relu2": lambda x: np.maximum(x, 0) ** 2}


def normed(x, m, gain, bias=None, eps=None):
    """RMS norm or layer norm over the last axis."""
    if not m.rms:
        x = x - x.mean(-1, keepdims=True)
    x = x / np.sqrt((x**2).mean(-1, keepdims=True) + (eps or m.eps))
    return x * (gain + 1 if m.plus_one else gain) + (0 if bias is None else bias)


class Layer:

    def __init__(self, m, layer, text, n):
        self.m, self.n, self.layer = m, n, layer
        self.positions = Positions(m, layer, text, n)

    def weight(self, name, ending="weight"):
        return self.m.w.get(f"blk.{self.layer}.{name}.{ending}")

    def linear(self, x, name):
        bias = self.weight(name, "bias")
        return x @ self.weight(name).T + (0 if bias is None else bias)

    def norm(self, x, name):
        gain = self.weight(name)
        return normed(x, self.m, 1 if gain is None else gain, self.weight(name, "bias"))

    def queries_keys_values(self, x):  # [n, heads, size]
        m, n = self.m, self.n
        if self.weight("attn_qkv") is None:
            q, k, v = (self.linear(x, "attn_" + name) for name in "qkv")
        elif m.fused == "heads":  # of each head its q, k, v
            rows = self.linear(x, "attn_qkv").reshape(n, m.heads, 3, m.size)
            q, k, v = rows.transpose(2, 0, 1, 3)
        else:
            ends = [m.heads * m.size, (m.heads + m.kv) * m.size]
            q, k, v = np.split(self.linear(x, "attn_qkv"), ends, 1)
        if m.clip:
            q, k, v = (np.clip(t, -m.clip, m.clip) for t in (q, k, v))
        q, k = self.head_norm(q, "attn_q_norm", m.heads), self.head_norm(k, "attn_k_norm", m.kv)
        return q, k, v.reshape(n, m.kv, m.size)

    def head_norm(self, x, name, heads):
        gain, bias, m = self.weight(name), self.weight(name, "bias"), self.m
        x = x.reshape(self.n, heads, m.size)
        if gain is None:
            return x
        if gain.ndim == 1 and len(gain) == heads * m.size:  # over all heads together
            return normed(x.reshape(self.n, -1), m, gain, bias).reshape(x.shape)
        return normed(x, m, gain)

    def latent(self, x):
        """DeepSeek-V2: keys and values of a latent vector, one turned key for all heads."""
        m, c, n = self.m, self.m.config, self.n
        rank, still = c["kv_lora_rank"], c["qk_nope_head_dim"]
        q = self.linear(x, "self_attn.q_proj" if self.weight("attn_q") is None else "attn_q")
        down = self.linear(x, "self_attn.kv_a_proj_with_mqa")
        middle = normed(down[:, :rank], m, self.weight("self_attn.kv_a_layernorm"), eps=1e-6)
        up = self.linear(middle, "self_attn.kv_b_proj").reshape(n, m.heads, -1)
        turned = np.repeat(down[:, None, rank:], m.heads, 1)
        q = q.reshape(n, m.heads, m.size)
        # Turned channels first, as everywhere here.
        return (np.concatenate([q[..., still:], q[..., :still]], -1),
                np.concatenate([turned, up[..., :still]], -1), up[..., still:])

    def attention(self, x):
        m, n, at = self.m, self.n, self.positions
        q, k, v = self.latent(x) if m.kind == "deepseek_v2" else self.queries_keys_values(x)
        k, v = (np.repeat(t, m.heads // t.shape[1], 1) for t in (k, v))
        scores = np.where(at.seen, self.scores(q, k, at.distance), -np.inf)
        if at.chosen:
            count, candidates, distance = at.chosen
            middle = np.where(candidates, self.scores(q, k, np.full((n, n), distance)), -np.inf)
            worst = np.sort(middle, -1)[..., -count:-count + 1 or None]  # every head's own choice
            scores = np.where(candidates & (middle >= worst), middle, scores)
        sinks = self.weight("attn_sinks")
        sinks = np.full(m.heads, -np.inf) if sinks is None else sinks
        top = np.maximum(scores.max(-1), sinks[:, None])
        weights = np.exp(scores - top[..., None])
        weights /= (weights.sum(-1) + np.exp(sinks[:, None] - top))[..., None]
        return self.linear(np.einsum("hij,jhc->ihc", weights, v).reshape(n, -1), "attn_output")

    def scores(self, q, k, distance):
        """[heads, n, n]"""
        m, at, r = self.m, self.positions, 2 * len(self.positions.theta)
        scores = np.einsum("ihc,jhc->hij", q[..., r:], k[..., r:])
        if r:
            q, k = (self.pairs(t[..., :r]) for t in (q, k))
            if m.kind == "llama4_text":  # norms over all channels, which here all turn
                q, k = (
                    t / np.sqrt((abs(t) ** 2).sum(-1, keepdims=True) / m.size + m.eps)
                    for t in (q, k))
            turn = np.exp(1j * distance[..., None] * at.theta)
            turned = np.einsum("ihp,jhp,ijp->hij", q, k.conj(), turn).real
            scores = scores + at.amplitude**2 * turned
        scores = scores * m.scale * at.whole * at.row[:, None]
        if m.cap:
            scores = m.cap * np.tanh(scores / m.cap)
        if m.alibi:
            bias = slopes(m)[:, None, None] * distance
            scores = scores - (bias / math.sqrt(m.size) if m.alibi_divided else bias)
        return scores

    def pairs(self, x):
        """Channels that turn, as complex numbers."""
        if self.m.interleaved:
            return x[..., ::2] + 1j * x[..., 1::2]
        half = x.shape[-1] // 2
        return x[..., :half] + 1j * x[..., half:]

    def feed_forward(self, x):
        act = ACTIVATIONS[self.m.activation]
        match self.m.kind:
            case "gpt_oss":
                return self.experts_of_gpt_oss(x)
            case "llama4_text" if self.weight("ffn_up") is None:
                return self.experts_of_llama4(x)
            case "deepseek_v2" if self.weight("ffn_up") is None:
                return self.experts_of_deepseek(x)
        if self.weight("ffn_gate_up") is not None:
            gate, up = np.split(self.linear(x, "ffn_gate_up"), 2, -1)
            return self.linear(act(gate) * up, "ffn_down")
        up = self.linear(x, "ffn_up")
        if self.weight("ffn_gate") is None:
            return self.linear(act(up), "ffn_down")
        return self.linear(act(self.linear(x, "ffn_gate")) * up, "ffn_down")

    def gated(self, x, name):
        inner = ACTIVATIONS["silu"](self.linear(x, name + ".gate_proj"))
        return self.linear(inner * self.linear(x, name + ".up_proj"), name + ".down_proj")

    def experts_of_gpt_oss(self, x):
        e = lambda name: self.weight("mlp.experts." + name)
        logits = self.linear(x, "mlp.router")
        out = np.zeros_like(x)
        for t, row in enumerate(logits):
            best = np.argsort(-row)[:self.m.config["num_experts_per_tok"]]
            shares = np.exp(row[best] - row[best].max())
            for expert, share in zip(best, shares / shares.sum()):
                both = x[t] @ e("gate_up_proj")[expert] + e("gate_up_proj_bias")[expert]
                gate, up = np.minimum(both[::2], 7), np.clip(both[1::2], -7, 7)
                inner = gate / (1 + np.exp(-1.702 * gate)) * (up + 1)
                out[t] += share * (inner @ e("down_proj")[expert] + e("down_proj_bias")[expert])
        return out

    def experts_of_llama4(self, x):
        e = lambda name: self.weight("feed_forward." + name)
        silu, out = ACTIVATIONS["silu"], np.zeros_like(x)
        for t, row in enumerate(x @ e("router").T):
            best = row.argmax()
            own = x[t] / (1 + np.exp(-row[best]))
            gate, up = np.split(own @ e("experts.gate_up_proj")[best], 2)
            out[t] = (silu(gate) * up) @ e("experts.down_proj")[best]
        return out + self.gated(x, "feed_forward.shared_expert")

    def experts_of_deepseek(self, x):
        c, out = self.m.config, np.zeros_like(x)
        for t, row in enumerate(x @ self.weight("mlp.gate").T):
            shares = np.exp(row - row.max())
            shares /= shares.sum()
            groups = shares.reshape(c["n_group"], -1).max(-1)
            best = np.argsort(-groups)[:c["topk_group"]]
            kept = np.isin(np.arange(len(row)) // (len(row) // c["n_group"]), best)
            for expert in np.argsort(-np.where(kept, shares, 0))[:c["num_experts_per_tok"]]:
                share = c["routed_scaling_factor"] * shares[expert]
                out[t] += share * self.gated(x[t], f"mlp.experts.{expert}")
        return out + self.gated(x, "mlp.shared_experts")

    def __call__(self, x):
        m = self.m
        match m.wiring:
            case "sequence":
                x = x + m.residual * self.attention(self.norm(x, "attn_norm"))
                return x + m.residual * self.feed_forward(self.norm(x, "ffn_norm"))
            case "parallel":
                h = self.norm(x, "attn_norm")
                return x + self.attention(h) + self.feed_forward(
                    h if self.weight("ffn_norm") is None else self.norm(x, "ffn_norm"))
            case "after":
                x = x + self.norm(self.attention(x), "post_attention_norm")
                return x + self.norm(self.feed_forward(x), "post_ffw_norm")
            case "sandwich":
                x = x + self.norm(self.attention(self.norm(x, "attn_norm")), "post_attention_norm")
                return x + self.norm(self.feed_forward(self.norm(x, "ffn_norm")), "post_ffw_norm")
            case "normed":
                h = self.norm(x, "attn_norm")
                h = self.norm(h + self.attention(h), "ffn_norm")
                return h + self.feed_forward(h)


def slopes(m):
    """Of ALiBi: those of the next power of two; of them every second one first, then the others."""
    up = 1 << (m.heads - 1).bit_length()
    every = 2.0 ** (-m.alibi / up * np.arange(1, up + 1))
    return every if up == m.heads else np.concatenate([every[1::2], every[::2]])[:m.heads]


def logits_of(m, ids, text):
    embedding = m.w["token_embd.weight"]
    x = embedding[ids] * m.embedding
    if "position_embd.weight" in m.w:
        x = x + m.w["position_embd.weight"][:len(ids)]
    if "token_embd_norm.weight" in m.w:
        x = normed(x, m, m.w["token_embd_norm.weight"], m.w["token_embd_norm.bias"])
    for layer in range(m.layers):
        x = Layer(m, layer, text, len(ids))(x)
    x = normed(x, m, m.w.get("output_norm.weight", 1), m.w.get("output_norm.bias"))
    logits = (x @ m.w.get("output.weight", embedding).T + m.w.get("output.bias", 0)) * m.logits
    return m.final_cap * np.tanh(logits / m.final_cap) if m.final_cap else logits


def losses(m, ids, text):
    logits = logits_of(m, ids, text)[:-1]
    top = logits.max(-1)
    sums = np.log(np.exp(logits - top[:, None]).sum(-1)) + top
    return sums - logits[np.arange(len(ids) - 1), ids[1:]]


# ---------------------------------------------------------------- fixtures

FOLDERS = [
    "arcee", "bloom-normed", "cohere", "deepseek_v2", "ernie4_5", "exaone4", "falcon-alibi",
    "gemma3-bias", "glm", "glm4", "gpt_bigcode", "gpt_neo", "gpt_neox-partial-yarn", "gpt_oss",
    "gptj-1", "gptj-2", "granite", "helium", "llama4", "ministral3", "mistral-relu2", "mpt-3h",
    "nemotron", "olmo", "olmo3", "opt", "phi", "phi3-partial-longrope", "phi3-swa", "qwen3-window",
    "seed_oss", "smollm3-window", "starcoder2"]
FILES = [
    "cohere2", "falcon-7b", "gemma2", "gemma3", "mpt-qkln", "olmo2", "qwen3", "stablelm",
    "stablelm-12b"]
FREQUENCIES = [
    "rope", "linear:factor=4", "ntk:factor=4", "ntk-mixed:factor=4", "llama3:factor=4,original=64",
    "ntk-by-parts:factor=4,original=64", "yarn:factor=4,original=64", "dynamic-yarn:original=48",
    "dynamic-ntk:factor=2,original=48", "linear:factor=2+window:window=24"]
MASKS = [
    "lm-infinite:local=24,global=4", "lm-infinite:local=24,global=4,ceiling=none",
    "lm-infinite:local=16,global=3,top-k=5", "streaming-llm:sinks=4,window=20", "window:window=24",
    "log-n:base=32"]
DISTANCES = [
    "rerope:window=16", "leaky-rerope:window=16,factor=8", "self-extend:group=4,window=16",
    "dual-chunk:chunk=24,local=8", "rerope:window=12+log-n:base=32"]
MASKS_EVERYWHERE = [
    "lm-infinite:local=24,global=4,layers=all", "window:window=5,layers=all",
    "log-n:base=8,layers=all"]
EVERYWHERE = [
    "rerope:window=5,layers=all", "yarn:factor=4,original=64,layers=all",
    "self-extend:group=4,window=4,layers=all"]


def methods_of(m):
    """What makes sense on a model: what moves positions or changes frequencies needs some."""
    alike = len(set(zip(m.windows, m.chunks, m.rotates, m.bases))) == 1
    turning = [turns and m.rotary > 0 and not m.alibi for turns in m.rotates]
    full = [turns for turns, w, c in zip(turning, m.windows, m.chunks) if not w + c]
    methods = list(MASKS)
    if m.alibi:
        methods += ["alibi"] + DISTANCES
    elif any(turning if alike else full):
        methods += FREQUENCIES + DISTANCES
    if not alike:
        methods += MASKS_EVERYWHERE + (EVERYWHERE if any(turning) else [])
    return methods


def check(name, found, expected, tolerance):
    difference = abs(found - expected).max()
    print(f"{name:30} {difference:.1e}")
    assert difference < tolerance, name


def models():
    """Every model, checked under its declared positions, with the ids of its text."""
    for name in FOLDERS:
        m = from_folder(FAMILIES / "hf" / name)
        words = (FAMILIES / f"hf/{name}.ids.txt").read_text().split()
        ids = np.array([int(word) for word in words])
        fixture = json.loads((FAMILIES / f"hf/{name}.json").read_text())
        for method, expected in fixture["methods"].items():
            check(f"{name} {method}", losses(m, ids, method), np.array(expected["nll"]), 1e-5)
        yield "hf/" + name, m, ids
    for name in FILES:
        m = from_gguf(FAMILIES / f"gguf/{name}.gguf")
        fixture = json.loads((FAMILIES / f"gguf/{name}.json").read_text())
        ids, rows = np.array(fixture["ids"]), fixture["rows"]
        expected = np.fromfile(FAMILIES / f"gguf/{name}.logits.f32", "<f4").reshape(len(rows), -1)
        check(name, logits_of(m, ids, "own")[rows], expected, 1e-5)
        yield "gguf/" + name, m, ids


SCALINGS = {
    "linear:factor=4": dict(rope_type="linear", factor=4.0),
    "yarn:factor=4,original=64": dict(
        rope_type="yarn", factor=4.0, original_max_position_embeddings=64),
    "llama3:factor=4,original=64": dict(
        rope_type="llama3", factor=4.0, low_freq_factor=1.0, high_freq_factor=4.0,
        original_max_position_embeddings=64),
    "dynamic-ntk:factor=2,original=64": dict(rope_type="dynamic", factor=2.0)}
SCALED = [
    "arcee", "cohere", "deepseek_v2", "ernie4_5", "glm", "glm4", "gpt_neox-partial-yarn", "gpt_oss",
    "granite", "helium", "mistral-relu2", "nemotron", "olmo", "phi", "phi3-swa", "seed_oss",
    "starcoder2"]


def beside_transformers():
    """Scalings that are methods here, as declared ones of Hugging Face's library, which has them on
    every layer."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM
    for name in SCALED:
        folder = FAMILIES / "hf" / name
        ids = [int(word) for word in (FAMILIES / f"hf/{name}.ids.txt").read_text().split()]
        m = from_folder(folder)
        for method, scaling in SCALINGS.items():
            config = AutoConfig.from_pretrained(folder)
            kept = {key: value for key, value in config.rope_parameters.items()
                    if key in ("rope_theta", "partial_rotary_factor")}
            config.rope_parameters = kept | scaling
            config.max_position_embeddings = 64
            model = AutoModelForCausalLM.from_pretrained(
                folder, config=config, dtype=torch.float32, attn_implementation="eager",
                experts_implementation="eager").double().eval()
            with torch.no_grad():
                logits = model(torch.tensor([ids]), use_cache=False).logits[0, :-1].double()
            expected = torch.nn.functional.cross_entropy(
                logits, torch.tensor(ids[1:]), reduction="none").numpy()
            everywhere = method + ",layers=all"
            check(f"{name} {everywhere}", losses(m, np.array(ids), everywhere), expected, 1e-5)


def main():
    if "--transformers" in sys.argv:
        beside_transformers()
        return
    for name, m, ids in models():
        if "--check" in sys.argv:
            continue
        found = {text: losses(m, ids, text) for text in ["own"] + methods_of(m)}
        lines = [
            f'    {json.dumps(text)}: [{", ".join(f"{x:.6f}" for x in values[PLACES])}]'
            for text, values in found.items()]
        file = TARGET / (name + ".json")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(
            f'{{\n  "first": {PLACES.start},\n  "every": {PLACES.step},\n  "losses": {{\n'
            + ",\n".join(lines) + "\n  }\n}\n")
        for text in found.keys() - {"own", "rope", "alibi"}:  # these two may be the model itself
            if abs(found[text] - found["own"]).max() < 1e-3:
                print("    as the model itself:", text)


if __name__ == "__main__":
    main()
