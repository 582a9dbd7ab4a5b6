// exclude_test.c: texts that are left out: expressions, stand-ins, tails of a trace, reports.

#include "analyzer/trace/trace_dict.h"
#include "reports/report_exclude.h"
#include "tests/support/trace_directory.h"

static struct arena arena;

static struct exclude *compile(const char *pattern)
{
    struct exclude *exclude;
    struct problem problem = {0};
    CHECK_EQUAL(exclude_compile(&arena, &pattern, 1, &exclude, &problem), STATUS_OK);
    return exclude;
}

TEST(matches_and_stand_ins)
{
    arena_init(&arena);
    struct exclude *exclude = compile("^se[c]ret|b.b");
    CHECK(exclude_matches(exclude, text_of("secret")));
    CHECK(!exclude_matches(exclude, text_of("a secret")));
    CHECK(exclude_matches(exclude, (struct text){"\0a\0b\0b+b", 8})); // behind NULs
    CHECK(!exclude_matches(exclude, (struct text){"secret" + 1, 3}));
    CHECK(!exclude_matches(exclude, (struct text){"b bb", 2})); // not beyond the end
    CHECK(!exclude_matches(NULL, text_of("secret")));
    CHECK_TEXT(exclude_text(exclude, &arena, text_of("plain")).data, "plain");
    CHECK_TEXT(exclude_text(exclude, &arena, text_of("secret")).data,
               arena_format(&arena, "(excluded: 6 bytes, hash %016llx)",
                            (unsigned long long)trace_text_hash("secret", 6)));
    exclude_release(exclude);
    arena_deinit(&arena);
}

TEST(bad_expressions)
{
    static const char *const patterns[EXCLUDE_PATTERNS_MAX + 1] = {"fine", "(x"};
    struct exclude *exclude;
    struct problem problem = {0};
    arena_init(&arena);
    CHECK_EQUAL(exclude_compile(&arena, patterns, 0, &exclude, &problem), STATUS_OK);
    CHECK(exclude == NULL);
    CHECK_EQUAL(exclude_compile(&arena, patterns, 2, &exclude, &problem), STATUS_USAGE);
    CHECK(strstr(problem.message, "expression '(x'") != NULL);
    CHECK_EQUAL(exclude_compile(&arena, patterns, EXCLUDE_PATTERNS_MAX + 1, &exclude, &problem),
                STATUS_USAGE);
    arena_deinit(&arena);
}

TEST(tails_of_a_trace)
{
    arena_init(&arena);
    struct trace_directory made = trace_directory_make(
        "1 name id=1 text=\"@secret.lua\"\n1 name id=2 text=\"plain\"\n"
        "1 text id=1 text=\"a secret\"\n1 text id=2 text=\"other\"\n1 mark text=\"secret\"\n");
    struct exclude *exclude = compile("secret");
    struct problem problem = {0};
    struct trace *trace;
    struct trace_event event;
    CHECK_EQUAL(trace_open(&arena, made.path, &trace, &problem), STATUS_OK);
    trace_exclude(trace, exclude);
    struct trace_dict *dict = trace_dict_create(&arena);
    while (trace_next(trace, &event) > 0) {
        CHECK_EQUAL(trace_dict_note(dict, &event, &problem), STATUS_OK);
        if (event.id == TRACE_ID_mark)
            CHECK(text_begins_with(event.mark.text, "(excluded: 6 bytes"));
    }
    struct text name = trace_dict_name(dict, 1);
    CHECK(text_begins_with(name, "@(excluded: 10 bytes")); // its kind can be told
    CHECK(text_is_equal(trace_dict_name(dict, 2), text_of("plain")));
    CHECK(trace_dict_text(dict, 1)->is_excluded && trace_dict_text(dict, 1)->text.bytes == 0);
    CHECK_EQUAL(trace_dict_text(dict, 1)->bytes, 8);
    CHECK(!trace_dict_text(dict, 2)->is_excluded && trace_dict_text(dict, 2)->text.bytes == 5);
    trace_close(trace);
    trace_directory_remove(&made);
    exclude_release(exclude);
    arena_deinit(&arena);
}

struct row {
    const char *text;
    uint64_t hash;
};

static const struct report_column columns[] = {
    {"text", "text", "", 0, REPORT_AS(REPORT_STRING, row, text)},
    {"hash", "hash", "", 0, REPORT_AS(REPORT_HEX, row, hash)},
};

TEST(texts_of_a_report)
{
    arena_init(&arena);
    struct exclude *exclude = compile("secret");
    struct row rows[] = {{"a secret", 1}, {"other", 2}};
    struct report *report = report_create(&arena, "test", 1, "about secret");
    struct report_table *hashed = REPORT_ADD_TABLE(report, "hashed", "Table", columns);
    struct report_table *bare = report_add_table(report, "bare", "the secret table", columns, 1);
    REPORT_ADD_ROWS(hashed, NULL, rows, 2);
    REPORT_ADD_ROWS(bare, NULL, rows, 2);
    report_add_note(report, REPORT_FINDING, "line 3 reads \"secret\"");
    report_add_text(report, "total", "total", text_of("secret"));
    report_input_set_ending(report_add_input(report, text_of("secret.trace"), "trace", 1, true),
                            text_of("failed: secret"));
    report_exclude(report, exclude);
    CHECK(text_begins_with(text_of(report->title), "(excluded"));
    CHECK(!hashed->cells[0].is_present);
    CHECK(text_is_equal(hashed->cells[2].text, text_of("other")));
    CHECK(text_begins_with(bare->cells[0].text, "(excluded: 8 bytes"));
    CHECK(text_begins_with(text_of(bare->title), "(excluded"));
    CHECK(text_begins_with(report->notes->text, "(excluded"));
    CHECK(text_begins_with(report->totals->value.text, "(excluded"));
    CHECK(text_begins_with(report->inputs->path, "(excluded"));
    CHECK(text_begins_with(report->inputs->ending, "(excluded"));
    exclude_release(exclude);
    arena_deinit(&arena);
}

TEST_MAIN
