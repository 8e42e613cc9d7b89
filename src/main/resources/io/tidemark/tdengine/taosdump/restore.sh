# --------------------------------------------------------------------------------- what restore does

before_attempt() { :; }

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
  LC_ALL=C sed -e "s/$escape\\[[0-9;?]*[A-Za-z]//g" "$state/target.txt" | tr '\r' '\n' >"$state/target.clean"
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

# load NUMBER: loads the output of one call.
load() {
  number=$1
  total=$((total + 1))
  [ -d "calls/$number" ] || die "an exported call is missing: directory=$here/calls/$number"
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
total=0
rows_all=0
[ -f COMPLETE ] || die "the export is not complete: run export.sh first: directory=$here"
[ "$(cat PLAN)" = "$plan" ] ||
  die "this directory holds the output of another plan: expected=$plan, actual=$(cat PLAN), directory=$here"
state=restoring-$target
[ -n "$resume" ] || rm -rf "$state"
mkdir -p "$state" || exit 1
say "restoring into $target with taosdump $version: $count calls"
change_target

