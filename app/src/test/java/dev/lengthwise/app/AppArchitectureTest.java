package dev.lengthwise.app;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The arrows between the packages of the command line, which the test of the core cannot see.
class AppArchitectureTest {

  private static final String ROOT = "dev.lengthwise.";

  /// From the bottom up: each may see those before it, and the core.
  private static final List<String> ROOMS =
      List.of(
          "report",
          "experiment",
          "experiment.study",
          "app.terminal",
          "app.options",
          "app.command",
          "app");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT + "app", ROOT + "experiment", ROOT + "report");

  @Test
  void everyPackageHasItsPlace() {
    assertThat(
            CLASSES.stream()
                .map(JavaClass::getPackageName)
                .map(name -> name.substring(ROOT.length()))
                .distinct())
        .as("packages of the command line: each needs its place in ROOMS")
        .containsExactlyInAnyOrderElementsOf(ROOMS);
  }

  @Test
  void arrowsPointOneWay() {
    for (int room = 0; room < ROOMS.size() - 1; room++) {
      String[] above =
          ROOMS.stream().skip(room + 1L).map(name -> ROOT + name).toArray(String[]::new);
      noClasses()
          .that()
          .resideInAPackage(ROOT + ROOMS.get(room))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(above)
          .because("experiments know no command, options no command, and commands no program")
          .check(CLASSES);
    }
  }

  @Test
  void optionsAndExperimentsDoNotSeeOneAnother() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + "app.options")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(ROOT + "experiment..")
        .because("an experiment has a command of its own and no options of the others")
        .check(CLASSES);
  }
}
