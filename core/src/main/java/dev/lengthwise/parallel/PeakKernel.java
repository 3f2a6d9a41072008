package dev.lengthwise.parallel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.DoubleAdder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Loops that do one thing only, as fast as the machine can: what kernels are measured against.
public final class PeakKernel {

  // Two fused multiply-adds start in a cycle and each takes four: eight chains would do, and
  // sixteen leave room for longer pipelines.
  private static final int CHAINS = 16;

  // One call of a vector loop: short, since the compiler replaces a loop that is already running
  // by a slow one only. (On a stack of the interpreter, vectors are objects.)
  private static final int ROUNDS_OF_A_CALL = 2048;

  // One task of a reading; large enough that sharing tasks out costs nothing.
  private static final long BLOCK = 1 << 20;

  private PeakKernel() {}

  /// Floating point operations of one thread in [#multiplyAdd].
  public static double operations(int calls) {
    int lanes = VectorWidth.vectorised() ? VectorWidth.floats().length() : 1;
    return 2.0 * CHAINS * lanes * ROUNDS_OF_A_CALL * calls;
  }

  /// Each thread runs fused multiply-adds of whole vectors, `calls` times 32,768 of them, in chains
  /// that do not wait for one another and whose sums stay in registers.
  ///
  /// @return what they add up to, so that no loop is left out
  public static double multiplyAdd(Workers workers, int calls) {
    DoubleAdder sum = new DoubleAdder();
    workers.run(
        workers.threads(),
        () -> sum,
        (_, total) -> {
          for (int call = 0; call < calls; call++) {
            total.add(VectorWidth.vectorised() ? Vectors.chains() : scalarChains());
          }
        });
    return sum.sum();
  }

  /// Reads all of `memory` as floats, in order within blocks that the threads share out.
  ///
  /// @return the sum
  public static double sum(Workers workers, MemorySegment memory) {
    DoubleAdder sum = new DoubleAdder();
    int blocks = Math.toIntExact((memory.byteSize() + BLOCK - 1) / BLOCK);
    workers.run(
        blocks,
        () -> sum,
        (block, total) -> {
          long from = block * BLOCK;
          MemorySegment part = memory.asSlice(from, Math.min(BLOCK, memory.byteSize() - from));
          total.add(VectorWidth.vectorised() ? Vectors.sum(part) : scalarSum(part));
        });
    return sum.sum();
  }

  private static double scalarChains() {
    float[] chains = new float[CHAINS];
    for (int round = 0; round < ROUNDS_OF_A_CALL; round++) {
      for (int chain = 0; chain < CHAINS; chain++) {
        chains[chain] = chains[chain] * 0.999f + 0.001f;
      }
    }
    double sum = 0;
    for (float chain : chains) {
      sum += chain;
    }
    return sum;
  }

  private static double scalarSum(MemorySegment memory) {
    double sum = 0;
    for (long at = 0; at + Float.BYTES <= memory.byteSize(); at += Float.BYTES) {
      sum += memory.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at);
    }
    return sum;
  }

  // The loops on vectors; loaded only where there are some. The species must be a constant to the
  // compiler, or every vector would be an object.
  private static final class Vectors {
    private static final VectorSpecies<Float> SPECIES = VectorWidth.floats();

    // Twice the same, so that the method is too large to become part of its caller: where the
    // caller is a loop that is already running, the vectors would be objects.
    static double chains() {
      FloatVector factor = FloatVector.broadcast(SPECIES, 0.999f);
      FloatVector term = FloatVector.broadcast(SPECIES, 0.001f);
      FloatVector a = term, b = term, c = term, d = term, e = term, f = term, g = term, h = term;
      FloatVector i = term, j = term, k = term, l = term, m = term, n = term, o = term, p = term;
      for (int round = 0; round < ROUNDS_OF_A_CALL; round += 2) {
        a = a.fma(factor, term);
        b = b.fma(factor, term);
        c = c.fma(factor, term);
        d = d.fma(factor, term);
        e = e.fma(factor, term);
        f = f.fma(factor, term);
        g = g.fma(factor, term);
        h = h.fma(factor, term);
        i = i.fma(factor, term);
        j = j.fma(factor, term);
        k = k.fma(factor, term);
        l = l.fma(factor, term);
        m = m.fma(factor, term);
        n = n.fma(factor, term);
        o = o.fma(factor, term);
        p = p.fma(factor, term);
        a = a.fma(factor, term);
        b = b.fma(factor, term);
        c = c.fma(factor, term);
        d = d.fma(factor, term);
        e = e.fma(factor, term);
        f = f.fma(factor, term);
        g = g.fma(factor, term);
        h = h.fma(factor, term);
        i = i.fma(factor, term);
        j = j.fma(factor, term);
        k = k.fma(factor, term);
        l = l.fma(factor, term);
        m = m.fma(factor, term);
        n = n.fma(factor, term);
        o = o.fma(factor, term);
        p = p.fma(factor, term);
      }
      FloatVector first = a.add(b).add(c.add(d)).add(e.add(f).add(g.add(h)));
      FloatVector second = i.add(j).add(k.add(l)).add(m.add(n).add(o.add(p)));
      return first.add(second).reduceLanes(VectorOperators.ADD);
    }

    static double sum(MemorySegment memory) {
      int step = SPECIES.vectorByteSize();
      int whole = (int) memory.byteSize() / (4 * step) * (4 * step);
      FloatVector a = FloatVector.zero(SPECIES), b = a, c = a, d = a;
      for (int at = 0; at < whole; at += 4 * step) {
        a = a.add(load(memory, at));
        b = b.add(load(memory, at + step));
        c = c.add(load(memory, at + 2 * step));
        d = d.add(load(memory, at + 3 * step));
      }
      double rest = scalarSum(memory.asSlice(whole));
      return rest + a.add(b).add(c.add(d)).reduceLanes(VectorOperators.ADD);
    }

    private static FloatVector load(MemorySegment memory, long at) {
      return FloatVector.fromMemorySegment(SPECIES, memory, at, ByteOrder.nativeOrder());
    }
  }
}
