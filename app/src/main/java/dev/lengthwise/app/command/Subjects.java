package dev.lengthwise.app.command;

import dev.lengthwise.app.options.Usage;
import dev.lengthwise.evaluate.Axes;
import dev.lengthwise.evaluate.TokenLosses;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.runtime.OpenModel;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/// The methods that `compare` compares, and the models beside them.
final class Subjects {

  // Enough for the compiler to have seen every loop.
  private static final int WARM_UP_TOKENS = 1024;

  private Subjects() {}

  /// What is judged, with the short name that tables and charts show.
  ///
  /// @param label the method as it was asked for; of a model beside, its name
  /// @param inference the model under it
  /// @param open the model
  record Entry(String label, InferenceModel inference, OpenModel open) {}

  /// The methods of a list.
  static List<Entry> of(OpenModel open, List<String> names, int longest) {
    List<Entry> entries = names.stream().map(name -> entry(open, name, longest)).toList();
    Set<String> chosen = new HashSet<>();
    for (Entry entry : entries) {
      String name = entry.inference().plans().chosen().name();
      Usage.require(chosen.add(name), "--methods has " + name + " twice; give it once");
    }
    return entries;
  }

  /// Another model under its own method; its losses can be compared only where tokens are the same.
  static Entry beside(OpenModel open, OpenModel other, int longest) {
    Usage.require(
        other.tokenizer().sha256().equals(open.tokenizer().sha256()),
        "--beside "
            + other.name()
            + " has another tokenizer than "
            + open.name()
            + ": losses per token cannot be compared; name a model with the same one");
    return new Entry(other.name(), other.inference("declared", OptionalLong.of(longest)), other);
  }

  /// The label of every method with its effective parameters, for the protocol.
  static Map<String, String> effective(List<Entry> entries) {
    Map<String, String> names = new LinkedHashMap<>();
    for (Entry entry : entries) {
      names.put(entry.label(), entry.inference().plans().chosen().name());
    }
    return names;
  }

  /// The files of the models beside, for the protocol.
  static Map<String, String> files(List<Entry> entries, OpenModel open) {
    Map<String, String> files = new LinkedHashMap<>();
    for (Entry entry : entries) {
      if (entry.open() != open) {
        files.put(entry.label(), entry.open().loaded().sha256());
      }
    }
    return files;
  }

  /// Runs some tokens that are not measured, so that the first method is not the slowest.
  static void warmUp(InferenceModel inference, Axes axes, int chunk) {
    int tokens = Math.min(WARM_UP_TOKENS, axes.document().length);
    if (tokens > 1) {
      TokenLosses.of(inference, Arrays.copyOf(axes.document(), tokens), chunk, 0);
    }
  }

  private static Entry entry(OpenModel open, String name, int longest) {
    InferenceModel inference = open.inference(name, OptionalLong.of(longest));
    String label = name.equals("declared") ? inference.plans().chosen().name() : name;
    return new Entry(label, inference, open);
  }
}
