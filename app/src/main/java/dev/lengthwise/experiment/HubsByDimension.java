package dev.lengthwise.experiment;

import dev.lengthwise.vectors.Hubness;
import dev.lengthwise.vectors.HubnessStudy;
import dev.lengthwise.vectors.HubnessStudy.Treatment;
import dev.lengthwise.vectors.Partners;
import dev.lengthwise.vectors.RandomPoints;
import dev.lengthwise.vectors.VectorTable;
import java.lang.foreign.Arena;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/// Hubs among random points of several dimensions, before and after what takes them away.
///
/// @param points how they are drawn
/// @param dimensions numbers of a point
/// @param count points
/// @param nearest neighbours of each
/// @param seed of the points
public record HubsByDimension(
    RandomPoints points, List<Integer> dimensions, int count, int nearest, long seed)
    implements Trial {

  private static final List<Treatment> TREATMENTS =
      List.of(
          Treatment.AS_THEY_ARE,
          Treatment.CENTRED_AND_NORMALIZED,
          Treatment.LOCAL_SCALING,
          Treatment.MUTUAL_PROXIMITY);

  /// Copies the list.
  public HubsByDimension {
    dimensions = List.copyOf(dimensions);
  }

  private String variant() {
    return points.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public String name() {
    return variant() + "-seed" + seed;
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("points", variant());
    settings.put("dimensions", dimensions);
    settings.put("count", count);
    settings.put("nearest", nearest);
    settings.put("seed", seed);
    return settings;
  }

  @Override
  public long cost() {
    return (long) count * dimensions.size();
  }

  @Override
  public void run(Workshop workshop, Consumer<Row> rows) {
    Map<String, Object> protocol = workshop.program();
    protocol.put("points", count);
    protocol.put("nearest", nearest);
    for (int dimension : dimensions) {
      try (Arena arena = Arena.ofShared()) {
        VectorTable table = points.of(count, dimension, seed, arena);
        for (Treatment treatment : TREATMENTS) {
          Hubness hubness =
              HubnessStudy.of(treatment, table, nearest, Partners.NONE, workshop.workers())
                  .hubness();
          rows.accept(row(treatment, dimension, "skewness", hubness.skewness(), protocol));
          rows.accept(row(treatment, dimension, "anti_hubs", hubness.antiHubs(), protocol));
          rows.accept(row(treatment, dimension, "most", hubness.most(), protocol));
        }
      }
    }
  }

  private Row row(
      Treatment treatment,
      int dimension,
      String metric,
      double value,
      Map<String, Object> protocol) {
    return new Row(
        variant(), seed, treatment.label(), metric, dimension, null, null, value, count, protocol);
  }
}
