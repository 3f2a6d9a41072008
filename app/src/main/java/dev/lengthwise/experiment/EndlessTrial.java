package dev.lengthwise.experiment;

import dev.lengthwise.evaluate.TokenLosses;
import dev.lengthwise.generate.Sequence;
import dev.lengthwise.parallel.ProcessMemory;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/// Reads held-out documents, drawn again and again and joined, as one text: its loss, its speed and
/// the memory of the process, part by part. A row's `length` is the number of tokens so far.
///
/// @param source the model
/// @param variant name of the method for people
/// @param method under which it reads
/// @param tokens of the text
/// @param parts that it is looked at after
public record EndlessTrial(
    CheckpointTrial.Source source, String variant, String method, int tokens, int parts)
    implements Trial {

  /// Mean loss of a part, in nats.
  public static final String LOSS = "endless_loss";

  /// Tokens read in a second of a part.
  public static final String SPEED = "endless_tokens_per_second";

  /// Resident memory of the process at the end of a part, in MiB.
  public static final String RESIDENT = "resident_mebibytes";

  private static final double MEBIBYTE = 1 << 20;
  private static final int CHUNK = 512;
  private static final long SEED = 1;

  @Override
  public String name() {
    String words = variant.toLowerCase(Locale.ROOT).replace(' ', '-');
    return source.model() + "-endless-" + words + "-" + tokens;
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = source.settings();
    settings.put("method", method);
    settings.put("tokens", tokens);
    settings.put("parts", parts);
    settings.put("seed", SEED);
    return settings;
  }

  @Override
  public long cost() {
    return tokens;
  }

  @Override
  public Optional<String> obstacle(Workshop workshop) {
    return source.obstacle(workshop);
  }

  @Override
  public void run(Workshop workshop, Consumer<Row> rows) {
    try (TestedModel model = source.openWithoutText(workshop)) {
      Map<String, Object> protocol = model.protocol();
      protocol.put("text", "documents of the held-out jar, drawn with seed " + SEED);
      int[] ids = joined(workshop.heldOutDocuments(), model);
      try (Sequence sequence =
          model.inference(method, tokens).newSequence().declareLength(tokens)) {
        int size = tokens / parts;
        for (int part = 0; part < parts; part++) {
          long start = System.nanoTime();
          double[] losses =
              TokenLosses.next(
                  sequence, Arrays.copyOfRange(ids, part * size, (part + 1) * size + 1), CHUNK);
          double seconds = (System.nanoTime() - start) * 1e-9;
          int so = (part + 1) * size;
          rows.accept(row(LOSS, so, TokenLosses.mean(losses, 0, size), protocol));
          rows.accept(row(SPEED, so, size / seconds, protocol));
          rows.accept(row(CacheTrial.METRIC, so, sequence.cacheBytes() / MEBIBYTE, protocol));
          ProcessMemory.resident()
              .ifPresent(bytes -> rows.accept(row(RESIDENT, so, bytes / MEBIBYTE, protocol)));
        }
      }
    }
  }

  // One more token than are read: the last target.
  private int[] joined(List<String> documents, TestedModel model) {
    List<int[]> encoded = documents.stream().map(model::tokens).toList();
    SplittableRandom random = new SplittableRandom(SEED);
    int[] ids = new int[tokens + 1];
    int filled = 0;
    while (filled < ids.length) {
      int[] next = encoded.get(random.nextInt(encoded.size()));
      int count = Math.min(next.length, ids.length - filled);
      System.arraycopy(next, 0, ids, filled, count);
      filled += count;
    }
    return ids;
  }

  private Row row(String metric, int length, double value, Map<String, Object> protocol) {
    return new Row(variant, 1, method, metric, length, null, null, value, tokens / parts, protocol);
  }
}
