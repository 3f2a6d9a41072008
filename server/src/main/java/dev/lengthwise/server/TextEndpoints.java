package dev.lengthwise.server;

import dev.lengthwise.batch.BatchScheduler;
import dev.lengthwise.server.http.Exchange;
import java.util.List;

/// The endpoints that generate: `/completions` and `/chat/completions`.
record TextEndpoints(
    ServedModel model,
    ServerSettings settings,
    AnswerForms forms,
    BatchScheduler scheduler,
    Metrics metrics) {

  private static final List<ContextRule> OF_TEXTS =
      List.of(ContextRule.ERROR, ContextRule.TRUNCATE_LEFT);
  private static final List<ContextRule> OF_CHATS =
      List.of(ContextRule.ERROR, ContextRule.TRUNCATE_LEFT, ContextRule.DROP_OLDEST_TURNS);

  void completions(Exchange exchange) throws InterruptedException {
    model.requireTexts();
    Fields fields = new Fields(Json.read(exchange.body()));
    Wishes wishes = Wishes.read(fields, settings, forms, OF_TEXTS).orMost(Completion.TOKENS);
    Completion format = Completion.read(fields, model);
    List<int[]> ids = Completion.prompts(fields, model);
    fields.requireKnown();
    int most = wishes.most().orElse(Completion.TOKENS);
    List<Prompt> prompts =
        ids.stream()
            .map(prompt -> Prompt.within(prompt, wishes, most, settings.contextLimit()))
            .toList();
    answer(exchange, Generation.of(wishes, prompts, format, model, settings, exchange), format);
  }

  void chat(Exchange exchange) throws InterruptedException {
    model.requireTexts();
    Fields fields = new Fields(Json.read(exchange.body()));
    Wishes wishes = Wishes.read(fields, settings, forms, OF_CHATS);
    ChatRequest request = ChatRequest.read(fields, model, settings.template());
    ChatFormat format = ChatFormat.read(fields, model, request.tools());
    fields.requireKnown();
    Prompt prompt = request.prompt(model, settings.template(), wishes, settings.contextLimit());
    answer(
        exchange,
        Generation.of(wishes, List.of(prompt), format, model, settings, exchange),
        format);
  }

  private void answer(Exchange exchange, Generation generation, AnswerFormat format)
      throws InterruptedException {
    new Answering(settings, scheduler, metrics, exchange, generation, format).run();
  }
}
