package dev.lengthwise.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.app.options.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Whatever is wrong, the user gets one sentence and the right status, and nothing is written.
class WrongInputTest {

  private static final Path SETTINGS = Path.of("..", "models", Home.BUNDLED_MODEL, "train.json");

  @TempDir static Path folder;

  @BeforeAll
  static void files() throws IOException {
    TinyModel.write(folder);
    TinyModel.ids(folder, 40);
    String tiny = folder.resolve("tiny.bin").toString();
    Run.of("quantize", tiny, folder.resolve("tiny.gguf").toString(), "--type", "f32", "--quiet");
    Files.createDirectory(folder.resolve("empty"));
    Files.writeString(folder.resolve("file"), "text");
    Files.writeString(folder.resolve("nothing.txt"), "");
    Files.write(folder.resolve("binary.txt"), new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
    Files.writeString(folder.resolve("one.ids"), "5");
    Files.writeString(folder.resolve("word.ids"), "1 x 3");
    Files.writeString(folder.resolve("big.ids"), "1 2 99999999999");
    Files.writeString(folder.resolve("last-outside.ids"), "1 2 32");
    Files.writeString(folder.resolve("negative.ids"), "1 -2 3");
    Files.writeString(folder.resolve("broken.jsonl"), "{\"text\":");
    Files.write(
        folder.resolve("short.bin"),
        java.util.Arrays.copyOf(Files.readAllBytes(folder.resolve("tiny.bin")), 900));
    Files.writeString(folder.resolve("damaged.gguf"), "GGUF damaged");
    Files.writeString(folder.resolve("null.json"), "null");
    Files.writeString(folder.resolve("empty.json"), "{}");
    Files.writeString(folder.resolve("deep.json"), "[".repeat(2000));
    Files.writeString(folder.resolve("messages.json"), "{\"messages\": [\"hello\"]}");
    Files.writeString(folder.resolve("t.jinja"), "{% if x %}");
    Files.writeString(folder.resolve("cut.json"), "{\"model\": {\n\"layers\": 2,");
    Files.copy(SETTINGS, folder.resolve("train.json"));
    Files.writeString(folder.resolve("damaged.txt.gz"), "damaged");
    Files.writeString(folder.resolve("damaged.txt.zst"), "damaged");
    Files.writeString(folder.resolve("settings.json"), "{\"trainedLength\": -1}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        // commands and options
        "nosuch | 2 | no command 'nosuch', only [compare",
        "generate --nosuch | 2 | '--nosuch'",
        "generate -m | 2 | Missing required parameter",
        "generate -n 3 -n 4 | 2 | only once",
        "generate -n 99999999999 | 2 | a whole number of at most 2147483647, found",
        "generate -n -5 -m M | 2 | found -5",
        "generate --temp NaN -m M | 2 | found NaN",
        "generate --temp -1 -m M | 2 | found -1.0",
        "generate --top-p 2 -m M | 2 | top-p",
        "serve --port 99999 -m M | 2 | --port must be 0 to 65535",
        "serve --cors-origin page.example -m M | 2 | an origin as browsers send it",
        "serve --cors-origin http://a.example/ -m M | 2 | did you mean 'http://a.example'?",
        "serve --cors-origin ftp://x -m M | 2 | (http or https, a host in lower-case",
        "serve --chat-template none -m M | 1 | no chat template 'none', and no other",
        "serve --parallel 0 -m M | 2 | --parallel must be positive",
        "serve --prefix-cache -1 -m M | 2 | expected a size such as 16G",
        "serve --cache-memory 0 -m M | 2 | --cache-memory must be positive",
        "generate --activations Q8 --repack OFF -m M | 2 | give only one",
        "generate --activations Q8 --engine TORCH -m M | 2 | compute on libtorch; give only one",
        "perplexity --activations Q8 --device cuda -p x -m M | 2 | compute on libtorch; give only"
            + " one",
        "serve --api-key-file nosuch -m M | 1 | key cannot be read from nosuch",
        "generate --min-p NaN -m M | 2 | min-p",
        "generate --top-k -1 -m M | 2 | top-k",
        "generate --stop '' -m M | 2 | stop string",
        "generate -c 0 -m M | 2 | --ctx-size must be positive",
        "generate --dtype f16 -m M | 2 | [F32",
        "generate -t 99999999999 -m M | 2 | from 1 to 1024, found '99999999999'",
        "generate -t 0 -m M | 2 | from 1 to 1024, found",
        "generate -b 0 -m M | 2 | batch size",
        "generate --trained-length 0 -m M | 2 | found 0",
        "generate --trained-length -7 -m M | 2 | found -7",
        "generate --trained-length 9223372036854775807 -m M | 2 | at most",
        "generate --trained-length 8 --yarn-orig-ctx 9 -m M | 2 | only once",
        "generate -m M -p x | 1 | no tokenizer",
        "generate -m M --system x -p y | 2 | go with --chat",
        "generate -m M --chat --ids IDS | 2 | --chat takes one message",
        // chat templates
        "template | 2 | Missing required option: '--data=FILE'",
        "template --data F/empty.json | 2 | give -m or --file",
        "template --file F/t.jinja --data F/empty.json --ids | 2 | --ids needs a tokenizer",
        "template --file F/t.jinja --data F/empty.json --now today | 2 | found 'today'",
        "template --file F/t.jinja --data F/nosuch | 1 | nosuch cannot be read",
        "template --file F/t.jinja --data F/cut.json | 1 | is not valid",
        "template --file F/t.jinja --data F/null.json | 1 | must be an object",
        "template --file F/t.jinja --data F/messages.json | 1 | must be a list of objects",
        "template --file F/nosuch --data F/empty.json | 1 | nosuch cannot be read",
        "template --file F/binary.txt --data F/empty.json | 1 | is not UTF-8",
        "template --file F/t.jinja --data F/empty.json | 1 | line 1: the template ends",
        "template -m nosuch --data F/empty.json | 1 | no model 'nosuch'",
        "template -m M --data F/empty.json | 1 | no chat template",
        "template -m F/damaged.gguf --data F/empty.json | 1 | GGUF",
        // options of 2026-11
        "generate -m M --ids '' | 2 | expected the name of a file or folder, found ''",
        "generate -m M --ids IDS --ids IDS | 2 | only once",
        "generate -m M --ids F/empty | 1 | Cannot read",
        "generate -m M | 1 | give token ids with --ids",
        "generate -m M --ids IDS --stop | 2 | Missing required parameter",
        "generate -m M --ids IDS --ignore-eos=x | 2 | not a boolean",
        "generate -m M --ids IDS --cache-type q4 | 2 | [F32",
        "generate -m M --ids IDS --cache-type '' | 2 | [F32",
        "generate -m M --ids IDS --cache-type f32 -ctk bf16 | 2 | only once",
        "generate -m M --ids IDS --revision main | 2 | is a local one",
        "generate -m org/name -p x --revision '' | 2 | found ''",
        "generate -m org/name -p x --revision ../../x | 2 | found '../../x'",
        "generate -m M --ids IDS --method lm-infinite:local=8,top-k=-1 | 1 | found -1",
        "generate -m M --ids IDS --method lm-infinite:local=8,top-k= | 1 | found ''",
        "generate -m M --ids IDS --method lm-infinite:local=8,top-k=1.5 | 1 | found '1.5'",
        "generate -m M --ids IDS --method lm-infinite:local=8,from-layer=1 | 1 | need top-k",
        "generate -m M --ids IDS --method lm-infinite:local=8,top-k=2,from-layer=-1 | 1 | found -1",
        "generate -m M --ids IDS --method lm-infinite:local=8,top-k=2,top-k=3 | 1 | twice",
        "generate -m M --ids IDS --method ntk:factor=2,layers=none | 1 | layers must be all",
        "generate -m M --ids IDS --method ntk:factor=2,layers= | 1 | layers must be all",
        "generate -m M --ids IDS --method layers=all | 1 | unknown method",
        "perplexity -m M -f '' | 2 | expected the name of a file or folder, found ''",
        "perplexity -m M -f - -f - | 2 | can be read once",
        "passkey -m M | 1 | copy it there.",
        "compare -m M -p x --lengths 8 --out F/o | 1 | give token ids with --ids",
        "compare -m M --ids IDS --lengths 8 --out F/o | 1 | --trials 0",
        "tokenize | 2 | needs a text",
        "tokenize -m '' -p x | 2 | empty",
        "tokenize -m F/empty -p x | 1 | holds no files",
        "tokenize -m F/train.json -p x | 1 | not a tokenizer.json",
        "tokenize -m M -p x | 1 | copy it there.",
        "tokenizer train -f F/file --pre '' --out F/t.json | 2 | --pre must be one of",
        "tokenizer train -f F/file --pre gpt2 --pre gpt2 --out F/t.json | 2 | only once",
        "tokenizer train -f F/file --vocab 99999999999 --out F/t.json | 2 | a whole number of at"
            + " most",
        "tokenizer train -f F/file --vocab 300 --out '' | 2 | name of a file or folder, found ''",
        "tokenizer train -f F/file --vocab 300 --special '' --out F/t.json | 1 | not empty",
        "quantize M F/o.gguf --type '' | 2 | [Q8_0",
        "quantize M F/o.gguf --type q8_0 --type q4_0 | 2 | only once",
        "quantize M '' --type q8_0 | 2 | found ''",
        "quantize '' F/o.gguf --type q8_0 | 2 | empty",
        "quantize M F/file/o.gguf --type q8_0 | 1 | cannot be written: not a directory",
        "generate -m M -p x --typical 0 | 2 | typical-p must be above 0",
        "generate -m M -p x --mirostat 3 | 2 | mirostat is 0 (off), 1 or 2, found 3",
        "generate -m M -p x --xtc-probability 2 | 2 | between 0 (off) and 1, found 2.0",
        "generate -m M -p x --repeat-penalty 0 | 2 | above 0 (1: off), found 0.0",
        "generate -m M --ids IDS -l 99999999+5 | 1 | The logit bias names token 99999999, and the"
            + " model has tokens 0 to",
        "generate -m M -p x -l hello | 2 | --logit-bias is such as 15043+1",
        "generate -m M -p x --json --grammar-text x | 2 | exclude each other",
        "generate -m M -p x --grammar-text x | 1 | line 1: expected '::='",
        "generate -m M -p x --grammar F/nosuch | 1 | there is no such file",
        "generate -m M -p x --json-schema F/cut.json | 1 | is no JSON",
        "generate -m M -p x --logprobs -1 | 2 | must be 0 or more",
        "plan M --memory lots | 2 | expected a size such as 16G",
        "plan M --ctx 0 | 2 | --ctx must be positive",
        "plan M --method nosuch | 1 | Known methods",
        "plan M --cache-type q8_0 --device cuda | 2 | keys and values are f32 or bf16",
        "pull | 2 | MODEL",
        "pull java-5m | 2 | A hub id is org/name or org/name:QUANT, found 'java-5m'",
        "pull org/name --revision ../../x | 2 | found '../../x'",
        "generate -m no-org/no-name -p x | 1 | ./lengthwise pull no-org/no-name",
        "quantize M F/o.gguf --type q8_0 --revision x | 2 | is a local one",
        "train --from | 2 | Missing required parameter",
        "train --from '' --data F --out F/r | 2 | empty",
        "train --from nosuch --data F --out F/r | 1 | no model 'nosuch'",
        "train --from M | 2 | needs --data and --out",
        "train --from M --from M --data F --out F/r | 2 | only once",
        "train --from M --tiny | 2 | leave --from out",
        "train --from M --data F --out F/r | 1 | has none of tokenizer.json",
        "train --from M --data F --out F/r --revision x | 2 | is a local one",
        "train --from F/empty --data F --out F/r | 1 | holds no files",
        "train --from M --data F --out F/r --method nosuch | 1 | unknown method",
        "train --from M --data F --out F/r --method yarn:factor=0 | 1 | found 0",
        "train --method rope --config F/train.json --tiny | 2 | is for --from",
        "train --from M --data F --out F/r --device tpu | 2 | none of cpu",
        // found by trials of 2026-11-29
        "embed -m M -f F/file --out F/file | 2 | is the input",
        "tokenizer train -f F/file --out F/file | 2 | is the input",
        "compare -m M --ids IDS --lengths 8 --trials 0 --out F/o --report IDS | 2 | is the input",
        "diagnose -m M --ids IDS --report IDS | 2 | is the input",
        "diagnose -m M --ids IDS --report / | 1 | Cannot write the report to /",
        "bench -m M --weights q4_k | 2 | --weights is for --shape",
        "bench -m M --out F/file | 1 | for the results: a file of that name exists",
        "bench -m M --report F/empty | 1 | Cannot write the report",
        "methods '' | 1 | unknown method ''. Known methods",
        "plan M -m F/tiny.gguf | 2 | named twice",
        "config explain M -m F/tiny.gguf | 2 | named twice",
        "train --config F/deep.json --data F --out F/r | 1 | is not JSON: Document nesting depth",
        "chat -m M --chat-template-file F/t.jinja | 1 | line 1: the template ends",
        "serve -m M --chat-template-file F/t.jinja --port 0 | 1 | line 1: the template ends",
        "generate -m M --ids IDS --temp x | 2 | expected a decimal number such as 0.5, found 'x'",
        "generate -m M --ids IDS --seed 1e5 | 2 | expected a whole number of at most",
        "generate -m M --ids IDS --grammar '' | 2 | the name of a file or folder, found ''",
        "generate -m M --ids IDS -t 1025 | 2 | from 1 to 1024, found",
        "quantize M F/o.gguf --type q8_0 -t 1025 | 2 | from 1 to 1024, found",
        "experiment coca --tiny -t 1025 | 2 | from 1 to 1024, found",
        "generate -m M --ids IDS --rope-scale NaN | 1 | --rope-scale must be a finite number",
        "generate -m M --ids IDS --rope-scaling yarn --rope-scale 1e999 | 1 | found Infinity",
        "generate -m M --ids IDS --repeat-last-n -2 | 2 | must be -1 (all) or more, found -2",
        "generate -m M --ids IDS --xtc-threshold NaN | 2 | found NaN",
        "generate -m M --ids IDS --mirostat-lr 5 | 2 | a rate between 0 and 1, found 5.0 and 5.0",
        "generate -m M --ids IDS --method REROPE | 1 | did you mean rerope?",
        "generate -m F/nothing.txt --ids IDS | 1 | nothing.txt is empty; expected a safetensors",
        "perplexity -m M --ids IDS --last 3 | 2 | --last and --windows go with --lengths",
        "perplexity -m M --ids IDS --windows 3 | 2 | --last and --windows go with --lengths",
        "perplexity -m M --ids IDS --lengths 8 --windows 0 | 2 | must be positive, found 1, 0 and",
        "passkey -m M --lengths 300 --depths 0.5,2 | 2 | between 0 and 1, found [0.5, 2.0]",
        "diagnose -m M --ids IDS --nearest 5 | 2 | go with --show HUBNESS",
        "diagnose -m M --ids IDS --pairs F/file | 2 | go with --show HUBNESS",
        "diagnose -m M --ids IDS --report '' | 2 | the name of a file or folder, found ''",
        "diagnose --show hubness --vectors F/empty | 1 | it is a folder",
        "help nosuch | 2 | There is no command 'nosuch', only [compare",
        "help generate x | 2 | generate has no commands, found 'x'",
        // models
        "generate -m '' -p x | 2 | empty",
        "generate -m nosuch -p x | 1 | no model 'nosuch'",
        "inspect F/empty | 1 | holds no files",
        "inspect F/short.bin | 1 | not a safetensors, GGUF or llama2.c",
        "inspect F/damaged.gguf | 1 | GGUF",
        "quantize | 2 | Missing required",
        "quantize M F/o.gguf | 2 | --type",
        "quantize M F/o.gguf --type q3_x | 2 | q3_x",
        "quantize M F/o.bin --type q8_0 | 2 | named *.gguf",
        "quantize M F/o.gguf --type q8_0 -t 0 | 2 | from 1 to 1024, found",
        "quantize nosuch F/o.gguf --type q8_0 | 1 | no model 'nosuch'",
        "quantize F/short.bin F/o.gguf --type q8_0 | 1 | not a safetensors, GGUF or llama2.c",
        "quantize F/damaged.gguf F/o.gguf --type q8_0 | 1 | GGUF",
        "quantize F/damaged.gguf F/damaged.gguf --type q8_0 | 1 | GGUF",
        "quantize M F/nosuch/o.gguf --type q8_0 | 1 | its folder does not exist",
        "quantize F/tiny.gguf F/tiny.gguf --type q8_0 | 2 | is the input",
        // texts and ids
        "perplexity -m M | 2 | needs a text",
        "perplexity -m M -f F/nosuch.txt | 1 | no text file",
        "perplexity -m M -f F/empty | 1 | is a folder",
        "perplexity -m M -f / | 1 | is a folder",
        "perplexity -m M -f F/nothing.txt | 1 | is empty",
        "perplexity -m M -f F/binary.txt | 1 | not UTF-8",
        "perplexity -m M -f F/broken.jsonl | 1 | is not JSON",
        "perplexity -m M --ids F/nosuch | 1 | Cannot read",
        "perplexity -m M --ids F/nothing.txt | 1 | is empty",
        "perplexity -m M --ids F/one.ids | 1 | no next token",
        "perplexity -m M --ids F/one.ids --stride 1 -c 4 | 1 | no next token",
        "perplexity -m M --ids F/word.ids | 1 | 'x' in",
        "perplexity -m M --ids F/big.ids | 1 | '99999999999' in",
        "perplexity -m M --ids F/last-outside.ids | 1 | Token id 32",
        "perplexity -m M --ids F/negative.ids | 1 | Token id -2",
        // axes
        "perplexity -m M --ids IDS --lengths 1 | 2 | found '1'",
        "perplexity -m M --ids IDS --lengths abc | 2 | found 'abc'",
        "perplexity -m M --ids IDS --lengths '' | 2 | found ''",
        "perplexity -m M --ids IDS --lengths , | 2 | found ','",
        "perplexity -m M --ids IDS --lengths 8,,16 | 2 | found '8,,16'",
        "perplexity -m M --ids IDS --lengths 41 | 1 | too few for windows of 41; give a longer text"
            + " (-f) or --lengths of at most 40",
        "perplexity -m M --ids IDS --lengths 8 --last 0 | 2 | positive",
        "perplexity -m M --ids IDS --lengths 8 --windows 2147483647 | 1 | smaller --windows",
        "perplexity -m M --ids IDS --lengths 8 --stride 4 | 2 | exclude each other",
        "perplexity -m M --ids IDS -c 30 | 1 | 40 tokens, more than --ctx-size 30",
        "perplexity -m M --ids IDS -c -1 --stride 4 | 2 | --ctx-size must be positive",
        "perplexity -m M --ids IDS -c 8 --stride 9 | 2 | window 8 and stride 9",
        "perplexity -m M --ids IDS --stride 0 | 2 | --stride must be positive",
        "perplexity -m M --ids IDS --per-token | 2 | goes with --json",
        "passkey -m M --lengths 300 --trials 0 | 2 | positive",
        "passkey -m M --lengths 300 --depths NaN | 2 | between 0 and 1",
        "passkey -m M --trained-length 2000000000 | 2 | give --lengths",
        // methods
        "methods nosuch | 1 | Known methods: declared, rope",
        "perplexity -m M --ids IDS --method nosuch | 1 | Known methods",
        "perplexity -m M --ids IDS --method yarn+ntk | 1 | both set",
        "perplexity -m M --ids IDS --method rerope+lm-infinite | 1 | both set",
        "perplexity -m M --ids IDS --method yarn:factor=abc | 1 | found 'abc'",
        "perplexity -m M --ids IDS --method alibi:slope=1 | 1 | does not know the key 'slope'",
        "perplexity -m M --ids IDS --method rope --keep 4 | 2 | exclude each other",
        "config explain M --length 0 | 2 | --length must be positive",
        // outputs
        "compare -m M --ids IDS --trials 0 --lengths 8 --out F/file | 1 | Cannot make the folder",
        "compare -m M --ids IDS --trials 0 --lengths 8 --out F/o --report F/empty | 1 | empty",
        "compare -m M --ids IDS --trials -1 --lengths 8 --out F/o | 2 | found -1",
        "compare -m M --ids IDS --trials 0 --lengths 8 --out F/o --methods rope, | 2 | empty name",
        "compare -m M --ids IDS --trials 0 --lengths 8 --out F/o --methods rope,rope | 2 | twice",
        // training
        "tokenizer train | 2 | needs texts",
        "tokenizer train -f F/file --pre falcon --out F/t.json | 2 | llama-bpe",
        "tokenizer train -f F/file --vocab 0 --out F/t.json | 1 | too small",
        "tokenizer train -f F/file --vocab 300 --out F/empty | 1 | is a folder",
        "prepare --source a=jar:F/empty --out F/p | 1 | -sources.jar",
        "prepare --source a=jar:F/nosuch --out F/p | 1 | no file or folder",
        "prepare --tokenizer bytes --source a=text:F/nothing.txt --out F/p | 1 | is empty",
        "prepare --source a=jsonl:F/broken.jsonl --out F/p | 1 | is not JSON",
        "prepare --source a=text:F/file --tokenizer F/nosuch.json --out F/p | 1 | nosuch.json",
        "prepare --source a=generated:nosuch --out F/p | 1 | known are [retrieval",
        "prepare --source a=generated:reverse,longest=x --out F/p | 2 | for longest, found 'x'",
        "prepare --source a=generated:reverse,longest=0 --out F/p | 2 | for longest, found '0'",
        "prepare --source a=text:F/file,size=3 --out F/p | 2 | unknown key [size]",
        "prepare --source F/file --out F/p | 2 | expected SHARD=KIND:PLACE",
        "prepare --source a=zip:F/file --out F/p | 2 | expected SHARD=KIND:PLACE",
        "prepare --source a=text:F/file --config F/null.json --out F/p | 2 | and not both",
        "prepare --out F/p | 2 | --config or --source",
        "prepare --config F/null.json --out F/p | 1 | holds null",
        "train --config F/nosuch --data F --out F/r | 1 | cannot be read: there is no such file",
        "train --config F/cut.json --data F --out F/r | 1 | cut.json is not JSON, line 2",
        "train --config F/binary.txt --data F --out F/r | 1 | is not JSON, line 1",
        "prepare --source a=text:F/file --vocab 0 --out F/p | 2 | positive",
        "train --config F/null.json --data F --out F/r | 1 | holds null",
        "train --config F/settings.json --data F --out F/r | 1 | settings.json",
        "train --config F/train.json | 2 | needs --data and --out",
        "train --config F/train.json --data F --out F/r | 1 | has none of tokenizer.json,"
            + " tokenizer.model, vocab.txt; make",
        "train --config F/train.json --data F/nosuch --tiny | 1 | has none of tokenizer.json,"
            + " tokenizer.model, vocab.txt; make",
        "train --config F/train.json --out F/file --tiny | 1 | file cannot be written to",
        "train --config F/train.json --data F --out F/r --workers 0 | 2 | must be positive",
        "train --config F/train.json --data F --out F/r --workers 3 | 1 | accumulation is 1; set"
            + " it",
        "train --config F/train.json --data F --out F/r --rank 0 | 2 | belong together",
        "train --config F/train.json --data F --out F/r --rank 0 --rendezvous a | 2 | be HOST:PORT",
        "train --config F/train.json --data F --out F/r --rank 5 --rendezvous a:1 | 1 | found 5",
        "train --config F/train.json --data F --out F/r --rank 0 --rendezvous a:99999 | 1 | 65535",
        "train --config F/train.json --data F --out F/r --rank 0 --rendezvous ..:9 | 1 | not known",
        "prepare --source validation=text:F/file --out F/p | 1 | no shard to learn from",
        "prepare --source a=text:F/damaged.txt.gz --out F/p | 1 | Not in GZIP format",
        "prepare --source a=text:F/damaged.txt.zst --out F/p | 1 | damaged.txt.zst",
        "prepare --source a=jar:F/file --out F/p | 1 | zip END header not found",
        "prepare --source a=text:F/binary.txt --out F/p | 1 | not UTF-8",
        "prepare --source ../a=text:F/file --out F/p | 1 | Name of a shard",
        "prepare --source a=text:F/file --out F/file | 1 | cannot be written",
        "experiment nosuch | 1 | only [coca",
        "experiment coca --tiny --out F/file | 1 | file cannot be written to: a file of that name"
            + " exists; name another"
      })
  void wrongInputGivesOneSentenceAndItsStatus(String line, int status, String sentence)
      throws IOException {
    String before = listing();

    Run run = Run.of(arguments(line));

    assertThat(run.err()).startsWith("lengthwise: ").contains(sentence);
    assertThat(run.err()).doesNotContain("unexpected failure", "\tat ");
    assertThat(run.status()).isEqualTo(status);
    assertThat(run.err().contains("Try: lengthwise")).isEqualTo(status == 2);
    assertThat(run.out()).isEmpty();
    assertThat(listing()).isEqualTo(before);
  }

  /// Each row replaces the first text in the settings of the bundled model by the second.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "\"method\" : \"rope\", | '' | \"method\" is missing",
        "\"layers\" : 6 | \"layers\" : null | \"model.layers\" must be a whole number",
        "\"layers\" : 6 | \"layers\" : \"6\" | \"model.layers\" must be a whole number",
        "\"layers\" : 6 | \"layers\" : 6.5 | \"model.layers\" is \"6.5\"; expected a whole number",
        "\"layers\" : 6 | \"layers\" : [] | \"model.layers\" must be a whole number",
        "\"layers\" : 6 | \"layers\" : 6, \"depth\" : 6 | \"model.depth\" is unknown; expected one"
            + " of",
        "\"layers\" : 6 | \"layers\" : 6, \"layers\" : 6 | Duplicate field 'layers'",
        "\"tied\" : true | \"tied\" : \"yes\" | \"model.tied\" must be true or false",
        "\"method\" : \"rope\" | \"method\" : {} | \"method\" must be a text in quotes",
        "\"method\" : \"rope\" | \"method\" : \"nosuch\" | unknown method 'nosuch'",
        "\"method\" : \"rope\" | \"method\" : \"kerple:kind=x\" | must be one of log, power",
        "\"adamw\" | \"sgd\" | \"optimizer.name\" is \"sgd\"; expected one of [adamw, tiger]",
        "\"wsd\" | \"step\" | \"schedule.name\" is \"step\"; expected one of [cosine",
        "\"GPT2\" | \"XAVIER\" | \"initialisation\" is \"XAVIER\"; expected one of [GPT2",
        "\"pre\" | \"mid\" | \"model.architecture.placement\" is \"mid\"; expected one of [pre",
        "\"attention\" | \"mamba\" | blocks[0]\" is \"mamba\"; expected one of [attention",
        "\"attention\" | \"gau\" | expected 1 in a model with gated attention units and no other"
            + " attention, found 8",
        "[ \"attention\" ] | [] | a pattern of blocks needs at least one block",
        "[ \"attention\" ] | [ null ] | \"model.architecture\": there is a null",
        "\"sequences\" : 8 | \"sequences\" : -1 | \"batch.sequences\": expected at least 0",
        "\"sequences\" : 8 | \"sequences\" : 2000000000 | 2^31 tokens in a micro-batch",
        "\"accumulation\" : 1 | \"accumulation\" : 2000000000 | fewer than 2^31 windows",
        "\"hiddenSize\" : 256 | \"hiddenSize\" : 2000000000 | fewer than 2^31 weights",
        "\"hiddenSize\" : 256 | \"hiddenSize\" : 99999999999 | \"model.hiddenSize\"",
        "0.002 | \"Infinity\" | \"schedule.peakLearningRate\": expected above 0",
        "1.0E-5 | \"Infinity\" | \"model.normEpsilon\": expected between 0 and 1"
      })
  void wrongSettingsAreNamedWithWhatIsExpected(String right, String wrong, String sentence)
      throws IOException {
    String text = Files.readString(SETTINGS);
    assertThat(text).contains(right);
    Path file = folder.resolve("wrong.json");
    Files.writeString(file, text.replace(right, wrong.equals("''") ? "" : wrong));

    Run run = Run.of("train", "--config", file.toString(), "--tiny");

    assertThat(run.err()).startsWith("lengthwise: ").contains(sentence);
    assertThat(run.err()).doesNotContain("dev.lengthwise", "java.", "unexpected failure");
    assertThat(run.err().lines()).hasSize(1);
    assertThat(run.status()).isEqualTo(1);
  }

  @Test
  void whatATerminalWouldObeyIsWrittenOut() {
    Run run = Run.of("generate", "-m", "a\u001b[31mred\u0007\u009b2J", "-p", "x");

    assertThat(run.err()).contains("no model 'a\\u001b[31mred\\u0007\\u009b2J'");
  }

  @Test
  void onlyVerboseShowsTheStackTrace() {
    Run run = Run.of("generate", "--verbose", "-m", "nosuch", "-p", "x");

    assertThat(run.err()).contains("\tat dev.lengthwise");
    assertThat(run.status()).isEqualTo(1);
  }

  private static String[] arguments(String line) {
    String[] arguments = line.split(" +");
    for (int at = 0; at < arguments.length; at++) {
      arguments[at] =
          switch (arguments[at]) {
            case "''" -> "";
            case "M" -> folder.resolve("tiny.bin").toString();
            case "F" -> folder.toString();
            case "IDS" -> folder.resolve("ids-40.txt").toString();
            default -> arguments[at].replaceFirst("(^|:)F/", "$1" + folder + "/");
          };
    }
    return arguments;
  }

  // The folder of --out may exist afterwards, but no file.
  private static String listing() throws IOException {
    try (var files = Files.walk(folder)) {
      return files.sorted().toList().toString();
    }
  }
}
