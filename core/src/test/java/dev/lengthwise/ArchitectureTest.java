package dev.lengthwise;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import dev.lengthwise.attention.CacheType;
import dev.lengthwise.chat.Conversation;
import dev.lengthwise.chat.TemplateChoice;
import dev.lengthwise.generate.GenerationOptions;
import dev.lengthwise.generate.GenerationResult;
import dev.lengthwise.generate.MemoryPlan;
import dev.lengthwise.generate.Sampling;
import dev.lengthwise.generate.SamplingStep;
import dev.lengthwise.generate.TokenFilter;
import dev.lengthwise.generate.TokenLogprob;
import dev.lengthwise.matrix.ActivationPrecision;
import dev.lengthwise.method.ForgottenMethod;
import dev.lengthwise.method.Methods;
import dev.lengthwise.model.WeightMemory;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.runtime.ModelSettings;
import dev.lengthwise.tokenizer.TextPieces;
import dev.lengthwise.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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

  /// Every package, from the bottom up: a package may see those of lower layers only, and those of
  /// one layer do not see one another. The root has the exception, which all may use, and the
  /// facade, which nothing here may see.
  private static final List<List<String>> LAYERS =
      List.of(
          List.of(
              "chat.template",
              "io",
              "parallel",
              "position",
              "quantised",
              "recurrence",
              "tokenizer",
              "torch"),
          List.of("compiled"),
          List.of(
              "attention",
              "checkpoint",
              "hub",
              "matrix",
              "method.syntax",
              "text",
              "tokenizer.sentencepiece",
              "tokenizer.train"),
          List.of(
              "cache",
              "checkpoint.gguf",
              "checkpoint.llama2c",
              "checkpoint.safetensors",
              "method",
              "tokenizer.json",
              "tokenizer.llama2c",
              "vectors"),
          List.of(
              "attention.reference",
              "attention.torch",
              "attention.vector",
              "checkpoint.open",
              "model",
              "tokenizer.gguf"),
          List.of("chat", "generate", "tokenizer.open", "train.optimise"),
          List.of("batch", "family", "grammar", "train.data", "train.distributed"),
          List.of("encode"),
          List.of("task", "train.match"),
          List.of("train"),
          List.of("bench", "diagnose", "evaluate"),
          List.of("runtime"));

  /// A catalogue: every type of `member` in the package must be named in the class `list`.
  ///
  /// @param member interface of its members
  /// @param list class that holds the list
  /// @param line the line to add, with `%s` for the new class
  record Catalogue(String member, String list, String line) {}

  private static final Catalogue METHODS =
      new Catalogue(PositionMethod.class.getName(), Methods.class.getName(), "%s.TYPE,");
  private static final Catalogue FAMILIES =
      new Catalogue(ROOT + ".family.Family", ROOT + ".family.Families", "%s");
  private static final Catalogue GENERATORS =
      new Catalogue(ROOT + ".text.TextGenerator", ROOT + ".text.TextGenerators", "new %s()");

  /// Methods that are made of others, and have no name of their own in the catalogue.
  private static final Set<String> MADE_OF_METHODS =
      Set.of("CombinedMethod", "OnAllLayers", "StackedMethod");

  @Test
  void everyPackageHasItsLayerAndEveryLayerItsPackages() {
    List<String> packages =
        CLASSES.stream()
            .map(JavaClass::getPackageName)
            .filter(name -> name.startsWith(ROOT + "."))
            .map(name -> name.substring(ROOT.length() + 1))
            .distinct()
            .toList();
    assertThat(packages)
        .as("packages of the code: each needs a line in LAYERS, and a package-info.java")
        .containsExactlyInAnyOrderElementsOf(LAYERS.stream().flatMap(List::stream).toList());
  }

  static List<ArchRule> layers() {
    return IntStream.range(0, LAYERS.size())
        .boxed()
        .flatMap(layer -> LAYERS.get(layer).stream().map(name -> layerRule(layer, name)))
        .toList();
  }

  private static ArchRule layerRule(int layer, String name) {
    String[] notBelow =
        LAYERS.stream()
            .skip(layer)
            .flatMap(List::stream)
            .filter(other -> !other.equals(name))
            .map(ArchitectureTest::room)
            .toArray(String[]::new);
    return noClasses()
        .that()
        .resideInAPackage(room(name))
        .should()
        .dependOnClassesThat(
            describe(
                "reside in the same layer, above it, or in the facade",
                type -> isFacade(type) || Arrays.asList(notBelow).contains(type.getPackageName())))
        .because(
            "arrows point one way: position ← attention ← cache ← model ← {generate, train} ←"
                + " {evaluate, diagnose, bench} ← runtime ← the library ← app");
  }

  @ParameterizedTest
  @MethodSource("layers")
  void arrowsPointOneWay(ArchRule rule) {
    rule.check(CLASSES);
  }

  /// The exception may be used everywhere but in `position` and `recurrence`, which need none.
  @ParameterizedTest
  @CsvSource({
    "position,'',the plan is what everything else is written in",
    "recurrence,'',a scan needs to know tensors only",
    "parallel,'',sharing work out needs to know nothing",
    "quantised,'',the bytes of a block need to know nothing of files or models",
    "compiled,io parallel,a library of kernels needs to know nothing of what they compute",
    "io,'',files know nothing of what is in them",
    "torch,'',devices and memory know nothing of models",
    "tokenizer,'',a tokenizer knows texts and ids only",
    "chat.template,'',a template reaches nothing but its data",
    "method.syntax,position,parameters of methods are numbers and words",
    "method,position method.syntax,a method is a pure function from a shape to parts of a plan",
    "attention,position,what engines promise knows no method and no model and no cache",
    "attention.reference,position attention cache,an engine knows no method and no model",
    "attention.torch,position attention cache torch,an engine knows no method and no model",
    "attention.vector,position parallel compiled attention cache,an engine knows no method and no"
        + " model",
    "cache,position parallel quantised recurrence torch attention compiled,a cache knows plans but"
        + " no model",
    "matrix,compiled parallel quantised,a kernel knows blocks and addresses but neither tensors nor"
        + " models",
    "checkpoint,io torch quantised,a file knows names and numbers but no model",
    "grammar,generate tokenizer io,a grammar knows texts and tokens but no model",
    "hub,io,the cache of the hub knows files but not what is in them",
    "text,io parallel,texts know neither tokens nor models",
    "vectors,io matrix parallel,vectors are numbers: nothing of them knows texts or models",
  })
  void lowPackagesSeeOnlyWhatTheyAreMadeOf(String from, String to, String reason) {
    List<String> allowed =
        Arrays.stream((from + " " + to).strip().split(" ")).map(ArchitectureTest::room).toList();
    classes()
        .that()
        .resideInAPackage(room(from))
        .should()
        .onlyDependOnClassesThat(
            describe(
                "are of a library, the exception or in "
                    + allowed.stream().collect(Collectors.joining(", ")),
                type ->
                    !type.getPackageName().startsWith(ROOT)
                        || allowed.contains(type.getPackageName())
                        || type.isEquivalentTo(LengthwiseException.class)))
        .because(reason)
        .check(CLASSES);
  }

  /// A family writes the method that a checkpoint declares as a value, and is handed a reader for
  /// it.
  @ParameterizedTest
  @CsvSource({
    "method,the list of methods",
    "family,the list of families",
    "evaluate,the list of tasks"
  })
  void cataloguesAreSeenOnlyFromTheTop(String catalogue, String reason) {
    noClasses()
        .that(
            describe(
                "are below the facade and outside the catalogue",
                type ->
                    !type.getPackageName().equals(ROOT)
                        && !type.getPackageName().equals(room("runtime"))
                        && !type.getPackageName().equals(room(catalogue))))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(room(catalogue))
        .because(reason + " is seen only from the top, so that a new entry touches nothing else")
        .check(CLASSES);
  }

  /// What programs that use the library may rely on, beside the types of the root package.
  private static final Set<Class<?>> EXPORTED =
      Set.of(
          ActivationPrecision.class,
          CacheType.class,
          Conversation.class,
          GenerationOptions.class,
          GenerationResult.class,
          MemoryPlan.class,
          ModelSettings.class,
          Sampling.class,
          SamplingStep.class,
          TemplateChoice.class,
          TokenFilter.class,
          TokenLogprob.class,
          TextPieces.class,
          Tokenizer.class,
          WeightMemory.class);

  @Test
  void whatIsExportedIsDocumented() throws IOException {
    String pom = Files.readString(Path.of("pom.xml"));
    assertThat(EXPORTED)
        .allMatch(type -> pom.contains(">" + type.getName().replace('.', '/') + ".java<"));
  }

  @Test
  void whatIsExportedMentionsOnlyWhatIsExported() {
    classes()
        .that(describe("are public and exported", type -> isExported(type) && isPublic(type)))
        .should(mentionOnlyExportedTypes())
        .because("a program that uses the library needs nothing of what lies beneath")
        .check(CLASSES);
  }

  private static boolean isExported(JavaClass type) {
    JavaClass outermost = type.getEnclosingClass().orElse(type);
    return outermost.getPackageName().equals(ROOT)
        || EXPORTED.stream().anyMatch(outermost::isEquivalentTo);
  }

  private static boolean isPublic(JavaClass type) {
    return type.getModifiers().contains(JavaModifier.PUBLIC);
  }

  private static ArchCondition<JavaClass> mentionOnlyExportedTypes() {
    return new ArchCondition<>("mention only exported types in public signatures") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        Stream<JavaClass> ofMethods =
            type.getCodeUnits().stream()
                .filter(ArchitectureTest::isPublicMember)
                .flatMap(unit -> unit.getAllInvolvedRawTypes().stream());
        Stream<JavaClass> ofFields =
            type.getFields().stream()
                .filter(ArchitectureTest::isPublicMember)
                .flatMap(field -> field.getAllInvolvedRawTypes().stream());
        Stream.concat(ofMethods, ofFields)
            .map(JavaClass::getBaseComponentType)
            .distinct()
            .forEach(mentioned -> events.add(mention(type, mentioned)));
      }
    };
  }

  private static boolean isPublicMember(JavaMember member) {
    return member.getModifiers().contains(JavaModifier.PUBLIC);
  }

  private static SimpleConditionEvent mention(JavaClass type, JavaClass mentioned) {
    boolean allowed = !mentioned.getPackageName().startsWith(ROOT) || isExported(mentioned);
    return new SimpleConditionEvent(
        type,
        allowed,
        "%s mentions %s, which is not exported: leave it out, or add it to EXPORTED"
            .formatted(type.getName(), mentioned.getName()));
  }

  @Test
  void dataKnowsNeitherTrainersNorModels() {
    noClasses()
        .that()
        .resideInAPackage(room("train.data"))
        .should()
        .dependOnClassesThat(
            describe(
                "train, or run models",
                type -> isIn(type, "model") || (isIn(type, "train") && !isIn(type, "train.data"))))
        .because("windows are numbers, whatever learns from them")
        .check(CLASSES);
  }

  @ParameterizedTest
  @CsvSource({
    "checkpoint.gguf,checkpoint.safetensors",
    "checkpoint.safetensors,checkpoint.llama2c",
    "checkpoint.llama2c,checkpoint.gguf"
  })
  void formatsOfCheckpointsDoNotSeeOneAnother(String one, String other) {
    ArchRule apart =
        noClasses()
            .that()
            .resideInAPackage(room(one))
            .should()
            .dependOnClassesThat()
            .resideInAPackage(room(other));
    apart.because("a format can be taken out or added by itself").check(CLASSES);
  }

  @Test
  void vectorInstructionsStayInTheEngines() {
    noClasses()
        .that()
        .resideOutsideOfPackages(room("attention.vector"), room("matrix"), room("parallel"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("jdk.incubator.vector..")
        .because("the incubator module will change, and then only the kernels should")
        .check(CLASSES);
  }

  @Test
  void theLauncherCompilesEveryClassWithVectorInstructionsFirst() throws IOException {
    DescribedPredicate<JavaClass> vectors = resideInAPackage("jdk.incubator.vector..");
    List<String> kernels =
        CLASSES.stream()
            .filter(resideInAnyPackage(room("matrix"), room("attention.vector")))
            .filter(
                type ->
                    type.getDirectDependenciesFromSelf().stream()
                        .anyMatch(dependency -> vectors.test(dependency.getTargetClass())))
            .map(JavaClass::getName)
            .sorted()
            .toList();
    List<String> commands = new ArrayList<>(List.of("quiet"));
    kernels.forEach(name -> commands.add("CompileThresholdScaling," + name + "::*,0.02"));
    kernels.forEach(name -> commands.add("BackgroundCompilation," + name + "::*,false"));
    // The JDK's own steps to a number at an odd address. So early the compiler has not seen yet how
    // often they are called, and leaves them calls in the innermost loops.
    commands.add("inline,jdk.internal.misc.Unsafe::getIntUnaligned");
    commands.add("inline,jdk.internal.misc.Unsafe::getShortUnaligned");
    assertThat(Files.readAllLines(Path.of("kernels.compiler"))).isEqualTo(commands);
  }

  static List<Catalogue> catalogues() {
    return List.of(METHODS, FAMILIES, GENERATORS);
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
                && !MADE_OF_METHODS.contains(type.getSimpleName()));
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

  private static boolean isFacade(JavaClass type) {
    return type.getPackageName().equals(ROOT) && !type.isEquivalentTo(LengthwiseException.class);
  }

  private static String room(String name) {
    return ROOT + "." + name;
  }

  private static boolean isIn(JavaClass type, String name) {
    return type.getPackageName().equals(room(name))
        || type.getPackageName().startsWith(room(name) + ".");
  }

  private static String packageOf(String className) {
    return className.substring(0, className.lastIndexOf('.')) + "..";
  }
}
