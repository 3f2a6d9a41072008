package dev.lengthwise.train.data;

import dev.lengthwise.parallel.CounterRandom;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Draws windows: window `n` of step `s` depends on the seed, `s` and `n` only, so a run that
/// resumes needs no state of the data but the number of steps, and several workers need not talk.
///
/// @param data prepared data
/// @param length tokens of a window
/// @param windowsPerStep windows of a step
/// @param seed decides everything
/// @param masking hides tokens; `null` where every token is the target of the one before it
public record WindowSampler(
    TrainingData data, int length, int windowsPerStep, long seed, @Nullable Masking masking) {

  /// Fewest tokens of the piece that a repeating window repeats.
  private static final int SHORTEST_PERIOD = 12;

  /// Windows `first … first + count − 1` of `step`.
  public WindowBatch batch(int step, int first, int count) {
    WindowBatch batch = WindowBatch.empty(count, length);
    for (int row = 0; row < count; row++) {
      long window = (long) step * windowsPerStep + first + row;
      fill(batch, row, new CounterRandom(seed, window));
      if (masking != null) {
        masking.hide(batch, row, new CounterRandom(seed, ~window)); // not those that chose the text
      }
    }
    return batch;
  }

  private void fill(WindowBatch batch, int row, CounterRandom random) {
    DataMix.Share share = data.mix().at(random.nextDouble());
    TokenShard shard = data.shard(share.shard());
    switch (share.windows()) {
      case CROPS -> put(batch, row, shard, random.below(shard.tokens() - length), length + 1);
      case DOCUMENT_STARTS -> putFrom(batch, row, shard, random.below(shard.documents()));
      case WITHIN_DOCUMENTS -> {
        long document = shard.documentAt(random.below(shard.tokens()));
        long free = shard.end(document) - shard.start(document) - length;
        putWithin(batch, row, shard, document, free > 0 ? random.below(free) : 0);
      }
      case REPEATED -> {
        long[] ids = shard.ids(random.below(shard.tokens() - length), length + 1);
        int half = ids.length / 2;
        int period = random.between(Math.min(SHORTEST_PERIOD, half), half);
        for (int token = period; token < ids.length; token++) {
          ids[token] = ids[token - period];
        }
        batch.put(row, ids);
      }
    }
  }

  /// `count` windows of the held-out text, evenly spread, in batches of `each`.
  public List<WindowBatch> validation(int count, int each) {
    TokenShard shard = data.shard(data.mix().validation().shard());
    List<WindowBatch> batches = new ArrayList<>();
    for (int window = 0; window < count; window++) {
      if (window % each == 0) {
        batches.add(WindowBatch.empty(Math.min(each, count - window), length));
      }
      double place = count == 1 ? 0 : (double) window / (count - 1);
      long document = Math.round(place * (shard.documents() - 1));
      int row = window % each;
      switch (data.mix().validation().windows()) {
        case CROPS, REPEATED -> {
          long last = shard.tokens() - length - 1;
          put(batches.getLast(), row, shard, Math.round(last * place), length + 1);
        }
        case DOCUMENT_STARTS -> putFrom(batches.getLast(), row, shard, document);
        case WITHIN_DOCUMENTS -> putWithin(batches.getLast(), row, shard, document, 0);
      }
      if (masking != null) {
        masking.hide(
            batches.getLast(), row, new CounterRandom(0, window)); // for every run the same
      }
    }
    return batches;
  }

  private void putFrom(WindowBatch batch, int row, TokenShard shard, long document) {
    long last = shard.tokens() - length - 1;
    put(batch, row, shard, Math.min(last, shard.start(document)), length + 1);
  }

  private void putWithin(
      WindowBatch batch, int row, TokenShard shard, long document, long skipped) {
    long start = shard.start(document) + skipped;
    put(batch, row, shard, start, (int) Math.min(length + 1L, shard.end(document) - start));
  }

  /// Puts `count` tokens from `start` on; tokens of prompts are read, but are no targets.
  private static void put(WindowBatch batch, int row, TokenShard shard, long start, int count) {
    batch.put(row, shard.ids(start, count));
    if (!shard.manifest().prompts()) {
      return;
    }
    long document = shard.documentAt(start);
    for (int place = 0; place < count - 1; place++) {
      long target = start + place + 1;
      document += target == shard.end(document) ? 1 : 0;
      if (target < shard.learntFrom(document)) {
        batch.ignore(row, place);
      }
    }
  }
}
