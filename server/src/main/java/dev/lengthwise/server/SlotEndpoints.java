package dev.lengthwise.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.batch.BatchScheduler;
import dev.lengthwise.batch.KeptPrompt;
import dev.lengthwise.batch.TextState;
import dev.lengthwise.runtime.StateFile;
import dev.lengthwise.server.http.Answer;
import dev.lengthwise.server.http.Exchange;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;

/// The places of texts that run at once, as llama.cpp's server has them: what runs there, and the
/// begin of the last prompt of each, which is saved, restored and erased.
///
/// What is saved are keys and values. A prompt that begins with restored tokens does not read them
/// again, whichever slot it gets.
final class SlotEndpoints {

  private static final Pattern ID = Pattern.compile("/slots/([0-9]{1,6})");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}");

  private final ServerSettings settings;
  private final BatchScheduler scheduler;
  private final SlotStates states;
  private final ReentrantLock restoring = new ReentrantLock();

  SlotEndpoints(ServedModel model, ServerSettings settings, BatchScheduler scheduler) {
    this.settings = settings;
    this.scheduler = scheduler;
    this.states = new SlotStates(model, settings);
  }

  /// What runs: one entry for each slot.
  Answer list(Exchange exchange) {
    List<TextState> running = scheduler.states();
    ArrayNode slots = Json.array();
    for (int id = 0; id < settings.limits().running(); id++) {
      int slot = id;
      slots.add(entry(id, running.stream().filter(text -> text.slot() == slot).findFirst()));
    }
    return Answer.json(200, slots.toString());
  }

  private ObjectNode entry(int id, Optional<TextState> text) {
    ObjectNode entry =
        Json.object()
            .put("id", id)
            .put("n_ctx", settings.contextLimit())
            .put("is_processing", text.isPresent());
    text.ifPresent(
        state ->
            entry
                .put("position_method", state.method())
                .put("prompt_tokens", state.promptTokens())
                .put("prompt_tokens_read", state.readTokens())
                .put("prompt_tokens_cached", state.sharedTokens())
                .put("generated_tokens", state.generatedTokens())
                .put("most_tokens", state.mostTokens()));
    return entry;
  }

  /// `POST /slots/{id}?action=save`, `restore` or `erase`.
  void act(Exchange exchange) throws InterruptedException {
    Path folder =
        settings
            .slotFolder()
            .orElseThrow(
                () ->
                    ApiException.of(
                        501,
                        "not_supported_error",
                        "Slots are not saved here; start the server with --slot-save-path"));
    int slot = slot(exchange.path());
    String action = exchange.query("action").orElse("");
    long start = System.nanoTime();
    ObjectNode answer =
        switch (action) {
          case "save" -> save(slot, file(exchange, folder));
          case "restore" -> restore(slot, file(exchange, folder));
          case "erase" -> Json.object().put("n_erased", scheduler.forget(slot));
          default ->
              throw ApiException.invalid(
                  "action",
                  "'action' must be save, restore or erase, found '%s'".formatted(action));
        };
    answer.put("id_slot", slot);
    answer.putObject("timings").put(action + "_ms", (System.nanoTime() - start) / 1e6);
    exchange.answer(Answer.json(200, answer.toString()));
  }

  private int slot(String path) {
    var found = ID.matcher(path.startsWith("/v1/") ? path.substring("/v1".length()) : path);
    int slot = found.matches() ? Integer.parseInt(found.group(1)) : Integer.MAX_VALUE;
    if (slot >= settings.limits().running()) {
      throw ApiException.invalid(
          "id_slot",
          "There is no such slot; their ids are 0 to %d"
              .formatted(settings.limits().running() - 1));
    }
    return slot;
  }

  private static SlotFile file(Exchange exchange, Path folder) {
    Fields fields = new Fields(Json.read(exchange.body()));
    String name = fields.text("filename").orElse("");
    fields.requireKnown();
    if (!NAME.matcher(name).matches()) {
      throw ApiException.invalid(
          "filename",
          "'filename' must be up to 128 letters, digits, dots, hyphens or underscores, not"
              + " beginning with a dot, no path");
    }
    return new SlotFile(folder.resolve(name));
  }

  private ObjectNode save(int slot, SlotFile file) throws InterruptedException {
    try (KeptPrompt prompt =
        scheduler
            .kept(slot)
            .orElseThrow(
                () ->
                    ApiException.invalid(
                        "id_slot",
                        "Nothing is kept of a prompt in slot %d: none was read there, it has fewer than 64 tokens, or --prefix-cache had no room"
                            .formatted(slot)))) {
      long bytes = file.write(states.of(prompt));
      return Json.object()
          .put("filename", file.name())
          .put("n_saved", prompt.ids().length)
          .put("n_written", bytes);
    }
  }

  // One at a time, each no larger than what may be kept: the limits of running texts know nothing
  // of its memory.
  private ObjectNode restore(int slot, SlotFile file) throws InterruptedException {
    restoring.lockInterruptibly();
    try {
      return restored(slot, file);
    } finally {
      restoring.unlock();
    }
  }

  private ObjectNode restored(int slot, SlotFile file) throws InterruptedException {
    long most = settings.limits().prefixBytes();
    if (file.size() > most) {
      throw ApiException.invalid(
          "filename",
          "The slot %s has %d bytes, more than the %d of --prefix-cache"
              .formatted(file.name(), file.size(), most));
    }
    StateFile.State state = file.read((origin, text) -> states.served(file.name(), origin, text));
    try (KeptPrompt prompt =
        new KeptPrompt(state.origin().declared(), state.text().ids(), state.sequence())) {
      keep(slot, file, prompt);
      return Json.object()
          .put("filename", file.name())
          .put("n_restored", prompt.ids().length)
          .put("n_read", file.size());
    }
  }

  private void keep(int slot, SlotFile file, KeptPrompt prompt) throws InterruptedException {
    try {
      scheduler.keep(slot, prompt);
    } catch (LengthwiseException e) {
      throw ApiException.invalid(
          "filename", "The slot %s cannot be kept here: %s".formatted(file.name(), e.getMessage()));
    }
  }
}
