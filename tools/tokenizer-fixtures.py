#!/usr/bin/env python3
"""Makes small tokenizers, with ids that other programs give.

    python3 tools/tokenizer-fixtures.py    # tokenizers, transformers 5, sentencepiece, gguf

Written to core/src/test/resources/tokenizers:
  texts.json        the texts
  pairs.json        a byte-level BPE vocabulary, and its ids by Hugging Face's library under the rules
                    that llama.cpp names: those of the models' own tokenizer.json
  characters.json   the same for vocabularies spelled in characters
  spm.*, unigram.*  SentencePiece models, the same as GGUF files, and the ids of SentencePiece
  hf-*              tokenizer.json and tokenizer_config.json, with ids and texts of transformers
"""
import io
import json
import pathlib
import random

import gguf
import sentencepiece
from tokenizers import (
    AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors,
    trainers)
from transformers import PreTrainedTokenizerFast

TARGET = pathlib.Path(__file__).resolve().parent.parent / "core/src/test/resources/tokenizers"
TEXTS = [
    "", " ", "   ", "\n", "\t\n", "\n\n\n", "Hello world", " Hello  world ", "HelloWorld's HTTP2Server",
    "I don't, you'll; he'd WE'VE it's 'twas", "1 12 123 1234 12345 1234567 3.14159 1,000,000",
    "w048 7tuijk dsdfhu", "if (x == 10) {\n    return \"a\";\n}\n\n\n// end\n", "a\tb\t\tc  d   e    f",
    "林黛玉喝了3杯茶，天氣很好。", "Führer Cửa Việt naïve café", "нещо на Български 42",
    "🚀 (normal) 😶‍🌫️ ✅ emoji", "नमस्ते दुनिया", "!!!!!! ... ?! -- == $5 ^_^ `x` <a|b>",
    "<|end|> and </s> and <s> are names", "Spaces  before . and , and ! isn 't it 's", "\u200b\u00a0x\u3000y",
]
WORDS = (
    "the and of to in is that it was for on are with his they at be this from have or by one had not "
    "but what all were when we there can an your which their said if do will each about how up out "
    "them then she many some these would other into has more two like him see time could no make than "
    "first been its who now people my made over did down only way find use may water long little very "
    "after words called just where most know don't can't it's we'll they've return public static void "
    "int 2024 1999 100 42 3.14 12345 林黛玉 天氣 你好 世界 нещо Български Führer café 🚀 ✅").split()


def corpus():
    draw = random.Random(7)
    lines = [" ".join(draw.choice(WORDS) for _ in range(12)) + draw.choice([".", "!", "?", ", so"])
             for _ in range(400)]
    return lines + [text for text in TEXTS if text.strip()] * 6


def split(pattern):
    return pre_tokenizers.Split(Regex(pattern), "isolated")


def byte_level(rule):
    return pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=rule)


ANY_CASE = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
REST = r"\s*[\r\n]+|\s+(?!\S)|\s+"
LETTERS = r"[^\r\n\p{L}\p{N}]?\p{L}+"
SIGNS = r" ?[^\s\p{L}\p{N}]+[\r\n]*"
CASED = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+END"
         r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*END")
LLAMA = f"{ANY_CASE}|{LETTERS}|\\p{{N}}{{1,3}}|{SIGNS}|{REST}"
RULES = {
    "gpt-2": [byte_level(True)],
    "starcoder": [pre_tokenizers.Digits(individual_digits=True), byte_level(True)],
    "falcon": [pre_tokenizers.Punctuation("contiguous"), byte_level(True), split("[0-9][0-9][0-9]")],
    "llama-bpe": [split(LLAMA), byte_level(False)],
    "smaug-bpe": [split(LLAMA), byte_level(False)],
    "qwen2": [split(f"{ANY_CASE}|{LETTERS}|\\p{{N}}|{SIGNS}|{REST}"), byte_level(False)],
    "qwen35": [split(
        f"{ANY_CASE}|[^\\r\\n\\p{{L}}\\p{{N}}]?[\\p{{L}}\\p{{M}}]+|\\p{{N}}"
        f"| ?[^\\s\\p{{L}}\\p{{M}}\\p{{N}}]+[\\r\\n]*|{REST}"), byte_level(False)],
    "gpt-4o": [split(
        CASED.replace("END", ANY_CASE + "?") + r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|" + REST),
        byte_level(False)],
    "tekken": [split(CASED.replace("END", "") + r"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|" + REST),
               byte_level(False)],
    "deepseek-v3": [
        split(r"\p{N}{1,3}"), split("[一-龥\u3040-ゟ゠-ヿ]+"),
        split(r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"
              r"| ?[\p{P}\p{S}]+[\r\n]*|" + REST), byte_level(False)],
    "bloom": [split(r" ?[^(\s|[.,!?…。，、।۔،])]+"), byte_level(False)],
}
IGNORES_MERGES = {"llama-bpe", "tekken"}


def ids(tokenizer, special=False):
    tokenizer.encode_special_tokens = not special
    return [tokenizer.encode(text, add_special_tokens=False).ids for text in TEXTS]


def write(name, value):
    (TARGET / name).write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")


def pairs():
    """Trained without the rules, so that tokens cross the borders that the rules draw."""
    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.Sequence([split(r" ?\S+|\s+"), byte_level(False)])
    raw.train_from_iterator(corpus(), trainers.BpeTrainer(
        vocab_size=700, show_progress=False, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    model = json.loads(raw.to_str())["model"]
    # Some tokens that no merge makes: those are found only where merges are ignored.
    merges = [tuple(merge) for merge in model["merges"]]
    merges = [merge for place, merge in enumerate(merges) if place % 9 != 5]
    expected = {}
    for pre, steps in RULES.items():
        own = Tokenizer(models.BPE(
            vocab=model["vocab"], merges=merges, ignore_merges=pre in IGNORES_MERGES))
        own.pre_tokenizer = pre_tokenizers.Sequence(steps)
        expected[pre] = ids(own)
    tokens = sorted(model["vocab"], key=model["vocab"].get)
    write("pairs.json", {"tokens": tokens, "merges": [" ".join(merge) for merge in merges], "ids": expected})
    return model["vocab"], merges


def characters():
    """Vocabularies of characters: with a sign for the space and bytes, and as they are."""
    raw = Tokenizer(models.BPE(unk_token=None, byte_fallback=True))
    raw.normalizer = normalizers.Replace(" ", "▁")
    raw.pre_tokenizer = split(r"▁?[^▁\n]+|▁+|\n+")
    fallback = [f"<0x{value:02X}>" for value in range(256)]
    raw.train_from_iterator(corpus(), trainers.BpeTrainer(
        vocab_size=900, show_progress=False, limit_alphabet=120,
        special_tokens=["<unk>", "<bos>", "<eos>"] + fallback + ["\n", "\n\n", "\n\n\n"]))
    model = json.loads(raw.to_str())["model"]
    vocab, merges = model["vocab"], [tuple(merge) for merge in model["merges"]]
    lines = merges + [("\n", "\n"), ("\n\n", "\n")]
    gemma = Tokenizer(models.BPE(vocab=vocab, merges=lines, byte_fallback=True))
    gemma.normalizer = normalizers.Replace(" ", "▁")
    gemma.pre_tokenizer = split(r"[^\n]+|[\n]+")
    plain_vocab = {token.replace("▁", "_"): place for token, place in vocab.items()}
    plain_merges = [tuple(part.replace("▁", "_") for part in merge) for merge in merges]
    plain = Tokenizer(models.BPE(vocab=plain_vocab, merges=plain_merges, byte_fallback=True))
    plain.pre_tokenizer = split(r"\S+")
    tokens = sorted(vocab, key=vocab.get)
    write("characters.json", {
        "tokens": tokens, "merges": [" ".join(merge) for merge in merges],
        "lines": [" ".join(merge) for merge in lines[len(merges):]],
        "types": [2, 3, 3] + [6] * 256 + [1] * (len(tokens) - 259),
        "ids": {"gemma4": ids(gemma), "whitespace": ids(plain)}})


def to_gguf(name, model, proto, kind):
    writer = gguf.GGUFWriter(TARGET / f"{name}.gguf", "llama")
    writer.add_tokenizer_model(kind)
    writer.add_token_list([model.id_to_piece(i) for i in range(model.get_piece_size())])
    writer.add_token_scores([model.get_score(i) for i in range(model.get_piece_size())])
    writer.add_token_types([proto.pieces[i].type for i in range(model.get_piece_size())])
    if model.bos_id() >= 0:
        writer.add_bos_token_id(model.bos_id())
    writer.add_eos_token_id(model.eos_id())
    writer.add_unk_token_id(model.unk_id())
    writer.add_add_space_prefix(proto.normalizer_spec.add_dummy_prefix)
    if kind == "t5":
        writer.add_remove_extra_whitespaces(proto.normalizer_spec.remove_extra_whitespaces)
        writer.add_precompiled_charsmap(proto.normalizer_spec.precompiled_charsmap)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()


def sentence_piece(name, kind, **options):
    from sentencepiece import sentencepiece_model_pb2
    out = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(corpus()), model_writer=out, byte_fallback=True, minloglevel=2,
        character_coverage=0.98, num_threads=1, **options)
    (TARGET / f"{name}.model").write_bytes(out.getvalue())
    model = sentencepiece.SentencePieceProcessor(model_proto=out.getvalue())
    proto = sentencepiece_model_pb2.ModelProto.FromString(out.getvalue())
    to_gguf(name, model, proto, kind)
    write(f"{name}.json", {
        "ids": [model.encode(text) for text in TEXTS],
        "decoded": [model.decode(model.encode(text)) for text in TEXTS]})


def hugging_face(name, tokenizer, config):
    folder = TARGET / name
    folder.mkdir(exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=1) + "\n")
    library = PreTrainedTokenizerFast.from_pretrained(folder)
    whole = [library(text)["input_ids"] for text in TEXTS]
    # A unigram model finds the names of its control pieces in any text; Lengthwise never does.
    plain = [None if "unigram" in name and "</s>" in text else one
             for text, one in zip(TEXTS, ids(tokenizer))]
    write(f"{name}/expected.json", {
        "ids": plain, "special": ids(tokenizer, special=True), "whole": whole,
        "decoded": [library.decode(one, skip_special_tokens=True) for one in whole]})


def special(*names):
    return [AddedToken(name, special=True, normalized=False) for name in names]


def byte_pairs_with_marks(vocab, merges):
    tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(RULES["qwen2"])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(special("<|begin|>", "<|end|>"))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<|begin|> $A", special_tokens=[("<|begin|>", tokenizer.token_to_id("<|begin|>"))])
    # transformers drops add_eos_token beside a tokenizer.json, and cleans no text of BPE.
    hugging_face("hf-pairs", tokenizer, dict(
        tokenizer_class="PreTrainedTokenizerFast", bos_token="<|begin|>", eos_token="<|end|>",
        add_eos_token=True, clean_up_tokenization_spaces=True))


def unigram_with_marks():
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.train_from_iterator(corpus(), trainers.UnigramTrainer(
        vocab_size=400, show_progress=False, unk_token="<unk>", special_tokens=special("<pad>", "</s>", "<unk>")))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", tokenizer.token_to_id("</s>"))])
    hugging_face("hf-unigram", tokenizer, dict(
        tokenizer_class="PreTrainedTokenizerFast", eos_token="</s>", unk_token="<unk>",
        pad_token="<pad>", clean_up_tokenization_spaces=True))


def main():
    TARGET.mkdir(parents=True, exist_ok=True)
    write("texts.json", TEXTS)
    vocab, merges = pairs()
    characters()
    sentence_piece(
        "spm", "llama", model_type="bpe", vocab_size=640, normalization_rule_name="identity",
        remove_extra_whitespaces=False, user_defined_symbols=["林黛玉"])
    rules = TARGET / "rules.tsv"
    rules.write_text("".join(
        " ".join(f"{ord(c):X}" for c in before) + "\t" + " ".join(f"{ord(c):X}" for c in after) + "\n"
        for before, after in {"\t": " ", "\n": " ", "\u00a0": " ", "\u3000": " ", "，": ",", "é": "e"}.items()))
    sentence_piece(
        "unigram", "t5", model_type="unigram", vocab_size=640, hard_vocab_limit=False,
        normalization_rule_tsv=str(rules),
        bos_id=-1, pad_id=0, eos_id=1, unk_id=2)
    rules.unlink()
    byte_pairs_with_marks(vocab, merges)
    unigram_with_marks()


main()
