package io.tidemark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The order of the packages and the two places where Chronicle may be used. */
class ArchitectureTest {
  private static final String BASE = "io.tidemark.";

  /** Order of data flow: a package imports only from packages before it. */
  private static final List<String> PACKAGES =
      List.of(
          "errors",
          "block",
          "metrics",
          "storage",
          "ingest",
          "journal",
          "segment",
          "state",
          "snapshot",
          "tracker",
          "backup",
          "archive",
          "restore",
          "tdengine",
          "plugin");

  /** Chronicle is replaced, if ever, by rewriting these classes and no other. */
  private static final Set<String> CHRONICLE_USERS =
      Set.of("io.tidemark.journal.ChronicleEventLog", "io.tidemark.state.ChronicleGroups");

  private static JavaClasses classes;

  @BeforeAll
  static void importClasses() {
    classes =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.tidemark");
    assertFalse(classes.isEmpty(), "no classes found");
  }

  @Test
  void shouldHoldEveryClassInAListedPackage() {
    List<String> strays =
        classes.stream()
            .filter(type -> !PACKAGES.contains(topPackage(type)))
            .map(JavaClass::getName)
            .sorted()
            .toList();

    assertEquals(List.of(), strays);
  }

  @Test
  void shouldImportOnlyFromPackagesToTheLeft() {
    List<String> violations =
        dependencies()
            .filter(dependency -> isOurs(dependency.getTargetClass()))
            .filter(dependency -> rank(dependency.getOriginClass()) < rank(target(dependency)))
            .map(Dependency::getDescription)
            .sorted()
            .toList();

    assertEquals(List.of(), violations);
  }

  /** Digits of the default locale may not be ASCII: nobody else could read names and files. */
  @Test
  void shouldFormatInAStatedLocale() {
    List<String> violations =
        classes.stream()
            .flatMap(type -> type.getMethodCallsFromSelf().stream())
            .filter(call -> dependsOnLocale(call.getTarget()))
            .map(JavaMethodCall::getDescription)
            .sorted()
            .toList();

    assertEquals(List.of(), violations);
  }

  private static boolean dependsOnLocale(AccessTarget.MethodCallTarget method) {
    boolean isStated =
        method.getRawParameterTypes().stream().anyMatch(type -> type.isEquivalentTo(Locale.class));
    return !isStated
        && switch (method.getName()) {
          case "format", "printf", "formatted", "toLowerCase", "toUpperCase" ->
              method.getOwner().isAssignableTo(String.class)
                  || method.getOwner().isAssignableTo(PrintStream.class)
                  || method.getOwner().isAssignableTo(PrintWriter.class);
          default -> false;
        };
  }

  @Test
  void shouldUseChronicleInTwoClassesOnly() {
    List<String> violations =
        dependencies()
            .filter(dependency -> target(dependency).getPackageName().startsWith("net.openhft"))
            .filter(dependency -> !CHRONICLE_USERS.contains(outermost(dependency.getOriginClass())))
            .map(Dependency::getDescription)
            .sorted()
            .toList();

    assertEquals(List.of(), violations);
  }

  private static Stream<Dependency> dependencies() {
    return classes.stream().flatMap(type -> type.getDirectDependenciesFromSelf().stream());
  }

  private static JavaClass target(Dependency dependency) {
    return dependency.getTargetClass().getBaseComponentType();
  }

  private static boolean isOurs(JavaClass type) {
    return type.getBaseComponentType().getName().startsWith(BASE);
  }

  private static int rank(JavaClass type) {
    return PACKAGES.indexOf(topPackage(type));
  }

  /** The part after {@code io.tidemark.}: subpackages belong to their top package. */
  private static String topPackage(JavaClass type) {
    String name = type.getPackageName();
    return name.startsWith(BASE) ? name.substring(BASE.length()).replaceFirst("\\..*", "") : "";
  }

  private static String outermost(JavaClass type) {
    return type.getName().replaceFirst("\\$.*", "");
  }
}
