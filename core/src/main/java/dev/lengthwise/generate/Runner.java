package dev.lengthwise.generate;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.attention.Attention;
import dev.lengthwise.attention.CacheType;
import dev.lengthwise.attention.QueryRows;
import dev.lengthwise.model.Decoder;
import dev.lengthwise.position.PlanFunction;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// A model under a position method, ready to run: immutable, and shared by any number of sessions.
///
/// @param decoder the model
/// @param plans its attention plans
/// @param engine what executes them
/// @param cacheType how keys and values are kept between steps
public record Runner(Decoder decoder, PlanFunction plans, Attention engine, CacheType cacheType) {

  /// A runner that keeps keys and values in single precision.
  public Runner(Decoder decoder, PlanFunction plans, Attention engine) {
    this(decoder, plans, engine, CacheType.F32);
  }

  /// A session for one text.
  public Session newSession() {
    return new Session(this);
  }

  /// Runs the next tokens of several texts at once.
  ///
  /// The texts may be at different positions and take different numbers of tokens: projections see
  /// all tokens as one matrix, attention sees each text alone, so there is no padding and every
  /// text gets what it would get alone.
  ///
  /// @param steps one for each text, no session twice
  /// @return for each step the final hidden states `[tokens, hidden]`, in the caller's scope
  public List<Tensor> advance(List<Step> steps) {
    int total = steps.stream().mapToInt(step -> step.ids().length).sum();
    long[] ids = new long[total];
    int at = 0;
    for (Step step : steps) {
      for (int id : step.ids()) {
        ids[at++] = checked(id);
      }
    }
    steps.forEach(step -> step.session().startStep(step.ids().length));
    @Nullable PointerScope callers = PointerScope.getInnerScope();
    try (PointerScope _ = new PointerScope()) {
      Tensor hidden =
          decoder.hidden(
              Tensor.create(ids).view(1, total),
              (layer, queries, keys, values) -> attend(steps, layer, queries, keys, values));
      List<Tensor> parts = new ArrayList<>();
      int start = 0;
      for (Step step : steps) {
        Tensor part = hidden.select(0, 0).narrow(0, start, step.ids().length);
        start += step.ids().length;
        parts.add(callers == null ? part.retainReference() : attached(callers, part));
      }
      return parts;
    }
  }

  private Tensor attend(List<Step> steps, int layer, Tensor queries, Tensor keys, Tensor values) {
    TensorVector attended = new TensorVector();
    int start = 0;
    for (Step step : steps) {
      int tokens = step.ids().length;
      attended.push_back(
          step.session()
              .attend(
                  layer,
                  new QueryRows(queries.narrow(1, start, tokens), step.session().stepPosition()),
                  keys.select(0, 0).narrow(0, start, tokens),
                  values.select(0, 0).narrow(0, start, tokens)));
      start += tokens;
    }
    return steps.size() == 1 ? attended.get(0) : torch.cat(attended, 1);
  }

  private static Tensor attached(PointerScope scope, Tensor tensor) {
    scope.attach(tensor);
    return tensor;
  }

  private int checked(int id) {
    if (id < 0 || id >= decoder.spec().vocabularySize()) {
      throw new LengthwiseException(
          "Token id "
              + id
              + " is outside the vocabulary of the model (0 … "
              + (decoder.spec().vocabularySize() - 1)
              + "); was the text tokenised for another model?");
    }
    return id;
  }

  /// The next tokens of one text.
  ///
  /// @param session the text so far
  /// @param ids at least one token
  public record Step(Session session, int[] ids) {

    /// Checks that there is something to run.
    public Step {
      if (ids.length == 0) {
        throw new IllegalArgumentException("a step needs at least one token");
      }
    }
  }
}
