package dev.lengthwise.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The hub cache: `models--ORG--NAME/refs/main` names a folder under `snapshots`.
class ModelPathsTest {

  @TempDir private Path cache;

  private Path resolve(String... revision) {
    return new ModelPaths(
            Optional.empty(),
            Map.of("HF_HUB_CACHE", cache.toString()),
            Optional.ofNullable(revision.length == 0 ? null : revision[0]))
        .resolve("org/name");
  }

  private Path snapshot(String commit) throws IOException {
    return Files.createDirectories(
        cache.resolve("models--org--name").resolve("snapshots").resolve(commit));
  }

  private void refer(String name, String commit) throws IOException {
    Path refs = Files.createDirectories(cache.resolve("models--org--name").resolve("refs"));
    Files.writeString(refs.resolve(name), commit + "\n");
  }

  @Test
  void mainIsMeantWhereNothingElseIsSaid() throws IOException {
    snapshot("aaa");
    Path main = snapshot("bbb");
    refer("main", "bbb");
    assertThat(resolve()).isEqualTo(main);
  }

  @Test
  void withoutReferencesTheOnlySnapshotIsMeant() throws IOException {
    Path only = snapshot("aaa");
    assertThat(resolve()).isEqualTo(only);
    snapshot("bbb");
    assertThatThrownBy(this::resolve)
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll("aaa", "bbb", "--revision");
  }

  @Test
  void aRevisionIsABranchATagOrACommit() throws IOException {
    Path first = snapshot("aaa");
    Path second = snapshot("bbb");
    refer("main", "aaa");
    refer("v1", "bbb");
    assertThat(resolve("v1")).isEqualTo(second);
    assertThat(resolve("aaa")).isEqualTo(first);
    assertThatThrownBy(() -> resolve("v2"))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll("v2", "aaa", "bbb");
  }
}
