package dev.lengthwise.app.command;

import dev.lengthwise.method.Methods;
import dev.lengthwise.method.syntax.MethodParameter;
import dev.lengthwise.method.syntax.MethodType;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `methods`: what exists.
@Command(
    name = "methods",
    description = "Lists position methods with their parameters, sources and reach.",
    mixinStandardHelpOptions = true)
public final class MethodsCommand implements Callable<Integer> {

  @Parameters(arity = "0..1", paramLabel = "NAME", description = "Only this method.")
  private @Nullable String name;

  @Override
  public Integer call() {
    if (name != null) {
      print(Methods.byName(name));
      return 0;
    }
    Methods.ALL.forEach(MethodsCommand::print);
    System.out.println(
        "Every method also takes layers=all: it then changes the local layers of a model, too.");
    return 0;
  }

  private static void print(MethodType type) {
    System.out.println(type.name());
    System.out.println("  " + type.summary());
    System.out.println("  reach: " + type.reach());
    for (MethodParameter parameter : type.parameters()) {
      System.out.printf(
          "  %-10s %s (%s; default: %s)%n",
          parameter.name(),
          parameter.meaning(),
          parameter.kind().expectation(),
          parameter.defaultText());
    }
    System.out.println("  source: " + type.source());
    System.out.println();
  }
}
