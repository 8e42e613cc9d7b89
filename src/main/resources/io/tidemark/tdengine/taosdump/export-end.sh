
printf '%s\n' "$rows_all" >COMPLETE.part
durable COMPLETE.part
mv COMPLETE.part COMPLETE
durable .
say "complete: $rows_all rows in $total calls"
