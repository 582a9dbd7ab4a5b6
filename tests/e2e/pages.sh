#!/bin/sh
# Pages of all commands in a browser: no script error, no request, nothing wider than a telephone.
# Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
tap_needs "$FROST"
if ! command -v chromium >/dev/null; then
    tap_missing "pages in a browser" "no chromium"
    tap_done
    exit
fi
root=$PWD
cd "$TAP_DIR" || exit 1

for trace in heap/in report-all/in stock-gc/in; do
    "$FROST" trace assemble "$root/tests/report/$trace.tracetxt" "$(dirname "$trace").trace" || tap_not_ok "assembles $trace"
done
"$FROST" trace assemble "$root/tests/report/compare/first.tracetxt" first.trace
"$FROST" trace assemble "$root/tests/report/compare/second.tracetxt" second.trace
cp -R "$root/tests/report/history" history
cat >long.lua <<LUA
$(for i in $(seq 60); do echo "local a_name_that_is_rather_long_and_has_no_space_in_it_$i = 'a text that is long $i $(seq -s- 30)'"; done)
return a_name_that_is_rather_long_and_has_no_space_in_it_1:match("[^a-z]*")
LUA
"$FROST" luac --locals=200 -f -o long.img long.lua >/dev/null
page() { # NAME COMMAND...: its page; a finding is no failure
    page_name=$1
    shift
    "$FROST" "$@" --format=html >"$page_name.html" 2>err
    [ $? -le 1 ] || tap_not_ok "$page_name: makes a page" err
}
page heap heap heap.trace
page calls calls --by allocated --min 0 heap.trace
page compare compare first.trace second.trace
page history history list history
page history-diff history diff "$root/tests/report/history-diff" aaaa bbbb
page size-image size long.img
page size-elf size -d region,unit,symbol "$FROST"
page size-run size report-all.trace
page lint lint long.lua long.img
page strings strings --min-return=0 report-all.trace
page hot hot report-all.trace
page gc gc report-all.trace
page stock strings stock-gc.trace
"$FROST" report -q -o whole report-all.trace && cp whole/report.html whole.html
rm -rf whole

# Each page in a frame of its own: what a request or a script does wrong, the browser logs.
{
    echo '<body>'
    for file in *.html; do
        echo "<iframe id=\"$file\" width=390 height=844 src=\"$file\"></iframe>"
    done
    cat <<'HTML'
<script>
onload = function () {
    for (const frame of document.querySelectorAll("iframe")) {
        const page = frame.contentDocument;
        document.body.insertAdjacentHTML("beforeend", "<p>PAGE " + frame.id + " " +
            page.documentElement.scrollWidth + " " + page.querySelectorAll("footer").length + " " +
            page.querySelectorAll("table tr").length + "</p>");
    }
};
</script>
HTML
} >frames.htm
timeout 600 chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking \
    --allow-file-access-from-files --user-data-dir="$TAP_DIR/chromium" --enable-logging=stderr \
    --dump-dom "file://$TAP_DIR/frames.htm" >dom 2>log
tap_is "no script error, no request" "" "$(grep CONSOLE log)"
for file in *.html; do
    set -- $(sed -n "s|.*<p>PAGE $file \([0-9 ]*\)</p>.*|\1|p" dom)
    tap_is "$file: whole, and fits 390 pixels" "yes 1 yes" \
        "$([ "${1:-9999}" -le 390 ] && echo yes || echo "$1") ${2:-0} $([ "${3:-0}" -gt 1 ] && echo yes)"
done
tap_done
