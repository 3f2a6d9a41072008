"""Makes the small encoders with heads of tasks, and what Hugging Face's library answers with them.

    python tools/task-fixtures.py core/src/test/resources/families/tasks

Needs torch and transformers 5. Numbers are computed in float64. GAU-alpha has no class in the
library: its answers come from the short formulas of tools/encoder-fixtures.py.
"""
import json
import math
import pathlib
import shutil
import sys

import torch
from safetensors.torch import save_file
from transformers import (
    BertConfig, BertForMultipleChoice, BertForQuestionAnswering, BertForSequenceClassification,
    BertForTokenClassification, ModernBertConfig, ModernBertForMultipleChoice,
    ModernBertForQuestionAnswering, ModernBertForSequenceClassification,
    ModernBertForTokenClassification, RoFormerConfig, RoFormerForMultipleChoice,
    RoFormerForQuestionAnswering, RoFormerForSequenceClassification,
    RoFormerForTokenClassification, RobertaConfig, RobertaForMultipleChoice,
    RobertaForQuestionAnswering, RobertaForSequenceClassification, RobertaForTokenClassification)

HERE = pathlib.Path(sys.argv[1])
TEXTS = [[2, 17, 44, 9, 31, 30, 5, 22, 13, 40, 26, 3], [2, 8, 8, 41, 33, 19, 3, 12, 6, 25, 7, 3]]
TYPES = [[0] * 8 + [1] * 4, [0] * 7 + [1] * 5]
SIZES = dict(vocab_size=48, hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
             intermediate_size=24, max_position_embeddings=24)
NAMES = {0: "sport", 1: "news", 2: "court"}
STEP = 0.1


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
    return [round(value, 8) for value in tensor.detach().double().reshape(-1).tolist()]


def wanted(kind):
    return {"classification": [[1], [2]], "choice": [[1]], "reading": [[3, 5], [8, 10]],
            "tagging": [[-100, 0, 1, 2, -100, 2, 2, 1, 0, 0, 1, -100],
                        [-100, 2, 1, 0, 0, -100, 1, 1, 1, 2, 0, -100]]}[kind]


def labels(kind):
    own = torch.tensor(wanted(kind))
    if kind == "reading":
        return {"start_positions": own[:, 0], "end_positions": own[:, 1]}
    return {"labels": own if kind == "tagging" else own[:, 0]}


def written(name, kind, types, logits, loss, **more):
    content = {"kind": kind, "texts": TEXTS, **({"types": TYPES} if types else {}),
               "wanted": wanted(kind), "logits": rounded(logits), "loss": loss.item(), **more}
    (HERE / (name + ".json")).write_text(json.dumps(content) + "\n")


def of_library(family, kind, seed, config, of_class, types):
    named = {"id2label": NAMES, "label2id": {v: k for k, v in NAMES.items()}}
    own = config(**named) if kind in ("classification", "tagging") else config()
    model = of_class(own)
    randomise(model, seed)
    name = f"{family}-{kind}"
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    model = model.double().eval()
    ids, kinds = torch.tensor(TEXTS), torch.tensor(TYPES)
    if kind == "choice":
        ids, kinds = ids[None], kinds[None]
    result = model(input_ids=ids, attention_mask=torch.ones_like(ids), **labels(kind),
                   **({"token_type_ids": kinds} if types else {}))
    logits = (torch.stack([result.start_logits, result.end_logits], -1)
              if kind == "reading" else result.logits)
    more = {}
    if family == "bert":
        result.loss.backward()
        more = {"step": STEP, "after": {
            key: rounded(value.detach() - STEP * value.grad)
            for key, value in model.named_parameters()
            if key.startswith(("classifier", "qa_outputs", "bert.pooler"))
            or "attention.self.query" in key}}
    written(name, kind, types, logits, result.loss, **more)


def bare_norm(x):
    return x / torch.sqrt((x * x).mean(-1, keepdim=True) + 1e-12)


def turned(x):
    size = x.shape[-1]
    angles = torch.arange(x.shape[0], dtype=x.dtype)[:, None] * 10000.0 ** (
        -2 * torch.arange(size // 2, dtype=x.dtype) / size)
    a, b = x[:, 0::2], x[:, 1::2]
    cos, sin = angles.cos(), angles.sin()
    return torch.stack([a * cos - b * sin, a * sin + b * cos], -1).reshape(x.shape)


def gau_alpha():
    generator = torch.Generator().manual_seed(7)
    shapes = {"embeddings.word_embeddings.weight": (48, 16),
              "embeddings.token_type_embeddings.weight": (2, 16)}
    place = "encoder.layer.0.gau."
    shapes[place + "i_dense.weight"] = (2 * 24 + 8, 16)
    shapes[place + "o_dense.weight"] = (16, 24)
    shapes[place + "q_scaleoffset.weight"] = shapes[place + "k_scaleoffset.weight"] = (8,)
    w = {name: ((1 if len(shape) == 1 else 0)
                + torch.randn(shape, generator=generator) * (0.3 if len(shape) > 1 else 0.1)).double()
         for name, shape in shapes.items()}
    head = (torch.randn((3, 16), generator=generator) * 0.3).double()
    bias = (torch.randn(3, generator=generator) * 0.1).double()
    rows = []
    for ids, types in zip(TEXTS, TYPES):
        x = bare_norm(w["embeddings.word_embeddings.weight"][ids]
                      + w["embeddings.token_type_embeddings.weight"][types])
        inner = torch.nn.functional.silu(x @ w[place + "i_dense.weight"].T)
        u, v, z = inner.split([24, 24, 8], -1)
        q, k = (turned(z * w[place + part + "_scaleoffset.weight"]) for part in "qk")
        scale = math.log(max(len(ids), 16)) / math.log(512)
        shares = (scale * (q @ k.T) / math.sqrt(8)).softmax(-1)
        x = bare_norm(x + (u * (shares @ v)) @ w[place + "o_dense.weight"].T)
        rows.append(x[-1] @ head.T + bias)  # summary_type is "last" where a header does not say
    logits = torch.stack(rows)
    loss = torch.nn.functional.cross_entropy(logits, torch.tensor(wanted("classification"))[:, 0])
    folder = HERE / "gau-alpha-classification"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    stored = {"gau_alpha." + name: value.float().contiguous() for name, value in w.items()}
    stored |= {"classifier.weight": head.float(), "classifier.bias": bias.float()}
    save_file(stored, str(folder / "model.safetensors"))
    config = dict(model_type="gau_alpha", architectures=["GAUAlphaForSequenceClassification"],
                  hidden_act="swish", attention_key_size=8, attention_scale=True,
                  normalization="softmax_plus", use_bias=False, type_vocab_size=2,
                  layer_norm_eps=1e-12, embedding_size=16, pad_token_id=0,
                  id2label={str(k): v for k, v in NAMES.items()}, **SIZES)
    config.pop("num_attention_heads")
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    written("gau-alpha-classification", "classification", True, logits, loss)


def families():
    modern = dict(local_attention=6, pad_token_id=0, bos_token_id=2, eos_token_id=3,
                  cls_token_id=2, sep_token_id=3)
    return {
        "bert": (lambda **more: BertConfig(**SIZES, **more), True, dict(
            classification=BertForSequenceClassification, choice=BertForMultipleChoice,
            reading=BertForQuestionAnswering, tagging=BertForTokenClassification)),
        "roberta": (lambda **more: RobertaConfig(
            **SIZES, type_vocab_size=1, pad_token_id=1, **more), False, dict(
            classification=RobertaForSequenceClassification, choice=RobertaForMultipleChoice,
            reading=RobertaForQuestionAnswering, tagging=RobertaForTokenClassification)),
        "roformer": (lambda **more: RoFormerConfig(**SIZES, **more), True, dict(
            classification=RoFormerForSequenceClassification, choice=RoFormerForMultipleChoice,
            reading=RoFormerForQuestionAnswering, tagging=RoFormerForTokenClassification)),
        "modernbert": (lambda **more: ModernBertConfig(
            **{**SIZES, "num_hidden_layers": 2}, **modern, **more), False, dict(
            classification=ModernBertForSequenceClassification,
            choice=ModernBertForMultipleChoice, reading=ModernBertForQuestionAnswering,
            tagging=ModernBertForTokenClassification)),
    }


if __name__ == "__main__":
    HERE.mkdir(parents=True, exist_ok=True)
    seed = 100
    for family, (config, types, classes) in families().items():
        for kind, of_class in classes.items():
            seed += 1
            of_library(family, kind, seed, config, of_class, types)
    gau_alpha()
