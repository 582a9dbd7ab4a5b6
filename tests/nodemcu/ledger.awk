# ledger.awk: compares two files of ledger rows and writes TAP.
#
# usage: awk -F '\t' -v listed=FILE -f ledger.awk GOLDEN OURS
# FILE has lines `from program mode columns reason...`; from may be `*`, columns is a list with
# commas. See tests/nodemcu/ledger.

BEGIN {
    while ((getline line < listed) > 0) {
        if (line ~ /^[ \t]*(#|$)/) continue
        split(line, f, /[ \t]+/)
        count = split(f[4], cols, ",")
        for (i = 1; i <= count; i++) {
            if (f[1] == "*") {
                known["lfs " f[2] " " f[3] " " cols[i]] = 1
                known["lc " f[2] " " f[3] " " cols[i]] = 1
            } else {
                known[f[1] " " f[2] " " f[3] " " cols[i]] = 1
            }
        }
    }
    for (i = 7; i <= 10; i++) is_rest[i] = 1    # live1, live, end1, end
}

FNR == 1 { for (i = 1; i <= NF; i++) name[i] = $i; next }

{ key = $1 " " $2 " " $3 }

NR == FNR {
    rows++
    for (i = 5; i <= 10; i++) want[key, i] = $i
    next
}

{
    seen++
    rest = all = 1
    unlisted = stale = detail = ""
    for (i = 5; i <= 10; i++) {
        if ($i != want[key, i]) {
            all = 0
            detail = detail sprintf("\n#   %s: want %s, got %s", name[i], want[key, i], $i)
            if (is_rest[i]) rest = 0
            if (is_rest[i] && $3 == 0 || !((key " " name[i]) in known)) unlisted = unlisted " " name[i]
        } else if ((key " " name[i]) in known) {
            stale = stale " " name[i]
        }
    }
    if ($3 == 0) { rest_rows++; rest_equal += rest }
    all_equal += all
    if (unlisted != "") {
        bad++
        print "not ok " seen " - ledger " key ": other than the firmware's in" unlisted detail
    } else if (stale != "") {
        bad++
        print "not ok " seen " - ledger " key ": listed as different, but equal:" stale
    } else {
        print "ok " seen " - ledger " key (all ? "" : " (known difference)")
    }
}

END {
    print "1.." seen
    printf "# rest_equal %.4f (%d of %d)\n", rest_rows ? rest_equal / rest_rows : 0, rest_equal, rest_rows
    printf "# all_equal %.4f (%d of %d)\n", seen ? all_equal / seen : 0, all_equal, seen
    if (seen != rows) print "not ok - ledger: " seen " rows of " rows
    exit bad > 0 || seen != rows
}
