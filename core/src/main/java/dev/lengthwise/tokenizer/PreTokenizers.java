package dev.lengthwise.tokenizer;

import java.util.List;
import java.util.Optional;

/// The pre-tokenizers that llama.cpp names (`src/llama-vocab.cpp`, November 2025 and later), one
/// row each. To add one, add a row.
///
/// llama.cpp approximates some patterns, because its regular expressions lack classes such as
/// `\p{Lu}`; such rows have the pattern of the model's own `tokenizer.json` instead. Vocabularies
/// of the last rows are not spelled in bytes.
public final class PreTokenizers {

  private static final String CONTRACTIONS = "'s|'t|'re|'ve|'m|'ll|'d";
  private static final String ANY_CASE = "(?i:" + CONTRACTIONS + ")";

  /// The words of GPT-2.
  public static final String GPT2 =
      CONTRACTIONS + "| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

  /// Runs of punctuation, as the step `Punctuation` of a `tokenizer.json` cuts them.
  public static final String PUNCTUATION = "[\\p{P}\\$\\+<=>\\^~\\|`]+";

  private static final String DIGIT = "\\p{N}";
  private static final String DIGITS = "\\p{N}{1,3}";

  private static final String LETTERS = "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+";
  private static final String SIGNS = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*";
  private static final String SIGNS_AND_SLASH = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*";
  /// Lines and runs of line breaks: no word is cut from the next one.
  public static final String ONE_LINE = "[^\\n]+|[\\n]+";
  private static final String LINES = "\\s*[\\r\\n]+";
  private static final String SPACES = "\\s+(?!\\S)|\\s+";

  // Runs of capital and then small letters; marks and letters without case are both.
  private static final String CAPITAL = "\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}";
  private static final String SMALL = "\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}";

  private static final String HAN_AND_KANA = "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+";
  private static final String HAN_AND_HANGUL = "[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+";
  private static final String SENTENCE_PARTS =
      " ?[^(\\s|.,!?\u2026\u3002\uff0c\u3001\u0964\u06d4\u060c)]+";
  private static final String ASCII_SIGN = "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~]";
  private static final String DEEPSEEK_WORDS =
      ASCII_SIGN + "[A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+";
  private static final String DEEPSEEK =
      either(DEEPSEEK_WORDS, " ?[\\p{P}\\p{S}]+[\\r\\n]*", LINES, SPACES);

  private static final String LLAMA3 = either(ANY_CASE, LETTERS, DIGITS, SIGNS, LINES, SPACES);
  private static final String QWEN2 = either(ANY_CASE, LETTERS, DIGIT, SIGNS, LINES, SPACES);
  private static final String GPT4O =
      either(cased(ANY_CASE + "?"), DIGITS, SIGNS_AND_SLASH, LINES, SPACES);

  /// The words of the bundled models.
  private static final String BUNDLED =
      either(
          "[^\\r\\n\\p{L}\\p{M}\\p{N}]?[\\p{L}\\p{M}]+",
          DIGIT,
          " ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*",
          LINES,
          SPACES);

  /// Letters that have a case, as the tokenizer of DeepSeek LLM lists them.
  private static final String DEEPSEEK_LETTERS =
      "A-Za-z\u00b5\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u01ba\u01bc-\u01bf\u01c4-\u0293"
          + "\u0295-\u02af\u0370-\u0373\u0376\u0377\u037b-\u037d\u037f\u0386\u0388-\u038a\u038c"
          + "\u038e-\u03a1\u03a3-\u03f5\u03f7-\u0481\u048a-\u052f\u0531-\u0556\u10a0-\u10c5"
          + "\u13a0-\u13f5\u13f8-\u13fd\u1c90-\u1cba\u1cbd-\u1cbf\u1d00-\u1d2b\u1d6b-\u1d77"
          + "\u1d79-\u1d9a\u1e00-\u1f15\u1f18-\u1f1d\u1f20-\u1f45\u1f48-\u1f4d\u1f50-\u1f57"
          + "\u1f59\u1f5b\u1f5d\u1f5f-\u1f7d\u1f80-\u1fb4\u1fb6-\u1fbc\u1fbe\u1fc2-\u1fc4"
          + "\u1fc6-\u1fcc\u1fd0-\u1fd3\u1fd6-\u1fdb\u1fe0-\u1fec\u1ff2-\u1ff4\u1ff6-\u1ffc"
          + "\u2102\u2107\u210a-\u2113\u2115\u2119-\u211d\u2124\u2126\u2128\u212a-\u212d"
          + "\u212f-\u2134\u2139\u213c-\u213f\u2145-\u2149\u214e\u2183\u2184\u2c00-\u2c7b"
          + "\u2c7e-\u2ce4\u2ceb-\u2cee\u2cf2\u2cf3\ua640-\ua66d\ua680-\ua69b\ua722-\ua76f"
          + "\ua771-\ua787\ua78b-\ua78e\uab70-\uabbf\ufb00-\ufb06\ufb13-\ufb17\uff21-\uff3a"
          + "\uff41-\uff5a\\x{10400}-\\x{1044f}\\x{104b0}-\\x{104d3}\\x{104d8}-\\x{104fb}"
          + "\\x{10c80}-\\x{10cb2}\\x{10cc0}-\\x{10cf2}\\x{118a0}-\\x{118df}\\x{1e900}-\\x{1e943}";

  /// Every row. Of several rows with the same patterns, the first is the one that is written.
  static final List<PreTokenizer> ALL =
      List.of(
          PreTokenizer.of(
              List.of(
                  "gpt-2",
                  "phi-2",
                  "mpt",
                  "olmo",
                  "jais",
                  "trillion",
                  "exaone4",
                  "granite-docling",
                  "gigachat",
                  "mellum",
                  "modern-bert",
                  "roberta-bpe",
                  "a.x-4.0",
                  "jina-es",
                  "jina-de",
                  "jina-v1-en",
                  "jina-v2-es",
                  "jina-v2-de",
                  "jina-v2-code"),
              GPT2),
          PreTokenizer.of(
                  List.of(
                      "llama-bpe",
                      "llama3",
                      "llama-v3",
                      "falcon3",
                      "falcon-h1",
                      "pixtral",
                      "midm-2.0",
                      "lfm2",
                      "jina-v5-nano"),
                  LLAMA3)
              .ignoringMerges()
              .begin(PreTokenizer.Begin.ADDED),
          PreTokenizer.of(List.of("smaug-bpe", "dbrx"), LLAMA3),
          PreTokenizer.of(List.of("chatglm-bpe", "glm4"), LLAMA3).begin(PreTokenizer.Begin.ABSENT),
          PreTokenizer.of(
              List.of(
                  "qwen2",
                  "deepseek-r1-qwen",
                  "stablelm2",
                  "hunyuan",
                  "megrez",
                  "solar-open",
                  "grok-2",
                  "kormo",
                  "f2llmv2"),
              QWEN2),
          PreTokenizer.of(
              List.of("qwen35"),
              either(
                  ANY_CASE,
                  "[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+",
                  DIGIT,
                  " ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*",
                  LINES,
                  SPACES)),
          PreTokenizer.of(
              List.of(
                  "starcoder",
                  "refact",
                  "command-r",
                  "smollm",
                  "codeshell",
                  "exaone",
                  "minerva-7b",
                  "mellum2"),
              DIGIT,
              GPT2),
          PreTokenizer.of(List.of("falcon"), PUNCTUATION, GPT2, "[0-9][0-9][0-9]"),
          PreTokenizer.of(
              List.of("default"), PUNCTUATION.replace("`", ""), GPT2, "\\p{N}+", "[0-9][0-9][0-9]"),
          PreTokenizer.of(
              List.of("deepseek-llm"),
              "[\\r\\n]",
              "\\s?[" + DEEPSEEK_LETTERS + "]+",
              "\\s?[!-/:-~\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002]+",
              "\\s+$",
              HAN_AND_HANGUL,
              "\\p{N}+"),
          PreTokenizer.of(
              List.of("deepseek-coder"),
              "[\\r\\n]",
              "\\s?\\p{L}+",
              "\\s?\\p{P}+",
              HAN_AND_HANGUL,
              DIGIT),
          PreTokenizer.of(
              List.of("deepseek-v3", "hunyuan-dense", "joyai-llm", "hy_v4"),
              DIGITS,
              HAN_AND_KANA,
              DEEPSEEK),
          PreTokenizer.of(
              List.of("spark2_5"),
              DIGITS,
              HAN_AND_KANA,
              either(DEEPSEEK_WORDS, " ?[\\p{P}\\p{S}]+", "[\\r\\n]", SPACES),
              DIGIT),
          PreTokenizer.of(
              List.of("afmoe"),
              "\\p{N}{1,3}(?=(?:\\p{N}{3})*(?!\\p{N}))", // threes, counted from the last digit
              "[\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff\u3040-\u309f\u30a0-\u30ff\uff65-\uff9f"
                  + "\u2f00-\u2fdf\u0e40-\u0e7f\u0e80-\u0eff\u1780-\u17ff\u1000-\u109f"
                  + "\uaa60-\uaa7f\ua9e0-\ua9ff\uac00-\ud7af\u1100-\u11ff]+",
              DEEPSEEK),
          PreTokenizer.of(List.of("poro-chat", "bloom", "gpt3-finnish"), SENTENCE_PARTS),
          PreTokenizer.of(List.of("viking"), SENTENCE_PARTS, DIGIT),
          PreTokenizer.of(
                  List.of("tekken"), either(cased(""), DIGIT, SIGNS_AND_SLASH, LINES, SPACES))
              .ignoringMerges()
              .begin(PreTokenizer.Begin.ADDED),
          PreTokenizer.of(List.of("gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2"), GPT4O),
          PreTokenizer.of(List.of("granite-embed-multi-97m"), GPT4O).ignoringMerges(),
          PreTokenizer.of(List.of("tiny_aya", "cohere2moe"), "\\d{1,3}(?=(?:\\d{3})*\\b)", GPT4O),
          PreTokenizer.of(
                  List.of("youtu"),
                  "[\uac00-\ud7a3\u3131-\u318e]+"
                      + "|[\uff01\u2026\u201c\u201d\u2018\u2019\u2014\uff1a\uff1b\uff0c"
                      + "\u3001-\u303f\ufe30-\ufe4f]+|[\u3105-\u312f]+|"
                      + HAN_AND_KANA,
                  either(cased(ANY_CASE + "?"), DIGIT, SIGNS_AND_SLASH, LINES, SPACES))
              .ignoringMerges(),
          PreTokenizer.of(
              List.of("kimi-k2"),
              either(
                  "[\\p{Han}]+",
                  cased("&&[^\\p{Han}]", ANY_CASE + "?"),
                  DIGITS,
                  SIGNS,
                  LINES,
                  SPACES)),
          PreTokenizer.of(
                  List.of("chameleon"),
                  "<sentinel:[0-9]+>",
                  "(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z",
                  "([\\t\\n]|    |  )",
                  DIGIT,
                  "[\\p{P}!-/:-@\\[-`{-~]",
                  GPT2)
              .begin(PreTokenizer.Begin.ADDED),
          PreTokenizer.of(List.of("superbpe"), "\\p{N}+", "(?=(\\d{3})+(?!\\d))").joiningWords(),
          PreTokenizer.of(
              List.of("bailingmoe", "bailingmoe2", "llada-moe"),
              either(
                  "'(?i:[sdmt]|ll|ve|re)",
                  "[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+",
                  DIGIT,
                  " ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*",
                  "\\s*[\\r\\n]",
                  SPACES)),
          PreTokenizer.of(
              List.of("seed-coder"),
              either(ANY_CASE, LETTERS, "\\p{N}{1}", " ?[^\\s\\p{L}\\p{N}\\r\\n]+", LINES, SPACES)),
          PreTokenizer.of(List.of("ufakzeka"), either(LETTERS, DIGIT, SIGNS, LINES, SPACES)),
          PreTokenizer.of(List.of("laguna"), ONE_LINE, QWEN2),
          PreTokenizer.of(
                  List.of("exaone-moe"),
                  either(
                      ANY_CASE,
                      "[^\\r\\n\\p{L}\\p{N}]?(?:\\p{L}\\p{M}*(?: \\p{L}\\p{M}*)*)+",
                      DIGIT,
                      " ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]?",
                      "\\s*[\\r\\n]",
                      SPACES))
              .joiningWords(),
          PreTokenizer.of(
                  List.of("minicpm5"),
                  DIGITS,
                  either(ANY_CASE, LETTERS, "\\p{N}+", SIGNS, LINES, SPACES))
              .ignoringMerges(),
          PreTokenizer.of(
              List.of("jais-2"),
              either(
                  ANY_CASE,
                  LETTERS,
                  DIGITS,
                  SIGNS,
                  LINES,
                  "\\s{512}(?!\\S)|\\s{256}(?!\\S)|\\s{128}(?!\\S)|\\s{64}(?!\\S)|\\s{32}(?!\\S)",
                  "\\s{16}(?!\\S)|\\s{8}(?!\\S)|\\s{4}(?!\\S)|\\s{1,2}(?!\\S)|\\s{1}")),
          PreTokenizer.of(List.of("gemma4", "granite-embed-multi-311m"), ONE_LINE)
              .spelled(PreTokenizer.Spelling.ESCAPED)
              .keepingLineBreaks()
              .joiningWords()
              .begin(PreTokenizer.Begin.ALWAYS),
          PreTokenizer.of(List.of("sarvam-moe"), ONE_LINE)
              .spelled(PreTokenizer.Spelling.ESCAPED)
              .joiningWords(),
          PreTokenizer.of(List.of("whitespace"), "\\S+").spelled(PreTokenizer.Spelling.PLAIN));

  private PreTokenizers() {}

  /// The row of a name; an absent key is empty here, and means `default`.
  public static Optional<PreTokenizer> named(String pre) {
    String name = pre.isEmpty() ? "default" : pre;
    return ALL.stream().filter(row -> row.names().contains(name)).findFirst();
  }

  /// The row of byte-level vocabularies that cuts texts by `patterns` and treats merges the same
  /// way.
  public static Optional<PreTokenizer> of(List<String> patterns, boolean ignoresMerges) {
    return ALL.stream()
        .filter(row -> row.spelling() == PreTokenizer.Spelling.BYTES)
        .filter(row -> row.patterns().equals(patterns) && row.ignoresMerges() == ignoresMerges)
        .findFirst();
  }

  /// Whether texts that are cut by `patterns` are cut before words ([PreTokenizer#cutsWords()]);
  /// false for unknown patterns.
  public static boolean cutWords(List<String> patterns) {
    return patterns.equals(List.of(BUNDLED))
        || ALL.stream().anyMatch(row -> row.cutsWords() && row.patterns().equals(patterns));
  }

  /// Every known name, sorted.
  public static List<String> names() {
    return ALL.stream().flatMap(row -> row.names().stream()).sorted().toList();
  }

  private static String either(String... alternatives) {
    return String.join("|", alternatives);
  }

  private static String cased(String after) {
    return cased("", after);
  }

  // Small letters with capitals before them, or capitals with small letters after them.
  private static String cased(String without, String after) {
    String before = "[^\\r\\n\\p{L}\\p{N}]?[" + CAPITAL + without + "]";
    String small = "[" + SMALL + without + "]";
    return either(before + "*" + small + "+" + after, before + "+" + small + "*" + after);
  }
}
