package dev.lengthwise.app.command;

import dev.lengthwise.app.options.TextOptions;
import dev.lengthwise.app.options.Usage;
import dev.lengthwise.text.Document;
import dev.lengthwise.tokenizer.train.TokenizerTrainer;
import dev.lengthwise.tokenizer.train.TrainedTokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `tokenizer train`: a byte-level BPE vocabulary from texts.
@Command(
    name = "tokenizer",
    description = "Makes tokenizers.",
    mixinStandardHelpOptions = true,
    subcommands = TokenizerCommand.Train.class,
    synopsisSubcommandLabel = "train")
public final class TokenizerCommand {

  /// `tokenizer train -f TEXT … --vocab N --out tokenizer.json`.
  @Command(
      name = "train",
      description = "Learns a byte-level BPE vocabulary and writes a tokenizer.json.",
      mixinStandardHelpOptions = true)
  static final class Train implements Callable<Integer> {

    @Mixin private TextOptions text = new TextOptions();

    @Option(
        names = "--vocab",
        paramLabel = "N",
        description = "Number of tokens (default ${DEFAULT-VALUE}).")
    private int vocabulary = 4096;

    @Option(
        names = "--pre",
        paramLabel = "NAME",
        description = {
          "How texts are cut into words, by a name of llama.cpp: qwen2 (every digit alone),",
          "llama-bpe (up to three digits) or gpt-2 (default ${DEFAULT-VALUE})."
        })
    private String pre = TokenizerTrainer.DEFAULT_PRE;

    @Option(
        names = "--special",
        split = ",",
        paramLabel = "TOKEN",
        description = "Special tokens, begin and end of text first (default ${DEFAULT-VALUE}).")
    private List<String> special = new ArrayList<>(List.of("<|begin|>", "<|end|>"));

    @Option(
        names = "--out",
        paramLabel = "FILE",
        description = "File to write (default ${DEFAULT-VALUE}).")
    private Path out = Path.of("tokenizer.json");

    @Override
    public Integer call() {
      Usage.require(text.ids == null, "tokenizer train learns from texts, not from --ids");
      Usage.require(
          TokenizerTrainer.PRE_TOKENIZERS.contains(pre),
          "--pre must be one of "
              + String.join(", ", TokenizerTrainer.PRE_TOKENIZERS)
              + ", found "
              + pre);
      text.requireApart(out);
      List<String> texts = text.documents().stream().map(Document::text).toList();
      Usage.require(
          texts.stream().anyMatch(one -> !one.isBlank()),
          "tokenizer train needs texts; give them with -f");
      TrainedTokenizer trained = trained(texts);
      trained.writeTo(out);
      System.out.println(
          out + ": " + trained.vocabularySize() + " tokens from " + texts.size() + " text(s)");
      return 0;
    }

    private TrainedTokenizer trained(List<String> texts) {
      TokenizerTrainer trainer = new TokenizerTrainer(pre);
      texts.forEach(trainer::add);
      return trainer.train(vocabulary, special);
    }
  }
}
