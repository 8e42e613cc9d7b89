# ---------------------------------------------------------------------------------- what export does

# kill_left_behind: ends the taosdump of a run that was killed, which would write into the next one's output.
kill_left_behind() {
  read -r left _ 2>/dev/null <"$held" || return 0
  case $left in
    '' | *[!0123456789]*) return 0 ;;
  esac
  while tr '\0' ' ' 2>/dev/null <"/proc/$left/cmdline" | LC_ALL=C grep -Fq -e " calls/$number.part/dump " &&
    [ "$(readlink "/proc/$left/cwd")" = "$(pwd -P)" ]; do
    kill -9 "$left" 2>/dev/null
    sleep 1
  done
}

# before_attempt: a call begins in an empty directory.
before_attempt() {
  held=calls/$number.part/pid
  kill_left_behind
  rm -rf "calls/$number.part"
  mkdir -p "calls/$number.part/dump" || die "cannot make a directory: directory=$here/calls/$number.part"
}

# dump NUMBER DATABASE|STABLE|TABLE NAME [FIRST LAST]: one call, into a directory of its own.
dump() {
  number=$1
  scope=$2
  name=$3
  total=$((total + 1))
  if [ -d "calls/$number" ]; then
    read -r rows <"calls/$number/rows" || die "a call is not as it was left: directory=$here/calls/$number"
    rows_all=$((rows_all + rows))
    return
  fi
  shift 3
  [ $# -eq 0 ] || set -- -S "$1" -E "$2"
  part=calls/$number.part
  # shellcheck disable=SC2086 # $escaped is one option or none
  case $scope in
    DATABASE) set -- $escaped -o "$part/dump" -r "$part/result.txt" "$@" -D "$database" ;;
    *) set -- $escaped -o "$part/dump" -r "$part/result.txt" "$@" "$database" "$name" ;;
  esac
  attempt out "calls/$number.txt" "$@"
  case $verdict in
    done\ *) rows=${verdict#done } ;;
    missing\ *)
      if [ -f gone ] && LC_ALL=C grep -Fxq -e "$name" gone; then
        before_attempt
        : >"$part/gone"
        rows=0
      else
        die "not there any more: name=$name. If it was dropped after $written, write its name on a line of $here/gone and start again"
      fi
      ;;
    *) die "call $number failed: scope=$scope, name=$name, printed=$here/calls/$number.txt: ${verdict#* }" ;;
  esac
  rm -f "$held"
  mv "calls/$number.txt" "$part/printed.txt" || die "cannot move a file: file=$here/calls/$number.txt"
  printf '%s\n' "$rows" >"$part/rows"
  durable "$part"
  mv "$part" "calls/$number" || die "cannot rename a directory: directory=$here/$part"
  durable calls
  rows_all=$((rows_all + rows))
  say "$number of $count: $rows rows: $scope $name"
}

start export.log
whole dump
total=0
rows_all=0
if [ -f COMPLETE ]; then
  say "complete already: directory=$here"
  exit 0
fi
mkdir -p calls || exit 1
if [ -f PLAN ] && [ "$(cat PLAN)" != "$plan" ]; then
  die "this directory holds the output of another plan: expected=$plan, actual=$(cat PLAN), directory=$here"
fi
printf '%s\n' "$plan" >PLAN
say "exporting $database with taosdump $version: $count calls"

