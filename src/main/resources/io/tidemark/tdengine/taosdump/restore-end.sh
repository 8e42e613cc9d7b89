
rm -rf "$state"
say "complete: $rows_all rows in $total calls"
