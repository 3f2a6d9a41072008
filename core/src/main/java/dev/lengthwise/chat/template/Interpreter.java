package dev.lengthwise.chat.template;

import dev.lengthwise.chat.template.Statement.Target;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Renders statements. For one rendering, by one thread.
final class Interpreter {

  // How a list of statements ended.
  private enum Flow {
    NEXT,
    BREAK,
    CONTINUE
  }

  private final Budget budget;
  private final Evaluator evaluator;
  private Text.Builder out;
  private int line = 1;

  Interpreter(RenderContext context) {
    this.budget = context.budget();
    this.evaluator = new Evaluator(context);
    this.out = new Text.Builder(budget);
  }

  /// The line of the statement that was rendered last.
  int line() {
    return line;
  }

  /// What a template prints.
  Text render(List<Statement> template, Scope scope) {
    run(template, scope);
    return out.build();
  }

  private Flow run(List<Statement> statements, Scope scope) {
    budget.enter();
    Flow flow = Flow.NEXT;
    for (int i = 0; i < statements.size() && flow == Flow.NEXT; i++) {
      flow = run(statements.get(i), scope);
    }
    budget.leave();
    return flow;
  }

  private Flow run(Statement statement, Scope scope) {
    budget.step();
    return switch (statement) {
      case Statement.Data data -> print(data.text());
      case Statement.Print print -> {
        line = print.line();
        yield print(Repr.text(evaluator.value(print.value(), scope), budget));
      }
      case Statement.For loop -> loop(loop, scope);
      case Statement.If condition -> condition(condition, scope);
      case Statement.Set set -> {
        line = set.line();
        yield assign(set.target(), evaluator.value(set.value(), scope), scope);
      }
      case Statement.SetBlock set -> {
        line = set.line();
        Text body = captured(set.body(), scope.inner());
        yield assign(set.target(), filtered(set.filter(), body, scope), scope);
      }
      case Statement.With with -> with(with, scope);
      case Statement.Macro macro -> {
        scope.set(macro.signature().name(), macro(macro.signature(), macro.body(), scope));
        yield Flow.NEXT;
      }
      case Statement.CallBlock block -> callBlock(block, scope);
      case Statement.FilterBlock block -> {
        Text body = captured(block.body(), scope.inner());
        line = block.line();
        yield print(Repr.text(filtered(block.filter(), body, scope), budget));
      }
      case Statement.Scoped scoped -> run(scoped.body(), scope.inner());
      case Statement.Break jump -> Flow.BREAK;
      case Statement.Continue jump -> Flow.CONTINUE;
    };
  }

  private Flow print(Text text) {
    out.add(text);
    return Flow.NEXT;
  }

  private Value filtered(@Nullable Expression filter, Text body, Scope scope) {
    return filter instanceof Expression.Filter chain ? evaluator.filter(chain, scope, body) : body;
  }

  // What statements print, apart from the rest.
  private Text captured(List<Statement> statements, Scope scope) {
    Text.Builder outer = out;
    out = new Text.Builder(budget);
    run(statements, scope);
    Text text = out.build();
    out = outer;
    return text;
  }

  private Flow condition(Statement.If condition, Scope scope) {
    for (Statement.Branch branch : condition.branches()) {
      line = branch.line();
      if (Types.isTrue(evaluator.value(branch.test(), scope))) {
        return run(branch.body(), scope);
      }
    }
    return run(condition.otherwise(), scope);
  }

  private Flow with(Statement.With with, Scope scope) {
    line = with.line();
    Scope inner = scope.inner();
    for (Statement.Binding binding : with.bindings()) {
      assign(binding.target(), evaluator.value(binding.value(), scope), inner);
    }
    return run(with.body(), inner);
  }

  private Flow loop(Statement.For loop, Scope scope) {
    line = loop.line();
    loop(loop, evaluator.value(loop.elements(), scope), 0, scope);
    return Flow.NEXT;
  }

  private void loop(Statement.For loop, Value iterated, int depth, Scope scope) {
    List<Value> elements = chosen(loop, Types.elements(iterated, budget), scope);
    Value.Function.Body again =
        (arguments, _) ->
            again(loop, arguments.bind("loop", 1, "iterable").value(0), depth + 1, scope);
    LoopState state = new LoopState(elements, depth, loop.recursive() ? again : null);
    Flow flow = Flow.NEXT;
    while (state.hasNext() && flow != Flow.BREAK) {
      budget.values(4);
      Scope inner = scope.inner();
      inner.set("loop", state);
      assign(loop.target(), state.next(), inner);
      flow = run(loop.body(), inner);
    }
    if (elements.isEmpty()) {
      run(loop.otherwise(), scope.inner());
    }
  }

  private Text again(Statement.For loop, Value iterated, int depth, Scope scope) {
    int before = line;
    Text.Builder outer = out;
    out = new Text.Builder(budget);
    budget.enter();
    loop(loop, iterated, depth, scope);
    budget.leave();
    Text text = out.build();
    out = outer;
    line = before;
    return text;
  }

  private List<Value> chosen(Statement.For loop, List<Value> elements, Scope scope) {
    Expression test = loop.test();
    if (test == null) {
      return elements;
    }
    budget.values(elements.size());
    List<Value> chosen = new ArrayList<>();
    for (Value element : elements) {
      Scope inner = scope.inner();
      assign(loop.target(), element, inner);
      if (Types.isTrue(evaluator.value(test, inner))) {
        chosen.add(element);
      }
    }
    return chosen;
  }

  private Flow assign(Target target, Value value, Scope scope) {
    switch (target) {
      case Target.Variable variable -> scope.set(variable.name(), value);
      case Target.Attribute attribute -> {
        if (!(scope.get(attribute.namespace()) instanceof Namespace namespace)) {
          throw TemplateFailure.of(
              "attributes can be set of a namespace only, and '%s' is none", attribute.namespace());
        }
        namespace.set(attribute.attribute(), value);
      }
      case Target.Unpacked unpacked -> unpack(unpacked.targets(), value, scope);
    }
    return Flow.NEXT;
  }

  private void unpack(List<Target> targets, Value value, Scope scope) {
    List<Value> values = Types.elements(value, budget);
    if (values.size() != targets.size()) {
      throw TemplateFailure.of(
          "%d names are to hold the %d elements of a value of type %s",
          targets.size(), values.size(), Types.name(value));
    }
    for (int i = 0; i < targets.size(); i++) {
      assign(targets.get(i), values.get(i), scope);
    }
  }

  private Flow callBlock(Statement.CallBlock block, Scope scope) {
    line = block.line();
    Value caller = macro(block.signature(), block.body(), scope);
    Value printed = evaluator.call(block.call(), scope, Map.of("caller", caller));
    return print(Repr.text(printed, budget));
  }

  private Value.Function macro(
      Statement.Signature signature, List<Statement> body, Scope definition) {
    return new Value.Function(
        signature.name(),
        (arguments, _) -> {
          int before = line;
          Scope scope = definition.inner();
          bind(signature, arguments, scope);
          Text text = captured(body, scope);
          line = before;
          return text;
        });
  }

  // Gives the parameters of a macro their values.
  private void bind(Statement.Signature signature, Arguments arguments, Scope scope) {
    List<Value> positional = arguments.positional();
    Map<String, Value> named = new LinkedHashMap<>(arguments.named());
    List<Statement.Parameter> parameters = signature.parameters();
    for (int i = 0; i < parameters.size(); i++) {
      Statement.Parameter parameter = parameters.get(i);
      Value value = named.remove(parameter.name());
      if (i < positional.size()) {
        if (value != null) {
          throw TemplateFailure.of(
              "the macro '%s' is given '%s' twice", signature.name(), parameter.name());
        }
        value = positional.get(i);
      }
      scope.set(parameter.name(), value != null ? value : otherwise(parameter, scope));
    }
    List<Value> more =
        positional.subList(Math.min(parameters.size(), positional.size()), positional.size());
    bindRest(signature, more, named, scope);
  }

  private Value otherwise(Statement.Parameter parameter, Scope scope) {
    Expression otherwise = parameter.otherwise();
    return otherwise != null
        ? evaluator.value(otherwise, scope)
        : new Value.Undefined("parameter '" + parameter.name() + "' was not provided");
  }

  private static void bindRest(
      Statement.Signature signature, List<Value> more, Map<String, Value> named, Scope scope) {
    if (signature.used().contains("caller")) {
      Value caller = named.remove("caller");
      scope.set("caller", caller != null ? caller : new Value.Undefined("no caller was defined"));
    }
    if (signature.used().contains("kwargs")) {
      scope.set("kwargs", Dict.ofNamed(named));
    } else if (!named.isEmpty()) {
      throw TemplateFailure.of(
          "the macro '%s' has no parameter '%s'",
          signature.name(), named.keySet().iterator().next());
    }
    if (signature.used().contains("varargs")) {
      scope.set("varargs", new Value.Tuple(more));
    } else if (!more.isEmpty()) {
      throw TemplateFailure.of(
          "the macro '%s' takes at most %d arguments, found %d",
          signature.name(),
          signature.parameters().size(),
          signature.parameters().size() + more.size());
    }
  }
}
