package dev.lengthwise.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.chat.ChatTemplates;
import dev.lengthwise.method.Methods;
import dev.lengthwise.server.http.Answer;
import dev.lengthwise.server.http.Exchange;
import dev.lengthwise.tokenizer.Tokenizer;
import java.util.OptionalInt;

/// The endpoints that say what is served, and that turn texts into tokens and back.
///
/// @param started time of the start, seconds since 1970
record ModelEndpoints(ServedModel model, ServerSettings settings, long started) {

  static final String MODELS = "/models";

  Answer models(Exchange exchange) {
    ObjectNode body = Json.object().put("object", "list");
    body.set("data", Json.array().add(served()));
    return Answer.json(200, body.toString());
  }

  /// One model by its name.
  Answer model(Exchange exchange) {
    Wishes.requireModel(Api.below(exchange, MODELS), settings);
    return Answer.json(200, served().toString());
  }

  private ObjectNode served() {
    return Json.object()
        .put("id", settings.name())
        .put("object", "model")
        .put("created", started)
        .put("owned_by", "lengthwise")
        .put("max_model_len", longest())
        .put("trained_length", model.trainedLength())
        .put("position_method", method());
  }

  private long longest() {
    return model.continuesTexts()
        ? settings.contextLimit()
        : Math.min(
            settings.contextLimit(),
            model.encoder(settings.method(), settings.contextLimit()).longest());
  }

  private String method() {
    return model.inference(settings.method(), settings.contextLimit()).plans().chosen().name();
  }

  Answer props(Exchange exchange) {
    ObjectNode body =
        Json.object()
            .put("model_path", model.path().getFileName().toString())
            .put("model_alias", settings.name())
            .put("total_slots", settings.limits().running())
            .put("trained_length", model.trainedLength())
            .put("position_method", method())
            .put("continues_texts", model.continuesTexts())
            .put("bos_token", special(model.tokenizer().beginOfText()))
            .put("eos_token", special(model.tokenizer().endOfText()));
    body.set("default_generation_settings", Json.object().put("n_ctx", longest()));
    ArrayNode methods = body.putArray("position_methods");
    Methods.names().forEach(methods::add);
    ObjectNode templates = body.putObject("chat_templates");
    model.templates(settings.template()).forEach(templates::put);
    return Answer.json(200, body.toString());
  }

  private String special(OptionalInt id) {
    return id.isPresent() ? model.piece(id.getAsInt()) : "";
  }

  Answer tokenizerInfo(Exchange exchange) {
    Tokenizer tokenizer = model.tokenizer();
    ObjectNode body = Json.object();
    put(body, "bos_token", tokenizer.beginOfText());
    put(body, "eos_token", tokenizer.endOfText());
    body.putNull("pad_token");
    body.put("chat_template", model.templates(settings.template()).get(ChatTemplates.DEFAULT));
    body.put("vocab_size", tokenizer.vocabularySize());
    body.put("sha256", tokenizer.sha256());
    return Answer.json(200, body.toString());
  }

  private void put(ObjectNode body, String name, OptionalInt id) {
    body.put(name, id.isPresent() ? model.piece(id.getAsInt()) : null);
  }

  Answer tokenize(Exchange exchange) {
    Fields fields = new Fields(Json.read(exchange.body()));
    fields.ignore("model");
    boolean named = fields.value("prompt").isPresent();
    String text =
        fields
            .text(named ? "prompt" : "content")
            .orElseThrow(() -> ApiException.invalid("prompt", "'prompt' is missing"));
    // As vLLM has it with `prompt`, and llama.cpp with `content`.
    boolean withSpecial = fields.flag("add_special", false);
    boolean begins = fields.flag("add_special_tokens", named) || withSpecial;
    // So lm-evaluation-harness asks for the id of the token that begins texts.
    boolean isControl = named && model.tokenizer().controlTokens().containsKey(text);
    boolean special = fields.flag("parse_special", isControl);
    boolean pieces = fields.flag("with_pieces", false);
    fields.requireKnown();
    int[] ids =
        special
            ? model.special().encode(text)
            : begins ? model.tokenizer().encodePrompt(text) : model.tokenizer().encode(text);
    ArrayNode tokens = Json.array();
    for (int id : ids) {
      if (pieces) {
        tokens.add(Json.object().put("id", id).put("piece", model.piece(id)));
      } else {
        tokens.add(id);
      }
    }
    ObjectNode body = Json.object();
    body.set("tokens", tokens);
    body.put("count", ids.length).put("max_model_len", longest());
    return Answer.json(200, body.toString());
  }

  Answer detokenize(Exchange exchange) {
    Fields fields = new Fields(Json.read(exchange.body()));
    fields.ignore("model");
    JsonNode tokens =
        fields
            .value("tokens")
            .filter(JsonNode::isArray)
            .orElseThrow(() -> ApiException.invalid("tokens", "'tokens' must be a list of ids"));
    fields.requireKnown();
    int[] ids = Fields.ids("tokens", tokens, model.tokenizer().vocabularySize());
    String text = model.text(ids);
    return Answer.json(200, Json.object().put("prompt", text).put("content", text).toString());
  }

  Answer applyTemplate(Exchange exchange) {
    Fields fields = new Fields(Json.read(exchange.body()));
    fields.ignore("model");
    ChatRequest request = ChatRequest.read(fields, model, settings.template());
    fields.requireKnown();
    String text = request.render(model, settings.template()).text() + request.begun();
    return Answer.json(200, Json.object().put("prompt", text).toString());
  }

  Answer health(Exchange exchange) {
    return Answer.json(200, Json.object().put("status", "ok").toString());
  }
}
