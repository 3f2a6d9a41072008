package dev.lengthwise.train;

import dev.lengthwise.train.data.WindowBatch;
import dev.lengthwise.train.distributed.DataParallel;
import dev.lengthwise.train.distributed.GradientExchange;
import dev.lengthwise.train.optimise.Optimizer;
import java.util.List;
import java.util.stream.IntStream;

/// One step of a training: the gradients of all micro-batches, then one move of the weights.
///
/// A group of as many micro-batches as there are threads runs at the same time; gradients are added
/// in the order of micro-batches, so that the bits do not depend on the number of threads.
final class TrainingStep {

  private final TrainedModel model;
  private final Parameters parameters;
  private final Optimizer optimizer;
  private final TrainingWorkers workers;
  private final DataParallel processes;
  private final GradientExchange exchange;

  TrainingStep(
      TrainedModel model,
      Parameters parameters,
      Optimizer optimizer,
      TrainingWorkers workers,
      DataParallel processes) {
    this.model = model;
    this.parameters = parameters;
    this.optimizer = optimizer;
    this.workers = workers;
    this.processes = processes;
    this.exchange = new GradientExchange(processes, optimizer, parameters.tensors().values());
  }

  /// Some windows of a step, and what decides drawn positions in each.
  @SuppressWarnings("ArrayRecordComponent") // made for one step, and never compared
  record MicroBatch(WindowBatch windows, long[] seeds) {}

  /// What a step reports.
  ///
  /// @param loss mean over all targets, in nats
  /// @param gradientNorm as the optimiser counts it
  record Result(double loss, double gradientNorm) {

    boolean isFinite() {
      return Double.isFinite(loss) && Double.isFinite(gradientNorm);
    }
  }

  /// Moves the weights by the gradients of `parts`.
  ///
  /// @param parts the micro-batches of all processes
  Result take(List<MicroBatch> parts, double learningRate) {
    long targets = Math.max(1, parts.stream().mapToLong(part -> part.windows().scored()).sum());
    List<MicroBatch> own = ownOf(parts);
    double share = 0;
    for (int first = 0; first < own.size(); first += workers.threads()) {
      int until = Math.min(own.size(), first + workers.threads());
      share += addGradients(own.subList(first, until), 1.0 / targets);
    }
    double loss = exchange.finish(share);
    double norm = optimizer.step(learningRate);
    parameters.project();
    return new Result(loss, norm);
  }

  // Process r of n has the parts r, r + n, …
  private List<MicroBatch> ownOf(List<MicroBatch> parts) {
    return IntStream.range(0, parts.size())
        .filter(part -> part % processes.size() == processes.rank())
        .mapToObj(parts::get)
        .toList();
  }

  /// Adds the gradients of some micro-batches to the step, in their order; the sum of their losses.
  private double addGradients(List<MicroBatch> parts, double weight) {
    List<TrainedModel.Pass> passes =
        workers.run(
            parts.size(),
            (part, attention) -> {
              MicroBatch one = parts.get(part);
              return model.pass(one.windows(), one.seeds(), weight, attention);
            });
    try {
      passes.forEach(pass -> exchange.add(pass.gradients()));
      return passes.stream().mapToDouble(TrainedModel.Pass::loss).sum();
    } finally {
      passes.forEach(pass -> pass.gradients().releaseReference());
    }
  }
}
