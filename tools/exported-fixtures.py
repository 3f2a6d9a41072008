#!/usr/bin/env python3
"""Makes the losses that llama.cpp computes of the GGUF files that `quantize` writes.

    c++ … tools/llama-cpp-logits.cpp -o llama-cpp-logits     # with llama.cpp's libraries
    python3 tools/exported-fixtures.py ./llama-cpp-logits [NAME ...]      # numpy; the built program

Each case is a model of core/src/test/resources/families/hf, with those settings changed and tensors
left out that its architecture of llama.cpp lacks. So llama.cpp itself reads what is written, of
families, too, of which nobody else's GGUF file is at hand. Made with llama.cpp of 2026-04-17, which
has no `n_outputs_max` yet (leave it out) and looks GELU up in a table of half precision
(`tolerance`). LENGTHWISE names another launcher than that of this folder.
"""
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

import numpy as np

HOME = pathlib.Path(__file__).resolve().parent.parent
FAMILIES = HOME / "core/src/test/resources/families"
YARN = dict(rope_type="yarn", factor=8.0, rope_theta=10000.0, original_max_position_embeddings=32)
CASES = {name: {} for name in (
    "glm", "glm4", "gpt_bigcode", "granite", "granitemoe", "ministral3", "nemotron", "olmo",
    "olmo3", "olmoe", "phi")} | {
    "arcee": dict(changes=dict(mlp_bias=False), without=["up_proj.bias", "down_proj.bias"]),
    "deepseek_v3": dict(changes=dict(rms_norm_eps=1e-6)),
    "ernie4_5": dict(changes=dict(use_bias=False), without=[".bias"]),
    "glm4_moe": dict(changes=dict(n_group=1, topk_group=1)),
    "gpt_oss": dict(changes=dict(rope_parameters=YARN)),
    "seed_oss": dict(changes=dict(attention_out_bias=False), without=["o_proj.bias"])}
TOLERANCES = {"gpt_bigcode": 1e-3, "phi": 1e-3}


def edited(folder, target, changes, without):
    config = json.loads((folder / "config.json").read_text()) | changes
    (target / "config.json").write_text(json.dumps(config))
    data = (folder / "model.safetensors").read_bytes()
    end = 8 + struct.unpack("<Q", data[:8])[0]
    header, tensors = {}, b""
    for name, entry in json.loads(data[8:end]).items():
        if name != "__metadata__" and not name.endswith(tuple(without)):
            start, stop = entry["data_offsets"]
            entry["data_offsets"] = [len(tensors), len(tensors) + stop - start]
            header[name] = entry
            tensors += data[end + start:end + stop]
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    (target / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + tensors)


def losses(program, file, ids):
    answer = subprocess.run(
        [program, file, "256", *map(str, ids)], check=True, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL)
    logits = np.frombuffer(answer.stdout, "<f4").reshape(len(ids), -1).astype(float)[:-1]
    top = logits.max(-1)
    sums = np.log(np.exp(logits - top[:, None]).sum(-1)) + top
    return sums - logits[np.arange(len(ids) - 1), ids[1:]]


def main(program, *names):
    launcher = os.environ.get("LENGTHWISE", str(HOME / "lengthwise"))
    (FAMILIES / "exported").mkdir(exist_ok=True)
    for name in names or CASES:
        changes, without = CASES[name].get("changes", {}), CASES[name].get("without", [])
        ids = [int(word) for word in (FAMILIES / f"hf/{name}.ids.txt").read_text().split()]
        with tempfile.TemporaryDirectory() as folder:
            model, file = pathlib.Path(folder, "model"), pathlib.Path(folder, "model.gguf")
            model.mkdir()
            edited(FAMILIES / "hf" / name, model, changes, without)
            subprocess.run(
                [launcher, "quantize", model, file, "--type", "f32"], check=True,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            found = losses(program, file, ids)
        fixture = {"changes": changes, "without": without}
        if name in TOLERANCES:
            fixture["tolerance"] = TOLERANCES[name]
        fixture["losses"] = [round(x, 6) for x in found.tolist()]
        (FAMILIES / f"exported/{name}.json").write_text(json.dumps(fixture) + "\n")
        print(name)


main(*sys.argv[1:])
