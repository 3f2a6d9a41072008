package dev.lengthwise.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/// The arrows of the server, which the test of the core cannot see.
class ServerArchitectureTest {

  private static final String HTTP = "dev.lengthwise.server.http";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.lengthwise.server");

  @Test
  void nettyIsSeenInOneRoomOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackage(HTTP)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.netty..")
        .because("another library could take its place")
        .check(CLASSES);
  }

  @Test
  void httpKnowsNothingOfModels() {
    noClasses()
        .that()
        .resideInAPackage(HTTP)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.lengthwise.server",
            "dev.lengthwise.batch..",
            "dev.lengthwise.generate..",
            "dev.lengthwise.runtime..")
        .because("requests and answers are bytes, whatever they say")
        .check(CLASSES);
  }
}
