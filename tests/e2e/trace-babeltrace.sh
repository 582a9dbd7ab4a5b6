#!/bin/sh
# babeltrace2 reads our traces as they are and sees in them what our reader sees, event by event.
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh
tap_needs babeltrace2

# Compares the two readers on a trace. The third argument is the least number of events. An empty
# text is left out: there babeltrace2 2.0.4 shows the text of an earlier event of the same kind.
# $FILTER: for bytes that it prints raw and we do not; characters, in which they are, stay.
FILTER=escape_bytes
compare() {
    babeltrace2 --clock-cycles --no-delta "$2" >"$TAP_DIR/theirs.raw" 2>"$TAP_DIR/warnings"
    status=$?
    $FILTER <"$TAP_DIR/theirs.raw" >"$TAP_DIR/theirs.all"
    sed 's/_length = 0, [a-z]* = ".*" }$/_length = 0 }/' "$TAP_DIR/theirs.all" >"$TAP_DIR/theirs"
    "$FROST" trace dump --include-input --form=babeltrace "$2" 2>"$TAP_DIR/err" |
        sed 's/_length = 0, [a-z]* = "" }$/_length = 0 }/' >"$TAP_DIR/ours"
    count=$(wc -l <"$TAP_DIR/ours")
    if [ $status != 0 ] || [ "$count" -lt "$3" ]; then
        echo "babeltrace2: status $status; $count events" >>"$TAP_DIR/warnings"
        tap_not_ok "$1" "$TAP_DIR/warnings" "$TAP_DIR/err"
    else
        want_same "$1" "$TAP_DIR/theirs" "$TAP_DIR/ours"
    fi
}

assemble() { # name: the text is on stdin
    cat >"$TAP_DIR/$1.tracetxt"
    "$FROST" trace assemble "$TAP_DIR/$1.tracetxt" "$TAP_DIR/$1" || tap_not_ok "assembles $1"
}

assemble every <<'END'
run {"schema":"frost/run/1","complete":true}
image 00000005-x.img hex 00 01 02
packet real_ns=11
0 boot number=1 heap_bytes=45056 heap_addr=0x3ffe8000 lua_bytes=388 command="init.lua"
0 image_mounted addr=0x40290000 bytes=3 crc=5 file="00000005-x.img"
1 name id=1 text="init.lua"
2 site id=1 source=1 line=5 defined=4 function=1 nth=2
3 text id=1 text="hello \"world\" \xff\n"
3 text id=2 text=""
50 string_new addr=0x3ffe9000 text=1 site=1 probes=2 origin="input,derived"
51 alloc addr=0x3ffe9100 bytes=32 kind="table array" site=1
52 resize old_addr=0xffffffff addr=0x3ffe9100 bytes=64 kind="buffer" site=65535
52 string_found text=1 place="flash" probes=63 origin="image"
52 string_found text=1 place="RAM" probes=1 origin=255
52 free addr=0x3ffe9100
53 string_table slots=32 strings=40 chain_max=3
54 gc_begin reason="always" lua_bytes=7 real_ns=18446744073709551615
55 gc_phase phase="sweep strings" lua_bytes=8
55 gc_end reason="failure" visited=9 freed=10 real_ns=5
56 content_read text=1 first=1 bytes=2 site=1 function="upper/lower" times=4000000000
56 vm_event what="store of a flash string" site=1 addr=0x40200000 times=5
57 flash_load addr=0x40200000 width=1 pc=0x40100000 site=1 times=1
57 cache_miss use="data" addr=0x40200020 pc=0x40100000 site=1 times=3
57 machine_code pc=0x40210000 site=65535 instructions=4294967295 fetches=7
58 heap lua_bytes=1 heap_used=2 free_largest=3 free_blocks=4 strings=5
58 console stream=2 text="hi\n"
58 device_heap free_bytes=1 lua_bytes=2 live_bytes=3
58 snapshot place="flash" strings=4 missing=5
59 turn number=1 kind="timer" object=3 device_ns=18446744073709551615
59 input turn=1 kind="socket" object=4 piece=0 is_last=1 data="GET /\r\n"
59 output turn=1 kind="pin" object=5 piece=4294967295 data="\x01"
60 device_time turn=1 device_ns=70
60 replay_difference difference="order" turn=1 kind="console" object=1 off=99999999999 site=1 text="was: a"
61 stack id=2 site=1 caller=1
61 freeze_begin number=1 addr=16 kind="function" site=2
61 freeze_object number=1 old_addr=16 addr=0x40280000 bytes=76 kind="code"
62 freeze_end number=1 result="refused" objects=1 ram_bytes=2 flash_bytes=3
62 thaw old_addr=0x40280000 addr=16 bytes=76 kind="table" site=2
62 freezer_erase objects=7 flash_bytes=65536
63 store_open file=1 mode=2 bytes=3 site=1 name="config.lua"
63 store_read file=1 bytes=512 site=1 times=9
64 store_close file=1 bytes=3
65 flash_program region="store" addr=0x300000 bytes=256 times=64 device_ns=100000
65 flash_erase region="freezer" addr=0x280000 count=17 device_ns=20000000
66 flash_job job="compact" region="store" bytes=1 programs=2 erases=3 device_ns=4
67 compaction reason="failure" moves=3 moved_bytes=400 largest_before=16 largest=4294967295 site=1
300000059 mark text="loop"
300000060 end status=255 lua_bytes=1 lua_bytes_max=2 stack_bytes=3
END
compare "every kind of event" "$TAP_DIR/every" 45

awk 'BEGIN { for (i = 256; i >= 0; i--) printf "+1 mark text=\"a\\x%02xz\"\n", i % 256 }' |
    assemble bytes
compare "every byte in a text" "$TAP_DIR/bytes" 257
FILTER=cat

# Characters stay, whole: those of two, three and four bytes.
assemble characters <<'END'
1 mark text="\xc3\xa9 \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x90\xb8 \xc2\xa0"
END
compare "characters beyond ASCII" "$TAP_DIR/characters" 1

# What a terminal obeys does not: a sequence in 8 bits, as UTF-8, cut off; another direction.
assemble hostile <<'END'
1 mark text="a\x9b31mb\xc2\x9b2Jc\xe2\x80\xaed\xc3"
END
"$FROST" trace dump --form=babeltrace "$TAP_DIR/hostile" >"$TAP_DIR/ours" 2>"$TAP_DIR/err"
want_text "nothing that a terminal obeys" "$TAP_DIR/ours" \
    'text = "a\x9b31mb\xc2\x9b2Jc\xe2\x80\xaed\xc3"'

# 27-bit stamps: gaps around 2^27, 2^28 and 2^32, inside and between packets.
awk 'BEGIN {
    n = split("1 134217727 134217728 134217729 268435456 4294967295 4294967296 9999999999 1", gap, " ")
    for (i = 1; i <= n; i++) for (j = 1; j <= n; j++)
        printf "+%s mark text=\"%d\"\n+%s %s\n", gap[i], i * j, gap[j], (i + j) % 2 ? "free" : "stack"
}' | assemble gaps
compare "long silences" "$TAP_DIR/gaps" 162

# Many packets of events of all sizes; the seed can be set.
echo "# SEED=${SEED:-1}"
awk -v seed="${SEED:-1}" 'BEGIN {
    srand(seed)
    for (i = 0; i < 40000; i++) {
        kind = int(rand() * 6)
        printf "+%d ", rand() < 0.001 ? rand() * 200000000 : rand() * 50
        if (kind == 0) printf "alloc addr=%d bytes=%d kind=%d site=%d\n", rand() * 2^32, rand() * 9999, rand() * 20, rand() * 65536
        if (kind == 1) printf "free addr=%d\n", rand() * 2^32
        if (kind == 2) printf "string_found text=%d site=%d probes=%d place=%d origin=%d\n", rand() * 99999, rand() * 65536, rand() * 64, rand() * 2, rand() * 256
        if (kind == 3) { printf "text id=%d text=\"", i; for (j = rand() * 80; j > 0; j--) printf "%c", 97 + rand() * 26; print "\"" }
        if (kind == 4) printf "content_read text=%d first=%d bytes=%d function=%d times=%d\n", rand() * 99, rand() * 99, rand() * 99, rand() * 17, rand() * 2^32
        if (kind == 5) printf "store_read file=%d bytes=%d site=%d times=%d\n", rand() * 9, rand() * 2^32, rand() * 65536, rand() * 99
    }
}' | assemble many
compare "many packets" "$TAP_DIR/many" 40000
packets=$("$FROST" trace dump "$TAP_DIR/many" 2>/dev/null | grep -c '^packet')
tap_is "they were many" yes "$([ "$packets" -gt 10 ] && echo yes || echo "$packets packets")"

assemble lossy <<'END'
packet
1 alloc addr=16
packet discarded=7 sequence=1 serial=3
2 alloc addr=32
packet discarded=7 sequence=4 serial=4
3 free addr=32
END
babeltrace2 "$TAP_DIR/lossy" >/dev/null 2>"$TAP_DIR/warnings"
want_text "babeltrace2 sees the lost events" "$TAP_DIR/warnings" "discarded 7 events"
want_text "babeltrace2 sees the lost packets" "$TAP_DIR/warnings" "discarded 2 packets"
"$FROST" trace dump "$TAP_DIR/lossy" >/dev/null 2>"$TAP_DIR/err"
want_text "so do we" "$TAP_DIR/err" "lost: 7 events, 2 packets"

# A trace of a real run.
record() { # name, then options and script
    name=$1
    shift
    "$FROST" record -q -o "$TAP_DIR/$name" "$@" >"$TAP_DIR/record.out" 2>"$TAP_DIR/record.err" ||
        tap_not_ok "records $name" "$TAP_DIR/record.err" "$TAP_DIR/record.out"
}
record real -e 'local t = {} for i = 1, 3000 do t[i % 50] = ("x"):rep(i % 30) .. i end print(#t)'
compare "a recorded run" "$TAP_DIR/real" 3000
record raw --raw -e 'for i = 1, 300 do print(("%d %s"):format(i, "abc")) end'
compare "a recorded run, each event by itself" "$TAP_DIR/raw" 900
record integer --integer -e 'print(string.rep("ab", 20):upper())'
compare "a recorded run of the integer build" "$TAP_DIR/integer" 50
tap_done
