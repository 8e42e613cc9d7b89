# --------------------------------------------------------------------------------- what restore does

before_attempt() { :; }

# clean FILE: what taos printed, without colours and ends of lines of its own.
clean() {
  LC_ALL=C sed -e "s/$escape\\[[0-9;?]*[A-Za-z]//g" "$1" | tr '\r' '\n'
}

# check_export: refuses, before the target is changed, what could not be loaded afterwards.
check_export() {
  lines=$(grep -c '' restore.sql 2>/dev/null)
  [ "${lines:-0}" -eq "$statements" ] ||
    die "restore.sql is not as it was left: lines=${lines:-0}, expected=$statements, file=$here/restore.sql"
  # shellcheck disable=SC2013 # they are numbers
  for number in $(sed -n 's/^load \([0-9]*\)$/\1/p' "$me"); do
    [ -d "calls/$number" ] || die "an exported call is missing: directory=$here/calls/$number"
    if [ -f "calls/$number/gone" ] || [ -f "$state/$number" ]; then
      continue
    fi
    read -r wanted 2>/dev/null <"calls/$number/rows" || wanted=
    case $wanted in
      '' | *[!0123456789]*) die "an exported call is not as it was left: directory=$here/calls/$number" ;;
    esac
    [ -f "calls/$number/dump/dbs.sql" ] || die "an exported file is missing: file=$here/calls/$number/dump/dbs.sql"
  done
}

# Runs the statements of restore.sql; each has to be confirmed.
change_target() {
  [ "$statements" -gt 0 ] || return 0
  [ ! -f "$state/changed" ] || return 0
  command -v "$taos" >/dev/null || die "taos was not found: set TAOS: value=$taos"
  {
    printf 'USE %s;\n' "$target"
    cat restore.sql
  } >"$state/target.sql" || die "cannot write a file: file=$here/$state/target.sql"
  code=0
  connected "$taos" -f "$state/target.sql" >"$state/target.txt" 2>"$state/target.err" || code=$?
  cat "$state/target.err" >>"$state/target.txt"
  clean "$state/target.txt" >"$state/target.clean"
  wrong=$(LC_ALL=C grep -i -m 1 -e '^ *DB error' -e '^ *error' -e '^Failed' "$state/target.clean")
  [ -z "$wrong" ] || die "the target was not changed as it has to be: printed=$here/$state/target.txt: $wrong"
  [ "$code" -eq 0 ] || die "taos failed: exitCode=$code, printed=$here/$state/target.txt"
  LC_ALL=C grep -q '^Database changed' "$state/target.clean" || die "no such database: name=$target"
  confirmed=$(LC_ALL=C grep -c '^[A-Za-z]* OK, ' "$state/target.clean")
  [ "$confirmed" -eq "$statements" ] ||
    die "taos did not confirm every statement: expected=$statements, actual=$confirmed, printed=$here/$state/target.txt"
  : >"$state/changed"
  durable "$state"
  say "dropped and deleted: $statements statements"
}

# compare_definitions: refuses a target in which a table or stable is defined otherwise than when it was exported.
# taosdump alters nothing that is there, so rows would be lost, or fail. What restore.sql drops is not compared.
compare_definitions() {
  [ -s definitions.sql ] || return 0
  # shellcheck disable=SC2016 # nothing is to be expanded
  sed -n 's/^DROP \([A-Z]*\) IF EXISTS \(`.*`\);$/SHOW CREATE \1 \2\\G;/p' restore.sql >"$state/dropped.sql"
  # shellcheck disable=SC2016 # nothing is to be expanded
  LC_ALL=C sed -n 's/^CREATE \([A-Z]*\) \(`[^`]*`\) .*$/SHOW CREATE \1 \2\\G;/p' definitions.sql |
    sort -u | LC_ALL=C grep -Fxv -f "$state/dropped.sql" >"$state/questions.sql"
  asked=$(grep -c '' "$state/questions.sql")
  [ "$asked" -gt 0 ] || return 0
  if ! command -v "$taos" >/dev/null; then
    say "taos was not found, so definitions in the target are not compared: value=$taos"
    return 0
  fi
  {
    printf 'USE %s;\n' "$target"
    cat "$state/questions.sql"
  } >"$state/ask.sql" || die "cannot write a file: file=$here/$state/ask.sql"
  code=0
  connected "$taos" -f "$state/ask.sql" >"$state/asked.txt" 2>"$state/asked.err" || code=$?
  cat "$state/asked.err" >>"$state/asked.txt"
  clean "$state/asked.txt" >"$state/asked.clean"
  if ! LC_ALL=C grep -q '^Database changed' "$state/asked.clean"; then
    LC_ALL=C grep -qi 'database not exist' "$state/asked.clean" && return 0
    die "the target could not be asked for its definitions: exitCode=$code, printed=$here/$state/asked.txt"
  fi
  LC_ALL=C sed -n -e 's/ *$//' -e 's/^ *Create Table: *//p' "$state/asked.clean" >"$state/answers.sql"
  answered=$(grep -c '' "$state/answers.sql")
  absent=$(LC_ALL=C grep -ci 'DB error: .*not exist' "$state/asked.clean")
  [ $((answered + absent)) -eq "$asked" ] ||
    die "the target did not answer every question for a definition; remove definitions.sql to load nevertheless: expected=$asked, actual=$((answered + absent)), printed=$here/$state/asked.txt"
  other=$(LC_ALL=C grep -Fxv -f definitions.sql "$state/answers.sql" | head -n 1)
  [ -z "$other" ] ||
    die "a definition in the target is another than when it was exported; alter it, or drop it, or remove definitions.sql to load nevertheless: target=$other, exported=$(LC_ALL=C grep -F -e "${other%% (*} (" definitions.sql | head -n 1)"
}

# load NUMBER: loads the output of one call.
load() {
  number=$1
  total=$((total + 1))
  [ ! -f "calls/$number/gone" ] || return 0
  [ ! -f "$state/$number" ] || return 0
  read -r wanted <"calls/$number/rows" || die "an exported call is not as it was left: directory=$here/calls/$number"
  # shellcheck disable=SC2086 # $escaped is one option or none
  set -- $escaped -i "calls/$number/dump" -r "$state/result.txt"
  [ "$target" = "$database" ] || set -- "$@" -W "$database=$target"
  attempt in "$state/$number.txt" "$@"
  case $verdict in
    done\ *) ;;
    *) die "call $number was not loaded: printed=$here/$state/$number.txt: ${verdict#* }" ;;
  esac
  rows=${verdict#done }
  [ "$rows" -eq "$wanted" ] ||
    die "rows were lost: call=$number, exported=$wanted, loaded=$rows, printed=$here/$state/$number.txt"
  rm -f "$state/$number.txt"
  : >"$state/$number"
  rows_all=$((rows_all + rows))
  say "$number of $count: $rows rows loaded into $target"
}

me=$(basename -- "$0")
resume=
if [ "${1:-}" = --resume ]; then
  resume=yes
  shift
fi
if [ $# -ne 1 ]; then
  printf 'usage: %s [--resume] TARGET_DATABASE\n' "$me" >&2
  exit 2
fi
target=$1
case $target in
  '' | [0123456789]* | *[!abcdefghijklmnopqrstuvwxyz0123456789_]*)
    printf '%s: the target is no plain name of a database: letters a to z, digits, underscores: name=%s\n' "$me" "$target" >&2
    exit 2
    ;;
esac
taos=$(program "${TAOS:-taos}")
start restore.log
whole load
total=0
rows_all=0
[ -f COMPLETE ] || die "the export is not complete: run export.sh first: directory=$here"
[ "$(cat PLAN)" = "$plan" ] ||
  die "this directory holds the output of another plan: expected=$plan, actual=$(cat PLAN), directory=$here"
state=restoring-$target
[ -n "$resume" ] || rm -rf "$state"
mkdir -p "$state" || exit 1
check_export
say "restoring into $target with taosdump $version: $count calls"
compare_definitions
change_target

