package io.tidemark.tdengine.taosdump;

import io.tidemark.tdengine.taosdump.TaosdumpOutcome.Kind;
import java.util.HashMap;
import java.util.Map;

/** What really became of each recorded call, as counted on the server afterwards. */
final class RecordedOutcomes {
  private static final long ALL_ROWS = 31_180;

  private static final Map<String, TaosdumpOutcome> OUTCOMES = new HashMap<>();

  static {
    exported();
    failedToExport();
    restored();
  }

  private RecordedOutcomes() {}

  static TaosdumpOutcome of(Transcript call) {
    TaosdumpOutcome outcome = OUTCOMES.get(call.arguments());
    if (outcome == null) {
      throw new AssertionError("nobody said what became of this call: " + call.arguments());
    }
    return outcome;
  }

  private static void done(String arguments, long rows) {
    OUTCOMES.put(arguments, new TaosdumpOutcome(Kind.DONE, rows, ""));
  }

  private static void not(String arguments, Kind kind, String detail) {
    OUTCOMES.put(arguments, new TaosdumpOutcome(kind, 0, detail));
  }

  private static void exported() {
    done("-D power -S 1793491200000 -E 1793494800000 -o .", 1146);
    done("-D power -S 2026-11-01T00:00:00.000+0000 -E 2026-11-01T01:00:00.000+0000 -o .", 1146);
    done("-D power -S 2026-11-01T00:00:00.000Z -E 2026-11-01T01:00:00.000Z -o .", 1146);
    done("-D power -S 2026-11-01 00:00:00.000 -E 2026-11-01 01:00:00.000 -o .", 1146);
    done("-D power -S 2026-11-01 00:00:00 -E 2026-11-01 01:00:00 -o .", 1146);
    done("-D power -S 2026-11-01T00:00:00.000+08:00 -E 2026-11-01T01:00:00.000+08:00 -o .", 161);
    done("-o . power d0 d1", 9911);
    done("-o . -S 1793491200000 -E 1793494800000 power d0 ntb", 411);
    done("-o . power meters", 30_275);
    done("-D power -o . -Z native", ALL_ROWS);
    done("-D power -N -o .", ALL_ROWS);
    done("-D power -s -o .", 0);
    done("-D power -T 2 -d null -o .", ALL_ROWS);
    done("-A -o .", 58_360);
    done("-D power -o .", ALL_ROWS);
    // What taosdump prints does not tell that it ignored a time or a database: nobody may ask so.
    done("-D power -S garbage -o .", ALL_ROWS);
    done("-D power,nosuchdb -o .", ALL_ROWS);
  }

  private static void failedToExport() {
    not("-o . power nosuch", Kind.MISSING, "Invalid table/stable nosuch");
    not("-o . power d0 nosuch", Kind.MISSING, "Invalid table/stable nosuch");
    not("-D nosuchdb -o .", Kind.FAILED, "0 database(s) valid to dump");
    not(
        "-D power -S 2026-13-45T00:00:00.000+0000 -o .",
        Kind.FAILED,
        "Input 2026-13-45T00:00:00.000+0000, time format error!");
    not(
        "-D power -S 1793494800000 -E 1793491200000 -o .",
        Kind.FAILED,
        "start time is larger than end time");
    not("-D power -o DUMPS/does/not/exist", Kind.FAILED, "DUMPS/does/not/exist/ is not exist!");
    not(
        "-D power -o . -pwrong",
        Kind.REFUSED,
        "Failed to connect to server (null), code: 0x80000357, reason: Authentication failure!");
    not(
        "-D power -P 6999 -h 127.0.0.1 -o .",
        Kind.UNREACHABLE,
        "Failed to connect to server 127.0.0.1, code: 0x8000000b,"
            + " reason: Unable to establish connection!");
    not(
        "-D power -o . -Z WebSocket",
        Kind.FAILED,
        "Failed to connect to server (null), code: 0x8000010c,"
            + " reason: Function was not loaded from the driver!");
    not("-o .", Kind.FAILED, "taosdump requires parameters");
    not("-D power -d zstd -o .", Kind.FAILED, "Invalid AVRO codec inputted. Exit program!");
    not("-D power --bogus -o .", Kind.FAILED, "taosdump failed: exitCode=64");
  }

  private static void restored() {
    done("-i DUMPS/d1 -W power=power_r", ALL_ROWS);
    done("-i DUMPS/v1 -W power=inc_r", 1146);
    for (String directory : new String[] {"nosuch", "empty_r4", "empty"}) {
      not(
          "-i DUMPS/" + directory + " -W power=power_r",
          Kind.FAILED,
          "Failed to open file DUMPS/"
              + directory
              + "/dbs.sql. Errno is 2. Reason is No such file or directory.");
    }
    not(
        "-i DUMPS/v3 -W power=inc2_r",
        Kind.FAILED,
        "dumpInAvroDataImpl() LN5571 stmt_bind_param_batch() failed! reason: Table does not exist"
            + " d0");
    not("-i DUMPS/d1c -W power=cor_r", Kind.FAILED, "1 failures occurred to dump in!");
  }
}
