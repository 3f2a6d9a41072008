package dev.lengthwise.experiment;

import dev.lengthwise.vectors.Distance;
import dev.lengthwise.vectors.NearestNeighbours;
import dev.lengthwise.vectors.RandomPoints;
import dev.lengthwise.vectors.VectorTable;
import java.lang.foreign.Arena;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/// Latents of a generator that are hubs among others: what does keeping only these do?
///
/// @param steps of the training of the generator
/// @param pool latents
/// @param nearest neighbours of each
/// @param seed of everything
public record HubPrior(int steps, int pool, int nearest, long seed) implements Trial {

  private static final List<Integer> LEAST = List.of(0, 1, 2, 5, 10, 20, 50);
  private static final int DATA = 4096;
  private static final int FEWEST = 8;
  private static final String VARIANT = "generator";

  @Override
  public String name() {
    return "generator-seed" + seed;
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("generator", "two hidden layers of 64, energy distance to eight clusters");
    settings.put("steps", steps);
    settings.put("pool", pool);
    settings.put("nearest", nearest);
    settings.put("seed", seed);
    return settings;
  }

  @Override
  public long cost() {
    return pool;
  }

  @Override
  public void run(Workshop workshop, Consumer<Row> rows) {
    try (Arena arena = Arena.ofShared();
        RingGenerator generator = new RingGenerator(seed)) {
      double loss = generator.train(steps);
      VectorTable latents = RandomPoints.GAUSSIAN.of(pool, RingGenerator.LATENT, ~seed, arena);
      int[] hubs =
          NearestNeighbours.of(latents, nearest, new Distance.Euclidean(), workshop.workers())
              .occurrences();
      float[] points = generator.generate(flat(latents));
      float[] data = generator.data(DATA);
      Map<String, Object> protocol = workshop.program();
      protocol.put("energy_distance", loss);
      protocol.put("pool", pool);
      protocol.put("nearest", nearest);
      for (int least : LEAST) {
        List<Integer> kept =
            IntStream.range(0, pool).filter(n -> hubs[n] >= least).boxed().toList();
        if (kept.size() >= FEWEST) {
          measure(kept, points, data)
              .forEach((metric, value) -> rows.accept(row(metric, least, value, protocol)));
        }
      }
    }
  }

  private static float[] flat(VectorTable table) {
    float[] numbers = new float[table.count() * table.size()];
    for (int row = 0; row < table.count(); row++) {
      System.arraycopy(table.row(row), 0, numbers, row * table.size(), table.size());
    }
    return numbers;
  }

  // Nearness to the data, and how much of it is reached.
  private Map<String, Double> measure(List<Integer> kept, float[] points, float[] data) {
    double sum = 0;
    int[] clusters = new int[RingGenerator.CLUSTERS];
    for (int n : kept) {
      sum += Math.sqrt(nearest(points[2 * n], points[2 * n + 1], data));
      double turn = Math.atan2(points[2 * n + 1], points[2 * n]) / (2 * Math.PI);
      clusters[(int) Math.floorMod(Math.round(turn * clusters.length), (long) clusters.length)]++;
    }
    Map<String, Double> measured = new LinkedHashMap<>();
    measured.put("distance_to_data", sum / kept.size());
    measured.put("perplexity_of_clusters", perplexity(clusters, kept.size()));
    measured.put("share_kept", (double) kept.size() / pool);
    return measured;
  }

  private static double nearest(double x, double y, float[] data) {
    double best = Double.POSITIVE_INFINITY;
    for (int n = 0; n < data.length; n += 2) {
      double across = x - data[n];
      double up = y - data[n + 1];
      best = Math.min(best, across * across + up * up);
    }
    return best;
  }

  // e to the entropy: the number of clusters where all are as frequent.
  private static double perplexity(int[] counts, int all) {
    double entropy = 0;
    for (int count : counts) {
      double share = (double) count / all;
      entropy -= share == 0 ? 0 : share * Math.log(share);
    }
    return Math.exp(entropy);
  }

  private Row row(String metric, int least, double value, Map<String, Object> protocol) {
    return new Row(
        VARIANT, seed, "latents", metric, least, (double) least, null, value, pool, protocol);
  }
}
