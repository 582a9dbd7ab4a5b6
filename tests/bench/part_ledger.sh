# Rows of the firmware's ledger that are equal: at rest, and in every column.
O=$O sh tests/nodemcu/ledger >"$work/ledger.log" 2>&1 || :
for name in rest_equal all_equal; do
    note "ledger.$name" share "$(sed -n "s/^# $name[: ]*\([0-9.]*\).*/\1/p" "$work/ledger.log" | head -n 1)"
done
