package dev.lengthwise.batch;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.generate.GenerationResult;
import dev.lengthwise.generate.Generator;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Runs the texts of many requests at once on one thread of its own.
///
/// A round is a chunk of one prompt, and then one token of every text whose prompt has been read:
/// texts join and leave between rounds, and no one waits for the whole of a long prompt. Prompts
/// take turns by chunks, so that a short one soon gets past a long one.
///
/// On weights in place a text gets the same tokens whatever runs beside it: a chunk is a pass of
/// its own, cut by the prompt alone, and tokens of several texts are computed as each would be
/// alone ([dev.lengthwise.generate.InferenceModel#decode]). Texts may have different position
/// methods.
///
/// What prompts begin with in common is read once, and their texts share pages: equal prompts and
/// begins of those that are there at the same time, and begins of those that were read before
/// ([PrefixCache]). Only whole chunks are shared, so nobody's bits depend on it.
public final class BatchScheduler implements AutoCloseable {

  private final Generator generator;
  private final BatchLimits limits;
  private final Thread thread;
  private final Object lock = new Object();

  // Under the lock.
  private final FairQueue<Waiting> waiting = new FairQueue<>();
  private boolean closed;
  private Occupancy occupancy = Occupancy.NONE;
  private List<TextState> states = List.of();

  private final RoundTasks tasks = new RoundTasks(this::wake);
  private final PromptCuts cuts;

  // Of the thread alone.
  private final TokenRounds drawing = new TokenRounds();
  private final PromptReading reading;
  private final PrefixCache prefixes;
  private final @Nullable ReadingKey[] last; // the prompt that was read last in each slot

  /// @param bytes that its cache may come to take
  private record Waiting(TextRequest request, long bytes, Ticket ticket, int number) {
    void tell(TextEvent event) {
      ticket.tell(number, event);
    }
  }

  /// A scheduler, which runs until it is closed.
  ///
  /// @param generator tokenizer, end tokens and clock of all texts
  public BatchScheduler(Generator generator, BatchLimits limits) {
    this.generator = generator;
    this.limits = limits;
    this.cuts = new PromptCuts(limits.chunk());
    this.prefixes = new PrefixCache(limits.prefixBytes(), cuts);
    this.reading = new PromptReading(cuts, prefixes, drawing::add);
    this.last = new ReadingKey[limits.running()];
    this.thread = Thread.ofPlatform().name("lengthwise-batch").daemon().unstarted(this::run);
    thread.start();
  }

  /// Takes on some texts, all or none.
  ///
  /// @return their ticket; empty where more would wait than may
  /// @throws IllegalArgumentException of a text that is longer, or whose cache is larger, than all
  ///     texts together may be
  /// @throws SchedulerClosedException after [#close]
  public Optional<Ticket> submit(List<TextRequest> requests) {
    if (requests.size() > (long) limits.running() + limits.waiting()) {
      return Optional.empty(); // without planning the memory of each
    }
    long[] bytes = requests.stream().mapToLong(this::checkedBytes).toArray();
    synchronized (lock) {
      if (closed) {
        throw new SchedulerClosedException();
      }
      if (requests.size() > free()) {
        dropCancelled(); // before the round that runs now ends
      }
      if (requests.size() > free()) {
        return Optional.empty();
      }
      Ticket ticket = new Ticket(this::wake);
      for (int n = 0; n < requests.size(); n++) {
        waiting.add(requests.get(n).owner(), new Waiting(requests.get(n), bytes[n], ticket, n));
      }
      lock.notifyAll();
      return Optional.of(ticket);
    }
  }

  private long free() {
    return (long) limits.running() - occupancy.running() + limits.waiting() - waiting.size();
  }

  private void dropCancelled() {
    waiting.removeAll(next -> next.ticket().isCancelled()).forEach(BatchScheduler::endUnread);
  }

  // Bytes of its cache.
  private long checkedBytes(TextRequest request) {
    if (request.mostTokens() > limits.tokens()) {
      throw new IllegalArgumentException(
          "a text of up to %d tokens is more than the %d of all running texts"
              .formatted(request.mostTokens(), limits.tokens()));
    }
    long bytes = request.mostBytes(limits.chunk());
    if (bytes > limits.cacheBytes()) {
      throw new IllegalArgumentException(
          "the keys and values of a text of up to %d tokens take %d bytes, more than the %d of all running texts; ask for fewer tokens, or for a method that drops some"
              .formatted(request.mostTokens(), bytes, limits.cacheBytes()));
    }
    return bytes;
  }

  /// What it holds now.
  public Occupancy occupancy() {
    synchronized (lock) {
      return new Occupancy(
          occupancy.running(),
          waiting.size(),
          occupancy.tokens(),
          occupancy.promisedBytes(),
          occupancy.cacheBytes(),
          occupancy.prefixBytes());
    }
  }

  /// How far the running texts have come.
  public List<TextState> states() {
    synchronized (lock) {
      return states;
    }
  }

  /// Waits until nothing runs and nothing waits, or the time is over.
  ///
  /// @return the number of texts that are left
  public int awaitIdle(Duration most) throws InterruptedException {
    long end = System.nanoTime() + most.toNanos();
    synchronized (lock) {
      while (occupancy.running() + waiting.size() > 0) {
        long left = (end - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          break;
        }
        lock.wait(left);
      }
      return occupancy.running() + waiting.size();
    }
  }

  /// What is kept of the last prompt of a slot, for the caller to close; empty where nothing is.
  ///
  /// @param slot from 0 to one less than texts run at once
  /// @throws SchedulerClosedException after [#close]
  public Optional<KeptPrompt> kept(int slot) throws InterruptedException {
    return tasks.call(
        () -> Optional.ofNullable(last[slot]).flatMap(prefixes::longest),
        unclaimed -> unclaimed.ifPresent(KeptPrompt::close));
  }

  /// Keeps the begin of a prompt for prompts to come, as if it had been read in a slot. The caller
  /// still closes it.
  ///
  /// @throws LengthwiseException where it was not read whole, was cut into other chunks, or takes
  ///     more than all that may be kept
  /// @throws SchedulerClosedException after [#close]
  public void keep(int slot, KeptPrompt prompt) throws InterruptedException {
    int tokens = prompt.ids().length;
    if (prompt.sequence().length() != tokens) {
      throw new LengthwiseException(
          "a prompt of %d tokens, %d of which were read, cannot be kept"
              .formatted(tokens, prompt.sequence().length()));
    }
    if (cuts.lastWithin(tokens) != tokens) {
      throw new LengthwiseException(
          "a prompt of %d tokens does not end where chunks of up to %d do"
              .formatted(tokens, limits.chunk()));
    }
    long bytes = prompt.sequence().heldBytes();
    if (bytes > limits.prefixBytes()) {
      throw new LengthwiseException(
          "a prompt of %d tokens takes %d bytes, more than the %d of all that is kept"
              .formatted(tokens, bytes, limits.prefixBytes()));
    }
    tasks.call(
        () -> {
          prefixes.keep(prompt.key(), prompt.sequence());
          last[slot] = prompt.key();
          return tokens;
        },
        _ -> {});
  }

  /// Forgets the last prompt of a slot, and what is kept of it.
  ///
  /// @return tokens that were kept
  /// @throws SchedulerClosedException after [#close]
  public int forget(int slot) throws InterruptedException {
    return tasks.call(
        () -> {
          int tokens = Optional.ofNullable(last[slot]).map(prefixes::forget).orElse(0);
          last[slot] = null;
          return tokens;
        },
        _ -> {});
  }

  private void wake() {
    synchronized (lock) {
      lock.notifyAll();
    }
  }

  private void run() {
    try {
      while (admit()) {
        tasks.run();
        reading.removeIf(BatchScheduler::endedIfCancelled);
        drawing.removeIf(BatchScheduler::endedIfCancelled);
        reading.readChunk();
        drawing.draw();
      }
      running().forEach(text -> text.end(true));
    } catch (RuntimeException | Error e) {
      LengthwiseException failure =
          new LengthwiseException("The model cannot go on: " + e.getMessage(), e);
      running().forEach(text -> text.fail(failure));
    } finally {
      stop();
    }
  }

  private List<BatchedText> running() {
    return Stream.concat(reading.texts().stream(), drawing.texts().stream()).toList();
  }

  // Nobody may wait for what will not come.
  private void stop() {
    prefixes.close();
    synchronized (lock) {
      closed = true;
      waiting.removeAll(_ -> true).forEach(BatchScheduler::endUnread);
      occupancy = Occupancy.NONE;
      states = List.of();
      tasks.close();
      lock.notifyAll();
    }
  }

  // Waits for something to do; false when the scheduler is closed.
  private boolean admit() {
    synchronized (lock) {
      dropCancelled();
      while (fits()) {
        Waiting next = waiting.peek().orElseThrow();
        waiting.remove();
        start(next);
      }
      occupy();
      if (!closed && tasks.isEmpty() && running().isEmpty()) {
        lock.notifyAll(); // for those who wait until nothing runs
        await();
      }
      return !closed;
    }
  }

  private void await() {
    try {
      while (!closed && waiting.size() == 0 && tasks.isEmpty()) {
        lock.wait();
      }
    } catch (InterruptedException e) {
      closed = true; // nobody but the owner of this thread interrupts it
    }
  }

  private boolean fits() {
    return running().size() < limits.running()
        && waiting
            .peek()
            .filter(next -> tokens() + next.request().mostTokens() <= limits.tokens())
            .filter(next -> promisedBytes() + next.bytes() <= limits.cacheBytes())
            .isPresent();
  }

  private void start(Waiting next) {
    try {
      begin(new BatchedText(next.request(), next.bytes(), next.ticket(), next.number(), generator));
    } catch (RuntimeException e) {
      next.tell(new TextEvent.Failed(e));
    } catch (Error e) {
      next.tell(new TextEvent.Failed(new LengthwiseException("The model cannot go on: " + e, e)));
      throw e;
    }
  }

  private void begin(BatchedText text) {
    boolean taken = false;
    try {
      text.place(freeSlot());
      reading.add(text);
      taken = true;
      last[text.slot()] = text.key();
    } finally {
      if (!taken) {
        text.close();
      }
    }
  }

  private int freeSlot() {
    Set<Integer> taken = running().stream().map(BatchedText::slot).collect(Collectors.toSet());
    return IntStream.range(0, last.length)
        .filter(slot -> !taken.contains(slot))
        .findFirst()
        .orElseThrow();
  }

  private static void endUnread(Waiting next) {
    next.tell(new TextEvent.Ended("", Optional.empty(), GenerationResult.cancelled()));
  }

  private long tokens() {
    return running().stream().mapToLong(text -> text.request().mostTokens()).sum();
  }

  private long promisedBytes() {
    return running().stream().mapToLong(BatchedText::mostBytes).sum();
  }

  private void occupy() {
    List<BatchedText> all = running();
    states = all.stream().map(BatchedText::state).toList();
    long bytes = all.stream().mapToLong(text -> text.sequence().heldBytes()).sum();
    occupancy =
        new Occupancy(
            all.size(), waiting.size(), tokens(), promisedBytes(), bytes, prefixes.bytes());
  }

  private static boolean endedIfCancelled(BatchedText text) {
    boolean cancelled = text.isCancelled();
    if (cancelled) {
      text.end(true);
    }
    return cancelled;
  }

  /// Takes on nothing more, calls off what runs and waits, and waits for its thread.
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      lock.notifyAll();
    }
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
