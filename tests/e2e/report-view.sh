#!/bin/sh
# --sort and --fields of the report commands: the order is that of sort(1), the sums stay, every form
# has the same columns, and a wrong key is told with the keys that exist. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

LC_ALL=C
export LC_ALL
case=$TAP_DIR/profile
want_status "profiles an example" 0 "$FROST" profile --worlds 0 -q --no-compare-dump -o "$case" \
    examples/command-console
trace=$case/run1.trace image=$case/lfs1.img

# ---- reading the JSON form: one row a line ----

rows() { # TABLE FILE
    awk -v head="  \"$1\": {" '$0 == head { in_table = 1 }
        in_table && /^   "rows_omitted"/ { exit }
        in_rows { sub(/[],]*$/, ""); print }
        in_table && /^   "rows": / { in_rows = 1 }' "$2"
}
values() { # KEY: of the rows on standard input; texts here have no quotes inside
    sed -n 's/.*[{,]"'"$1"'":\("[^"]*"\|[^,}]*\).*/\1/p'
}
keys() { # of a row without commas in its texts
    tr '{,' '\n\n' | sed -n 's/^"\([a-z_]*\)":.*/\1/p' | tr '\n' ,
}
sums() { # FILE
    grep -E '^   "(sum|rows_omitted)": ' "$1"
}

# ---- rows ----

# The values as sort(1) has them, those that are absent last.
by_sort() { # KIND SIGN
    case $1$2 in
    number+) sort -g "$TAP_DIR/present" ;;
    number*) sort -g -r "$TAP_DIR/present" ;;
    text-) sort -r "$TAP_DIR/present" ;;
    *) sort "$TAP_DIR/present" ;;
    esac
    cat "$TAP_DIR/absent"
}
want_order() { # KIND SIGN KEY TABLE COMMAND...
    kind=$1 sign=$2 key=$3 table=$4
    shift 4
    what="$* --sort=$sign$key"
    what="frost $(echo "$what" | sed "s|$case/||g")"
    "$FROST" "$@" -q --json >"$TAP_DIR/before"
    plain_status=$?
    "$FROST" "$@" -q --json --sort="$sign$key" >"$TAP_DIR/after"
    tap_is "the same status: $what" $plain_status $?
    rows "$table" "$TAP_DIR/before" >"$TAP_DIR/rows.before"
    rows "$table" "$TAP_DIR/after" >"$TAP_DIR/rows.after"
    values "$key" <"$TAP_DIR/rows.before" >"$TAP_DIR/all"
    grep -v '^null$' "$TAP_DIR/all" >"$TAP_DIR/present"
    grep '^null$' "$TAP_DIR/all" >"$TAP_DIR/absent"
    by_sort "$kind" "$sign" >"$TAP_DIR/want"
    values "$key" <"$TAP_DIR/rows.after" >"$TAP_DIR/got"
    if [ "$(sort -u "$TAP_DIR/want" | wc -l)" -gt 2 ]; then
        want_same "$what" "$TAP_DIR/want" "$TAP_DIR/got"
    else
        tap_not_ok "$what: there is something to sort" "$TAP_DIR/want"
    fi
    sort "$TAP_DIR/rows.before" >"$TAP_DIR/set.before"
    sort "$TAP_DIR/rows.after" >"$TAP_DIR/set.after"
    want_same "the same rows: $what" "$TAP_DIR/set.before" "$TAP_DIR/set.after"
    sums "$TAP_DIR/before" >"$TAP_DIR/sums.before"
    sums "$TAP_DIR/after" >"$TAP_DIR/sums.after"
    want_same "the same sums: $what" "$TAP_DIR/sums.before" "$TAP_DIR/sums.after"
}
want_order number "" events lines hot "$trace"
want_order number + model_clocks functions hot "$trace"
want_order text "" line lines hot "$trace"
want_order number "" allocations sites gc "$trace"
want_order number + percent sites gc "$trace"
want_order text - site peak_sites gc "$trace"
want_order number "" allocated_bytes sites size "$trace" "$image"
want_order number + peak_blocks sites size "$trace" "$image"
want_order number - code_bytes functions size "$image"
want_order text "" module functions size "$image"
want_order number "" births strings strings "$trace"
want_order number + flash_bytes strings strings "$trace"
want_order number - instructions modules lfs ls "$image"
want_order number + bytes strings lfs diff "$image" "$case/lfs2.img"

"$FROST" size -q "$trace" >"$TAP_DIR/before"
"$FROST" size -q --sort=allocated_bytes "$trace" >"$TAP_DIR/after"
cmp -s "$TAP_DIR/before" "$TAP_DIR/after" && tap_not_ok "another key is another order" ||
    tap_ok "another key is another order"

# --top cuts what is sorted, in each form.
"$FROST" size -q --json "$image" >"$TAP_DIR/json"
rows functions "$TAP_DIR/json" | values instructions | grep -v null | sort -n | head -n 3 \
    >"$TAP_DIR/want"
for format in text json markdown html; do
    "$FROST" size -q --format=$format --sort=+instructions --fields=instructions --top=3 "$image" \
        >"$TAP_DIR/view"
    case $format in
    text) sed -n '/^Flash by function/,/more$/s/^ *\([0-9,]*\)$/\1/p' "$TAP_DIR/view" ;;
    json) rows functions "$TAP_DIR/view" | values instructions ;;
    markdown) sed -n '/^#### Flash by function/,$s/^| \([0-9]*\) |$/\1/p' "$TAP_DIR/view" ;;
    html) sed -n '/<h3>Flash by function/,/<.table>/s/^<tr><td class="n">\([0-9]*\)<.*/\1/p' "$TAP_DIR/view" ;;
    esac >"$TAP_DIR/got"
    want_same "--sort comes before --top: $format" "$TAP_DIR/want" "$TAP_DIR/got"
done

# ---- columns ----

fields=peak_bytes,text,hash,verdict
"$FROST" strings -q --json --fields=$fields "$trace" >"$TAP_DIR/json"
"$FROST" strings -q --json "$trace" >"$TAP_DIR/all"
tap_is "JSON rows have the fields in their order" $fields, \
    "$(rows strings "$TAP_DIR/json" | head -n 1 | keys)"
tap_is "so do the columns" "$fields," \
    "$(sed -n '/^  "strings"/,/"rows"/s/^    {"name":"\([^"]*\)".*/\1/p' "$TAP_DIR/json" | tr '\n' ,)"
tap_is "a table that has one of them has that" "peak_bytes,verdict," \
    "$(sed -n '/^  "verdicts"/,/"rows"/s/^    {"name":"\([^"]*\)".*/\1/p' "$TAP_DIR/json" | tr '\n' ,)"
for key in peak_bytes hash verdict; do
    rows strings "$TAP_DIR/all" | values $key >"$TAP_DIR/want"
    rows strings "$TAP_DIR/json" | values $key >"$TAP_DIR/got"
    want_same "the same values: $key" "$TAP_DIR/want" "$TAP_DIR/got"
done
"$FROST" gc -q --json --fields=site,bytes "$trace" >"$TAP_DIR/json"
"$FROST" gc -q --json "$trace" >"$TAP_DIR/all"
rows modes "$TAP_DIR/all" >"$TAP_DIR/want"
rows modes "$TAP_DIR/json" >"$TAP_DIR/got"
want_same "a table without the fields stays whole" "$TAP_DIR/want" "$TAP_DIR/got"
want_text "there is such a table" "$TAP_DIR/want" '"mode":'

head_of() { # FORMAT: heads of the table of strings
    "$FROST" strings -q --format="$1" --fields=$fields "$trace" >"$TAP_DIR/view"
    case $1 in
    text) grep -n -m 1 '^  peak  text  *hash  verdict$' "$TAP_DIR/view" ;;
    markdown) grep -n -m 1 '^| peak | text | hash | verdict |$' "$TAP_DIR/view" ;;
    html) grep -n -m 1 '<tr>.*>peak <.*>text<.*>hash<.*>verdict<.*</tr>' "$TAP_DIR/view" ;;
    esac
}
for format in text markdown html; do
    [ -n "$(head_of $format)" ] && tap_ok "columns in their order: $format" ||
        tap_not_ok "columns in their order: $format" "$TAP_DIR/view"
done

"$FROST" size -q --fields=bytes "$image" >"$TAP_DIR/text"
tap_is "a sum without a label is marked" "total $("$FROST" size -q "$image" |
    sed -n 's/^  flash  *\([0-9,]*\) bytes$/\1/p')" \
    "$(sed -n '/^Flash by module/,/^$/p' "$TAP_DIR/text" | tail -n 3 | xargs)"

# ---- wrong usage ----

want_status "a wrong key" 2 "$FROST" size --sort=-byts "$image"
tap_is "has no result" "" "$(cat "$TAP_DIR/out")"
want_text "names the nearest" "$TAP_DIR/err" \
    "frost size: --sort: no table has a column 'byts', did you mean 'bytes'?"
want_text "lists the keys" "$TAP_DIR/err" "labels: image, label, bytes, share_percent"
want_status "a key of a table that is not there" 2 "$FROST" size --sort=peak_blocks "$image"
want_status "a wrong field" 2 "$FROST" hot --json --fields=line,clock "$trace"
want_text "is named" "$TAP_DIR/err" "frost hot: --fields: no table has a column 'clock'"
tap_is "and has no result" "" "$(cat "$TAP_DIR/out")"
want_status "a field twice" 2 "$FROST" gc --fields=site,site "$trace"
want_status "a list is no table" 2 "$FROST" strings -o "$TAP_DIR/list.lua" --sort=births "$trace"
want_no_file "and is not written" "$TAP_DIR/list.lua"
want_status "lfs check keeps its answer" 1 "$FROST" lfs check --sort=image "$image" "$0"
want_status "lfs check with a wrong key" 2 "$FROST" lfs check --sort=images "$image"

# ---- help ----

"$FROST" help --completion >"$TAP_DIR/completion"
for command in hot gc size strings lfs; do
    "$FROST" help --man $command >"$TAP_DIR/man"
    "$FROST" help $command >"$TAP_DIR/help"
    for option in sort:KEY fields:LIST; do
        want_text "help $command has --${option%:*}" "$TAP_DIR/help" "--${option%:*}=${option#*:}"
        want_text "its page has --${option%:*}" "$TAP_DIR/man" \
            "\\-\\-${option%:*}\\fR=\\fI${option#*:}"
        grep -q "^        $command) .* --${option%:*}= " "$TAP_DIR/completion" &&
            tap_ok "completion has --${option%:*}" ||
            tap_not_ok "completion has --${option%:*}" "$TAP_DIR/completion"
    done
done

tap_done
