package io.tidemark.tdengine.taosdump;

import java.util.Locale;
import java.util.regex.Pattern;

/** Which names can be given to taosdump, to a shell and to SQL, and how. */
final class ObjectNames {

  /*
   * taosdump looks through all of its arguments for options of its own, wherever they stand: a table
   * called -p1 is taken for a password. It puts names into SQL between single quotes as they are. So
   * such names cannot be told to it; a whole stable or database, which holds them, can. The shell taos takes
   * a backslash, and what follows two angle brackets, for something of its own.
   */

  private static final Pattern DATABASE = Pattern.compile("[A-Za-z0-9_]{1,64}");
  private static final Pattern PLAIN_DATABASE = Pattern.compile("[a-z_][a-z0-9_]*");

  private ObjectNames() {}

  /** Returns whether taosdump understands the name of this table or stable. */
  static boolean canBeAskedFor(String name) {
    return !name.startsWith("-") && name.indexOf('\'') < 0 && name.indexOf('\\') < 0;
  }

  /** Returns whether a database is found by its name without quotes around it. */
  static boolean isPlain(String database) {
    return PLAIN_DATABASE.matcher(database).matches();
  }

  /**
   * Checks the name of a database.
   *
   * @throws TaosdumpException if it has other characters than letters, digits and underscores
   */
  static String checkDatabase(String database) throws TaosdumpException {
    if (!DATABASE.matcher(database).matches()) {
      throw new TaosdumpException(
          "database name cannot be given to taosdump: only 1 to 64 letters, digits and underscores"
              + " can: database="
              + printable(database));
    }
    return database;
  }

  /**
   * Checks the name of a table or stable.
   *
   * @throws TaosdumpException if it holds control characters
   */
  static String check(String name) throws TaosdumpException {
    if (name.chars().anyMatch(Character::isISOControl)) {
      throw new TaosdumpException(
          "name holds control characters: no script can carry it: name=" + printable(name));
    }
    return name;
  }

  /** Returns a word of a POSIX shell that means this text and nothing else. */
  static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }

  /**
   * Checks a name that has to be dropped, or of whose rows some have to be deleted.
   *
   * @throws TaosdumpException if the shell taos would understand another one
   */
  static void checkForSql(String name) throws TaosdumpException {
    if (!isForSql(name)) {
      throw new TaosdumpException(
          "name cannot be given to taos, which has to drop it or delete from it: name="
              + printable(name));
    }
  }

  /** Returns whether the shell taos understands this name and no other one. */
  static boolean isForSql(String name) {
    return name.indexOf('\\') < 0 && name.indexOf('`') < 0 && !name.contains(">>");
  }

  /** Returns an identifier of SQL that means this name and nothing else. */
  static String inSql(String name) {
    return "`" + name + "`";
  }

  private static String printable(String name) {
    StringBuilder text = new StringBuilder();
    name.chars()
        .forEach(
            c -> {
              if (Character.isISOControl(c)) {
                text.append(String.format(Locale.ROOT, "\\u%04x", c));
              } else {
                text.append((char) c);
              }
            });
    return text.toString();
  }
}
