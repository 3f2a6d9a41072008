package dev.lengthwise.family;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.chat.ChatTemplates;
import dev.lengthwise.chat.ChatTokens;
import dev.lengthwise.chat.Conversation;
import dev.lengthwise.chat.template.Rendering;
import dev.lengthwise.chat.template.TemplateMutator;
import dev.lengthwise.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The files that a chat needs, `tokenizer.json` and `tokenizer_config.json` with its
/// templates, are changed at random. A conversation then becomes token ids, or is refused in one
/// sentence; nothing hangs, and nothing takes much memory. Those inside GGUF files are changed by
/// [LoaderFuzzTest].
///
/// `-Dfuzz=N` tries N, `-Dfuzz.seed=S` begins at another seed.
class ChatFolderFuzzTest {

  private static final int MUTATIONS = Integer.getInteger("fuzz", 100);
  private static final long FIRST_SEED = Long.getLong("fuzz.seed", 20_261_129L);
  private static final FuzzLimits LIMITS = new FuzzLimits(Duration.ofMinutes(1), 1L << 30);
  private static final int SHOWN = 20;
  private static final int ENOUGH = 50; // for a share of refusals to say something
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private static final List<String> FOLDERS =
      List.of("tokenizers/hf-pairs", "tokenizers/hf-unigram", "families/sentences/mean");

  private static final List<String> TEMPLATES =
      List.of(
          """
          {{- bos_token }}
          {%- for message in messages %}
          {{- '<|im_start|>' + message['role'] + '\\n' + message.content | trim + '<|im_end|>\\n' }}
          {%- endfor %}
          {%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}\
          """,
          """
          {%- set ns = namespace(last=messages|length - 1, text='') %}
          {%- macro parts(content) %}
          {%- if content is string %}{{ content }}
          {%- else %}{% for part in content %}{{ part.text or part['type'] }}{% endfor %}
          {%- endif %}{% endmacro %}
          {%- if tools %}{{ tools | tojson(indent=2) }}{% for tool in tools %}{{ tool.function.name }}
          {%- for name, schema in tool.function.parameters.properties.items() %}{{ name ~ schema.type }}
          {%- endfor %}{% endfor %}{% endif %}
          {%- for message in messages[::-1] %}{% set ns.text = parts(message.content) ~ ns.text %}
          {%- if loop.index0 > ns.last %}{{ raise_exception('too many') }}{% endif %}
          {%- endfor %}{{ ns.text.split('</think>')[-1].strip('\\n') }}{{ eos_token }}\
          """,
          """
          {% if (messages[0].role == 'user') != true %}{{ raise_exception('no ' ~ messages[0].role) }}\
          {% endif %}{{ strftime_now('%d %B %Y') }}{{ messages | map(attribute='role') | join(', ') }}\
          {{ messages | selectattr('role', 'equalto', 'user') | list | length }}\
          """);

  @TempDir private Path folder;

  /// The files of one folder.
  private record ChatFiles(ObjectNode tokenizer, ObjectNode config) {}

  @Test
  void everyMutationGivesIdsOrASentence() throws IOException {
    List<ChatFiles> originals = originals();
    List<ObjectNode> tokenizers = originals.stream().map(ChatFiles::tokenizer).toList();
    List<ObjectNode> configs = originals.stream().map(ChatFiles::config).toList();
    List<String> failures = new ArrayList<>();
    int refused = 0;
    for (int number = 0; number < MUTATIONS && failures.size() < SHOWN; number++) {
      long seed = FIRST_SEED + number;
      Random random = new Random(seed);
      ChatFiles one = originals.get(random.nextInt(originals.size()));
      ObjectNode tokenizer = one.tokenizer().deepCopy();
      ObjectNode config = one.config().deepCopy();
      setTemplate(config, random);
      String mutation =
          switch (random.nextInt(3)) {
            case 0 -> mutate(tokenizer, tokenizers, random);
            case 1 -> new JsonMutator(random, configs).mutate(config);
            default ->
                mutate(tokenizer, tokenizers, random)
                    + new JsonMutator(random, configs).mutate(config);
          };
      MAPPER.writeValue(folder.resolve("tokenizer.json").toFile(), tokenizer);
      MAPPER.writeValue(folder.resolve("tokenizer_config.json").toFile(), config);
      Optional<String> found = LIMITS.tried(mutation, this::ids);
      refused += found.isPresent() ? 1 : 0;
      found
          .filter(text -> !LoaderFuzzTest.isSentence(text))
          .ifPresent(text -> failures.add("seed %d, %s: %.200s".formatted(seed, text, mutation)));
    }
    assertThat(failures).isEmpty();
    if (MUTATIONS >= ENOUGH) {
      assertThat(refused).isBetween(MUTATIONS / 10, MUTATIONS * 9 / 10);
    }
  }

  // Most places are tokens of the vocabulary: it is mostly left alone, since what stands around it
  // says more.
  private static String mutate(ObjectNode tokenizer, List<ObjectNode> others, Random random) {
    JsonMutator mutator = new JsonMutator(random, others);
    if (random.nextInt(4) == 0 || !(tokenizer.path("model") instanceof ObjectNode model)) {
      return mutator.mutate(tokenizer);
    }
    JsonNode vocabulary = model.remove("vocab");
    JsonNode merges = model.remove("merges");
    String mutation = mutator.mutate(tokenizer);
    if (tokenizer.path("model") instanceof ObjectNode after) {
      after.set("vocab", vocabulary);
      if (merges != null) {
        after.set("merges", merges);
      }
    }
    return mutation;
  }

  private static List<ChatFiles> originals() throws IOException {
    List<ChatFiles> all = new ArrayList<>();
    for (String name : FOLDERS) {
      Path from = Witness.resource("").resolveSibling(name);
      all.add(new ChatFiles(read(from, "tokenizer.json"), read(from, "tokenizer_config.json")));
    }
    return all;
  }

  private static ObjectNode read(Path folder, String name) throws IOException {
    return (ObjectNode) MAPPER.readTree(Files.readAllBytes(folder.resolve(name)));
  }

  // A text, or names and texts; one in two is changed.
  private static void setTemplate(ObjectNode config, Random random) {
    String template = TEMPLATES.get(random.nextInt(TEMPLATES.size()));
    if (random.nextBoolean()) {
      template =
          new TemplateMutator(new SplittableRandom(random.nextLong())).mutate(template, TEMPLATES);
    }
    if (random.nextInt(3) > 0) {
      config.put("chat_template", template);
    } else {
      config.putArray("chat_template").addObject().put("name", "default").put("template", template);
    }
  }

  private void ids() throws IOException {
    ObjectNode data =
        (ObjectNode)
            MAPPER.readTree(
                """
                {"messages": [{"role": "user", "content": "Hello <|end|> there"},
                  {"role": "assistant", "content": "Yes</s>", "tool_calls": [
                    {"function": {"name": "f", "arguments": {"x": 1}}}]},
                  {"role": "user", "content": [{"type": "text", "text": "more"}]}],
                 "tools": [{"type": "function", "function": {"name": "f", "parameters":
                  {"type": "object", "properties": {"x": {"type": "integer"}}}}}]}
                """);
    Conversation conversation = Conversation.of(data).withDefaults();
    Tokenizer tokenizer = TokenizerFinder.of(folder);
    Rendering rendering =
        ChatTemplates.of(folder)
            .with(tokenizer)
            .choose(conversation)
            .render(conversation, Clock.systemUTC());
    int[] ids = ChatTokens.encode(rendering, tokenizer);
    tokenizer.decode(ids);
  }
}
