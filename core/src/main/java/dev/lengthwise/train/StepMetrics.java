package dev.lengthwise.train;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lengthwise.train.data.AnswerScore;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One line of `metrics.jsonl`.
///
/// @param step number of steps so far
/// @param tokens number of trained tokens so far
/// @param loss mean loss of the step, in nats per token
/// @param learningRate rate of the step
/// @param gradientNorm norm of the gradient, before any clipping
/// @param tokensPerSecond speed of the step
/// @param peakResidentBytes most memory of the process so far; absent where the system does not say
/// @param validationLoss mean loss on held-out text, in nats per token
/// @param answers how well each kind of question was answered; empty where none was asked
/// @param sample greedy continuation of a fixed prompt
@JsonInclude(JsonInclude.Include.NON_NULL)
public record StepMetrics(
    int step,
    long tokens,
    double loss,
    double learningRate,
    double gradientNorm,
    double tokensPerSecond,
    @Nullable Long peakResidentBytes,
    @Nullable Double validationLoss,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, AnswerScore> answers,
    @Nullable String sample) {}
