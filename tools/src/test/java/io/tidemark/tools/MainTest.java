package io.tidemark.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "detect", "script", "exports", "inspect", "replay", "check", "chain", "backup", "list",
        "demo"
      })
  void shouldGiveHelpAndVersionOfEveryCommand(String command) {
    Tool help = Tool.run(command, "--help");
    Tool version = Tool.run(command, "--version");

    assertEquals(ExitCode.DONE, help.exitCode());
    assertTrue(help.out().startsWith("Usage: incremental_bitmap_tool " + command), help.out());
    assertTrue(help.out().contains("--json"), help.out());
    assertEquals("", help.err());
    assertEquals(ExitCode.DONE, version.exitCode());
    assertEquals("incremental_bitmap_tool (not packaged)", version.out().strip());
  }

  @Test
  void shouldNameTheExitCodesInItsHelp() {
    Tool help = Tool.run("--help");

    assertEquals(ExitCode.DONE, help.exitCode());
    assertTrue(help.out().contains("3  partial: vgroups failed   7  not ready"), help.out());
  }

  @Test
  void shouldRefuseAnEmptyCommandLine() {
    Tool run = Tool.run();

    assertEquals(ExitCode.USAGE, run.exitCode());
    assertEquals(
        "incremental_bitmap_tool: no command given (see: incremental_bitmap_tool --help)",
        run.errLine());
  }

  @Test
  void shouldRefuseAnUnknownOptionInOneLine() {
    Tool run = Tool.run("check", "--fast", "store");

    assertEquals(ExitCode.USAGE, run.exitCode());
    assertEquals(
        "incremental_bitmap_tool check: Unknown option: '--fast'"
            + " (see: incremental_bitmap_tool check --help)",
        run.errLine());
  }

  @Test
  void shouldUnderstandVerifyOfTheSpecification() {
    Tool run =
        Tool.run(
            "--verify",
            "--backup",
            "/nowhere/backup/",
            "--blocks",
            "incremental_blocks.json",
            "--report",
            "backup_verification_report.json");

    assertEquals(ExitCode.USAGE, run.exitCode());
    assertEquals(
        "incremental_bitmap_tool verify: no such archive: directory=/nowhere/backup",
        run.errLine());
  }

  @Test
  void shouldPrintAStackTraceOnlyWhenAskedTo() {
    Tool without = Tool.run("check", "/nowhere");
    Tool with = Tool.run("check", "/nowhere", "--debug");

    assertEquals(
        "incremental_bitmap_tool check: not a store: no STORE file: directory=/nowhere",
        without.errLine());
    assertEquals(ExitCode.USAGE, without.exitCode());
    assertTrue(with.err().contains("\tat io.tidemark."), with.err());
  }
}
