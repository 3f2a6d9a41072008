package dev.lengthwise.train;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/// One line of `metrics.jsonl`.
///
/// @param step number of steps so far
/// @param tokens number of trained tokens so far
/// @param loss mean loss of the step, in nats per token
/// @param learningRate rate of the step
/// @param gradientNorm norm of the gradient before clipping
/// @param tokensPerSecond speed of the step
/// @param validationLoss mean loss on held-out text, in nats per token
/// @param retrievalAccuracy share of the answer tokens of new retrieval documents that are the most
///     likely ones
/// @param sample greedy continuation of a fixed prompt
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Metrics(
    int step,
    long tokens,
    double loss,
    double learningRate,
    double gradientNorm,
    double tokensPerSecond,
    @Nullable Double validationLoss,
    @Nullable Double retrievalAccuracy,
    @Nullable String sample) {}
