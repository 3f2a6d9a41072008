package dev.lengthwise.batch;

/// What was asked of a scheduler that is closed, or closes before it is done.
public final class SchedulerClosedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  SchedulerClosedException() {
    super("the scheduler is closed");
  }
}
