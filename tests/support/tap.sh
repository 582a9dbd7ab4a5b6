# tap.sh: what the shell tests share. Use: . tests/support/tap.sh (from the project's root).
#
# tap_ok NAME, tap_not_ok NAME [FILE...]   a result; the files' first lines are shown
# tap_needs COMMAND...                     ends the test as a failure if one of them cannot be run:
#                                          tests/support/packages installs everything that tests use
# tap_missing NAME WHAT                    a result that fails for want of a part of those packages
# tap_skip NAME REASON                     a result that this machine does not allow, for a reason that
#                                          cannot hold where the packages are installed
# tap_skip_all REASON                      the same for all of the test; it ends here
# tap_is NAME WANT GOT                     two texts are equal
# want_same NAME WANT_FILE GOT_FILE        two files are equal; else shows the difference
# want_text NAME FILE TEXT                 the file has that text on some line
# want_status NAME STATUS COMMAND...       runs the command; its output goes to $TAP_DIR/out and
#                                          $TAP_DIR/err, both are shown if the status is another;
#                                          false in that case
# want_no_file NAME FILE                   there is no such file
# without_host_ports [SCRIPT [FILE...]]    a filter: messages without those that name ports of this computer,
#                                          which are others when a test beside this one has them; a script
#                                          of sed changes the others
# wait_until COMMAND...                    true when the command has succeeded, which it has two minutes for:
#                                          a busy computer is no failure
# escape_bytes                             a filter: bytes from 0x80 on as \xHH, as `frost trace dump`
#                                          prints those that babeltrace2 prints raw
# want_make NAME ARGS...                   make succeeds; tests that run side by side take turns
# want_firmware                            the chip's firmware is built; by make, unless make test has just
#                                          done so (FIRMWARE_IS_BUILT)
# tap_done                                 plan and exit status; the last line of every test
#
# $TAP_DIR is a directory that is removed at the end. $FROST is the program under test, absolute.

TAP_COUNT=0
TAP_FAILED=0
TAP_DIR=$(mktemp -d "${TMPDIR:-/tmp}/frost-test.XXXXXX") || exit 1
trap 'rm -rf "$TAP_DIR"' EXIT
trap 'exit 130' INT TERM

O=${O:-build}
case $O in
/*) ;;
*) O=$PWD/$O ;;
esac
FROST=${FROST:-$O/frost}
export O FROST

tap_ok() {
    TAP_COUNT=$((TAP_COUNT + 1))
    echo "ok $TAP_COUNT - $1"
}

tap_not_ok() {
    TAP_COUNT=$((TAP_COUNT + 1))
    TAP_FAILED=$((TAP_FAILED + 1))
    echo "not ok $TAP_COUNT - $1"
    shift
    for tap_file in "$@"; do
        sed -n '1,20s/^/#   /p' "$tap_file"
    done
}

tap_needs() {
    for tap_command; do
        command -v "$tap_command" >/dev/null && continue
        tap_not_ok "$tap_command is there (make test installs and builds it)"
        tap_done
    done
}

without_host_ports() {
    [ $# != 0 ] || set -- ''
    tap_script=$1
    shift
    sed "/^frost: [TU][CD]P port [0-9]* of the device is /d
        $tap_script" "$@"
}

# The lines that have none, nearly all, go by the many commands.
escape_bytes() {
    LC_ALL=C sed "/[\x80-\xff]/!b
$(awk 'BEGIN { for (i = 128; i < 256; i++) printf "s/\\x%02x/\\\\x%02x/g\n", i, i }')"
}

tap_missing() {
    echo "$2 (make test installs it)" >"$TAP_DIR/missing"
    tap_not_ok "$1" "$TAP_DIR/missing"
}

tap_skip() {
    TAP_COUNT=$((TAP_COUNT + 1))
    echo "ok $TAP_COUNT - $1 # skip $2"
}

tap_skip_all() {
    echo "1..0 # skip $1"
    exit 77
}

tap_is() {
    if [ "$2" = "$3" ]; then
        tap_ok "$1"
    else
        printf 'want: %s\ngot:  %s\n' "$2" "$3" >"$TAP_DIR/is"
        tap_not_ok "$1" "$TAP_DIR/is"
    fi
}

want_same() {
    if diff -u "$2" "$3" >"$TAP_DIR/diff" 2>&1; then
        tap_ok "$1"
    else
        tap_not_ok "$1" "$TAP_DIR/diff"
    fi
}

want_text() {
    if grep -qF -e "$3" "$2"; then
        tap_ok "$1"
    else
        { echo "no line has: $3"; cat "$2"; } >"$TAP_DIR/text"
        tap_not_ok "$1" "$TAP_DIR/text"
    fi
}

want_status() {
    tap_name=$1 tap_want=$2
    shift 2
    "$@" >"$TAP_DIR/out" 2>"$TAP_DIR/err"
    tap_got=$?
    if [ "$tap_got" = "$tap_want" ]; then
        tap_ok "$tap_name"
    else
        echo "status $tap_got, not $tap_want: $*" >"$TAP_DIR/status"
        tap_not_ok "$tap_name" "$TAP_DIR/status" "$TAP_DIR/err" "$TAP_DIR/out"
    fi
    [ "$tap_got" = "$tap_want" ]
}

wait_until() {
    tap_tries=0
    until "$@"; do
        [ $tap_tries -lt 2400 ] || return 1
        tap_tries=$((tap_tries + 1))
        sleep 0.05
    done
}

want_make() {
    tap_name=$1
    shift
    want_status "$tap_name" 0 flock "$O/.test-make" env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL \
        make --no-print-directory -j"$(nproc)" "$@"
}

want_firmware() {
    if [ -n "${FIRMWARE_IS_BUILT:-}" ] && [ -f "$O/esp8266/flash.bin" ]; then
        tap_ok "make esp8266"
    else
        want_make "make esp8266" O="$O" esp8266
    fi
}

want_no_file() {
    if [ -e "$2" ]; then
        ls -l "$2" >"$TAP_DIR/file"
        tap_not_ok "$1" "$TAP_DIR/file"
    else
        tap_ok "$1"
    fi
}

tap_done() {
    echo "1..$TAP_COUNT"
    [ "$TAP_FAILED" = 0 ]
    exit
}
