package dev.lengthwise.bench;

import dev.lengthwise.generate.Runner;
import dev.lengthwise.generate.Session;
import org.bytedeco.javacpp.PointerScope;

/// Writing tokens one by one after a text of some length, each with its logits.
public final class Decode implements Benchmark {

  private final Runner runner;
  private final int depth;
  private final int[] ids;
  private final Work work;
  private Session session;
  private long cacheBytes;

  /// Writes `steps` tokens after `depth` random ones, whose keys and values are filled in.
  public Decode(ModelWork model, int depth, int steps) {
    this.runner = model.runner();
    this.depth = depth;
    this.ids = Prefill.randomIds(runner, steps);
    this.work = model.decode(depth, steps);
    this.session = runner.newSession();
  }

  /// Bytes of keys and values after the last run.
  public long cacheBytes() {
    return cacheBytes;
  }

  @Override
  public Work work() {
    return work;
  }

  // One step that is not timed: it makes what all later ones share.
  @Override
  public void before() {
    session = runner.newSession().declareLength(depth + 1L);
    if (depth > 0) {
      session.fillForBenchmark(depth - 1);
      step(ids[0]);
    }
  }

  @Override
  public void run() {
    for (int id : ids) {
      step(id);
    }
  }

  private void step(int id) {
    try (PointerScope _ = new PointerScope()) {
      session.logits(session.advance(id));
    }
  }

  @Override
  public void after() {
    cacheBytes = session.cacheBytes();
    session.close();
  }
}
