package dev.lengthwise.experiment;

import dev.lengthwise.encode.LabelledPair;
import dev.lengthwise.encode.Pooling;
import dev.lengthwise.vectors.HubnessStudy;
import dev.lengthwise.vectors.Partners;
import dev.lengthwise.vectors.VectorTable;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// Hubs among the vectors that a pretrained encoder makes of the texts of a set, and what each
/// treatment does to the search for the alike text.
///
/// @param from the pretraining, which runs before
/// @param set of pairs: those of the greatest label are partners
/// @param nearest neighbours of each text
record HubsOfTexts(PretrainedEncoder from, PairSet set, int nearest) implements Trial {

  private static final int TOKENS_OF_A_TEXT = 24;

  @Override
  public String name() {
    return "hubs-" + from.name() + "-" + set.label().toLowerCase(Locale.ROOT);
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("set", set.label());
    settings.put("pooling", "mean");
    settings.put("nearest", nearest);
    settings.put("from", from.settings());
    return settings;
  }

  @Override
  public long cost() {
    return 2L * TOKENS_OF_A_TEXT * from.texts().sizes().test();
  }

  @Override
  public Optional<String> obstacle(Workshop workshop) {
    return from.obstacle(workshop);
  }

  @Override
  public void run(Workshop workshop, Consumer<Row> rows) {
    List<LabelledPair> pairs = from.texts().pairs(set, workshop).test();
    Map<String, Integer> places = new LinkedHashMap<>();
    List<int[]> alike = new ArrayList<>();
    for (LabelledPair pair : pairs) {
      places.putIfAbsent(pair.first(), places.size());
      places.putIfAbsent(pair.second(), places.size());
      if (pair.label() == set.classes() - 1) {
        alike.add(new int[] {places.get(pair.first()), places.get(pair.second())});
      }
    }
    Map<String, Object> protocol = workshop.program();
    protocol.put("set", set.label());
    protocol.put("texts", places.size());
    protocol.put("nearest", nearest);
    try (Arena arena = Arena.ofShared();
        OpenEncoder open = OpenEncoder.of(from.model(workshop), workshop)) {
      List<float[]> vectors =
          open.unscaled(Pooling.MEAN, set.length()).encode(List.copyOf(places.keySet()));
      VectorTable table = VectorTable.of(vectors, arena);
      for (HubnessStudy.Result result :
          HubnessStudy.of(table, nearest, Partners.ofPairs(alike), workshop.workers())) {
        rows.accept(row(result, "hub_skewness", result.hubness().skewness(), protocol));
        rows.accept(row(result, "anti_hubs", result.hubness().antiHubs(), protocol));
        rows.accept(row(result, "partner_first", result.recall().first(), protocol));
      }
    }
  }

  private Row row(
      HubnessStudy.Result result, String metric, double value, Map<String, Object> protocol) {
    return new Row(
        from.shape().kind().label(),
        1,
        "declared",
        metric,
        set.length(),
        1.0 + List.of(HubnessStudy.Treatment.values()).indexOf(result.treatment()),
        null,
        value,
        result.hubness().occurrences().size(),
        protocol);
  }
}
