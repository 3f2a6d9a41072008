package dev.lengthwise.experiment;

import dev.lengthwise.text.GeneratedTexts;
import dev.lengthwise.train.data.DataMix;
import dev.lengthwise.train.data.DataPreparation;
import dev.lengthwise.train.data.DataSource;
import dev.lengthwise.train.data.TokenizerChoice;
import dev.lengthwise.train.data.Windows;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Generated questions, one in each window, in bytes.
///
/// @param generator name of the generator
/// @param shortest shortest question of the training
/// @param longest longest question of the training
/// @param count questions of the training
public record QuestionData(String generator, int shortest, int longest, int count)
    implements TrainingTexts {

  private static final String TRAINING = "training";
  private static final int HELD_OUT = 200;
  private static final long SEED = 42;
  private static final int BYTES = 256;
  private static final int MARKS = 2;

  @Override
  public int vocabulary() {
    return BYTES + MARKS;
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("generator", generator);
    settings.put("shortest", shortest);
    settings.put("longest", longest);
    settings.put("count", count);
    settings.put("seed", SEED);
    return settings;
  }

  @Override
  public DataMix mix() {
    return new DataMix(
        List.of(new DataMix.Share(TRAINING, Windows.WITHIN_DOCUMENTS, 1)),
        new DataMix.HeldOut(DataPreparation.VALIDATION, Windows.WITHIN_DOCUMENTS),
        List.of());
  }

  @Override
  public String folder() {
    return "data-%s-%d-%d-%d".formatted(generator, shortest, longest, count);
  }

  @Override
  public DataPreparation preparation(Workshop workshop) {
    Map<String, List<DataSource>> shards = new LinkedHashMap<>();
    shards.put(TRAINING, questions(SEED, count));
    shards.put(DataPreparation.VALIDATION, questions(SEED + 1, HELD_OUT));
    return new DataPreparation(new TokenizerChoice.Bytes(), shards);
  }

  private List<DataSource> questions(long seed, int number) {
    GeneratedTexts texts = new GeneratedTexts(generator, shortest, longest, seed);
    return List.of(new DataSource.Generated(texts, number));
  }
}
