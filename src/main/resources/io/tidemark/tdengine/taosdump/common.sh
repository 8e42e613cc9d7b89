# ---------------------------------------------------------------- how taosdump is called and believed
#
#   TAOSDUMP, TAOS                 the programs, if they are not on PATH
#   TAOS_HOST, TAOS_PORT           the server
#   TAOS_USER, TAOS_PASSWORD       the account; the password goes to the program's standard input, never to its
#                                  command line. Without it the program's own default is used
#   TAOS_CONFIG_DIR                the directory of taos.cfg
#   TIDEMARK_RETRY_COUNT           how often a call that failed is made again; 3
#   TIDEMARK_RETRY_INTERVAL_S      seconds before it is; 5

umask 077
log=
held=
# A variable that was exported before stays so.
unset password
password=${TAOS_PASSWORD:-}
unset TAOS_PASSWORD
escape=$(printf '\033')

say() {
  printf '%s %s\n' "$(date -u '+%Y-%m-%dT%H:%M:%SZ')" "$*" >>"$log"
  printf '%s\n' "$*"
}

die() {
  [ -z "$log" ] || printf '%s FAILED: %s\n' "$(date -u '+%Y-%m-%dT%H:%M:%SZ')" "$*" >>"$log"
  printf '%s: %s\n' "$me" "$*" >&2
  exit 1
}

# program NAME: how it is found from another directory.
program() {
  case $1 in
    /*) printf '%s\n' "$1" ;;
    */*) printf '%s/%s\n' "$PWD" "$1" ;;
    *) printf '%s\n' "$1" ;;
  esac
}

# directory PATH: how it is found from another directory by a program that expands paths as a shell does.
directory() {
  case $1 in
    /*) printf '%s\n' "$1" ;;
    *) printf '%s/%s\n' "$PWD" "$1" ;;
  esac | sed -e "s/'/'\\\\''/g" -e "1s/^/'/" -e "\$s/\$/'/"
}

# connected PROGRAM ARGUMENT...: runs it with the options of the connection. If $held names a file, it holds the number of
# the process meanwhile.
connected() {
  run=$1
  shift
  [ -z "${TAOS_CONFIG_DIR:-}" ] || set -- -c "$config" "$@"
  [ -z "${TAOS_HOST:-}" ] || set -- -h "$TAOS_HOST" "$@"
  [ -z "${TAOS_PORT:-}" ] || set -- -P "$TAOS_PORT" "$@"
  [ -z "${TAOS_USER:-}" ] || set -- -u "$TAOS_USER" "$@"
  [ -z "$password" ] || set -- -p "$@"
  # shellcheck disable=SC2016 # that shell expands it
  if [ -n "$held" ]; then
    set -- sh -c 'echo $$ >"$0" && exec "$@"' "$held" "$run" "$@"
  else
    set -- "$run" "$@"
  fi
  if [ -n "$password" ]; then
    printf '%s\n' "$password" | "$@"
  else
    "$@" </dev/null
  fi
}

# judge out|in CODE FILE: prints "done ROWS", or one word for what went wrong and why.
# The exit code alone tells nothing: taosdump ends with 0 after it lost a table.
judge() {
  LC_ALL=C sed -e "s/$escape\\[[0-9;?]*[A-Za-z]//g" "$3" | tr '\r' '\n' | LC_ALL=C awk -v way="$1" -v code="$2" '
    /ERROR: / {
      text = $0
      sub(/^.*ERROR: /, "", text)
      if (errors++ == 0) first = text
      if (text !~ /^(Invalid table\/stable |input the invalid table )/) other++
      if (index(text, "0x80000357")) refused = 1
      next
    }
    /WARN: .*failed to dump/ { other++; if (errors++ == 0) first = $0 }
    {
      text = $0
      while (match(text, "OK: [0-9]+ row\\(s\\) dumped " way "!")) {
        total = substr(text, RSTART + 4, RLENGTH - 4)
        sub(/ .*/, "", total)
        totals++
        text = substr(text, RSTART + RLENGTH)
      }
    }
    END {
      if (errors && !other) print "missing " first
      else if (refused) print "refused " first
      else if (errors) print "failed " first
      else if (code != 0) print "failed exit code " code
      else if (totals != 1) print "failed taosdump printed no single total of rows: totals=" totals + 0
      else print "done " total
    }'
}

# attempt out|in FILE ARGUMENT...: calls taosdump until it is done or trying again is of no use; sets verdict.
attempt() {
  way=$1
  printed=$2
  shift 2
  tries=${TIDEMARK_RETRY_COUNT:-3}
  while :; do
    before_attempt
    code=0
    connected "$taosdump" "$@" >"$printed" 2>"$printed.err" || code=$?
    cat "$printed.err" >>"$printed"
    rm -f "$printed.err"
    verdict=$(judge "$way" "$code" "$printed")
    case $verdict in
      done\ * | missing\ * | refused\ *) return 0 ;;
    esac
    [ "$tries" -gt 0 ] || return 0
    tries=$((tries - 1))
    say "failed, once more in ${TIDEMARK_RETRY_INTERVAL_S:-5} s: ${verdict#failed }"
    sleep "${TIDEMARK_RETRY_INTERVAL_S:-5}"
  done
}

# alone: refuses to run beside another run in this directory. A run that died may have had the number of this one.
alone() {
  if ! (set -C && echo $$ >running) 2>/dev/null; then
    read -r other _ <running
    if [ -n "$other" ] && [ "$other" != $$ ] && kill -0 "$other" 2>/dev/null; then
      die "another run works here: pid=$other, directory=$here"
    fi
    echo $$ >running
  fi
  trap 'rm -f running' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

# durable PATH: what lies there survives a power cut.
durable() {
  sync -f "$1" 2>/dev/null || sync
}

# whole WORD: refuses, before anything is done, a script that was cut: its calls begin with WORD, one a line.
whole() {
  # shellcheck disable=SC2016 # nothing is to be expanded
  last='say "complete: $rows_all rows in $total calls"'
  lines=$(LC_ALL=C grep -c "^$1 [0-9]" "$me")
  [ "$lines" -eq "$count" ] || die "this script is cut: calls=$lines, expected=$count"
  [ "$(tail -n 1 "$me")" = "$last" ] || die "this script is cut: it has no end"
}

# start LOGFILE: goes to the directory of this script, where everything is kept.
start() {
  me=$(basename -- "$0")
  taosdump=$(program "${TAOSDUMP:-taosdump}")
  config=$(directory "${TAOS_CONFIG_DIR:-}")
  here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 1
  cd -- "$here" || exit 1
  case $password in
    *[[:space:]]*) die "taosdump cannot be given a password with white space" ;;
  esac
  command -v "$taosdump" >/dev/null || die "taosdump was not found: set TAOSDUMP: value=$taosdump"
  alone
  log=$1
  : >>"$log" || exit 1
  version=$("$taosdump" --version </dev/null 2>/dev/null | sed -n 's/^taosdump version: *//p')
  case $version in
    3.*) ;;
    *) die "taosdump is not of version 3: version=${version:-unknown}, program=$taosdump" ;;
  esac
}
