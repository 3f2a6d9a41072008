package dev.lengthwise.task;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.model.TaskHead;
import dev.lengthwise.task.TaskExample.Answer;
import dev.lengthwise.task.TaskExample.Span;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// One line of a file of examples.
///
/// @param place names it in messages
/// @param line its object
record ExampleLine(String place, JsonNode line) {

  private static final String TEXT = "text";
  private static final String LABEL = "label";
  private static final String ANSWER = "answer";
  private static final String ANSWERS = "answers";
  private static final String CHOICES = "choices";
  private static final String ENTITIES = "entities";
  private static final String TAGS = "tags";

  /// Its example.
  ///
  /// @throws LengthwiseException where it is none of the task
  TaskExample example(TaskHead.Kind kind) {
    return switch (kind) {
      case CLASSIFICATION -> classified();
      case CHOICE -> choice();
      case READING -> question();
      case TAGGING -> line.has("tokens") ? tokens() : entities();
    };
  }

  private TaskExample.Classified classified() {
    Optional<String> pair = line.has("pair") ? Optional.of(text(line, "pair")) : Optional.empty();
    JsonNode label = line.path(LABEL);
    if (!label.isMissingNode() && !label.isTextual() && !label.isIntegralNumber()) {
      throw bad("has the label %s; expected the name of a class".formatted(label));
    }
    return new TaskExample.Classified(
        place,
        text(line, TEXT),
        pair,
        label.isMissingNode() ? Optional.empty() : Optional.of(label.asText()));
  }

  private TaskExample.Choice choice() {
    String text = text(line, line.has("question") ? "question" : TEXT);
    List<String> choices = texts(CHOICES);
    if (choices.size() < 2) {
      throw bad("has %d choices; expected at least two".formatted(choices.size()));
    }
    JsonNode answer = line.path(ANSWER);
    boolean known = !answer.isMissingNode();
    if (known && !(answer.isInt() && answer.asInt() >= 0 && answer.asInt() < choices.size())) {
      throw bad(
          "has the answer %s; expected the number of a choice, 0 to %d"
              .formatted(answer, choices.size() - 1));
    }
    return new TaskExample.Choice(
        place, text, choices, known ? OptionalInt.of(answer.asInt()) : OptionalInt.empty());
  }

  private TaskExample.Question question() {
    String context = text(line, "context");
    List<Answer> answers = new ArrayList<>();
    for (JsonNode answer : list(ANSWERS, line.has(ANSWERS))) {
      String text = text(answer, TEXT);
      int start = character(context, answer, "start");
      if (!context.startsWith(text, start)) {
        throw bad(
            "has the answer \"%s\", but at character %s of the context stands \"%s\""
                .formatted(
                    text,
                    answer.path("start"),
                    context.substring(start, Math.min(context.length(), start + text.length()))));
      }
      answers.add(new Answer(text, start));
    }
    return new TaskExample.Question(
        place, text(line, "question"), context, answers, line.has(ANSWERS));
  }

  private TaskExample.Tagged tokens() {
    List<Span> words = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    List<String> tokens = texts("tokens");
    for (String token : tokens) {
      if (token.isBlank()) {
        throw bad("has an empty token; leave it out");
      }
      text.append(text.isEmpty() ? "" : " ");
      words.add(new Span(text.length(), text.length() + token.length()));
      text.append(token);
    }
    if (words.isEmpty()) {
      throw bad("has no tokens; leave it out");
    }
    Optional<List<String>> tags = line.has(TAGS) ? Optional.of(texts(TAGS)) : Optional.empty();
    tags.ifPresent(own -> requireTags(own, words.size()));
    return new TaskExample.Tagged(place, text.toString(), words, tags);
  }

  private void requireTags(List<String> tags, int words) {
    if (tags.size() != words) {
      throw bad("has %d tokens and %d tags; expected a tag for each".formatted(words, tags.size()));
    }
    for (String tag : tags) {
      if (!Entity.isTag(tag)) {
        throw bad("has the tag \"%s\"; expected O, B-kind or I-kind".formatted(tag));
      }
    }
  }

  private TaskExample.Tagged entities() {
    String text = text(line, TEXT);
    List<Span> words = Words.of(text);
    if (!line.has(ENTITIES)) {
      return new TaskExample.Tagged(place, text, words, Optional.empty());
    }
    List<String> tags = new ArrayList<>(Collections.nCopies(words.size(), Entity.OUTSIDE));
    for (JsonNode entity : list(ENTITIES, true)) {
      Span span = new Span(character(text, entity, "start"), character(text, entity, "end"));
      mark(text, words, tags, span, text(entity, LABEL));
    }
    return new TaskExample.Tagged(place, text, words, Optional.of(tags));
  }

  private void mark(String text, List<Span> words, List<String> tags, Span span, String kind) {
    boolean begins = true;
    boolean whole = false;
    for (int n = 0; n < words.size(); n++) {
      Span word = words.get(n);
      if (word.start() >= span.start() && word.end() <= span.end()) {
        if (!tags.get(n).equals(Entity.OUTSIDE)) {
          throw bad("has two entities that share a word; each word has one tag");
        }
        tags.set(n, Entity.tag(kind, begins));
        whole = word.end() == span.end();
        begins = false;
      } else if (word.start() < span.end() && word.end() > span.start()) {
        throw bad(
            "has an entity that ends within the word \"%s\"; entities are whole words"
                .formatted(text.substring(word.start(), word.end())));
      }
    }
    if (begins || !whole) {
      throw bad(
          "has an entity from %d to %d, which is not made of whole words"
              .formatted(span.start(), span.end()));
    }
  }

  // ---- fields

  private String text(JsonNode object, String field) {
    JsonNode node = object.path(field);
    if (!node.isTextual()) {
      throw bad("must have the text \"%s\"".formatted(field));
    }
    if (node.asText().isBlank()) {
      throw bad("has an empty \"%s\"; leave it out".formatted(field));
    }
    return node.asText();
  }

  private List<String> texts(String field) {
    List<String> texts = new ArrayList<>();
    for (JsonNode node : list(field, true)) {
      if (!node.isTextual() || node.asText().isBlank()) {
        throw bad("has %s in \"%s\"; expected texts".formatted(node, field));
      }
      texts.add(node.asText());
    }
    return texts;
  }

  private List<JsonNode> list(String field, boolean needed) {
    JsonNode node = line.path(field);
    if (needed && !node.isArray()) {
      throw bad("must have the list \"%s\"".formatted(field));
    }
    List<JsonNode> all = new ArrayList<>();
    node.forEach(all::add);
    return all;
  }

  // The place in Java's count of a place in Python's.
  private int character(String text, JsonNode object, String field) {
    JsonNode node = object.path(field);
    int count = text.codePointCount(0, text.length());
    if (!node.isInt() || node.asInt() < 0 || node.asInt() > count) {
      throw bad(
          "has the %s %s; expected a character of its text, 0 to %d".formatted(field, node, count));
    }
    return text.offsetByCodePoints(0, node.asInt());
  }

  private LengthwiseException bad(String what) {
    return new LengthwiseException(place + " " + what + ".");
  }
}
