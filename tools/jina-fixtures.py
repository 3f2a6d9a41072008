"""Makes jina.gguf of the small Jina v2 of core/src/test/resources/families/encoders, and what
llama.cpp computes of it.

    c++ … tools/llama-cpp-logits.cpp -o llama-cpp-logits     # with llama.cpp's libraries
    python3 tools/jina-fixtures.py ./llama-cpp-logits        # needs gguf and numpy

Jina's own classes are code beside its models and no part of transformers, so the folder `jina` has
the vectors of a formula (encoder-fixtures.py). This file has its weights, named as llama.cpp's
converter names them, and the states of an implementation that is nobody's here. Made with llama.cpp
of 2026-04-17, which reads every token as one of the first text and looks GELU up in a table of
half precision: hence the tolerance.
"""
import json
import pathlib
import struct
import subprocess
import sys

import gguf
import numpy as np

FOLDER = pathlib.Path(__file__).resolve().parent.parent / (
    "core/src/test/resources/families/encoders")
TOLERANCE = 2e-3


def tensors():
    data = (FOLDER / "jina/model.safetensors").read_bytes()
    end = 8 + struct.unpack("<Q", data[:8])[0]
    for name, entry in json.loads(data[8:end]).items():
        if name != "__metadata__":
            start, stop = entry["data_offsets"]
            yield name, np.frombuffer(data[end + start:end + stop], "<f4").reshape(entry["shape"])


def write(config):
    arch = gguf.MODEL_ARCH.JINA_BERT_V2
    file = FOLDER / "jina.gguf"
    writer = gguf.GGUFWriter(str(file), gguf.MODEL_ARCH_NAMES[arch])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)
    writer.add_layer_norm_eps(config["layer_norm_eps"])
    writer.add_vocab_size(config["vocab_size"])
    writer.add_tokenizer_model("no_vocab")
    writer.add_token_type_count(config["type_vocab_size"])
    table = gguf.get_tensor_name_map(arch, config["num_hidden_layers"])
    for name, value in tensors():
        parts = {name: value}
        if "gated_layers" in name:
            gate, up = np.split(value, 2)
            parts = {name.replace("layers", "layers_w"): gate,
                     name.replace("layers", "layers_v"): up}
        for key, part in parts.items():
            found = table.get_name(key, try_suffixes=(".weight", ".bias"))
            assert found is not None, key
            writer.add_tensor(found, np.ascontiguousarray(part))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def main(program):
    config = json.loads((FOLDER / "jina/config.json").read_text())
    ids = json.loads((FOLDER / "jina.json").read_text())["ids"]
    file = write(config)
    answer = subprocess.run(
        [program, "--states", file, "64", *map(str, ids)], check=True, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL)
    states = np.frombuffer(answer.stdout, "<f4").astype(float)
    fixture = {"ids": ids, "tolerance": TOLERANCE, "hidden": [round(x, 6) for x in states.tolist()]}
    (FOLDER / "jina.gguf.json").write_text(json.dumps(fixture) + "\n")


main(*sys.argv[1:])
