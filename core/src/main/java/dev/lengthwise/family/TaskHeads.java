package dev.lengthwise.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.TaskHead;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The heads of tasks in headers of Hugging Face's library: the class says which task it is
/// (`BertForQuestionAnswering`), `id2label` and `label2id` name classes or tags.
final class TaskHeads {

  /// The key of the state that some families read.
  static final String SUMMARY = "summary_type";

  static final String FIRST = "first";
  static final String LAST = "last";

  private static final String CLASSES = "architectures";
  private static final String LABELS = "id2label";
  private static final String IDS = "label2id";
  private static final String COUNT = "num_labels";
  private static final String PROBLEM = "problem_type";
  private static final String SINGLE = "single_label_classification";
  private static final Pattern END = Pattern.compile("(Model|For[A-Z]\\w*)$");

  private TaskHeads() {}

  /// What the name of a class ends with.
  static String suffix(TaskHead.Kind kind) {
    return switch (kind) {
      case CLASSIFICATION -> "ForSequenceClassification";
      case CHOICE -> "ForMultipleChoice";
      case READING -> "ForQuestionAnswering";
      case TAGGING -> "ForTokenClassification";
    };
  }

  /// The task of a header, where it has one.
  private static Optional<TaskHead.Kind> kindOf(ObjectNode header) {
    String name = header.path(CLASSES).path(0).asText();
    return Stream.of(TaskHead.Kind.values()).filter(kind -> name.endsWith(suffix(kind))).findAny();
  }

  private static Optional<TaskForm> form(Family family, FileFormat format, Checkpoint header) {
    return format.container() == Container.HUGGING_FACE
        ? kindOf(header.header())
            .flatMap(kind -> family.taskForm(kind, Settings.of(header), format.types().getFirst()))
        : Optional.empty();
  }

  /// A format with the names of the head that a header has.
  static FileFormat named(Family family, FileFormat format, Checkpoint header) {
    return form(family, format, header)
        .filter(_ -> !format.names().equals(Names.OWN))
        .map(form -> format.with(format.names().with(form.rows().toArray(NameRow[]::new))))
        .orElse(format);
  }

  /// A model with the head that its header has.
  static ModelSpec headed(Family family, FileFormat format, Checkpoint header, ModelSpec spec) {
    Optional<TaskForm> form = form(family, format, header);
    if (form.isEmpty() || !spec.isBidirectional()) {
      return spec;
    }
    TaskHead.Kind kind = kindOf(header.header()).orElseThrow();
    List<String> labels = kind.isLabelled() ? labels(Settings.of(header)) : List.of();
    return spec.withTask(
        Optional.of(new TaskHead(kind, form.get().reading(), form.get().inner(), labels)));
  }

  private static List<String> labels(Settings config) {
    String problem = config.text(PROBLEM).orElse(SINGLE);
    if (!problem.equals(SINGLE)) {
      throw config.bad(PROBLEM, "\"" + SINGLE + "\", the only value supported");
    }
    if (!config.has(LABELS)) {
      int count = config.sizeOr(COUNT, 2);
      return IntStream.range(0, count).mapToObj(label -> "LABEL_" + label).toList();
    }
    JsonNode names = config.values().path(LABELS);
    List<String> labels = new ArrayList<>();
    for (int label = 0; label < names.size(); label++) {
      JsonNode name = names.path(Integer.toString(label));
      if (!name.isTextual() || labels.contains(name.asText())) {
        throw config.bad(LABELS, "an object of different texts under \"0\", \"1\" and so on");
      }
      labels.add(name.asText());
    }
    if (labels.isEmpty()) {
      throw config.bad(LABELS, "at least one label");
    }
    return labels;
  }

  /// A header of the same encoder with the head of a task; what it said of another head is gone.
  ///
  /// @param kind of the task
  /// @param labels of its answers
  static ObjectNode declared(ObjectNode header, TaskHead.Kind kind, List<String> labels) {
    ObjectNode config = header.deepCopy();
    String name = config.path(CLASSES).path(0).asText();
    ArrayNode classes = config.putArray(CLASSES);
    classes.add(END.matcher(name).replaceFirst("") + suffix(kind));
    config.remove(List.of(LABELS, IDS, COUNT, PROBLEM));
    if (kind.isLabelled()) {
      ObjectNode names = config.putObject(LABELS);
      ObjectNode ids = config.putObject(IDS);
      for (int label = 0; label < labels.size(); label++) {
        names.put(Integer.toString(label), labels.get(label));
        ids.put(labels.get(label), label);
      }
      if (kind == TaskHead.Kind.CLASSIFICATION) {
        config.put(PROBLEM, SINGLE);
      }
    }
    return config;
  }

  /// The header of a checkpoint that a head of a task is trained on.
  ///
  /// @throws LengthwiseException where its family has no such heads
  static ObjectNode wanted(Checkpoint checkpoint, TaskHead.Kind kind, List<String> labels) {
    Families.Found found = Families.of(checkpoint);
    String type = found.format().types().getFirst();
    ObjectNode inner = found.header().header();
    if (found.family().taskForm(kind, Settings.of(found.header()), type).isEmpty()
        || found.format().container() != Container.HUGGING_FACE) {
      throw new LengthwiseException(
          "%s is a model of the family %s, in whose files no head of a %s has a place; take an encoder in the format of Hugging Face."
              .formatted(checkpoint.path(), found.family().name(), kind.label()));
    }
    if (inner.path(CLASSES).isEmpty()) {
      inner.putArray(CLASSES).add(found.format().architecture());
    }
    ObjectNode declared = declared(inner, kind, labels);
    if (!declared.has(SUMMARY) && found.family().readsSummary()) {
      declared.put(SUMMARY, FIRST); // the last token of a padded text is none of its own
    }
    return TrainedFrom.withInner(checkpoint, declared);
  }
}
