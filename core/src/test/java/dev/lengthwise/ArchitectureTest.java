package dev.lengthwise;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import dev.lengthwise.method.CombinedMethod;
import dev.lengthwise.method.ForgottenMethod;
import dev.lengthwise.method.Methods;
import dev.lengthwise.method.OnAllLayers;
import dev.lengthwise.method.StackedMethod;
import dev.lengthwise.position.PositionMethod;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// The arrows between packages, and the lists that new files must be added to.
class ArchitectureTest {

  private static final String ROOT = "dev.lengthwise";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  /// Packages from the bottom up; those of one layer may not see one another.
  private static final List<List<String>> LAYERS =
      List.of(
          List.of("position", "parallel", "quantised"),
          List.of("attention", "matrix", "recurrence"),
          List.of("cache"),
          List.of("model"),
          List.of("generate", "train"),
          List.of("evaluate", "diagnose", "bench"),
          List.of("report"),
          List.of("app"));

  /// A catalogue: every type of `member` in the package must be named in the class `list`.
  ///
  /// @param member interface of its members
  /// @param list class that holds the list
  /// @param line the line to add, with `%s` for the new class
  record Catalogue(String member, String list, String line) {}

  /// Methods made of methods, which no name in the catalogue makes.
  private static final Set<String> WRAPPERS =
      Set.of(
          CombinedMethod.class.getName(),
          OnAllLayers.class.getName(),
          StackedMethod.class.getName());

  private static final Catalogue METHODS =
      new Catalogue(PositionMethod.class.getName(), Methods.class.getName(), "%s.TYPE,");
  private static final Catalogue FAMILIES =
      new Catalogue(ROOT + ".family.Family", ROOT + ".family.Families", "%s");
  private static final Catalogue GENERATORS =
      new Catalogue(ROOT + ".text.TextGenerator", ROOT + ".text.TextGenerators", "new %s()");
  private static final Catalogue TASKS =
      new Catalogue(ROOT + ".evaluate.Task", ROOT + ".evaluate.Tasks", "%s");

  @ParameterizedTest
  @CsvSource({
    "position,position,the plan is what everything else is written in",
    "method,position,a method is a pure function from a shape to parts of a plan",
    "parallel,parallel,sharing work out needs to know nothing",
    "matrix,matrix,a kernel knows blocks and addresses but neither tensors nor models",
    "quantised,quantised,the bytes of a block need to know nothing of files or models",
    "attention,position,an engine executes plans and knows no method and no model"
  })
  void lowPackagesSeeOnlyWhatTheyAreMadeOf(String from, String to, String reason) {
    classes()
        .that()
        .resideInAPackage(inside(from))
        .should()
        .onlyDependOnClassesThat(
            describe(
                "are its own, in "
                    + to
                    + ", the thread pool, narrow numbers, the device of an engine, the exception"
                    + " type or of a library",
                type ->
                    !type.getPackageName().startsWith(ROOT)
                        || isIn(type, from)
                        || isIn(type, to)
                        || ((from.equals("attention") || from.equals("matrix"))
                            && (isIn(type, "parallel") || isIn(type, "quantised")))
                        || (from.equals("attention") && type.isEquivalentTo(ComputeDevice.class))
                        || (!from.equals("position")
                            && type.isEquivalentTo(LengthwiseException.class))))
        .because(reason)
        .check(CLASSES);
  }

  static List<ArchRule> layers() {
    return IntStream.range(0, LAYERS.size())
        .boxed()
        .flatMap(layer -> LAYERS.get(layer).stream().map(name -> layerRule(layer, name)))
        .toList();
  }

  private static ArchRule layerRule(int layer, String name) {
    String[] above =
        LAYERS.stream()
            .skip(layer)
            .flatMap(List::stream)
            .filter(other -> !other.equals(name))
            .map(ArchitectureTest::inside)
            .toArray(String[]::new);
    return noClasses()
        .that()
        .resideInAPackage(inside(name))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(above)
        .because(
            "arrows point one way: position ← attention ← cache ← model ← {generate, train} ←"
                + " {evaluate, diagnose, bench} ← report ← app")
        .allowEmptyShould(true);
  }

  @ParameterizedTest
  @MethodSource("layers")
  void arrowsPointOneWay(ArchRule rule) {
    rule.check(CLASSES);
  }

  /// A family writes the method that a checkpoint declares as a value, and is handed a reader for
  /// it.
  @ParameterizedTest
  @CsvSource({
    "method,family",
    "method,evaluate",
    "family,method",
    "family,evaluate",
    "evaluate,method",
    "evaluate,family"
  })
  void cataloguesDoNotSeeOneAnother(String from, String to) {
    noClasses()
        .that()
        .resideInAPackage(inside(from))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(inside(to))
        .because("catalogues are seen only from the top, so that a new entry touches nothing else")
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @ParameterizedTest
  @CsvSource({"method", "family"})
  void engineRoomsDoNotSeeCatalogues(String catalogue) {
    noClasses()
        .that()
        .resideInAnyPackage(
            inside("position"),
            inside("attention"),
            inside("cache"),
            inside("checkpoint"),
            inside("tokenizer"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(inside(catalogue))
        .because("nothing below the top knows a method or a family by name")
        .check(CLASSES);
  }

  @Test
  void dataKnowsNeitherTrainersNorModels() {
    noClasses()
        .that()
        .resideInAPackage(inside("train.data"))
        .should()
        .dependOnClassesThat(
            describe(
                "train, or run models",
                type -> isIn(type, "model") || (isIn(type, "train") && !isIn(type, "train.data"))))
        .because("windows are numbers, whatever learns from them")
        .check(CLASSES);
  }

  @Test
  void vectorInstructionsStayInTheEngines() {
    noClasses()
        .that()
        .resideOutsideOfPackages(inside("attention"), inside("matrix"), inside("parallel"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("jdk.incubator.vector..")
        .because("the incubator module will change, and then only the kernels should")
        .check(CLASSES);
  }

  static List<Catalogue> catalogues() {
    return List.of(METHODS, FAMILIES, TASKS, GENERATORS);
  }

  @ParameterizedTest
  @MethodSource("catalogues")
  void everyMemberOfACatalogueIsInItsList(Catalogue catalogue) {
    listed(catalogue).check(CLASSES);
  }

  @Test
  void aForgottenLineIsFoundAndTheMessageSaysWhichOneToAdd() {
    JavaClasses forgotten =
        new ClassFileImporter().importClasses(ForgottenMethod.class, Methods.class);
    assertThat(listed(METHODS).evaluate(forgotten).getFailureReport().getDetails())
        .singleElement()
        .asString()
        .contains("add the line 'ForgottenMethod.TYPE,' to")
        .contains("core/src/main/java/dev/lengthwise/method/Methods.java");
  }

  private static ArchRule listed(Catalogue catalogue) {
    return classes()
        .that()
        .resideInAPackage(packageOf(catalogue.list()))
        .and(implementing(catalogue.member()))
        .should(beNamedIn(catalogue))
        .because("a new file must be found by the contract tests and by the command line")
        .allowEmptyShould(true);
  }

  private static DescribedPredicate<JavaClass> implementing(String member) {
    return describe(
        "implement " + member,
        type ->
            type.isAssignableTo(member)
                && !type.isInterface()
                && !type.isNestedClass() // such as the plans of a method in training
                && !WRAPPERS.contains(type.getName()));
  }

  private static ArchCondition<JavaClass> beNamedIn(Catalogue catalogue) {
    return new ArchCondition<>("be named in " + catalogue.list()) {
      @Override
      public void check(JavaClass member, ConditionEvents events) {
        boolean named =
            member.getDirectDependenciesToSelf().stream()
                .anyMatch(
                    dependency -> dependency.getOriginClass().getName().equals(catalogue.list()));
        events.add(
            new SimpleConditionEvent(
                member,
                named,
                "%s is in no list: add the line '%s' to core/src/main/java/%s.java"
                    .formatted(
                        member.getName(),
                        catalogue.line().formatted(member.getSimpleName()),
                        catalogue.list().replace('.', '/'))));
      }
    };
  }

  private static String inside(String name) {
    return ROOT + "." + name + "..";
  }

  private static boolean isIn(JavaClass type, String name) {
    String inside = ROOT + "." + name;
    return type.getPackageName().equals(inside) || type.getPackageName().startsWith(inside + ".");
  }

  private static String packageOf(String className) {
    return className.substring(0, className.lastIndexOf('.')) + "..";
  }
}
