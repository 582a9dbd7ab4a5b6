// probe_writer_test.c: what each probe writes, and how packets are filled.

#include "tests/support/probe_run.h"

static uint32_t call_number;

TEST(texts_and_sites_are_defined_once)
{
    begin(0, HEAP_BYTES);
    at_site(0, 0, NULL);
    probe_alloc(L, heap + 8, 72, KIND_PROTO);
    probe_clock = 7;
    at_site(1, 0x400000, "string.rep");
    probe_string_new(L, put_string(0x100, "abc"), NULL, 300, 0);
    probe_string_found(L, put_string(0x100, "abc"), NULL, 1, PLACE_RAM, 0);
    probe_free(L, heap + 0x100);
    probe_string_new(L, put_string(0x200, "abc"), NULL, 0, TRACE_ORIGIN_DEVICE);
    probe_string_found(L, put_string(0x300, "never made"), NULL, 1, PLACE_RAM, 0);
    probe_resize(L, PROBE_SITE_NOW, heap + 0x400, heap + 0x500, 64, KIND_STACK);
    CHECK_EQUAL(decode_count, 2);
    expect_events(
        BOOT
        "0 name id=1 text=\"init.lua\"\n"
        "0 site id=1 source=1 line=10 defined=0 function=0 nth=0\n"
        "0 alloc addr=0x3f000008 bytes=72 kind=\"function\" site=1\n"
        "7 name id=2 text=\"string.rep\"\n"
        "7 site id=2 source=1 line=11 defined=0 function=2 nth=0\n"
        "7 text id=1 hash=0xe71fa2190541574b bytes=3 flash_addr=0x0 text=\"abc\"\n"
        "7 string_new addr=0x3f000100 text=1 site=2 probes=127 is_unaligned=0 origin=\"\"\n"
        "7 string_found text=1 site=2 probes=1 is_unaligned=0 place=\"RAM\" origin=\"\"\n"
        "7 free addr=0x3f000100\n"
        "7 string_new addr=0x3f000200 text=1 site=2 probes=0 is_unaligned=0 origin=\"device\"\n"
        "7 string_found text=0 site=2 probes=1 is_unaligned=0 place=\"RAM\" origin=\"\"\n"
        "7 resize old_addr=0x3f000400 addr=0x3f000500 bytes=64 kind=\"stack\" site=2\n"
        "7" END);
}

// Something happens at instruction `pc` of the function at LOW_ADDR + 8, called from there at the
// given instructions, the outermost first; -1 ends them.
static void happen(int pc, const int *from)
{
    at_site(pc, 0, NULL);
    here.call = ++call_number; // other callers within one instruction: another call
    for (caller_count = 0; from[caller_count] >= 0; caller_count++)
        callers[caller_count] = (struct probe_site){.proto = LOW_ADDR + 8,
                                                    .pc = from[caller_count]};
    probe_alloc(L, heap + 64, 8, KIND_OTHER);
}

TEST(stacks_are_sites_with_a_caller)
{
    stack_depth = 2;
    begin(0, HEAP_BYTES);
    happen(1, (int[]){-1});
    happen(1, (int[]){2, -1});
    happen(1, (int[]){2, -1});
    happen(1, (int[]){2, 3, -1});
    happen(1, (int[]){2, 3, 4, -1}); // deeper than the limit: comes with the last one kept
    happen(2, (int[]){2, 3, -1});
    happen(1, (int[]){3, 3, -1});
    happen(1, (int[]){2, -1});
    stack_depth = 0;
    caller_count = 0;
#define ALLOC "0 alloc addr=0x3f000040 bytes=8 kind=\"other\" site="
    expect_events(BOOT "0 name id=1 text=\"init.lua\"\n"
                       "0 site id=1 source=1 line=11 defined=0 function=0 nth=0\n" ALLOC "1\n"
                       "0 site id=2 source=1 line=12 defined=0 function=0 nth=0\n"
                       "0 stack id=3 site=1 caller=2\n" ALLOC "3\n" ALLOC "3\n"
                       "0 site id=4 source=1 line=13 defined=0 function=0 nth=0\n"
                       "0 stack id=5 site=4 caller=2\n"
                       "0 stack id=6 site=1 caller=5\n" ALLOC "6\n" ALLOC "6\n"
                       "0 stack id=7 site=2 caller=5\n" ALLOC "7\n"
                       "0 stack id=8 site=4 caller=4\n"
                       "0 stack id=9 site=1 caller=8\n" ALLOC "9\n" ALLOC "3\n"
                       "0" END);
#undef ALLOC
}

// Within one instruction a place is looked up once; in the next one its callers may be others.
TEST(callers_are_looked_up_again_in_the_next_instruction)
{
    stack_depth = 1;
    begin(0, HEAP_BYTES);
    happen(1, (int[]){2, -1});
    uint32_t call = here.call;
    probe_clock++;
    callers[0].pc = 3;
    int count = look_count;
    PROBE_ALLOC(L, heap + 0x40, 8, KIND_OTHER);
    PROBE_ALLOC(L, heap + 0x40, 8, KIND_OTHER);
    CHECK_EQUAL(here.call, call);
    CHECK_EQUAL(look_count - count, 1);
    stack_depth = 0;
    caller_count = 0;
    struct trace *trace = finish();
    struct trace_event event;
    uint16_t sites[3] = {0};
    for (size_t i = 0; trace_next(trace, &event) > 0 && i < 3;)
        if (event.id == TRACE_ID_alloc)
            sites[i++] = event.alloc.site;
    CHECK(sites[0] != sites[1]);
    CHECK_EQUAL(sites[1], sites[2]);
    trace_close(trace);
    clear();
}

TEST(stacks_leave_ids_for_sites)
{
    stack_depth = TRACE_STACK_DEPTH_MAX;
    begin(0, HEAP_BYTES);
    uint32_t room = TRACE_SITE_MORE / 4 * 3;
    for (int pc = 1; pc < 220; pc++)
        for (int from = 1; from < 230; from++)
            happen(pc, (int[]){from, -1});
    happen(1000, (int[]){1, -1}); // a new site, but no stack of it
    stack_depth = 0;
    caller_count = 0;
    struct trace *trace = finish();
    struct trace_dict *dict = trace_dict_create(&arena);
    struct trace_event event;
    struct problem problem = {0};
    const struct trace_dict_site *site = NULL;
    uint32_t stacks = 0;
    while (trace_next(trace, &event)) {
        CHECK_EQUAL(trace_dict_note(dict, &event, &problem), STATUS_OK);
        stacks += event.id == TRACE_ID_stack;
        if (event.id == TRACE_ID_alloc)
            CHECK((site = trace_dict_site(dict, event.alloc.site)) != NULL);
    }
    CHECK_EQUAL(site->line, 1010);
    CHECK_EQUAL(site->caller, 0);
    CHECK(stacks > room - 300 && stacks < room);
    trace_close(trace);
    clear();
}

TEST(functions_of_one_line_are_counted)
{
    begin(0, HEAP_BYTES);
    const int32_t lines[] = {5, 5, 6, 6, 6};
    const unsigned wanted[] = {1, 2, 1, 2, 3};
    struct probe_order order = {0};
    at_site(0, 0, NULL);
    for (int i = 0; i < 5; i++) {
        const struct proto *p = (const void *)(heap + 8 + 0x60 * i);
        probe_alloc(L, p, 72, KIND_PROTO);
        CHECK_EQUAL(probe_function_nth(p), 0);
        probe_function(&order, p, lines[i]);
        CHECK_EQUAL(probe_function_nth(p), wanted[i]);
    }
    CHECK_EQUAL(probe_function_nth((const void *)(heap + 8)), 1);
    probe_free(L, heap + 8);
    probe_string_new(L, put_string(16, "in its place"), NULL, 0, TRACE_ORIGIN_DEVICE);
    probe_free(L, heap + 16);
    probe_alloc(L, heap + 8, 72, KIND_PROTO);
    CHECK_EQUAL(probe_function_nth((const void *)(heap + 8)), 0);
    for (uint32_t i = 0; i < TRACE_NTH_MAX + 9; i++)
        probe_function(&order, (const void *)(heap + 8), 7);
    CHECK_EQUAL(probe_function_nth((const void *)(heap + 8)), TRACE_NTH_MAX);
    trace_close(finish());
    clear();
}

TEST(functions_at_the_same_address_are_told_apart)
{
    begin(0, HEAP_BYTES);
    const char *names[] = {"a.lua", "b.lua"};
    for (int i = 0; i < 2; i++) {
        here = (struct probe_site){0};
        probe_alloc(L, heap + 8, 72, KIND_PROTO);
        at_site(1, 0, NULL);
        meaning.source = names[i];
        meaning.source_bytes = 5;
        probe_alloc(L, heap + 0x90, 32, KIND_TABLE);
        probe_alloc(L, heap + 0xc0, 32, KIND_TABLE);
        here = (struct probe_site){0};
        probe_free(L, heap + 8);
    }
    CHECK_EQUAL(decode_count, 2);
    struct trace *trace = finish();
    struct trace_dict *dict = trace_dict_create(&arena);
    struct trace_event event;
    const char *sources = "";
    while (trace_next(trace, &event) > 0) {
        CHECK_EQUAL(trace_dict_note(dict, &event, NULL), STATUS_OK);
        if (event.id == TRACE_ID_alloc) {
            struct text source = trace_dict_site(dict, event.alloc.site)->source;
            sources = arena_format(&arena, "%s %.*s", sources, (int)source.bytes, source.data);
        }
    }
    CHECK_TEXT(sources, "  a.lua a.lua  b.lua b.lua");
    trace_close(trace);
    clear();
}

TEST(counters_are_summed_up)
{
    begin(0, HEAP_BYTES);
    here = (struct probe_site){0};
    const char *text = put_string(0x100, "abc");
    probe_string_new(L, text, text, 0, 0);
    for (int i = 0; i < 5; i++) {
        probe_clock++;
        probe_content_read(L, text, 0, 3, CONTENT_FORMAT);
        probe_vm_event(L, VM_FLASH_CALL, (void *)(uintptr_t)(WINDOW_ADDR + 64));
    }
    probe_content_read(L, text, 1, 2, CONTENT_FORMAT);
    probe_content_read(L, text, 0, 0, CONTENT_FORMAT);
    probe_flash_load(L, WINDOW_ADDR + 67, 1, 0x1234);
    probe_clock = 9;
    expect_events(BOOT
                  "0 text id=1 hash=0xe71fa2190541574b bytes=3 flash_addr=0x0 text=\"abc\"\n"
                  "0 string_new addr=0x3f000100 text=1 site=0 probes=0 is_unaligned=0 origin=\"\"\n"
                  "5 content_read text=1 first=0 bytes=3 site=0 function=\"format\" times=5\n"
                  "5 vm_event what=\"call of a flash function\" site=0 addr=0x40200040 times=5\n"
                  "5 content_read text=1 first=1 bytes=2 site=0 function=\"format\" times=1\n"
                  "5 flash_load addr=0x40200040 width=1 pc=0x1234 site=0 times=1\n"
                  "9" END);
}

TEST(raw_counters_and_no_text)
{
    begin(PROBE_START_RAW | PROBE_START_NO_TEXT, HEAP_BYTES);
    here = (struct probe_site){0};
    const char *text = put_string(0x100, "abc");
    probe_string_new(L, text, text, 0, 0);
    probe_content_read(L, text, 0, 3, CONTENT_BYTE);
    probe_content_read(L, text, 0, 3, CONTENT_BYTE);
    probe_console(1, "secret", 6);
    probe_mark("secret", 6);
    expect_events(HIDDEN_BOOT
                  "0 text id=1 hash=0xe71fa2190541574b bytes=3 flash_addr=0x0 text=\"\"\n"
                  "0 string_new addr=0x3f000100 text=1 site=0 probes=0 is_unaligned=0 origin=\"\"\n"
                  "0 content_read text=1 first=0 bytes=3 site=0 function=\"byte\" times=1\n"
                  "0 content_read text=1 first=0 bytes=3 site=0 function=\"byte\" times=1\n"
                  "0 console stream=1 text=\"\"\n"
                  "0 mark text=\"\"\n"
                  "0" END);
}

// Origins of the string_new and string_found events, one letter a source: capitals.
static void expect_origins(const char *want)
{
    static const char letters[] = "IVLMNES+"; // in the order of TRACE_ORIGINS, V device, M image
    struct trace *trace = finish();
    struct trace_event event;
    char got[256] = "";
    while (trace_next(trace, &event) > 0) {
        if (event.id != TRACE_ID_string_new && event.id != TRACE_ID_string_found)
            continue;
        unsigned origin = event.id == TRACE_ID_string_new ? event.string_new.origin
                                                          : event.string_found.origin;
        size_t end = strlen(got);
        for (int bit = 0; bit < 8 && end + 2 < sizeof got; bit++)
            if (origin >> bit & 1)
                got[end++] = letters[bit];
        got[end++] = ' ';
        got[end] = '\0';
    }
    CHECK_TEXT(got, want);
    trace_close(trace);
    clear();
}

static void make(uint32_t off, const char *text, unsigned given)
{
    probe_string_new(L, put_string(off, text), NULL, 0, given);
}

TEST(sources_of_sections_and_makers)
{
    begin(0, HEAP_BYTES);
    here = (struct probe_site){0};
    make(0x100, "nothing", 0);
    probe_source_begin(TRACE_ORIGIN_INPUT);
    make(0x140, "a line", 0);
    make(0x180, "key: secret", 0);
    make(0x1c0, "code", TRACE_ORIGIN_DEVICE);
    make(0x200, "literal", TRACE_ORIGIN_LIBRARY);
    make(0x240, "1200", TRACE_ORIGIN_NUMBER);
    probe_source_begin(TRACE_ORIGIN_ENVIRONMENT);
    make(0x280, "inner", 0);
    probe_source_end();
    probe_source_end();
    make(0x2c0, "joined", TRACE_ORIGIN_IMAGE | TRACE_ORIGIN_DERIVED);
    make(0x300, "constant", TRACE_ORIGIN_DEVICE);
    probe_code_begin(TRACE_ORIGIN_DEVICE | TRACE_ORIGIN_SECRET);
    make(0x340, "hunter", TRACE_ORIGIN_DEVICE);
    probe_code_end();
    unsigned depth = probe_source_depth();
    probe_source_begin(TRACE_ORIGIN_INPUT);
    probe_source_restore(depth);
    make(0x380, "after an error", 0);
    expect_origins(" I IS I L IN E M+ V VS  ");
}

TEST(sources_of_frames_and_calls)
{
    begin(0, HEAP_BYTES);
    at_site(1, 0x400000, "string.format");
    here_frame.sources = TRACE_ORIGIN_IMAGE | TRACE_ORIGIN_NUMBER | TRACE_ORIGIN_DERIVED;
    make(0x100, "from the frame", 0);
    here_frame.sources = 0;
    function_sources = TRACE_ORIGIN_ENVIRONMENT;
    make(0x140, "from the function", 0);
    function_sources = 0;
    probe_call_begin(L);
    probe_text_taken(L, put_string(0x140, "from the function"));
    probe_clock++;
    make(0x180, "taken", 0); // Lua code ran in between
    probe_call_begin(L);
    make(0x1c0, "another call", 0);
    here_frame.object = 0x3f000800;
    probe_text_taken(L, put_string(0x140, "from the function"));
    probe_call_begin(L);
    make(0x200, "out of the object", 0);
    here_frame = (struct probe_frame){0};
    expect_origins("MN+ E E+  E+ ");
}

TEST(least_of_long_texts_last_of_short_ones)
{
    begin(0, HEAP_BYTES);
    here = (struct probe_site){0};
    const char *name = put_string(0x100, "a name"), *digit = put_string(0x140, "7");
    for (int i = 0; i < 2; i++) {
        probe_source_begin(i ? TRACE_ORIGIN_INPUT : TRACE_ORIGIN_ENVIRONMENT);
        probe_string_new(L, name, name, 0, i ? 0 : TRACE_ORIGIN_DEVICE);
        probe_string_new(L, digit, digit, 0, i ? 0 : TRACE_ORIGIN_LIBRARY);
        probe_source_end();
    }
    CHECK_EQUAL(probe_text_sources(name, 0), TRACE_ORIGIN_ENVIRONMENT);
    CHECK_EQUAL(probe_text_sources(digit, 0), TRACE_ORIGIN_INPUT);
    CHECK_EQUAL(probe_text_sources(digit, 1), TRACE_ORIGIN_LIBRARY);
    probe_looked_up(L, name, digit);
    CHECK_EQUAL(probe_text_sources(digit, 0),
                TRACE_ORIGIN_INPUT | TRACE_ORIGIN_ENVIRONMENT | TRACE_ORIGIN_DERIVED);
    probe_string_found(L, name, name, 0, PLACE_RAM, 0); // by nothing that is known
    expect_origins("E L I I E ");
}

TEST(secrets_stay)
{
    static const char *const good[] = {"password", "Wifi.SSID", "apiToken",
                                       "keys",     "db_pass_2", "mypasswords"};
    static const char *const bad[] = {"keyboard", "tokenizer", "passage", "", "compass", "author"};
    for (int i = 0; i < 6; i++) {
        CHECK(credentials_is_name(good[i], (uint32_t)strlen(good[i])));
        CHECK(!credentials_is_name(bad[i], (uint32_t)strlen(bad[i])));
    }
    begin(0, HEAP_BYTES);
    here = (struct probe_site){0};
    const char *word = put_string(0x100, "hunter2");
    probe_string_new(L, word, word, 0, TRACE_ORIGIN_DEVICE);
    probe_stored(L, put_string(0x140, "name"), word);
    probe_string_found(L, word, word, 0, PLACE_RAM, TRACE_ORIGIN_DEVICE);
    probe_stored(L, put_string(0x140, "token"), word);
    probe_stored(L, put_string(0x140, "token"), word); // told once
    probe_string_found(L, word, word, 0, PLACE_RAM, TRACE_ORIGIN_DEVICE);
    CHECK_EQUAL(probe_sources_of_file("wifi_credentials.json"), TRACE_ORIGIN_SECRET);
    CHECK_EQUAL(probe_sources_of_file("index.html"), 0);
    CHECK(probe_add_credential("tannoy"));
    CHECK_EQUAL(probe_sources_of_file("Tannoy.cfg"), TRACE_ORIGIN_SECRET);
    expect_origins("V V VS ");
}

TEST(files_pass_on_what_was_written_into_them)
{
    begin(0, HEAP_BYTES);
    here = (struct probe_site){0};
    const char *given = put_string(0x100, "from a client"), *own = put_string(0x200, "constant");
    probe_string_new(L, given, given, 0, TRACE_ORIGIN_INPUT);
    probe_string_new(L, own, own, 0, TRACE_ORIGIN_DEVICE);
    probe_file_written("own.lua", own);
    probe_file_written("saved.lua", own);
    probe_file_written("saved.lua", given);
    probe_file_made_of("saved.lc", "saved.lua");
    CHECK_EQUAL(probe_sources_of_file("own.lua"), 0);
    CHECK_EQUAL(probe_sources_of_file("saved.lua"), TRACE_ORIGIN_INPUT);
    CHECK_EQUAL(probe_sources_of_file("saved.lc"), TRACE_ORIGIN_INPUT);
    probe_file_made_of("own.lc", "pass_words.lua");
    CHECK_EQUAL(probe_sources_of_file("own.lc"), TRACE_ORIGIN_SECRET);
    sources_boot(); // the file is still there
    CHECK_EQUAL(probe_sources_of_file("saved.lua"), TRACE_ORIGIN_INPUT);
}

#define INPUT_BYTES 200000u

// What the trace has of inputs and outputs, put together again.
TEST(inputs_of_any_length_go_in_pieces)
{
    static uint8_t data[INPUT_BYTES];
    uint64_t seed = 7;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)test_random(&seed);
    begin(0, HEAP_BYTES);
    probe_clock = 5;
    probe_turn(1, WORLD_SOCKET, 3, 1000);
    probe_input(1, WORLD_SOCKET, 3, data, sizeof data);
    probe_output(1, WORLD_PIN, 4, "", 0);
    probe_clock = 9;
    probe_device_time(1, UINT64_MAX);
    probe_input(2, WORLD_TIME, 0, data, TRACE_TEXT_BYTES_MAX); // just one piece
    struct trace *trace = finish();
    struct trace_pieces pieces;
    struct trace_whole whole;
    struct trace_event event;
    uint32_t wholes = 0, inputs = 0;
    trace_pieces_init(&pieces, &arena);
    while (trace_next(trace, &event) > 0) {
        inputs += event.id == TRACE_ID_input;
        if (event.id == TRACE_ID_device_time) {
            CHECK_EQUAL(event.device_time.device_ns, UINT64_MAX);
            CHECK_EQUAL(event.clock, 9);
        }
        if (!trace_pieces_add(&pieces, &event, &whole))
            continue;
        static const uint32_t bytes[] = {INPUT_BYTES, 0, TRACE_TEXT_BYTES_MAX};
        CHECK_EQUAL(whole.id, wholes == 1 ? TRACE_ID_output : TRACE_ID_input);
        CHECK_EQUAL(whole.turn, wholes == 2 ? 2 : 1);
        CHECK_EQUAL(whole.object, wholes == 0 ? 3 : wholes == 1 ? 4 : 0);
        CHECK_EQUAL(whole.data.bytes, bytes[wholes]);
        CHECK(whole.data.bytes == 0 || memcmp(whole.data.data, data, whole.data.bytes) == 0);
        wholes++;
    }
    CHECK_TEXT(trace_problem(trace)->message, "");
    CHECK_EQUAL(wholes, 3);
    CHECK_EQUAL(inputs, (INPUT_BYTES + TRACE_TEXT_BYTES_MAX - 1) / TRACE_TEXT_BYTES_MAX + 1);
    CHECK(trace_packet(trace)->sequence >= 3); // more than a packet holds
    trace_pieces_end(&pieces);
    CHECK_EQUAL(pieces.incomplete, 0);
    trace_close(trace);
    clear();
}

TEST(no_text_has_no_inputs)
{
    begin(PROBE_START_NO_TEXT, HEAP_BYTES);
    probe_input(1, WORLD_SOCKET, 3, "password", 8);
    probe_output(1, WORLD_SOCKET, 3, "password", 8);
    expect_events(HIDDEN_BOOT "0" END);
}

TEST(ids_of_dead_texts_are_used_again)
{
    begin(0, HEAP_BYTES);
    here = (struct probe_site){0};
    const char *kept = put_string(0x100, "kept alive");
    probe_string_new(L, kept, kept, 0, 0);
    char text[32];
    for (int i = 0; i < 30000; i++) {
        snprintf(text, sizeof text, "number %d", i);
        const char *one = put_string(0x200, text);
        probe_string_new(L, one, one, 0, 0);
        if (i % 3 == 0)
            probe_content_read(L, one, 0, 1, CONTENT_PRINT);
        probe_free(L, one - 16);
        probe_clock++;
    }
    probe_string_found(L, kept, kept, 0, PLACE_RAM, 0);
    struct trace *trace = finish();
    struct trace_dict *dict = trace_dict_create(&arena);
    struct trace_event event;
    int strings = 0, reads = 0;
    uint32_t generation_max = 0;
    while (trace_next(trace, &event) > 0) {
        CHECK_EQUAL(trace_dict_note(dict, &event, NULL), STATUS_OK);
        if (event.id == TRACE_ID_string_new && strings++ > 0) {
            snprintf(text, sizeof text, "number %d", strings - 2);
            const struct trace_dict_text *found = trace_dict_text(dict, event.string_new.text);
            CHECK(found && text_is_equal(found->text, text_of(text)));
            if (found && found->generation > generation_max)
                generation_max = found->generation;
        } else if (event.id == TRACE_ID_content_read) {
            // A counter still refers to the text that was read: number 0, 3, 6 ...
            const struct trace_dict_text *found = trace_dict_text(dict, event.content_read.text);
            CHECK(found != NULL);
            snprintf(text, sizeof text, "number %d", 3 * reads++);
            CHECK(found && text_is_equal(found->text, text_of(text)));
        } else if (event.id == TRACE_ID_string_found) {
            const struct trace_dict_text *found = trace_dict_text(dict, event.string_found.text);
            CHECK(found && text_is_equal(found->text, text_of("kept alive")));
        }
    }
    CHECK_EQUAL(reads, 10000);
    CHECK(generation_max >= 3);
    CHECK(trace_dict_text_count(dict) <= HEAP_BYTES / 32 + 8192);
    trace_close(trace);
    clear();
}

TEST(packets_end_before_the_stamp_wraps)
{
    begin(0, HEAP_BYTES);
    here = (struct probe_site){0};
    const char *text = put_string(0x100, "abc");
    probe_string_new(L, text, text, 0, 0);
    uint64_t clocks[] = {1, TRACE_STAMP_RANGE - 1, TRACE_STAMP_RANGE, 5ull << 32, (5ull << 32) + 1};
    for (int i = 0; i < 5; i++) {
        probe_clock = clocks[i];
        probe_mark("x", 1);
    }
    probe_clock = 9ull << 33;
    probe_content_read(L, text, 0, 3, CONTENT_BYTE);
    probe_clock = 9ull << 34;
    struct trace *trace = finish();
    struct trace_event event;
    int i = 0;
    while (trace_next(trace, &event) > 0) {
        if (event.id == TRACE_ID_mark)
            CHECK_EQUAL(event.clock, clocks[i++]);
        if (event.id == TRACE_ID_content_read)
            CHECK_EQUAL(event.clock, 9ull << 33);
    }
    CHECK_EQUAL(i, 5);
    CHECK_EQUAL(event.clock, 9ull << 34);
    CHECK_EQUAL(trace_packet(trace)->sequence, 4);
    trace_close(trace);
    clear();
}

TEST(long_runs_fill_packets_and_wait_for_room)
{
    begin(0, HEAP_BYTES);
    at_site(0, 0, NULL);
    for (int i = 0; i < 400000; i++) {
        probe_clock += 3;
        at_site(i % 50, i % 3 ? 0 : 0x400000, "f");
        probe_alloc(L, heap + 0x200, 32, KIND_TABLE);
        probe_vm_event(L, i % VM_EVENT_COUNT, heap + i % 977);
        probe_free(L, heap + 0x200);
    }
    struct trace *trace = finish();
    struct trace_event event;
    uint64_t allocs = 0, frees = 0, vm = 0;
    int more;
    while ((more = trace_next(trace, &event)) > 0) {
        allocs += event.id == TRACE_ID_alloc;
        frees += event.id == TRACE_ID_free;
        vm += event.id == TRACE_ID_vm_event ? event.vm_event.times : 0;
        if (event.id == TRACE_ID_alloc)
            CHECK_EQUAL(event.serial, allocs);
    }
    CHECK_TEXT(trace_problem(trace)->message, "");
    CHECK_EQUAL(more, 0);
    CHECK_EQUAL(allocs, 400000);
    CHECK_EQUAL(frees, 400000);
    CHECK_EQUAL(vm, 400000);
    CHECK(trace_packet(trace)->sequence > TRACE_RING_SLOTS);
    CHECK(!trace_loss(trace)->is_unfinished);
    trace_close(trace);
    clear();
}

TEST(a_dead_program_leaves_whole_events)
{
    begin(0, HEAP_BYTES);
    here = (struct probe_site){0};
    for (int i = 0; i < 100; i++) {
        probe_clock++;
        probe_alloc(L, heap + 0x200, 32, KIND_TABLE);
    }
    // Not told: the last event may be half written. All before it are whole.
    uint32_t event_bytes = sizeof(struct trace_wire_alloc);
    uint32_t boot_bytes = sizeof(struct trace_wire_boot) + 8;
    CHECK_EQUAL(ring->open_bytes, TRACE_PACKET_HEADER_BYTES + boot_bytes + 99 * event_bytes);
    CHECK_EQUAL(ring->open_clock, 99);
    probe_stop();
    CHECK_EQUAL(ring->open_bytes, 0);
    fclose(events);
    clear();
}

static int deferred_argument;

static void note_deferred(int argument)
{
    deferred_argument = argument;
    probe_end(argument, 1, 2, 3);
}

// What a signal handler does that comes in the middle of a probe.
static uint64_t interrupting_clock(void)
{
    CHECK_EQUAL(probe_defer(note_deferred, 143), 1);
    CHECK_EQUAL(deferred_argument, 0);
    return 5;
}

TEST(an_interrupted_probe_is_finished_first)
{
    begin(0, HEAP_BYTES);
    CHECK_EQUAL(probe_defer(note_deferred, 1), 0);
    probe_writer.now_ns = interrupting_clock;
    probe_gc_begin(L, GC_REASON_STEP, 77);
    CHECK_EQUAL(deferred_argument, 143);
    probe_mark("too late", 8);
    expect_events(BOOT "0 gc_begin reason=\"step\" lua_bytes=77\n"
                       "0 end status=143 lua_bytes=1 lua_bytes_max=2 stack_bytes=3\n");
}

TEST(another_schema_is_refused)
{
    begin(0, HEAP_BYTES);
    struct trace_ring *other = ring;
    other->uuid[3] ^= 1;
    struct probe_setup setup = {.ring = other, .port = {wait_for_recorder, wake_recorder}};
    CHECK_EQUAL(probe_start(&setup), 0);
    probe_mark("x", 1); // switched off: nothing happens
    other->uuid[3] ^= 1;
    CHECK_EQUAL(probe_start(&setup), 0); // no memory
    fclose(events);
    clear();
}

TEST_MAIN
