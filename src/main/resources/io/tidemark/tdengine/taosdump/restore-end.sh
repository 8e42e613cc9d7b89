
[ "$total" -eq "$count" ] || die "this script is cut: calls=$total, expected=$count"
rm -rf "$state"
say "complete: $rows_all rows in $total calls"
