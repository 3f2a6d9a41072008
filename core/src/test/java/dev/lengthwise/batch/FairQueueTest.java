package dev.lengthwise.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FairQueueTest {

  private static List<String> drained(FairQueue<String> queue) {
    List<String> items = new ArrayList<>();
    while (queue.peek().isPresent()) {
      items.add(queue.peek().get());
      queue.remove();
    }
    return items;
  }

  @Test
  void ownersTakeTurnsHoweverManyItemsTheyBring() {
    FairQueue<String> queue = new FairQueue<>();
    List.of("a1", "a2", "a3").forEach(item -> queue.add("a", item));
    queue.add("b", "b1");
    queue.add("c", "c1");
    queue.add("c", "c2");
    assertThat(queue.size()).isEqualTo(6);
    assertThat(drained(queue)).containsExactly("a1", "b1", "c1", "a2", "c2", "a3");
    assertThat(queue.size()).isZero();
  }

  @Test
  void removedItemsAndTheirOwnersAreGone() {
    FairQueue<String> queue = new FairQueue<>();
    queue.add("a", "a1");
    queue.add("b", "b1");
    queue.add("b", "b2");
    assertThat(queue.removeAll(item -> item.endsWith("1"))).containsExactly("a1", "b1");
    assertThat(drained(queue)).containsExactly("b2");
  }
}
