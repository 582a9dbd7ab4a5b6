#!/bin/sh
# A file server (net/ftp.lua) with curl's FTP, both ways; a console over TCP with nc. Writes TAP.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
. tests/e2e/net/device.sh

tap_needs "$FROST" "$O/libexec/frost/frostvm-float-plain" curl nc python3

python3 tests/e2e/net/client.py hold-port >"$TAP_DIR/port" &
wait_until test -s "$TAP_DIR/port"
data_port=$(cat "$TAP_DIR/port")
device_start ftp -e "DATA_PORT=$data_port"
files=$TAP_DIR/ftp
url=ftp://127.0.0.1:$(device_port tcp 21)
ftp() { timeout 120 curl -sS --max-time 60 "$@" 2>&1; }

head -c 150000 /dev/urandom >"$TAP_DIR/large"
echo "a small one" >"$TAP_DIR/small"
rm -f "$files/out.txt"
ftp -T "$TAP_DIR/large" "$url/large.bin" >/dev/null
want_same "150 kB to the device" "$TAP_DIR/large" "$files/large.bin"
ftp -o "$TAP_DIR/got" "$url/large.bin" >/dev/null
want_same "and back" "$TAP_DIR/large" "$TAP_DIR/got"
ftp -T "$TAP_DIR/small" --disable-epsv "$url/small.txt" >/dev/null
tap_is "the older way to open a data connection" "a small one" "$(ftp --disable-epsv "$url/small.txt")"
ftp -a -T "$TAP_DIR/small" "$url/small.txt" >/dev/null
tap_is "appended" "a small one a small one" "$(ftp "$url/small.txt" | tr '\n' ' ' | sed 's/ $//')"
tap_is "the rest of a file" "one" "$(ftp -C 20 "$url/small.txt")"
tap_is "names" "large.bin small.txt" "$(ftp -l "$url/" | tr -d '\r' | grep -v '^out$\|^err$' | tr '\n' ' ' | sed 's/ $//')"
tap_is "a listing" "150000 24" "$(ftp "$url/" | tr -d '\r' | awk '$9 ~ /bin|txt/ {print $5}' | tr '\n' ' ' | sed 's/ $//')"
ftp -Q "RNFR small.txt" -Q "RNTO other.txt" -l "$url/" >/dev/null
tap_is "renamed" "a small one" "$(ftp "$url/other.txt" | head -1)"
ftp -Q "DELE other.txt" -l "$url/" >/dev/null
want_no_file "deleted" "$files/other.txt"
tap_is "what is not there" 78 "$(ftp "$url/other.txt" >/dev/null; echo $?)"
alive() { ftp -v -Q "SITE ALIVE" -l "$url/" | tr -d '\r' | sed -n 's/^< 200 \(tables.*\) bytes.*/\1/p'; }
# Those that have gone are alive until the device has been told.
is_settled() {
    earlier=${before-}
    before=$(alive)
    [ -n "$before" ] && [ "$before" = "$earlier" ]
}
wait_until is_settled
for n in 1 2 3 4 5; do ftp -T "$TAP_DIR/small" "$url/small.txt" >/dev/null; ftp "$url/small.txt" >/dev/null; done
is_as_before() {
    after=$(alive)
    [ "$before" = "$after" ]
}
wait_until is_as_before
tap_is "after ten transfers all is as before" "$before" "$after"
tap_is "the device has not failed" "" "$(grep -v "^frost: TCP port" "$files/err")"
device_stop

device_start console
console_port=$(device_port tcp 23)
# What is typed waits for the hello; the line stays open until the text that comes last is there.
type_in() { # LINES LAST: the answers go to $TAP_DIR/typed
    : >"$TAP_DIR/typed"
    {
        wait_until grep -q hello "$TAP_DIR/typed"
        printf "$1"
        wait_until grep -q "^[> ]*$2" "$TAP_DIR/typed"
    } | timeout 300 nc -N 127.0.0.1 "$console_port" >"$TAP_DIR/typed"
    tr -d '\r' <"$TAP_DIR/typed" >"$TAP_DIR/plain" && mv "$TAP_DIR/plain" "$TAP_DIR/typed"
}
type_in 'print(6 * 7)\nfor i = 1, 3 do\nprint(i)\nend\n' 3
want_text "a console says hello" "$TAP_DIR/typed" "hello"
want_text "and runs a line" "$TAP_DIR/typed" "42"
tap_is "and lines that belong together" "1 2 3" "$(grep -v 42 "$TAP_DIR/typed" | grep -o '[123]$' | tr '\n' ' ' | sed 's/ $//')"
type_in 'error("mine")\nprint("goes" .. " on")\n' "goes on"
want_text "after an error it goes on" "$TAP_DIR/typed" "goes on"
device_stop
want_text "the program's own console saw who came" "$TAP_DIR/console/out" "entered"

tap_done
