"""Makes the small encoders of core/src/test/resources/families/encoders.

    python tools/encoder-fixtures.py core/src/test/resources/families/encoders

Needs torch, transformers 5, sentence-transformers and gguf. Vectors are computed in float64. BERT,
RoBERTa, Nomic-BERT, ModernBERT and RoFormer are classes of transformers. Jina's, RoFormerV2 and
GAU-alpha have no class there: their vectors come from the short formulas of this file. Names of
tensors in GGUF files are those of the gguf library's own table.
"""
import json
import math
import pathlib
import shutil
import sys

import gguf
import numpy as np
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, pre_tokenizers, decoders, processors, trainers
from transformers import (
    BertConfig, BertModel, ModernBertConfig, ModernBertModel, NomicBertConfig, NomicBertModel,
    PreTrainedTokenizerFast, Qwen3Config, Qwen3Model, RoFormerConfig, RoFormerModel,
    RobertaConfig, RobertaModel)

HERE = pathlib.Path(sys.argv[1])
IDS = [2, 17, 44, 9, 71, 30, 5, 62, 13, 80, 26, 51, 7, 3]
TYPES = [0] * 8 + [1] * 6
SIZES = dict(vocab_size=96, hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
             intermediate_size=24, max_position_embeddings=40)


def randomise(model, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "embed_positions" in name:  # RoFormer's sines and cosines
                continue
            noise = torch.randn(weight.shape, generator=generator)
            one = weight.dim() == 1 and name.endswith("weight")
            weight.copy_((1 if one else 0) + noise * (0.3 if weight.dim() > 1 else 0.1))


def rounded(tensor):
    return [round(value, 8) for value in tensor.detach().reshape(-1).tolist()]


def expected(folder, name, rows, **more):
    content = {"ids": IDS, **more, "hidden": rounded(rows)}
    (folder / (name + ".json")).write_text(json.dumps(content) + "\n")


def save(model, name):
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    for extra in folder.glob("generation_config.json"):
        extra.unlink()


def of_library(name, model, seed, types=False):
    randomise(model, seed)
    save(model, name)
    model = model.double().eval()
    ids = torch.tensor([IDS])
    more = {"token_type_ids": torch.tensor([TYPES])} if types else {}
    rows = model(input_ids=ids, attention_mask=torch.ones_like(ids), **more).last_hidden_state
    expected(HERE, name, rows, **({"types": TYPES} if types else {}))
    return model


# ---- formulas

def layer_norm(x, w, name):
    return torch.nn.functional.layer_norm(
        x, x.shape[-1:], w[name + ".weight"], w[name + ".bias"], 1e-12)


def bare_norm(x):
    return x / torch.sqrt((x * x).mean(-1, keepdim=True) + 1e-12)


def linear(x, w, name):
    out = x @ w[name + ".weight"].T
    return out + w[name + ".bias"] if name + ".bias" in w else out


def turned(x):
    """Neighbouring pairs of [tokens, size] turn."""
    size = x.shape[-1]
    angles = torch.arange(x.shape[0], dtype=x.dtype)[:, None] * 10000.0 ** (
        -2 * torch.arange(size // 2, dtype=x.dtype) / size)
    a, b = x[:, 0::2], x[:, 1::2]
    cos, sin = angles.cos(), angles.sin()
    return torch.stack([a * cos - b * sin, a * sin + b * cos], -1).reshape(x.shape)


def attention(x, w, layer, heads, bias=None, rotary=False):
    place = f"encoder.layer.{layer}.attention.self."
    size = x.shape[-1] // heads
    out = []
    for head in range(heads):
        q, k, v = (linear(x, w, place + part)[:, head * size:(head + 1) * size]
                   for part in ("query", "key", "value"))
        if rotary:
            q, k = turned(q), turned(k)
        scores = q @ k.T / math.sqrt(size)
        if bias is not None:
            scores = scores + bias[head]
        out.append(scores.softmax(-1) @ v)
    return linear(torch.cat(out, -1), w, f"encoder.layer.{layer}.attention.output.dense")


def weights(shapes, seed):
    generator = torch.Generator().manual_seed(seed)
    return {name: (1 if len(shape) == 1 and name.endswith("weight") else 0)
            + torch.randn(shape, generator=generator) * (0.3 if len(shape) > 1 else 0.1)
            for name, shape in shapes.items()}


def norms(shapes, *names):
    for name in names:
        shapes[name + ".weight"] = shapes[name + ".bias"] = (16,)


def embeddings():
    return {"embeddings.word_embeddings.weight": (96, 16),
            "embeddings.token_type_embeddings.weight": (2, 16)}


def attention_shapes(shapes, layer, biased):
    for part in ("self.query", "self.key", "self.value", "output.dense"):
        name = f"encoder.layer.{layer}.attention.{part}"
        shapes[name + ".weight"] = (16, 16)
        if biased:
            shapes[name + ".bias"] = (16,)


def written(name, w, config, rows):
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    save_file({key: value.float().contiguous() for key, value in w.items()},
              str(folder / "model.safetensors"))
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    expected(HERE, name, rows, types=TYPES)


def embedded(w):
    return (w["embeddings.word_embeddings.weight"][IDS]
            + w["embeddings.token_type_embeddings.weight"][TYPES])


def jina():
    shapes = embeddings()
    norms(shapes, "embeddings.LayerNorm")
    for layer in range(2):
        attention_shapes(shapes, layer, True)
        place = f"encoder.layer.{layer}."
        shapes[place + "mlp.gated_layers.weight"] = (48, 16)
        shapes[place + "mlp.wo.weight"] = (16, 24)
        shapes[place + "mlp.wo.bias"] = (16,)
        norms(shapes, place + "attention.output.LayerNorm", place + "mlp.layernorm")
    w = {name: value.double() for name, value in weights(shapes, 5).items()}
    tokens = torch.arange(len(IDS))
    distance = (tokens[:, None] - tokens[None]).abs().double()
    slopes = [2.0 ** (-8.0 * (head + 1) / 2) for head in range(2)]
    x = layer_norm(embedded(w), w, "embeddings.LayerNorm")
    for layer in range(2):
        place = f"encoder.layer.{layer}."
        mixed = attention(x, w, layer, 2, [-slope * distance for slope in slopes])
        x = layer_norm(x + mixed, w, place + "attention.output.LayerNorm")
        gate, up = (x @ w[place + "mlp.gated_layers.weight"].T).chunk(2, -1)
        inner = torch.nn.functional.gelu(gate) * up
        x = layer_norm(x + linear(inner, w, place + "mlp.wo"), w, place + "mlp.layernorm")
    config = dict(model_type="bert", architectures=["JinaBertModel"], hidden_act="gelu",
                  position_embedding_type="alibi", feed_forward_type="geglu", type_vocab_size=2,
                  layer_norm_eps=1e-12, emb_pooler="mean", pad_token_id=0, **SIZES)
    written("jina", w, config, x)
    return w


def roformer_v2():
    shapes = embeddings()
    for layer in range(2):
        attention_shapes(shapes, layer, False)
        shapes[f"encoder.layer.{layer}.intermediate.dense.weight"] = (24, 16)
        shapes[f"encoder.layer.{layer}.output.dense.weight"] = (16, 24)
    w = {name: value.double() for name, value in weights(shapes, 6).items()}
    x = bare_norm(embedded(w))
    for layer in range(2):
        x = bare_norm(x + attention(x, w, layer, 2, rotary=True))
        inner = torch.nn.functional.gelu(
            linear(x, w, f"encoder.layer.{layer}.intermediate.dense"))
        x = bare_norm(x + linear(inner, w, f"encoder.layer.{layer}.output.dense"))
    config = dict(model_type="roformer", architectures=["RoFormerModel"], hidden_act="gelu",
                  norm_type="rms_norm", use_bias=False, type_vocab_size=2, layer_norm_eps=1e-12,
                  embedding_size=16, rotary_value=False, pad_token_id=0, **SIZES)
    written("roformer-v2", {"roformer." + name: value for name, value in w.items()}, config, x)


def gau_alpha():
    shapes = embeddings()
    for layer in range(2):
        place = f"encoder.layer.{layer}.gau."
        shapes[place + "i_dense.weight"] = (2 * 24 + 8, 16)
        shapes[place + "o_dense.weight"] = (16, 24)
        shapes[place + "q_scaleoffset.weight"] = (8,)
        shapes[place + "k_scaleoffset.weight"] = (8,)
    w = {name: value.double() for name, value in weights(shapes, 7).items()}
    x = bare_norm(embedded(w))
    # bert4keras: a text of fewer than 16 tokens is scaled as one of 16
    scale = math.log(max(len(IDS), 16)) / math.log(512)
    for layer in range(2):
        place = f"encoder.layer.{layer}.gau."
        u, v, z = torch.nn.functional.silu(linear(x, w, place + "i_dense")).split([24, 24, 8], -1)
        q, k = (turned(z * w[place + part + "_scaleoffset.weight"]) for part in "qk")
        weights_ = (scale * (q @ k.T) / math.sqrt(8)).softmax(-1)
        x = bare_norm(x + linear(u * (weights_ @ v), w, place + "o_dense"))
    config = dict(model_type="gau_alpha", architectures=["GAUAlphaModel"], hidden_act="swish",
                  attention_key_size=8, attention_scale=True, normalization="softmax_plus",
                  use_bias=False, type_vocab_size=2, layer_norm_eps=1e-12, embedding_size=16,
                  pad_token_id=0, **{**SIZES, "intermediate_size": 24})
    config.pop("num_attention_heads")
    written("gau-alpha", {"gau_alpha." + name: value for name, value in w.items()}, config, x)


# ---- GGUF

def to_gguf(name, arch, tensors, rows, types, numbers):
    writer = gguf.GGUFWriter(str(HERE / (name + ".gguf")), gguf.MODEL_ARCH_NAMES[arch])
    writer.add_context_length(40)
    writer.add_embedding_length(16)
    writer.add_feed_forward_length(24)
    writer.add_block_count(numbers.pop("blocks", 2))
    writer.add_head_count(2)
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)
    writer.add_layer_norm_eps(numbers.pop("eps", 1e-12))
    for key, value in numbers.items():
        getattr(writer, key)(value)
    table = gguf.get_tensor_name_map(arch, 4)
    for key, value in tensors.items():
        found = table.get_name(key, try_suffixes=(".weight", ".bias"))
        assert found is not None, key
        writer.add_tensor(found, value.detach().float().numpy().astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    expected(HERE, name + ".gguf", rows, **({"types": TYPES} if types else {}))


def weights_of(model):
    return {name: value for name, value in model.state_dict().items()
            if not name.startswith("pooler") and not name.endswith("_ids")}


def encoders():
    approximate = dict(hidden_act="gelu_pytorch_tanh")
    of_library("bert", BertModel(BertConfig(**SIZES)), 1, types=True)
    of_library("roberta", RobertaModel(RobertaConfig(
        **SIZES, type_vocab_size=1, pad_token_id=1)), 2)
    nomic = of_library("nomic-bert", NomicBertModel(NomicBertConfig(**SIZES)), 3, types=True)
    of_library("roformer", RoFormerModel(RoFormerConfig(**SIZES)), 4, types=True)
    modern = {**SIZES, "num_hidden_layers": 4}
    of_library("modernbert", ModernBertModel(ModernBertConfig(
        **modern, local_attention=6, pad_token_id=0, bos_token_id=2, eos_token_id=3,
        cls_token_id=2, sep_token_id=3)), 8)
    jina()
    roformer_v2()
    gau_alpha()

    ids, kinds = torch.tensor([IDS]), torch.tensor([TYPES])
    bert = BertModel(BertConfig(**SIZES, **approximate))
    randomise(bert, 11)
    rows = bert.double().eval()(input_ids=ids, token_type_ids=kinds).last_hidden_state
    to_gguf("bert", gguf.MODEL_ARCH.BERT, weights_of(bert), rows, True, {})
    w = weights_of(nomic)
    joined = {}
    for key, value in w.items():
        if ".self_attn.q_proj" in key:
            joined[key.replace("self_attn.q_proj", "attn.Wqkv")] = torch.cat(
                [w[key.replace("q_proj", part + "_proj")] for part in "qkv"])
        elif ".k_proj" not in key and ".v_proj" not in key:
            joined[key] = value
    named = {}
    for key, value in joined.items():
        for before, after in (("embeddings.LayerNorm", "emb_ln"), ("self_attn.o_proj", "attn.out_proj"),
                              ("post_attention_layernorm", "norm1"), ("post_mlp_layernorm", "norm2"),
                              ("mlp.up_proj", "mlp.fc11"), ("mlp.gate_proj", "mlp.fc12"),
                              ("mlp.down_proj", "mlp.fc2")):
            key = key.replace(before, after)
        named["encoder." + key if key.startswith("layers") else key] = value
    rows = nomic(input_ids=ids, token_type_ids=kinds).last_hidden_state
    to_gguf("nomic-bert", gguf.MODEL_ARCH.NOMIC_BERT, named, rows, True,
            dict(add_rope_freq_base=1000.0))
    model = ModernBertModel(ModernBertConfig(
        **modern, local_attention=6, pad_token_id=0, bos_token_id=2, eos_token_id=3,
        cls_token_id=2, sep_token_id=3, hidden_activation="gelu_pytorch_tanh"))
    randomise(model, 12)
    rows = model.double().eval()(input_ids=ids).last_hidden_state
    to_gguf("modern-bert", gguf.MODEL_ARCH.MODERN_BERT,
            weights_of(model), rows, False,
            dict(blocks=4, eps=1e-5, add_rope_freq_base=160000.0, add_rope_freq_base_swa=10000.0,
                 add_sliding_window=6, add_sliding_window_pattern=3))


# ---- folders of sentence-transformers

LEARNT = ["The quick brown fox jumps over the lazy dog.", "A man is playing a large flute.",
          "A man plays the flute; he isn't tired.", "怎么更改花呗手机号码", "我的花呗是以前的手机号码",
          "Zwölf Boxkämpfer jagen Viktor", "Résumé, naïve café"]
TEXTS = ["A man is playing a flute.", "怎么更改手机号码？", "The dog jumps over naïve boxes", "fox",
         "Odd § words\tand  [x]"]


def sentences():
    from sentence_transformers import SentenceTransformer, models as parts
    from transformers import BertTokenizerFast, Qwen2TokenizerFast

    folder = HERE.parent / "sentences"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    work = folder / "work"
    pieces = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    from tokenizers import normalizers
    pieces.normalizer = normalizers.BertNormalizer()
    pieces.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    marks = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    pieces.train_from_iterator(LEARNT, trainers.WordPieceTrainer(
        vocab_size=140, special_tokens=marks, show_progress=False))
    vocabulary = sorted(pieces.get_vocab(), key=pieces.get_vocab().get)
    work.mkdir()
    (work / "vocab.txt").write_text("\n".join(vocabulary) + "\n")
    tokenizer = BertTokenizerFast(vocab=str(work / "vocab.txt"), do_lower_case=True)
    assert tokenizer("fox")["input_ids"][0] == 2
    model = BertModel(BertConfig(**{**SIZES, "vocab_size": len(vocabulary)}))
    randomise(model, 21)
    model.save_pretrained(work)
    tokenizer.save_pretrained(work)
    dense = parts.Dense(16, 12)
    randomise(dense, 22)
    whole = SentenceTransformer(
        modules=[parts.Transformer(str(work), max_seq_length=32), parts.Pooling(16, "mean"),
                 dense, parts.Normalize()],
        prompts={"query": "query: ", "passage": ""}, device="cpu")
    made(whole, folder / "mean", tokenizer, "query")
    (folder / "mean" / "vocab.txt").write_text("\n".join(vocabulary) + "\n")
    shutil.rmtree(work)

    letters = Tokenizer(models.BPE())
    letters.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    letters.decoder = decoders.ByteLevel()
    letters.train_from_iterator(LEARNT, trainers.BpeTrainer(
        vocab_size=290, special_tokens=["<|endoftext|>"], show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    letters.post_processor = processors.TemplateProcessing(
        single="$A <|endoftext|>", pair="$A $B <|endoftext|>",
        special_tokens=[("<|endoftext|>", 0)])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=letters, eos_token="<|endoftext|>", pad_token="<|endoftext|>",
        padding_side="left")
    qwen = Qwen3Model(Qwen3Config(
        vocab_size=letters.get_vocab_size(), hidden_size=16, intermediate_size=24,
        num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1, head_dim=8,
        max_position_embeddings=256, eos_token_id=0))
    randomise(qwen, 23)
    qwen.save_pretrained(work)
    tokenizer.save_pretrained(work)
    whole = SentenceTransformer(
        modules=[parts.Transformer(str(work)), parts.Pooling(16, "lasttoken"), parts.Normalize()],
        prompts={"query": "Instruct: find\nQuery:"}, device="cpu")
    made(whole, folder / "last", tokenizer, "query")
    shutil.rmtree(work)
    losses(folder)


def made(whole, folder, tokenizer, prompt):
    whole.save(str(folder))
    for extra in ("README.md", "generation_config.json"):
        (folder / extra).unlink(missing_ok=True)
    content = {"texts": TEXTS, "ids": [tokenizer(text)["input_ids"] for text in TEXTS],
               "pairs": [tokenizer(TEXTS[0], TEXTS[1])["input_ids"],
                         tokenizer(TEXTS[0], TEXTS[1]).get("token_type_ids", [])]}
    whole = whole.double()
    content["vectors"] = [rounded(torch.tensor(whole.encode(text))) for text in TEXTS]
    content["prompted"] = [rounded(torch.tensor(whole.encode(text, prompt_name=prompt)))
                           for text in TEXTS]
    (folder.parent / (folder.name + ".json")).write_text(
        json.dumps(content, ensure_ascii=False) + "\n")


def losses(folder):
    """What sentence-transformers' losses are of some vectors, with gradients."""
    from sentence_transformers import SentenceTransformer, losses as all_losses, models as parts

    generator = torch.Generator().manual_seed(31)
    first, second = (torch.randn(6, 5, generator=generator, dtype=torch.float64)
                     for _ in range(2))
    graded = torch.tensor([0.0, 1.0, 0.4, 0.4, 1.0, 0.2], dtype=torch.float64)
    cases = {}
    for name, scale in (("cosent", 20.0), ("cosent", 1.0)):
        u, v = first.clone().requires_grad_(), second.clone().requires_grad_()
        loss = all_losses.CoSENTLoss(None, scale=scale).compute_loss_from_embeddings([u, v], graded)
        loss.backward()
        cases[f"{name}:scale={scale:g}"] = dict(
            loss=loss.item(), first=u.grad.tolist(), second=v.grad.tolist())
    u, v = first.clone().requires_grad_(), second.clone().requires_grad_()
    loss = all_losses.CosineSimilarityLoss(None).compute_loss_from_embeddings([u, v], graded)
    loss.backward()
    cases["cosine"] = dict(loss=loss.item(), first=u.grad.tolist(), second=v.grad.tolist())
    u, v = first.clone().requires_grad_(), second.clone().requires_grad_()
    loss = all_losses.MultipleNegativesRankingLoss(None, scale=20.0).compute_loss_from_embeddings(
        [u, v], None)
    loss.backward()
    cases["info-nce"] = dict(loss=loss.item(), first=u.grad.tolist(), second=v.grad.tolist())
    (folder / "losses.json").write_text(json.dumps(
        dict(first=first.tolist(), second=second.tolist(), labels=graded.tolist(), cases=cases))
        + "\n")


if __name__ == "__main__":
    HERE.mkdir(parents=True, exist_ok=True)
    encoders()
    sentences()
