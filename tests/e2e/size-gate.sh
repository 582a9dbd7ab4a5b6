#!/bin/sh
# frost size with a base and budgets: what has changed, what is allowed, exit statuses, records;
# the workflow of examples/ci, step by step. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST" gcc python3 git

# Two builds: 400 bytes more RAM, a longer function, one that is new, one that is gone.
program() { # NAME FLAGS...
    program_name=$1
    shift
    gcc -g -O1 "$@" -o "$TAP_DIR/$program_name" "$TAP_DIR/program.c" || tap_not_ok "$program_name is built"
}
cat >"$TAP_DIR/program.c" <<'SOURCE'
volatile int values[ROOM] = {1};
__attribute__((noinline)) int same(int n) { return n * values[1]; }
#ifdef NEW
__attribute__((noinline)) int added(int n) { return n / values[2] + 7; }
#else
__attribute__((noinline)) int removed(int n) { return n % values[2]; }
#define added removed
#endif
__attribute__((noinline)) int longer(int n)
{
#ifdef NEW
    for (int i = 0; i < n; i++)
        n += values[i] / (i + 1) - values[n];
#endif
    return n;
}
int main(int c, char **v) { return same(c) + added(c) + longer(c) + **v; }
SOURCE
program old -DROOM=100
program new -DROOM=200 -DNEW

gate() { # NAME STATUS ARGS...
    gate_name=$1 gate_status=$2
    shift 2
    want_status "$gate_name" "$gate_status" "$FROST" size "$@"
}
old=$TAP_DIR/old new=$TAP_DIR/new

# ---- differences ----

gate "a difference" 0 --base "$old" "$new" --json
cp "$TAP_DIR/out" "$TAP_DIR/diff.json"
want_status "conforms to its schema" 0 python3 tests/support/schema.py reports/schema/size-diff.json "$TAP_DIR/diff.json"
cat >"$TAP_DIR/check.py" <<'PYTHON'
import json, subprocess, sys
frost, old, new, diff = sys.argv[1:5]
report = lambda path: json.loads(subprocess.run([frost, "size", "--json", path], capture_output=True).stdout)
diff, old, new = json.load(open(diff)), report(old), report(new)
figures = {row["what"]: row for row in diff["tables"]["figures"]["rows"]}
for what, total in (("RAM before anything runs", "ram_bytes"), ("flash", "flash_bytes")):
    row = figures[what]
    assert row["base_bytes"] == old["totals"][total] and row["bytes"] == new["totals"][total], row
    assert row["change_bytes"] == row["bytes"] - row["base_bytes"], row
rows = {row["symbol"]: row for row in diff["tables"]["level_3"]["rows"]}
assert rows["values"]["change_ram_bytes"] == 400, rows["values"]
assert rows["added"]["row"] == "added" and rows["removed"]["row"] == "removed"
assert rows["longer"]["row"] == "changed" and "same" not in rows
for name in ("level_1", "level_2", "level_3"):
    table = diff["tables"][name]
    assert sum(row["change_bytes"] for row in table["rows"]) == table["sum"]["change_bytes"]
    assert table["sum"]["change_bytes"] == new["tables"][name]["sum"]["bytes"] - old["tables"][name]["sum"]["bytes"]
PYTHON
want_status "whose figures are those of the two builds" 0 python3 "$TAP_DIR/check.py" "$FROST" "$old" "$new" "$TAP_DIR/diff.json"

# ---- records ----

gate "a record is written" 0 "$old" --record "$TAP_DIR/old.json"
"$FROST" size --json "$old" >"$TAP_DIR/plain.json"
want_same "as --json writes it" "$TAP_DIR/plain.json" "$TAP_DIR/old.json"
"$FROST" size --json "$TAP_DIR/old.json" >"$TAP_DIR/again.json"
want_same "read and written again it is the same" "$TAP_DIR/old.json" "$TAP_DIR/again.json"
image=tests/nodemcu/golden/lfs-float/app.rel.img
"$FROST" size --json -d string "$image" >"$TAP_DIR/image.json"
"$FROST" size --json "$TAP_DIR/image.json" >"$TAP_DIR/again.json"
want_same "also one of an image with all strings" "$TAP_DIR/image.json" "$TAP_DIR/again.json"
"$FROST" size --json --base "$TAP_DIR/old.json" "$new" | grep -v '"path"' >"$TAP_DIR/by-record"
grep -v '"path"' "$TAP_DIR/diff.json" >"$TAP_DIR/by-file"
want_same "a record does as well as its program" "$TAP_DIR/by-file" "$TAP_DIR/by-record"
"$FROST" size -d section --json "$old" >"$TAP_DIR/sections.json"
gate "the levels of a record are taken over" 0 --base "$TAP_DIR/sections.json" "$new" --json
want_text "for the new program" "$TAP_DIR/out" '"section":".data","row":"changed"'

gate "an excluded name" 1 --exclude '^values$|values ' --record "$TAP_DIR/without.json" --max-ram 1000 "$new"
gate "nor a change" 0 --base "$new" --exclude '^values$' "$new" --json
tap_is "one that has not changed" 0 "$(grep -c '"row":"\(added\|removed\)"' "$TAP_DIR/out")"
gate "again" 1 --exclude '^values$|values ' --record "$TAP_DIR/without.json" --max-ram 1000 "$new"
tap_is "is in no output" 0 "$(cat "$TAP_DIR/out" "$TAP_DIR/err" "$TAP_DIR/without.json" | grep -c values)"

# ---- budgets ----

within="--max-ram 2K --max-flash 64K --max-growth 50%"
gate "within its budgets" 0 --base "$old" $within "$new"
gate "too much RAM" 1 --max-ram 1000 "$new"
want_text "is told" "$TAP_DIR/err" 'RAM before anything runs is 352 bytes over its budget'
want_text "with what takes it" "$TAP_DIR/err" ' values 800,'
gate "too much flash" 1 --max-flash 1000 "$new"
gate "grown too much" 1 --base "$old" --max-growth 399 "$new"
want_text "is told" "$TAP_DIR/err" 'RAM before anything runs has grown by 400 bytes'
want_text "with what has grown" "$TAP_DIR/err" ' values +400'
gate "as much as is allowed" 0 --base "$old" --max-growth 900 "$new"
gate "percent" 1 --base "$old" --max-growth 1% "$new"
gate "shrinking is no growth" 0 --base "$new" --max-growth 0 "$old"
cat >"$TAP_DIR/budget.json" <<'BUDGET'
{"schema": "frost/budget/1", "budgets": [
 {"figure": "ram_bytes", "max": 100000, "max_growth": "10K"},
 {"region": "data", "figure": "ram_bytes", "max": 1000, "name": "the data"},
 {"figure": "flash_bytes", "symbol": "longer", "max": 10}]}
BUDGET
want_status "budgets: schema" 0 python3 tests/support/schema.py reports/schema/budget.json "$TAP_DIR/budget.json"
want_status "of the example, too" 0 python3 tests/support/schema.py reports/schema/budget.json examples/ci/size-budget.json
gate "a file of budgets" 1 --base "$old" --budget "$TAP_DIR/budget.json" "$new" --json
tap_is "its verdicts" "ok over its budget over its budget" "$(sed -n '/"figures"/,/^  }/s/.*"verdict":"\([^"][^"]*\)".*/\1/p' \
    "$TAP_DIR/out" | paste -sd ' ' -)"
want_text "a budget has its name" "$TAP_DIR/err" 'the data is'
gate "without a base growth is not measured" 4 --budget "$TAP_DIR/budget.json" --max-ram 1G "$TAP_DIR/old"
sed -i 's/"max_growth": "10K"/"warn": "1K"/; s/"max": 10}/"max": 10000}/; s/"max": 1000,/"max": 9000,/' "$TAP_DIR/budget.json"
gate "near a budget" 0 --budget "$TAP_DIR/budget.json" "$new"
want_text "is a warning" "$TAP_DIR/out" 'above the mark of 1,024'

# ---- what could not be measured never passes ----

gate "RAM of an image" 4 --max-ram 10K "$image"
want_text "is told" "$TAP_DIR/err" 'could not be measured'
echo '{"schema": "frost/budget/1", "budgets": [{"region": "iram", "max": 1}]}' >"$TAP_DIR/iram.json"
gate "a region that is not there" 4 --budget "$TAP_DIR/iram.json" "$new"
sed 's/"region": "iram"/"figure": "flash_bytes", "module": "misspelt"/' "$TAP_DIR/iram.json" >"$TAP_DIR/module.json"
gate "a module that is not there" 4 --budget "$TAP_DIR/module.json" "$new"
gate "no base" 4 --base "$TAP_DIR/nothing.json" "$new"
gate "growth without a base" 2 --max-growth 1% "$new"
gate "growth in words" 2 --base "$old" --max-growth much "$new"
gate "a record and a program" 2 "$TAP_DIR/old.json" "$new"
sed 's|frost/size/1|frost/size/9|' "$TAP_DIR/old.json" >"$TAP_DIR/bad.json"
gate "a record of an unknown version" 3 --base "$TAP_DIR/bad.json" "$new"
head -c 3000 "$TAP_DIR/old.json" >"$TAP_DIR/bad.json"
gate "a record that is cut off" 3 --base "$TAP_DIR/bad.json" "$new"
sed 's/"bytes":\([0-9]\)/"bytes":"\1/; s/,"ram_bytes"/","ram_bytes"/' "$TAP_DIR/old.json" >"$TAP_DIR/bad.json"
gate "texts for numbers" 3 --base "$TAP_DIR/bad.json" "$new"
for bad in '"max": -1' '"max": "much"' '"warn": []' '"max_growth": "x%"' '"limit": 1' '"name": "empty"'; do
    echo "{\"schema\": \"frost/budget/1\", \"budgets\": [{\"figure\": \"ram_bytes\", $bad}]}" >"$TAP_DIR/bad.json"
    gate "a budget with $bad" 3 --budget "$TAP_DIR/bad.json" "$new"
done
echo '{"schema": "frost/budget/2", "budgets": []}' >"$TAP_DIR/bad.json"
gate "budgets of an unknown version" 3 --budget "$TAP_DIR/bad.json" "$new"

# Cut at any place a record is refused; with any byte changed there is a report or a message.
cat >"$TAP_DIR/damage.py" <<'PYTHON'
import random, subprocess, sys
frost, record, out, seed = sys.argv[1:5]
data = open(record, "rb").read()
random.seed(int(seed))
bad = 0
for round in range(100):
    copy = bytearray(data)
    if round % 2:
        del copy[random.randrange(1, len(copy) - 2):]
    for _ in range(round % 2 == 0 and random.choice((1, 4))):
        copy[random.randrange(len(copy))] = random.choice(b'{}[]",:0-9e\\\x00\xff')
    open(out, "wb").write(copy)
    status = subprocess.run([frost, "size", "--base", out, record], capture_output=True).returncode
    if status != 3 if round % 2 else status not in (0, 3):
        bad += 1
        print("round", round, "status", status)
print(100 - bad, "of 100")
PYTHON
python3 "$TAP_DIR/damage.py" "$FROST" "$TAP_DIR/old.json" "$TAP_DIR/damaged.json" "${SEED:-1}" >"$TAP_DIR/damage"
tap_is "100 damaged records" "100 of 100" "$(cat "$TAP_DIR/damage")"

# ---- many changes ----

cat >"$TAP_DIR/large.py" <<'PYTHON'
import json, sys
report = json.load(open(sys.argv[1]))
for name in ("level_2", "level_3"):
    table = report["tables"][name]
    row = table["rows"][0]
    table["rows"] += [dict(row, module=f"module_{i}_`|<b>", symbol=f"symbol_{i}", bytes=i, ram_bytes=i) for i in range(4000)]
json.dump(report, sys.stdout)
PYTHON
python3 "$TAP_DIR/large.py" "$TAP_DIR/old.json" >"$TAP_DIR/large.json"
gate "4,000 rows that are new" 0 --base "$TAP_DIR/old.json" "$TAP_DIR/large.json" --format=markdown
tap_is "Markdown under 60,000 bytes" yes "$([ "$(wc -c <"$TAP_DIR/out")" -lt 60000 ] && echo yes)"

# ---- the workflow ----

# The commands of its steps, one file each, but the one that installs frost.
python3 - "$TAP_DIR" <<'PYTHON'
import re, sys
steps = re.split(r"\n      - ", open("examples/ci/size.yml").read())[1:]
for i, step in enumerate(step for step in steps if "run: |" in step and "Install frost" not in step):
    open(f"{sys.argv[1]}/step{i}", "w").write("set -e\n" + re.sub(r"(?m)^ {10}", "", step.split("run: |\n")[1]))
PYTHON
tap_is "the workflow has steps" 4 "$(ls "$TAP_DIR"/step? | wc -l)"
mkdir "$TAP_DIR/bin" "$TAP_DIR/repository"
ln -s "$FROST" "$TAP_DIR/bin/frost"
repository() { (cd "$TAP_DIR/repository" && HOME=$TAP_DIR git -c user.name=t -c user.email=t@example.org "$@"); }
repository init -q -b main
cp examples/ci/size-budget.json "$TAP_DIR/repository"
mkdir "$TAP_DIR/repository/app"
echo 'return function(x) return x + 1 end' >"$TAP_DIR/repository/app/app.lua"
repository add -A && repository commit -qm base && repository update-ref refs/remotes/origin/main HEAD
steps() { # runs them as the service would; the status is that of the first that fails
    rm -rf "$TAP_DIR/repository/base" "$TAP_DIR/summary"
    repository worktree prune
    steps_status=0
    for step in "$TAP_DIR"/step?; do
        [ $steps_status = 0 ] || grep -q STEP_SUMMARY "$step" || continue
        (cd "$TAP_DIR/repository" && PATH=$TAP_DIR/bin:$PATH APP=app GITHUB_STEP_SUMMARY=$TAP_DIR/summary \
            bash "$step") >>"$TAP_DIR/log" 2>&1 || steps_status=$?
    done
}
echo 'local word = "a new word" return function(x) return x .. word end' >"$TAP_DIR/repository/app/app.lua"
steps
tap_is "a small change passes" 0 $steps_status
want_text "and shows what has changed" "$TAP_DIR/summary" 'app'
{ echo 'return {'; for i in $(seq 120); do echo "'text number $i of many',"; done; echo '}'; } \
    >"$TAP_DIR/repository/app/words.lua"
steps
tap_is "a large one fails" 1 $steps_status
want_text "with a summary all the same" "$TAP_DIR/summary" 'has grown by'
want_text "that names the module" "$TAP_DIR/summary" 'words'

tap_done
