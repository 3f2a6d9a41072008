package dev.lengthwise.attention;

import dev.lengthwise.parallel.Workers;
import dev.lengthwise.position.AttentionPlan;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// The engine for inference on CPUs: online softmax over tiles of 64 keys, on the Vector API, in
/// single precision, over the memory of the tensors.
///
/// A task is one block of queries of all heads that share a key head; [TileKernel] runs it. Tiles
/// that no branch touches are never read, so windows and Λ-shaped masks are linear in the length.
/// The tile grid is fixed to positions in the text and every task is computed by one thread: the
/// same input gives the same bits at any number of threads.
public final class VectorAttention implements Attention {

  /// Columns of a task: enough to fill two vectors of any width many times, few enough that
  /// queries, scores and outputs of a task stay in the second-level cache.
  private static final int TARGET_COLUMNS = 64;

  private final Workers workers;
  private final PhaseCache phases = new PhaseCache();

  /// An engine that shares its work among `workers`.
  public VectorAttention(Workers workers) {
    this.workers = workers;
  }

  @Override
  public Tensor attend(AttentionPlan plan, QueryRows queries, KeyValueRows keyValues) {
    HeadRows queryHeads = HeadRows.of(queries.tensor());
    HeadRows keyHeads = HeadRows.of(keyValues.keys());
    HeadRows valueHeads = HeadRows.of(keyValues.values());
    Tensor output =
        torch.empty(
            new long[] {queries.batch(), queries.rows(), queries.heads(), queries.headSize()});
    HeadRows outputHeads = HeadRows.of(output);

    int group = queries.heads() / keyValues.heads();
    int blockRows = Math.min(queries.rows(), Math.max(1, TARGET_COLUMNS / group));
    int blocks = (queries.rows() + blockRows - 1) / blockRows;
    int columns = roundUp(group * blockRows, MatrixKernel.LANES);
    int tasks = queries.batch() * keyValues.heads() * blocks;
    workers.run(
        tasks,
        () -> new TileKernel(plan, phases, queries.headSize(), columns),
        (task, kernel) -> {
          // Later blocks see more keys: they go first, so that threads end together.
          int block = blocks - 1 - task / (queries.batch() * keyValues.heads());
          int batch = task % queries.batch();
          int keyHead = task / queries.batch() % keyValues.heads();
          int firstRow = block * blockRows;
          int rows = Math.min(blockRows, queries.rows() - firstRow);
          kernel.attend(
              new TileKernel.Block(
                  batch, keyHead, group, firstRow, rows, queries.firstPosition() + firstRow),
              new TileKernel.Memory(queryHeads, keyHeads, valueHeads, outputHeads),
              keyValues.spans());
        });
    return output;
  }

  static int roundUp(int value, int multiple) {
    return (value + multiple - 1) / multiple * multiple;
  }
}
