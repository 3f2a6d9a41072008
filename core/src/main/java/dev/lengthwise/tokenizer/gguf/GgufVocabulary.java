package dev.lengthwise.tokenizer.gguf;

import java.util.function.Supplier;

/// The vocabulary that a GGUF file carries under `tokenizer.ggml.*`. The arrays are not copied: the
/// caller must not change them afterwards.
///
/// @param model `tokenizer.ggml.model`: `llama` or `gpt2`
/// @param pre `tokenizer.ggml.pre`, how text is cut into words; empty when absent
/// @param tokens the text of every token
/// @param scores one score a token; empty when absent
/// @param types one type a token (1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6
///     byte); empty when absent, which means all normal
/// @param merges `left right` in the order of preference; empty when absent
/// @param bos id of the begin of text, or −1
/// @param eos id of the end of text, or −1
/// @param addBos whether prompts start with `bos`
/// @param addSpacePrefix whether a space is put before a text; only for `llama`
/// @param sha256 of the file, computed when asked for, while the file is open: that reads all of it
@SuppressWarnings("ArrayRecordComponent") // tens of thousands of values, straight from the reader
public record GgufVocabulary(
    String model,
    String pre,
    String[] tokens,
    float[] scores,
    int[] types,
    String[] merges,
    int bos,
    int eos,
    boolean addBos,
    boolean addSpacePrefix,
    Supplier<String> sha256) {

  int type(int id) {
    return types.length == 0 ? 1 : types[id];
  }
}
