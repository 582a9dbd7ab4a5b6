// static_flow_test.c: what the flow through registers and the C stack keeps and what it must forget
// at calls, at stores through pointers and where control meets, on code assembled here.

#include "analyzer/analysis/static/static_report.h"
#include "reports/renderer.h"
#include "runtime/format/status.h"
#include "tests/support/firmware_builder.h"

static struct arena arena;
// At 24 a pointer to "plain text".
#define POINTER_OFF 24u
static const char data[] = "greeting\0plain text\0\1\2\3\0\x09\x00\x22\x40";

// ---- an assembler for a few instructions ----

#define LITERALS 12u // bytes of literals at TEXT_ADDR: greeting, "plain text", counter in RAM

static uint8_t code[128];
static uint32_t used, callee_off;

static void emit(uint8_t a, uint8_t b, uint8_t c)
{
    code[used++] = a;
    code[used++] = b;
    code[used++] = c;
}

static void begin(void)
{
    static const uint32_t literals[] = {DATA_ADDR, DATA_ADDR + 9, RAM_ADDR};
    memcpy(code, literals, sizeof literals);
    used = LITERALS;
}

static void literal(unsigned reg, unsigned number)
{
    int32_t words = ((int32_t)(number * 4) - (int32_t)((used + 3) & ~3u)) / 4;
    emit((uint8_t)(reg << 4 | 1), (uint8_t)words, (uint8_t)(words >> 8));
}

static void load_byte(unsigned reg, unsigned base)
{
    emit((uint8_t)(reg << 4 | 2), (uint8_t)base, 0);
}

static void load_stack(unsigned reg, unsigned off)
{
    emit((uint8_t)(reg << 4 | 2), 0x21, (uint8_t)(off / 4));
}

static void store(unsigned reg, unsigned base, unsigned off)
{
    emit((uint8_t)(reg << 4 | 2), (uint8_t)(0x60 | base), (uint8_t)(off / 4));
}

static void add(unsigned reg, unsigned base, int imm)
{
    emit((uint8_t)(reg << 4 | 2), (uint8_t)(0xC0 | base), (uint8_t)imm);
}

// reg = scaled * scale + other; scale 1, 2, 4 or 8.
static void add_scaled(unsigned reg, unsigned scaled, unsigned scale, unsigned other)
{
    uint8_t operation = (uint8_t)(0x80 + 0x10 * (unsigned)__builtin_ctz(scale));
    emit((uint8_t)(other << 4), (uint8_t)(reg << 4 | scaled), operation);
}

// To the routine behind this one, which is not known yet.
static uint32_t call(void)
{
    emit(0x05, 0, 0);
    return used - 3;
}

static void set_call(uint32_t at)
{
    uint32_t words = (callee_off - (at & ~3u)) / 4 - 1;
    code[at] = (uint8_t)(0x05 | words << 6);
    code[at + 1] = (uint8_t)(words >> 2);
}

// A branch if reg is 0, or a jump: to a place that set_branch or set_jump says.
static uint32_t branch(unsigned reg)
{
    emit(0x16, (uint8_t)reg, 0);
    return used - 3;
}

static void set_branch(uint32_t at, uint32_t to)
{
    int32_t by = (int32_t)(to - at) - 4;
    code[at + 1] = (uint8_t)((code[at + 1] & 15) | by << 4);
    code[at + 2] = (uint8_t)(by >> 4);
}

static uint32_t jump(void)
{
    emit(0x06, 0, 0);
    return used - 3;
}

static void set_jump(uint32_t at, uint32_t to)
{
    int32_t by = (int32_t)(to - at) - 4;
    code[at] = (uint8_t)(0x06 | (uint32_t)by << 6);
    code[at + 1] = (uint8_t)(by >> 2);
    code[at + 2] = (uint8_t)(by >> 10);
}

static void finish(void)
{
    emit(0x0d, 0xf0, 0); // ret.n
    used--;
}

// ---- what the report says of the loads of a routine that has been assembled ----

static const struct report *report;
static const struct report_table *table;

// Ends the routine; behind it comes one that is called: l8ui a2, a2, 0.
static void analyse(uint32_t call_at)
{
    uint32_t end;
    finish();
    end = used;
    callee_off = used = (used + 3) & ~3u;
    if (call_at)
        set_call(call_at);
    load_byte(2, 2);
    finish();
    const struct routine routines[] = {{"caller", LITERALS, end - LITERALS},
                                       {"callee", callee_off, used - callee_off}};
    struct content content = {code, used, data, sizeof data, routines, 2};
    struct builder b;
    struct report *made;
    struct problem problem = {0};
    build(&b, ELF_MACHINE_XTENSA, ET_EXEC, &content);
    const char *path = written(b.bytes, b.used);
    CHECK_EQUAL(static_report(path, false, &arena, &made, &problem), STATUS_OK);
    CHECK_TEXT(problem.message, "");
    remove(path);
    report = made;
    table = report_find_table(report, "instructions");
}

// The words of a column of the load that the routine has at that offset: its base and what it is,
// or may reach.
static const char *said(uint32_t off, const char *column)
{
    for (size_t row = 0; row < table->row_count; row++) {
        const struct report_value *cells = &table->cells[row * table->column_count];
        if (cells[0].number != TEXT_ADDR + off)
            continue;
        for (size_t c = 0; c < table->column_count; c++)
            if (!strcmp(table->columns[c].name, column))
                return cells[c].is_present ? arena_format(&arena, "%.*s", TEXT_ARGS(cells[c].text))
                                           : "";
    }
    return "no such load";
}

// ---- calls ----

TEST(a_call_forgets_what_the_callee_may_change)
{
    for (unsigned reg = 2; reg < 16; reg++) {
        arena_init(&arena);
        begin();
        literal(reg, 0);
        uint32_t at = call(), load = used;
        load_byte(9, reg);
        analyse(at);
        if (reg >= 12) {
            CHECK_TEXT(said(load, "base"), "flash constant");
            CHECK_TEXT(said(load, "reaches"), "greeting");
        } else {
            CHECK_TEXT(said(load, "base"), "unknown base");
            CHECK_TEXT(said(load, "reaches"), "");
            CHECK_TEXT(said(load, "why"), reg == 2 ? "result of a call" : "computed");
        }
        arena_deinit(&arena);
    }
}

TEST(what_is_handed_over_is_noted)
{
    arena_init(&arena);
    begin();
    literal(2, 0);
    uint32_t at = call();
    analyse(at);
    CHECK_TEXT(said(callee_off, "why"), "argument 1");
    CHECK_EQUAL(table->cells[9].number, 1); // the only load; passed: greeting
    arena_deinit(&arena);
}

// ---- the C stack ----

// greeting goes to word 8 of the stack, a pointer to a1 + taken is made (none: -1), then there is a
// call or a store through a pointer, then the word comes back as the base of a load.
static uint32_t spill(int taken, bool is_call)
{
    uint32_t at = 0;
    arena_init(&arena);
    begin();
    literal(12, 0);
    store(12, 1, 8);
    if (taken >= 0)
        add(4, 1, taken);
    if (is_call)
        at = call();
    else
        store(3, 5, 0);
    load_stack(6, 8);
    uint32_t load = used;
    load_byte(7, 6);
    analyse(at);
    return load;
}

TEST(words_of_the_stack_are_kept_below_what_is_pointed_to)
{
    for (int is_call = 0; is_call < 2; is_call++) {
        static const struct {
            int taken;
            bool is_kept;
        } rows[] = {{-1, true}, {16, true}, {12, true}, {11, false}, {8, false}, {0, false}};
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            uint32_t load = spill(rows[i].taken, is_call);
            CHECK_TEXT(said(load, "base"), rows[i].is_kept ? "flash constant" : "unknown base");
            CHECK_TEXT(said(load, "why"), rows[i].is_kept ? "" : "from memory");
            arena_deinit(&arena);
        }
    }
}

// Also a byte of a constant: only whole words go there and come back.
TEST(a_byte_over_a_word_of_the_stack_is_a_change)
{
    arena_init(&arena);
    begin();
    literal(12, 0);
    store(12, 1, 8);
    emit(0xC2, 0x41, 8); // s8i a12, a1, 8
    load_stack(6, 8);
    uint32_t load = used;
    load_byte(7, 6);
    analyse(0);
    CHECK_TEXT(said(load, "base"), "unknown base");
    CHECK_TEXT(said(load, "why"), "computed");
    arena_deinit(&arena);
}

// ---- where control meets ----

TEST(both_ways_are_known_where_they_meet)
{
    arena_init(&arena);
    begin();
    uint32_t to_other = branch(3);
    literal(4, 0);
    uint32_t to_end = jump();
    set_branch(to_other, used);
    literal(4, 1);
    set_jump(to_end, used);
    uint32_t load = used;
    load_byte(7, 4);
    analyse(0);
    CHECK_TEXT(said(load, "base"), "flash constant");
    CHECK_TEXT(said(load, "reaches"), "greeting, \"plain text\"");
    CHECK_TEXT(said(load, "why"), "");
    arena_deinit(&arena);
}

TEST(a_way_that_knows_less_is_not_forgotten)
{
    arena_init(&arena);
    begin();
    uint32_t past = branch(3);
    literal(4, 0);
    set_branch(past, used);
    uint32_t load = used;
    load_byte(7, 4);
    analyse(0);
    CHECK_TEXT(said(load, "reaches"), "greeting");
    CHECK_TEXT(said(load, "why"), "argument 3"); // of the way that jumps over the literal
    arena_deinit(&arena);
}

// The same the other way round: what comes second knows less.
TEST(a_way_that_comes_second_is_not_forgotten)
{
    arena_init(&arena);
    begin();
    literal(4, 0);
    uint32_t past = branch(2);
    code[used++] = 0x4d; // mov.n a4, a3
    code[used++] = 0x03;
    set_branch(past, used);
    uint32_t load = used;
    load_byte(7, 4);
    analyse(0);
    CHECK_TEXT(said(load, "reaches"), "greeting");
    CHECK_TEXT(said(load, "why"), "argument 2");
    begin();
    literal(2, 0);
    past = branch(12);
    uint32_t at = call();
    set_branch(past, used);
    load = used;
    load_byte(7, 2);
    analyse(at);
    CHECK_TEXT(said(load, "reaches"), "greeting");
    CHECK_TEXT(said(load, "why"), "result of a call");
    arena_deinit(&arena);
}

// Only its address is taken, so nothing is known to lead there; what is behind it is reached from
// it.
TEST(what_nothing_leads_to_is_followed)
{
    arena_init(&arena);
    begin();
    literal(5, 2);
    add(6, 6, 1);
    add(6, 6, 1);
    uint32_t over = jump(), entry = TEXT_ADDR + used;
    CHECK_EQUAL(entry % 4, 0); // others are taken for numbers
    memcpy(code + 8, &entry, sizeof entry);
    literal(4, 0);
    uint32_t past = branch(3);
    add(3, 3, 1);
    set_branch(past, used);
    uint32_t load = used;
    load_byte(7, 4);
    set_jump(over, used);
    analyse(0);
    CHECK_TEXT(said(load, "reaches"), "greeting");
    CHECK_TEXT(said(load, "why"), "");
    arena_deinit(&arena);
}

// The state at the begin of a loop grows when the end of its body comes back to it.
TEST(what_a_loop_brings_back_is_seen_at_its_begin)
{
    arena_init(&arena);
    begin();
    uint32_t top = used, load = used;
    load_byte(7, 2);
    literal(2, 1);
    uint32_t out = branch(3);
    set_jump(jump(), top);
    set_branch(out, used);
    uint32_t after = used;
    load_byte(8, 2);
    analyse(0);
    CHECK_TEXT(said(load, "reaches"), "\"plain text\"");
    CHECK_TEXT(said(load, "why"), "argument 1");
    CHECK_TEXT(said(after, "why"), "");
    CHECK_TEXT(said(after, "reaches"), "\"plain text\"");
    arena_deinit(&arena);
}

// greeting with `first` added before the branch, and `second` on the way that does not take it.
static const char *joined(int first, int second)
{
    begin();
    literal(4, 0);
    add(4, 4, first);
    uint32_t past = branch(3);
    add(4, 4, second);
    set_branch(past, used);
    uint32_t load = used;
    load_byte(7, 4);
    analyse(0);
    return said(load, "reaches");
}

// An offset that differs by the way is no offset.
TEST(offsets_that_differ_are_dropped)
{
    arena_init(&arena);
    CHECK_TEXT(joined(0, 5), "greeting");
    CHECK_TEXT(joined(5, -5), "greeting");
    CHECK_TEXT(joined(5, 0), "greeting+5");
    arena_deinit(&arena);
}

// ---- sums, and pointers that are constants ----

// What a byte load at offset 1 of a4 reaches, a4 being scaled * scale + other.
static const char *summed(unsigned scaled, unsigned scale, unsigned other)
{
    begin();
    literal(2, 0);
    add_scaled(4, scaled, scale, other);
    uint32_t load = used;
    emit(0x72, 0x04, 1); // l8ui a7, a4, 1
    analyse(0);
    return arena_format(&arena, "%s, %s", said(load, "base"), said(load, "reaches"));
}

// a2 is greeting, a3 an argument: somewhere behind greeting, unless the address itself is scaled.
TEST(sums_of_addresses_and_indices)
{
    arena_init(&arena);
    CHECK_TEXT(summed(2, 1, 3), "flash constant, greeting");
    CHECK_TEXT(summed(3, 1, 2), "flash constant, greeting");
    CHECK_TEXT(summed(3, 2, 2), "flash constant, greeting");
    CHECK_TEXT(summed(3, 4, 2), "flash constant, greeting");
    CHECK_TEXT(summed(3, 8, 2), "flash constant, greeting");
    CHECK_TEXT(summed(2, 2, 3), "unknown base, ");
    CHECK_TEXT(summed(2, 8, 3), "unknown base, ");
    CHECK_TEXT(summed(3, 1, 5), "unknown base, ");
    arena_deinit(&arena);
}

// A word of flash that is a pointer is followed where it is aligned; else it is some pointer of
// what lies there.
TEST(pointers_in_flash_are_followed)
{
    arena_init(&arena);
    for (int skew = 0; skew < 4; skew++) {
        begin();
        literal(12, 0);
        add(12, 12, skew);
        emit(0x42, 0x2C, POINTER_OFF / 4); // l32i a4, a12, 24
        uint32_t load = used;
        load_byte(5, 4);
        analyse(0);
        CHECK_TEXT(said(load, "base"), "flash constant");
        CHECK_TEXT(said(load, "reaches"), skew ? "pointers of greeting" : "\"plain text\"");
    }
    arena_deinit(&arena);
}

// ---- the whole report ----

TEST(tables_of_all_kinds_of_loads)
{
    static const char want[] =
        "  instructions                                                14\n"
        "  sub-word load instructions                                   7\n"
        "  of them in code in flash                                     7\n"
        "  may reach a flash constant                                   3\n"
        "  unknown base                                                 2\n"
        "  of them an argument for which callers pass flash constants   1\n"
        "  RAM only                                                     2\n"
        "\n"
        "By region of the code\n"
        "  region  instructions  code  l32i  l32r  l8ui  l16ui  l16si  flash constant "
        " unknown base  RAM\n"
        "  flash             14    40     1     3     6      1      0               3   "
        "          2    2\n"
        "  total             14    40     1     3     6      1      0               3   "
        "          2    2\n"
        "\n"
        "Sub-word load instructions\n"
        "what cannot be told from the code of the function alone is an unknown base;"
        " passed: constants that callers hand over as that argument\n"
        "     address  instruction       region  function  C line  base            which"
        " is    may reach     passed\n"
        "  0x40210015  l8ui a3, a12, 0   flash   caller            flash constant       "
        "       \"plain text\"\n"
        "  0x40210018  l16ui a3, a12, 2  flash   caller            flash constant       "
        "       \"plain text\"\n"
        "  0x4021001e  l8ui a4, a12, 0   flash   caller            flash constant       "
        "       \"plain text\"\n"
        "  0x40210030  l8ui a2, a2, 0    flash   callee            unknown base   "
        " argument 1                     1\n"
        "  0x4021002a  l8ui a5, a3, 0    flash   caller            unknown base   "
        " computed\n"
        "  0x40210024  l8ui a3, a13, 0   flash   caller            RAM                  "
        "       counter\n"
        "  0x40210027  l8ui a4, a1, 0    flash   caller            RAM                  "
        "       the stack\n"
        "\n"
        "Sub-word loads by function\n"
        "  function  first line  region  sub-word loads  flash constant  unknown base "
        " RAM\n"
        "  caller                flash                6               3             1   "
        " 2\n"
        "  callee                flash                1               0             1   "
        " 0\n"
        "  total                                      7               3             2   "
        " 2\n"
        "\n"
        "Sub-word loads by C line\n"
        "  function  C line  region  sub-word loads  flash constant  unknown base  RAM\n"
        "  caller            flash                6               3             1    2\n"
        "  callee            flash                1               0             1    0\n"
        "  total                                  7               3             2    2\n"
        "\n"
        "Flash constants that sub-word loads may reach\n"
        "     address  kind  constant      length  loads  as an argument  first in\n"
        "  0x40220009  text  \"plain text\"      10      3               0  caller\n"
        "  0x40220000  data  greeting           9      0               1  callee\n"
        "\n"
        "note: no DWARF in the file: no lines of C\n"
        "note: no property table (.xt.prop) in the file: code is what control reaches"
        " from the entry, function symbols and addresses in literals and data\n";
    struct render_settings settings = {.is_verbose = true};
    struct problem problem = {0};
    char *text;
    size_t bytes;
    arena_init(&arena);
    settings.scratch = &arena;
    begin();
    literal(2, 0);
    uint32_t at = call(); // greeting as argument 1
    literal(12, 1);
    load_byte(3, 12);
    emit(0x32, 0x1C, 1); // l16ui a3, a12, 2
    emit(0x32, 0x2C, 1); // l32i a3, a12, 4
    load_byte(4, 12);
    literal(13, 2);
    load_byte(3, 13); // counter
    load_byte(4, 1);  // the stack
    load_byte(5, 3);
    analyse(at);
    FILE *out = open_memstream(&text, &bytes);
    CHECK_EQUAL(renderer_text.render(report, &settings, out, &problem), 0);
    fclose(out);
    const char *got = strstr(text, "  instructions  "); // behind path and build
    CHECK_TEXT(got ? got : text, want);
    free(text);
    arena_deinit(&arena);
}

TEST_MAIN
