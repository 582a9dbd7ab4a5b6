#!/bin/sh
# frost history: records, lists, trends, differences, budgets against the merge base, plots; a database
# that is gone, damaged or behind. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST" python3 gnuplot
ROOT=$PWD
cd "$TAP_DIR" || exit 1

# Three builds of an image: NAME, and how many lines its module has.
record() {
    { for i in $(seq "$2"); do echo "function f$i() return $i end"; done; } >m.lua
    "$FROST" luac --build-time=1 -f -o m.img m.lua >luac.out 2>&1
    "$FROST" size -d module,symbol --record "$1.json" m.img >size.out
}
record one 3
record two 5
record three 30
schema() { python3 "$ROOT/tests/support/schema.py" "$ROOT/reports/schema/$1.json" "$2"; }
history() { "$FROST" history "$@"; }
column() { sed -n "/\"builds\": {/,/^  }/s/^    {.*\"$1\":\"*\([^,\"}]*\).*/\1/p" "$2" | paste -sd ' ' -; }

# ---- adding, listing ----

want_status "no history yet" 4 "$FROST" history list h
for build in "one aaaa1111 1000" "two bbbb2222 2000" "three cccc3333 3000"; do
    set -- $build
    want_status "add $1" 0 "$FROST" history add h "$1.json" --commit "$2" --time "$3" --config float
done
want_status "another configuration" 0 "$FROST" history add h one.json --commit cccc3333 --time 2500 --config integer
tap_is "a file for each" 4 "$(ls h/builds | wc -l)"
want_status "a record conforms to its schema" 0 schema build "h/builds/$(ls h/builds | head -n 1)"
want_status "adding it twice" 0 "$FROST" history add h one.json --commit aaaa1111 --time 1000 --config float
tap_is "changes nothing" 4 "$(ls h/builds | wc -l)"
want_status "a list" 0 "$FROST" history list h --config float --json
cp out list.json
want_status "conforms to its schema" 0 schema history list.json
tap_is "the newest first" "cccc3333 bbbb2222 aaaa1111" "$(column commit list.json)"
sizes=$(for name in three two one; do sed -n 's/^  "flash_bytes": \([0-9]*\).*/\1/p' $name.json; done | paste -sd ' ' -)
tap_is "with the sizes of the records" "$sizes" "$(column flash_bytes list.json)"
tap_is "and what changed" "$(echo $sizes | awk '{ print $1 - $2, $2 - $3, "null" }')" "$(column flash_change_bytes list.json)"
history list h --json >all.json
tap_is "of one configuration each" "$(echo $sizes | awk '{ print $1 - $2, "null", $2 - $3, "null" }')" "$(column flash_change_bytes all.json)"
tap_is "times" "1970-01-01 00:50" "$(column time list.json | cut -d ' ' -f 1,2)"

# ---- names ----

want_status "a module over builds" 0 "$FROST" history list h --config float --name m --json
module() { sed -n '/"level_1"/,/^  }/s/.*"module":"m","bytes":\([0-9]*\).*/\1/p' "$1.json"; }
tap_is "has the bytes of its rows" "$(module three) $(module two) $(module one)" "$(column flash_bytes out)"
want_status "a function" 0 "$FROST" history list h --config float --name "m / m.lua:4" --json
tap_is "that was not always there" "null" "$(column flash_bytes out | cut -d ' ' -f 3)"
want_status "a name that nothing has" 4 "$FROST" history list h --name nothing

# ---- differences and budgets ----

want_status "two builds" 0 "$FROST" history diff h aaaa bbbb --config float --json
cp out diff.json
want_status "conforms to the schema of differences" 0 schema size-diff diff.json
"$FROST" size --base one.json two.json --json | grep -v '"path"' >wanted
grep -v '"path"' diff.json >got
want_same "is that of the records" wanted got
want_status "a commit that was not built" 4 "$FROST" history diff h aaaa ffff
want_status "the merge base's build is the base" 0 "$FROST" history gate h two.json --commit bbbb --config float --max-growth 0
want_status "growth since then" 1 "$FROST" history gate h three.json --commit bbbb --config float --max-growth 100
want_text "is told" err 'flash has grown by'
want_status "an image, measured as the base was" 1 "$FROST" history gate h m.img --commit aaaa --config float --max-growth 100
want_status "the record of a build serves frost size, too" 0 "$FROST" size --base "h/builds/$(ls h/builds | head -n 1)" two.json

# ---- plots ----

want_status "plots" 0 "$FROST" history plot h -o plots --config float
tap_is "a point for each build" 3 "$(grep -c '^[0-9]' plots/flash.tsv)"
tap_is "drawn" yes "$(grep -q '<svg' plots/flash.svg && echo yes)"
want_status "again" 0 "$FROST" history plot h -o plots --config float
mkdir figures
echo mine | tee figures/flash.tsv figures/notes >flash.tsv
want_status "not over what frost has not made" 2 "$FROST" history plot h -o figures --config float
want_same "which stays" flash.tsv figures/flash.tsv
want_status "as a page" 0 "$FROST" history list h --format=html
want_text "with curves" out '<svg'

# ---- the database can go ----

history list h --json >before.json
same() { history list h --json >after.json && want_same "$1" before.json after.json; }
rm h/history.db
same "gone"
: >h/history.db
same "empty"
head -c 5000 h/history.db >cut && cp cut h/history.db
same "cut off"
python3 -c "
data = bytearray(open('h/history.db', 'rb').read())
data[4096:9000] = b'x' * (9000 - 4096)
open('h/history.db', 'wb').write(data)"
same "damaged inside"
python3 -c "import sqlite3; sqlite3.connect('h/history.db').execute('PRAGMA application_id=0')"
same "without a mark, as frost 0.2 made it"
tap_is "which it gets" 1 "$(head -c 72 h/history.db | tail -c 4 | grep -c '^FrSt$')"

# What frost has not made stays, whatever is asked; nothing else is begun.
mkdir mine
echo 'no database' >mine/history.db
python3 -c "import sqlite3; d = sqlite3.connect('database'); d.execute('CREATE TABLE t(x)'); d.commit()"
for other in mine/history.db database; do
    rm -rf theirs
    mkdir theirs
    cp $other theirs/history.db
    want_status "$other: nothing is added" 2 "$FROST" history add theirs one.json --commit aaaa1111
    want_text "says why" err 'theirs/history.db: is no database that frost has made'
    tap_is "nor begun" history.db "$(ls theirs)"
    cp -r h/builds theirs
    for verb in list rebuild; do
        want_status "$other: no $verb" 2 "$FROST" history $verb theirs
    done
    want_same "it stays as it was" $other theirs/history.db
done
want_status "rebuilt" 0 "$FROST" history rebuild h
want_text "from all records" err '4 builds'
same "rebuilt: the same"
rm "h/builds/$(ls h/builds | head -n 1)"
tap_is "a record that is gone leaves the list" 3 "$(history list h --json | grep -c '"commit":')"
cp before.json h/builds/0000000000-bad-00000000.json
want_status "a file that is no record" 3 "$FROST" history list h
want_text "is named" err '0000000000-bad'
rm h/builds/0000000000-bad-00000000.json
for i in 1 2 3 4; do history add h two.json -q --commit "side$i" --time "$i" --config side & done
wait
tap_is "four at once" 4 "$(history list h --config side --json | grep -c '"commit":"side')"

# ---- wrong use ----

want_status "no verb" 2 "$FROST" history
want_status "no commit" 2 "$FROST" history add h one.json
want_status "a commit with a slash" 2 "$FROST" history add h one.json --commit ../up
want_status "a time in words" 2 "$FROST" history add h one.json --commit x --time now
want_status "what is no record" 3 "$FROST" history add h m.lua --commit x
want_status "plots without a place" 2 "$FROST" history plot h

cd "$ROOT" || exit 1
tap_done
