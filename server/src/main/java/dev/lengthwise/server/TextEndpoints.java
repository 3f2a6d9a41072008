package dev.lengthwise.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.batch.BatchScheduler;
import dev.lengthwise.server.http.Exchange;
import java.util.List;

/// The endpoints that generate: `/completions`, `/chat/completions` and `/responses`.
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
    Wishes wishes =
        Wishes.read(fields, settings, forms, OF_TEXTS).withDefaultMost(Completion.TOKENS);
    Completion format = Completion.read(fields, model);
    List<int[]> ids = Completion.prompts(fields, model);
    fields.requireKnown();
    int most = wishes.most().orElse(Completion.TOKENS);
    List<Prompt> prompts =
        ids.stream()
            .map(prompt -> Prompt.within(prompt, wishes, most, settings.contextLimit()))
            .toList();
    Generation generation =
        Generation.of(wishes, prompts, format.scoring(), model, settings, exchange);
    answer(exchange, generation, new ChoicesBody(format, generation, settings.name()));
  }

  void chat(Exchange exchange) throws InterruptedException {
    model.requireTexts();
    Fields fields = new Fields(Json.read(exchange.body()));
    Wishes wishes = Wishes.read(fields, settings, forms, OF_CHATS);
    ChatRequest request = ChatRequest.read(fields, model, settings.template());
    ChatFormat format = ChatFormat.read(fields, model, request.tools());
    fields.requireKnown();
    Generation generation = generation(wishes, request, format.scoring(), exchange);
    answer(exchange, generation, new ChoicesBody(format, generation, settings.name()));
  }

  /// `/responses`: a conversation in other words.
  void responses(Exchange exchange) throws InterruptedException {
    model.requireTexts();
    ResponseRequest response = ResponseRequest.read(new Fields(Json.read(exchange.body())));
    try {
      Fields fields = new Fields(response.chat());
      Wishes wishes = Wishes.read(fields, settings, forms, OF_CHATS);
      ChatRequest request = ChatRequest.read(fields, model, settings.template());
      ChatFormat.read(fields, model, request.tools()); // refuses what it refuses
      fields.requireKnown();
      Generation generation = generation(wishes, request, Scoring.NONE, exchange);
      ObjectNode said =
          response
              .echoed()
              .put("model", settings.name())
              .put("position_method", generation.method())
              .put("context_policy", wishes.rule().word());
      answer(exchange, generation, new ResponseBody(said, request.tools()));
    } catch (ApiException e) {
      throw ResponseRequest.inItsTerms(e);
    }
  }

  private Generation generation(
      Wishes asked, ChatRequest request, Scoring scoring, Exchange exchange) {
    Wishes wishes =
        request.forced().map(schema -> asked.boundTo(forms.ofCall(schema))).orElse(asked);
    Prompt prompt = request.prompt(model, settings.template(), wishes, settings.contextLimit());
    return Generation.of(wishes, List.of(prompt), scoring, model, settings, exchange);
  }

  private void answer(Exchange exchange, Generation generation, AnswerBody body)
      throws InterruptedException {
    new Answering(settings, scheduler, metrics, exchange, generation, body).run();
  }
}
