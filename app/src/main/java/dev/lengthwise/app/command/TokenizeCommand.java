package dev.lengthwise.app.command;

import dev.lengthwise.app.options.Home;
import dev.lengthwise.app.options.RevisionOption;
import dev.lengthwise.app.options.Usage;
import dev.lengthwise.app.options.WrongUsageException;
import dev.lengthwise.family.TokenizerFinder;
import dev.lengthwise.text.Document;
import dev.lengthwise.text.Documents;
import dev.lengthwise.tokenizer.SpecialTokens;
import dev.lengthwise.tokenizer.Tokenizer;
import java.io.BufferedOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `tokenize`: the tokens of texts, or with `--decode` the text of tokens.
///
/// Ids are those of the text alone, without a begin of text. The weights of the model are not read.
@Command(
    name = "tokenize",
    description = "Shows the token ids and pieces of a text, or the text of token ids.",
    mixinStandardHelpOptions = true)
public final class TokenizeCommand implements Callable<Integer> {

  @Option(
      names = {"-m", "--model"},
      paramLabel = "MODEL",
      description =
          "Model, or its tokenizer.json, tokenizer.model or llama2.c tokenizer; default: "
              + Home.BUNDLED_MODEL
              + ".")
  private String model = Home.BUNDLED_MODEL;

  @Mixin private RevisionOption revision = new RevisionOption();

  @Option(
      names = {"-p", "--prompt"},
      paramLabel = "TEXT",
      description = "The text itself.")
  private @Nullable String prompt;

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "File of texts: .txt, .jsonl, .ndjson, .json[.gz|.zst]; - is standard input.")
  private List<Path> files = new ArrayList<>();

  @Option(
      names = "--field",
      paramLabel = "NAME",
      description = "Field of JSON lines that holds the text (default ${DEFAULT-VALUE}).")
  private String field = "text";

  @Option(
      names = "--decode",
      description = "The texts are token ids, separated by white space or commas.")
  private boolean decode;

  @Option(
      names = "--special",
      description = "Names of control tokens in a text are these tokens, and are shown in one.")
  private boolean special;

  @Option(names = "--json", description = "One JSON object for each text.")
  private boolean json;

  @Override
  public Integer call() {
    List<Document> documents = documents();
    Usage.require(!documents.isEmpty(), "tokenize needs a text; give it with -p or -f");
    Tokenizer tokenizer = TokenizerFinder.of(revision.resolve(model));
    SpecialTokens named = new SpecialTokens(tokenizer);
    PrintStream out =
        new PrintStream(new BufferedOutputStream(System.out), false, StandardCharsets.UTF_8);
    for (Document document : documents) {
      if (decode) {
        int[] ids = ids(document.text());
        String text = special ? named.decode(ids) : tokenizer.decode(ids);
        show(out, document, ids, named, text);
      } else {
        int[] ids = special ? named.encode(document.text()) : tokenizer.encode(document.text());
        show(out, document, ids, named, null);
      }
    }
    out.flush();
    return 0;
  }

  private List<Document> documents() {
    List<Document> documents = new ArrayList<>();
    if (prompt != null) {
      documents.add(Documents.document("prompt", prompt));
    }
    for (Path file : files) {
      documents.addAll(Documents.read(file, field));
    }
    return documents;
  }

  private static int[] ids(String text) {
    return Arrays.stream(text.strip().split("[\\s,]+"))
        .filter(word -> !word.isEmpty())
        .mapToInt(TokenizeCommand::id)
        .toArray();
  }

  private static int id(String word) {
    try {
      return Integer.parseInt(word);
    } catch (NumberFormatException e) {
      throw new WrongUsageException(
          "--decode takes token ids, whole numbers separated by white space, found '" + word + "'");
    }
  }

  // With --decode, `text` is what the ids say; else their table is shown.
  private void show(
      PrintStream out, Document document, int[] ids, SpecialTokens named, @Nullable String text) {
    if (json) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("name", document.name());
      result.put("text", text == null ? document.text() : text);
      result.put("ids", ids);
      result.put("pieces", Arrays.stream(ids).mapToObj(named::piece).toList());
      JsonOutput.print(result);
    } else if (text != null) {
      out.println(text);
    } else {
      out.printf("%8s  %s%n", "id", "piece");
      for (int id : ids) {
        String number = Integer.toString(id);
        out.append(" ".repeat(Math.max(0, 8 - number.length()))).append(number).append("  ");
        out.println(visible(named.piece(id)));
      }
    }
  }

  // In quotes, so that white space shows; one line each.
  private static String visible(String piece) {
    String escaped =
        piece
            .replace("\\", "\\\\")
            .replace("\n", "\\n")
            .replace("\r", "\\r")
            .replace("\t", "\\t")
            .replace("\"", "\\\"");
    return "\"" + escaped + "\"";
  }
}
