#!/bin/sh
# frost history in PostgreSQL, with a server of the test's own: the answers are those of a directory with
# the same records; several writers at once; tables that are gone or of another version. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1)
tap_needs "$FROST" "$bin/initdb" "$bin/postgres" psql python3
ROOT=$PWD
cd "$TAP_DIR" || exit 1

# ---- a server on a socket, as a user that it allows ----

data=$TAP_DIR/data
sockets=$(mktemp -d /tmp/frost-pg.XXXXXX) # the name of a socket is short
as=
[ "$(id -u)" = 0 ] && as="setpriv --reuid=postgres --regid=postgres --clear-groups"
mkdir "$data"
[ "$(id -u)" = 0 ] && chown postgres "$data" "$sockets" && chmod a+x "$TAP_DIR"
$as "$bin/initdb" -D "$data" -A trust -U tester --no-sync >initdb.out 2>&1 ||
    tap_not_ok "initdb: $(tail -n 1 initdb.out)"
$as "$bin/postgres" -D "$data" -k "$sockets" -c listen_addresses= -c fsync=off >server.out 2>&1 &
server=$!
trap 'kill -INT $server 2>/dev/null; wait $server 2>/dev/null; rm -rf "$sockets" "$TAP_DIR"' EXIT
url="postgresql://tester:secret@/postgres?host=$sockets"
sql() { psql -q -A -t -c "$1" "$url"; }
wait_until sql 'SELECT 1' >/dev/null 2>&1

record() {
    { for i in $(seq "$2"); do echo "function f$i() return $i end"; done; } >m.lua
    "$FROST" luac --build-time=1 -f -o m.img m.lua >luac.out 2>&1
    "$FROST" size -d module,symbol --record "$1.json" m.img >size.out
}
record one 3
record two 5
record three 30
history() { "$FROST" history "$@"; }

# ---- the same answers ----

want_status "nothing there" 4 "$FROST" history list "$url"
want_text "is told" err "no history"
tap_is "without the password" 0 "$(grep -c secret err)"
for place in h "$url"; do
    for build in "one aaaa1111 1000" "two bbbb2222 2000" "three cccc3333 3000"; do
        set -- $build
        history add -q "$place" "$1.json" --commit "$2" --time "$3" --config float ||
            tap_not_ok "add $1 to $place"
    done
    history add -q "$place" one.json --commit cccc3333 --time 2500 --config integer
done
same() { # NAME VERB ARGUMENT...
    name=$1 verb=$2
    shift 2
    history "$verb" h "$@" --json 2>&1 | grep -v '"path"' >directory
    history "$verb" "$url" "$@" --json 2>&1 | grep -v '"path"' >server
    want_same "$name" directory server
}
same "all builds" list
same "of a configuration" list --config float
same "a module" list --config float --name m
same "a difference" diff aaaa bbbb --config float
tap_is "of which there are some" 3 "$(history list "$url" --config float --json | grep -c '"commit":')"
want_status "a gate that holds" 0 "$FROST" history gate "$url" two.json --commit bbbb --config float --max-growth 0
want_status "and one that does not" 1 "$FROST" history gate "$url" three.json --commit bbbb --config float --max-growth 100
want_status "a commit that was not built" 4 "$FROST" history diff "$url" aaaa ffff
tap_is "is told without the password" 0 "$(grep -c secret err)"
want_status "plots" 0 "$FROST" history plot "$url" -o plots --config float

# ---- a team ----

writers=
for i in 1 2 3 4 5 6; do
    history add "$url" two.json -q --commit "side$i" --time "$i" --config side &
    writers="$writers $!"
done
wait $writers
tap_is "six at once" 6 "$(history list "$url" --config side --json | grep -c '"commit":"side')"
history add -q "$url" two.json --commit side1 --time 1 --config side
tap_is "added twice is there once" 6 "$(history list "$url" --config side --json | grep -c '"commit":"side')"
sql "DELETE FROM frost_history.record WHERE file LIKE '%-side%'"
tap_is "records that are gone leave the list" 4 "$(history list "$url" --json | grep -c '"commit":')"

# A name that is longer than an index takes, and one that is not ASCII.
python3 - <<'EOF'
import json
report = json.load(open("one.json"))
rows = report["tables"]["level_1"]["rows"]
for name in ["x" * 5000, "ä" * 3000, "x" * 4999 + "y"]:
    rows.append({**rows[0], "module": name, "ram_bytes": 7, "flash_bytes": len(name)})
json.dump(report, open("long.json", "w"))
EOF
want_status "long names" 0 "$FROST" history add "$url" long.json --commit long --time 9 --config long
long=$(printf 'x%.0s' $(seq 5000))
history list "$url" --name "$long" --config long --json >out 2>&1
want_text "are found" out '"flash_bytes":5000'

# ---- tables ----

history list "$url" --json >before.json
sql "UPDATE frost_history.history SET version = 99"
want_status "another version" 3 "$FROST" history list "$url"
want_text "says what helps" err "frost history rebuild"
want_status "which does" 0 "$FROST" history rebuild "$url"
want_text "from all records" err '5 builds'
history list "$url" --json >after.json
want_same "the same" before.json after.json
sql "UPDATE frost_history.record SET content = 'no JSON' WHERE file LIKE '%-long-%'"
sql "DELETE FROM frost_history.build WHERE commit_id = 'long'"
want_status "a record that is damaged" 3 "$FROST" history list "$url"
want_text "is named" err '0000000009-long'
want_status "no such server" 4 "$FROST" history list "postgresql://tester:secret@/postgres?host=$TAP_DIR/none"
tap_is "and no password in the message" 0 "$(grep -c secret err)"

cd "$ROOT" || exit 1
tap_done
