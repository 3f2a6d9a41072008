package dev.lengthwise.batch;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.generate.GenerationResult;
import dev.lengthwise.generate.Generator;
import dev.lengthwise.generate.Logits;
import dev.lengthwise.generate.Sequence;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
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
  private final Deque<FutureTask<?>> tasks = new ArrayDeque<>();

  // Of the thread alone.
  private final Deque<RunningText> reading = new ArrayDeque<>();
  private final List<RunningText> drawing = new ArrayList<>();
  private final PromptCuts cuts;
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
    this.last = new ReadingKey[limits.running()];
    this.thread = Thread.ofPlatform().name("lengthwise-batch").daemon().unstarted(this::run);
    thread.start();
  }

  /// How much it takes on.
  public BatchLimits limits() {
    return limits;
  }

  /// Takes on some texts, all or none.
  ///
  /// @return their ticket; empty where more would wait than may, or after [#close]
  /// @throws IllegalArgumentException of a text that is longer, or whose cache is larger, than all
  ///     texts together may be
  public Optional<Ticket> submit(List<TextRequest> requests) {
    long[] bytes = requests.stream().mapToLong(this::checkedBytes).toArray();
    synchronized (lock) {
      if (requests.size() > free()) {
        dropCancelled(); // before the round that runs now ends
      }
      if (closed || requests.size() > free()) {
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

  private int free() {
    return limits.running() - occupancy.running() + limits.waiting() - waiting.size();
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
  /// @throws LengthwiseException after [#close]
  public Optional<KeptPrompt> kept(int slot) throws InterruptedException {
    return onThread(() -> Optional.ofNullable(last[slot]).flatMap(prefixes::longest));
  }

  /// Keeps the begin of a prompt for prompts to come, as if it had been read in a slot. The caller
  /// still closes it.
  ///
  /// @throws LengthwiseException where it was cut into other chunks, takes more than all that may
  ///     be kept, or after [#close]
  public void keep(int slot, KeptPrompt prompt) throws InterruptedException {
    int tokens = prompt.ids().length;
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
    onThread(
        () -> {
          prefixes.keep(prompt.key(), prompt.sequence());
          last[slot] = prompt.key();
          return tokens;
        });
  }

  /// Forgets the last prompt of a slot, and what is kept of it.
  ///
  /// @return tokens that were kept
  /// @throws LengthwiseException after [#close]
  public int forget(int slot) throws InterruptedException {
    return onThread(
        () -> {
          int tokens = Optional.ofNullable(last[slot]).map(prefixes::forget).orElse(0);
          last[slot] = null;
          return tokens;
        });
  }

  // Runs a short task between two rounds, and waits for it.
  private <T> T onThread(Callable<T> task) throws InterruptedException {
    FutureTask<T> future = new FutureTask<>(task);
    synchronized (lock) {
      if (closed) {
        throw new LengthwiseException("The server stops.");
      }
      tasks.add(future);
      lock.notifyAll();
    }
    try {
      return future.get();
    } catch (ExecutionException | CancellationException e) {
      throw new LengthwiseException("The server could not do it: " + e.getMessage(), e);
    }
  }

  private void runTasks() {
    List<FutureTask<?>> now;
    synchronized (lock) {
      now = List.copyOf(tasks);
      tasks.clear();
    }
    now.forEach(FutureTask::run);
  }

  private void wake() {
    synchronized (lock) {
      lock.notifyAll();
    }
  }

  private void run() {
    try {
      while (admit()) {
        runTasks();
        leaveCancelled();
        readChunk();
        drawTokens();
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

  private List<RunningText> running() {
    List<RunningText> all = new ArrayList<>(reading);
    all.addAll(drawing);
    return all;
  }

  // Nobody may wait for what will not come.
  private void stop() {
    prefixes.close();
    synchronized (lock) {
      closed = true;
      waiting.removeAll(_ -> true).forEach(BatchScheduler::endUnread);
      occupancy = Occupancy.NONE;
      states = List.of();
      tasks.forEach(task -> task.cancel(false));
      tasks.clear();
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
      if (!closed && tasks.isEmpty() && reading.isEmpty() && drawing.isEmpty()) {
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
    return reading.size() + drawing.size() < limits.running()
        && waiting
            .peek()
            .filter(next -> tokens() + next.request().mostTokens() <= limits.tokens())
            .filter(next -> promisedBytes() + next.bytes() <= limits.cacheBytes())
            .isPresent();
  }

  private void start(Waiting next) {
    try {
      RunningText text =
          new RunningText(next.request(), next.bytes(), next.ticket(), next.number(), generator);
      if (text.takesPrefixes()) {
        PrefixCache.Found found = prefixes.find(text.key());
        found.sequence().ifPresent(text::take);
        text.branchAt(found.branch());
      }
      text.place(freeSlot());
      last[text.slot()] = text.key();
      reading.add(text);
    } catch (RuntimeException e) {
      next.tell(new TextEvent.Failed(e));
    } catch (Error e) {
      next.tell(new TextEvent.Failed(new LengthwiseException("The model cannot go on: " + e, e)));
      throw e;
    }
  }

  private int freeSlot() {
    Set<Integer> taken = running().stream().map(RunningText::slot).collect(Collectors.toSet());
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
    return running().stream().mapToLong(RunningText::mostBytes).sum();
  }

  private void occupy() {
    List<RunningText> all = running();
    states = all.stream().map(RunningText::state).toList();
    long bytes = all.stream().mapToLong(text -> text.sequence().heldBytes()).sum();
    occupancy =
        new Occupancy(
            all.size(), waiting.size(), tokens(), promisedBytes(), bytes, prefixes.bytes());
  }

  private void leaveCancelled() {
    reading.removeIf(BatchScheduler::endedIfCancelled);
    drawing.removeIf(BatchScheduler::endedIfCancelled);
  }

  private static boolean endedIfCancelled(RunningText text) {
    boolean cancelled = text.isCancelled();
    if (cancelled) {
      text.end(true);
    }
    return cancelled;
  }

  private void readChunk() {
    RunningText text = nextToRead();
    if (text == null) {
      return;
    }
    try {
      text.read(cuts);
      if (text.isWorthKeeping(cuts)) {
        prefixes.keep(text.key(), text.sequence());
      }
      shareBegin(text);
    } catch (RuntimeException e) {
      text.fail(e);
      return;
    } catch (Error e) {
      reading.add(text); // so that it is told with all others
      throw e;
    }
    if (text.isReading()) {
      reading.add(text);
      return;
    }
    for (RunningText other : reading.stream().filter(text::hasPromptOf).toList()) {
      reading.remove(other);
      begin(other, () -> other.take(text));
    }
    begin(text, () -> {});
  }

  // Those who wait for it go on from where it is, if that is all that they have in common.
  private void shareBegin(RunningText text) {
    for (RunningText other : reading) {
      if (other.takesPrefixes()
          && other.readTokens() < text.readTokens()
          && other.key().sharedCut(text.key(), cuts) == text.readTokens()) {
        other.take(text.sequence().fork());
      }
    }
  }

  // Texts take turns; one that has not begun waits for another that reads what both begin with.
  private @Nullable RunningText nextToRead() {
    for (int n = 0; n < reading.size(); n++) {
      RunningText text = reading.remove();
      if (!text.isUnread() || reading.stream().noneMatch(other -> readsFor(text, other))) {
        return text;
      }
      reading.add(text);
    }
    return null;
  }

  private boolean readsFor(RunningText text, RunningText other) {
    return !other.isUnread()
        && (text.hasPromptOf(other)
            || (text.takesPrefixes()
                && text.key().sharedCut(other.key(), cuts)
                    > Math.max(text.readTokens(), other.readTokens())));
  }

  private void begin(RunningText text, Runnable before) {
    try {
      before.run();
      if (text.begin()) {
        drawing.add(text);
      } else {
        text.end(false);
      }
    } catch (RuntimeException e) {
      text.fail(e);
    } catch (Error e) {
      reading.add(text);
      throw e;
    }
  }

  private void drawTokens() {
    if (drawing.isEmpty()) {
      return;
    }
    List<RunningText> texts = List.copyOf(drawing);
    float[][] logits;
    try {
      logits = step(texts);
    } catch (RuntimeException e) {
      texts.forEach(text -> text.fail(e)); // nobody knows how far each has come
      drawing.clear();
      return;
    }
    for (int n = 0; n < logits.length; n++) {
      draw(texts.get(n), logits[n]);
    }
  }

  private static float[][] step(List<RunningText> texts) {
    List<Sequence> sequences = texts.stream().map(RunningText::sequence).toList();
    int[] ids = texts.stream().mapToInt(RunningText::lastToken).toArray();
    float[][] logits = new float[ids.length][];
    try (PointerScope _ = new PointerScope()) {
      Tensor rows = sequences.getFirst().inference().decode(sequences, ids);
      for (int text = 0; text < ids.length; text++) {
        logits[text] = Logits.toArray(rows.select(0, text));
      }
    }
    return logits;
  }

  private void draw(RunningText text, float[] logits) {
    try {
      if (!text.draw(logits)) {
        drawing.remove(text);
        text.end(false);
      }
    } catch (RuntimeException e) {
      drawing.remove(text);
      text.fail(e);
    }
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
