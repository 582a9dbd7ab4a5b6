#!/bin/sh
# What frost hot says about firmware of the chip from its ELF file alone: sub-word load
# instructions and the flash constants that they may reach. Writes TAP.
#
set -u
cd "$(dirname "$0")/../.."
. tests/support/tap.sh

tap_needs "$FROST"
for tool in gcc as ld objdump objcopy strip; do
    tap_needs xtensa-lx106-elf-$tool
done
want_firmware
elf=$O/esp8266/frost.elf
[ -f "$elf" ] || { tap_done; exit 1; }

# Values of a table of a report in JSON: TABLE COLUMN FILE.
column() {
    sed -n "/^  \"$1\": {/,/^  }/p" "$3" |
        sed -n "s/^    {.*\"$2\":\(\"\([^\"\\\\]*\)\"\|\([^,}]*\)\)[,}].*/\2\3/p"
}
# One row of the instructions of a report: FUNCTION FILE.
row() { sed -n '/^  "instructions": {/,/^  }/p' "$2" | grep "\"function\":\"$1\""; }
total() { sed -n "s/^  \"$1\": \([^,]*\),*$/\1/p" "$2"; }

# ---- the decoder against a disassembler, instruction by instruction ----

listing=$TAP_DIR/listing
xtensa-lx106-elf-objdump -d "$elf" >"$listing"
${CC:-cc} -std=gnu11 -I. -o "$TAP_DIR/xtensa_listing" tests/support/xtensa_listing.c
"$TAP_DIR/xtensa_listing" <"$listing" >"$TAP_DIR/differences"
tap_is "the decoder reads the firmware as objdump does" 0 $?
tail -n 1 "$TAP_DIR/differences" | sed 's/^/# /'
tap_is "which is large" yes "$(awk 'END { if ($1 > 40000) print "yes" }' "$TAP_DIR/differences")"

# ---- the firmware ----

json=$TAP_DIR/static.json
want_status "frost hot --static" 0 "$FROST" hot --static "$elf" --json
cp "$TAP_DIR/out" "$json"
if command -v python3 >/dev/null; then
    want_status "conforms to its schema" 0 \
        python3 tests/support/schema.py reports/schema/hot-static.json "$json"
fi
grep -E '	l(8ui|16ui|16si)	' "$listing" | sed 's/^ *\([0-9a-f]*\):.*/0x\1/' | sort >"$TAP_DIR/wanted"
column instructions addr "$json" | sort >"$TAP_DIR/got"
want_same "its instructions are those of objdump's listing" "$TAP_DIR/wanted" "$TAP_DIR/got"
tap_is "the total is their number" "$(wc -l <"$TAP_DIR/wanted")" "$(total narrow_loads "$json")"
"$FROST" hot --static "$elf" --json >"$TAP_DIR/again.json"
want_same "the same in a second run" "$json" "$TAP_DIR/again.json"

# Without the property table, and without symbols, what is code is guessed.
xtensa-lx106-elf-objcopy -R .xt.prop "$elf" "$TAP_DIR/guess.elf"
"$FROST" hot --static "$TAP_DIR/guess.elf" --json >"$TAP_DIR/guess.json"
column instructions addr "$TAP_DIR/guess.json" | sort >"$TAP_DIR/got"
want_same "the same instructions without the property table" "$TAP_DIR/wanted" "$TAP_DIR/got"
want_text "which is said" "$TAP_DIR/guess.json" 'no property table'
xtensa-lx106-elf-strip -R .xt.prop -o "$TAP_DIR/bare.elf" "$elf"
"$FROST" hot --static "$TAP_DIR/bare.elf" --json >"$TAP_DIR/bare.json"
column instructions addr "$TAP_DIR/bare.json" | sort >"$TAP_DIR/got"
# Functions that nothing calls are not found then.
other=$(comm -3 "$TAP_DIR/wanted" "$TAP_DIR/got" | wc -l)
tap_is "nearly all and hardly more without symbols, too" yes \
    "$([ "$other" -le 5 ] && echo yes || echo "$other others")"

# ---- a program whose answers are known ----

cat >"$TAP_DIR/known.s" <<'END'
    .macro begin name
    .global \name
    .type \name, @function
    .align 4
\name:
    .endm
    .macro end name
    .size \name, .-\name
    .endm

    .section .rodata, "a"
    .type greeting, @object
greeting:
    .string "hello, flash"
    .size greeting, .-greeting
other:
    .string "no name of its own"
    .align 4
    .type names, @object
names:
    .word greeting, other
    .size names, .-names
    .align 4
cases:
    .word first_case, second_case
    .data
    .type counter, @object
counter:
    .word 0
    .size counter, 4

    .text
    .align 4
    .literal_position
    begin of_constant
    movi a2, greeting
    l8ui a3, a2, 1
    ret.n
    end of_constant
    begin in_loop
    movi a2, other
    movi.n a4, 0
1:  add.n a5, a2, a4
    addi a4, a4, 1
    l8ui a3, a5, 0
    bnez a3, 1b
    ret.n
    end in_loop
    begin of_table
    movi a3, names
    addx4 a3, a2, a3
    l32i.n a3, a3, 0
    l8ui a2, a3, 0
    ret.n
    end of_table
    begin of_entry
    movi a3, names
    l32i.n a3, a3, 4
    l16ui a2, a3, 2
    ret.n
    end of_entry
    begin of_ram
    movi a3, counter
    l16ui a2, a3, 2
    ret.n
    end of_ram
    begin of_stack
    addi a1, a1, -16
    s32i a2, a1, 0
    l8ui a2, a1, 1
    addi a1, a1, 16
    ret.n
    end of_stack
    begin of_spilled
    addi a1, a1, -16
    movi a3, greeting
    s32i a3, a1, 4
    movi.n a3, 0
    l32i a3, a1, 4
    l8ui a2, a3, 3
    addi a1, a1, 16
    ret.n
    end of_spilled
    begin of_argument
    l16si a2, a3, 4
    ret.n
    end of_argument
    begin of_memory
    movi a3, counter
    l32i.n a3, a3, 0
    l8ui a2, a3, 0
    ret.n
    end of_memory
    begin of_result
    addi a1, a1, -16
    s32i a0, a1, 0
    movi a3, other
    call0 of_argument
    l8ui a3, a2, 0
    l32i a0, a1, 0
    addi a1, a1, 16
    ret.n
    end of_result
    begin of_either
    movi a4, greeting
    beqz a3, 2f
    movi a4, counter
2:  l8ui a2, a4, 0
    ret.n
    end of_either
    begin of_case
    movi a3, cases
    addx4 a3, a2, a3
    l32i.n a3, a3, 0
    movi a4, other
    jx a3
first_case:
    movi a4, greeting
second_case:
    l8ui a2, a4, 0
    ret.n
    end of_case
    begin hands_on
    mov.n a3, a2
    j of_argument
    end hands_on
    begin passes
    addi a1, a1, -16
    s32i a0, a1, 0
    movi a2, greeting
    call0 hands_on
    l32i a0, a1, 0
    addi a1, a1, 16
    ret.n
    end passes
END
xtensa-lx106-elf-as -o "$TAP_DIR/known.o" "$TAP_DIR/known.s" &&
    xtensa-lx106-elf-ld -e of_constant -Ttext=0x40210000 --section-start=.rodata=0x40220000 \
        --section-start=.data=0x3fff3000 -o "$TAP_DIR/known.elf" "$TAP_DIR/known.o"
want_status "a small program" 0 "$FROST" hot --static "$TAP_DIR/known.elf" --json
cp "$TAP_DIR/out" "$TAP_DIR/known.json"

known() { # FUNCTION BASE WHY REACHES PASSED
    got=$(row "$1" "$TAP_DIR/known.json" |
        sed 's/.*"base":\(.*\),"why":\(.*\),"reaches":\(.*\),"passed":\(.*\)}.*/\1 \2 \3 \4/')
    tap_is "$1" "\"$2\" $3 $4 $5" "$got"
}
text='"\"no name of its own\""'
known of_constant "flash constant" null '"greeting+1"' null
known in_loop "flash constant" null "$text" null
known of_table "flash constant" null '"pointers of names"' null
known of_entry "flash constant" null "$text" null
known of_ram RAM null '"counter+2"' null
known of_stack RAM null '"the stack"' null
known of_spilled "flash constant" null '"greeting+3"' null
known of_argument "unknown base" '"argument 2"' null 2
known of_memory "unknown base" '"from memory"' null null
known of_result "unknown base" '"result of a call"' null null
known of_either "flash constant" null '"greeting, counter"' null
known of_case "flash constant" null '"\"no name of its own\", greeting"' null

# Two files with a function of one name: two rows.
for file in one two; do
    cat >"$TAP_DIR/$file.s" <<END
    .text
    .align 4
    .global enter_$file
    .type enter_$file, @function
enter_$file:
    call0 alike
    ret.n
    .size enter_$file, . - enter_$file
    .align 4
    .type alike, @function
alike:
    l8ui a2, a2, 0
    ret.n
    .size alike, . - alike
END
    xtensa-lx106-elf-as -o "$TAP_DIR/$file.o" "$TAP_DIR/$file.s"
done
xtensa-lx106-elf-ld -e enter_one -Ttext=0x40210000 -o "$TAP_DIR/alike.elf" "$TAP_DIR/one.o" \
    "$TAP_DIR/two.o"
"$FROST" hot --static "$TAP_DIR/alike.elf" --json >"$TAP_DIR/alike.json"
tap_is "functions of one name in two files are two" "0x40210008 0x40210018" \
    "$(sed -n '/^  "functions": {/,/^  }/p' "$TAP_DIR/alike.json" |
        sed -n 's/.*"function":"alike","c_line":"\([^"]*\)".*"loads":1[,}].*/\1/p' | sort | xargs)"

# Templates of C++: each instance is a function, with its arguments.
cat >"$TAP_DIR/box.cc" <<'END'
namespace store {
template <class T> struct box {
    const T *at;
    int get(int i) const __attribute__((noinline)) { return at[i]; }
};
template <class T> __attribute__((noinline)) int first(const T *at) { return *at; }
}
extern "C" int enter(const unsigned char *a, const unsigned short *b)
{
    store::box<unsigned char> x = {a};
    store::box<unsigned short> y = {b};
    return x.get(1) + y.get(1) + store::first(a) + store::first(b);
}
END
xtensa-lx106-elf-g++ -g -O1 -ffreestanding -fno-exceptions -c -o "$TAP_DIR/box.o" \
    "$TAP_DIR/box.cc" &&
    xtensa-lx106-elf-ld -e enter -Ttext=0x40210000 -o "$TAP_DIR/box.elf" "$TAP_DIR/box.o"
"$FROST" hot --static "$TAP_DIR/box.elf" --json >"$TAP_DIR/box.json"
for name in 'store::box<unsigned char>::get' 'store::box<short unsigned int>::get' \
    'store::first<unsigned char>' 'store::first<short unsigned int>'; do
    want_text "a function is $name" "$TAP_DIR/box.json" "\"function\":\"$name\""
done

tap_is "the constant that is passed twice has its load" 1 \
    "$(sed -n '/^  "constants": {/,/^  }/p' "$TAP_DIR/known.json" |
        sed -n 's/.*"name":"greeting".*"argument_loads":\([0-9]*\).*/\1/p')"

# ---- what is no firmware ----

refused() { # NAME STATUS WORDS FILE
    want_status "$1 is refused" "$2" "$FROST" hot --static "$4"
    want_text "$1: why" "$TAP_DIR/err" "$3"
}
refused "an object file" 2 "not linked" "$TAP_DIR/known.o"
refused "a program of the host" 3 "another machine" "$FROST"
refused "a text" 3 "not an ELF file" "$0"
refused "no file" 4 "cannot open" "$TAP_DIR/none.elf"
head -c 5000 "$elf" >"$TAP_DIR/cut.elf"
refused "a file that is cut off" 3 "cut.elf" "$TAP_DIR/cut.elf"
want_status "a trace beside --static is refused" 2 "$FROST" hot --static "$elf" "$TAP_DIR/x"

tap_done
