package dev.lengthwise.app.command;

import dev.lengthwise.app.options.SourceOption;
import dev.lengthwise.app.options.Usage;
import dev.lengthwise.train.data.DataPreparation;
import dev.lengthwise.train.data.DataSource;
import dev.lengthwise.train.data.TokenizerChoice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `prepare`: tokenizer and tokens for training.
@Command(
    name = "prepare",
    description = "Turns texts into shards of tokens, and makes the tokenizer.",
    mixinStandardHelpOptions = true)
public final class PrepareCommand implements Callable<Integer> {

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Tokenizer and shards as JSON; see docs/training.md.")
  private @Nullable Path config;

  @Option(
      names = "--source",
      paramLabel = "SHARD=KIND:PLACE",
      description = {
        "Documents of a shard; may be given several times. KIND is 'text', 'jsonl' (,field=NAME),"
            + " 'jar' (Java sources), or 'generated' (a generator in place of the path;"
            + " ,documents=N,shortest=N,longest=N,seed=N). The shard 'validation' only measures."
      })
  private List<String> sources = new ArrayList<>();

  @Option(
      names = "--tokenizer",
      paramLabel = "KIND",
      description =
          "'bpe' (learnt from all shards but 'validation'), 'bytes', 'characters', or a"
              + " tokenizer: a tokenizer.json, a SentencePiece model, a GGUF file, or a folder with"
              + " one of the first two (default ${DEFAULT-VALUE}).")
  private String tokenizer = "bpe";

  @Option(
      names = "--vocab",
      paramLabel = "N",
      description = "Number of tokens of 'bpe' (default ${DEFAULT-VALUE}).")
  private int vocabulary = 4096;

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "Folder to write.")
  private Path out = Path.of("data");

  @Override
  public Integer call() {
    Usage.positive(vocabulary, "--vocab");
    Usage.require(
        (config == null) != sources.isEmpty(), "prepare needs --config or --source, and not both");
    DataPreparation preparation = config == null ? fromSources() : DataPreparation.read(config);
    preparation.writeTo(out, System.err::println);
    System.out.println(out);
    return 0;
  }

  private DataPreparation fromSources() {
    Map<String, List<DataSource>> shards = new LinkedHashMap<>();
    for (String text : sources) {
      SourceOption option = SourceOption.parse(text);
      shards.computeIfAbsent(option.shard(), _ -> new ArrayList<>()).add(option.source());
    }
    List<String> learnt =
        shards.keySet().stream().filter(name -> !name.equals(DataPreparation.VALIDATION)).toList();
    TokenizerChoice choice =
        switch (tokenizer) {
          case "bpe" -> new TokenizerChoice.Learnt(vocabulary, learnt);
          case "bytes" -> new TokenizerChoice.Bytes();
          case "characters" -> new TokenizerChoice.Characters();
          default -> new TokenizerChoice.Existing(Path.of(tokenizer));
        };
    return new DataPreparation(choice, shards);
  }
}
