#!/usr/bin/env python3
"""Copies the family fixtures that a public clone is tested with into the test resources of core.

    python3 tools/family-fixtures.py FOLDER-WITH-families-AND-families-hf

Of the logits of llama.cpp every fourth row is kept (3, 7, ... 95), so that all stays under 6 MB.
"""
import json
import pathlib
import shutil
import struct
import sys

source = pathlib.Path(sys.argv[1])
target = pathlib.Path(__file__).resolve().parent.parent / "core/src/test/resources/families"
EVERY = 4
HUGGING_FACE = ["gptj-1", "gptj-2", "mpt-3h", "falcon-alibi", "phi3-swa"]

(target / "gguf").mkdir(parents=True, exist_ok=True)
for description in sorted((source / "families").glob("*.json")):
    fixture = json.loads(description.read_text())
    name, tokens, vocabulary = description.stem, fixture["n_tokens"], fixture["n_vocab"]
    logits = (source / "families" / fixture["logits"]).read_bytes()
    width = 4 * vocabulary
    rows = list(range(EVERY - 1, tokens, EVERY))
    (target / "gguf" / f"{name}.logits.f32").write_bytes(
        b"".join(logits[row * width : (row + 1) * width] for row in rows))
    (target / "gguf" / f"{name}.json").write_text(json.dumps(
        {"gguf": fixture["gguf"], "context": fixture["n_ctx"], "ids": fixture["ids"], "rows": rows}))
    shutil.copy(source / "families" / fixture["gguf"], target / "gguf" / fixture["gguf"])

for name in HUGGING_FACE:
    shutil.copytree(source / "families-hf" / name, target / "hf" / name, dirs_exist_ok=True)
    for suffix in (".json", ".ids.txt"):
        shutil.copy(source / "families-hf" / (name + suffix), target / "hf" / (name + suffix))
