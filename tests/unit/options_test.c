// options_test.c: parsing by tables, messages, help.

#include "analyzer/base/options.h"

#include "tests/support/tap.h"

struct settings {
    bool flag, on;
    const char *output;
    uint64_t count, bytes;
    double percent, limit;
    int format;
    struct option_list list;
};

static const char *const words[] = {"text", "json", NULL};

static const struct option table[] = {
    {OPTION_FLAG, 'f', "flag", NULL, NULL, "a flag", offsetof(struct settings, flag), 0, 0, NULL,
     0},
    {OPTION_FLAG, 'n', "on", NULL, "yes", "turn it off", offsetof(struct settings, on), 0, 0, NULL,
     0},
    {OPTION_STRING, 'o', "output", "FILE", "out.txt",
     "a file with a help text that is so long that it has to be wrapped at the right margin",
     offsetof(struct settings, output), 0, 0, NULL, 0},
    {OPTION_COUNT, 'c', "count", "N", "3", "a number", offsetof(struct settings, count), 1, 10,
     NULL, 0},
    {OPTION_BYTES, 0, "heap", "BYTES", NULL, "a size", offsetof(struct settings, bytes), 0, 0, NULL,
     0},
    {OPTION_PERCENT, 0, "share", "PERCENT", "1", "a share", offsetof(struct settings, percent), 0,
     0, NULL, 0},
    {OPTION_PERCENT, 0, "limit", "PERCENT", "-", "a share that may be missing",
     offsetof(struct settings, limit), 0, 0, NULL, 0},
    {OPTION_CHOICE, 0, "format", "NAME", "text", "text or json", offsetof(struct settings, format),
     0, 0, words, 0},
    {OPTION_PRESET, 0, "json", NULL, NULL, "the same as --format=json",
     offsetof(struct settings, format), 0, 0, NULL, 1},
    {OPTION_LIST, 'e', "exclude", "RE", NULL, "may be repeated", offsetof(struct settings, list), 0,
     0, NULL, 0},
    OPTION_TABLE_END,
};

static struct arena arena;
static struct settings settings;
static struct operands operands;
static struct problem problem;

// Parses a line of words divided by single spaces.
static int parse(unsigned flags, const char *line)
{
    static char copy[400];
    static char *argv[40];
    int argc = 0;
    snprintf(copy, sizeof copy, "%s", line);
    for (char *word = copy; *word;) {
        argv[argc++] = word;
        word += strcspn(word, " ");
        if (*word)
            *word++ = '\0';
    }
    struct option_group group = {table, &settings};
    settings = (struct settings){0};
    problem = (struct problem){0};
    arena_deinit(&arena);
    return options_parse(&group, 1, flags, argc, argv, &arena, &operands, &problem);
}

TEST(defaults_come_from_the_table)
{
    CHECK_EQUAL(parse(0, ""), STATUS_OK);
    CHECK(!settings.flag && settings.on && settings.bytes == 0);
    CHECK_TEXT(settings.output, "out.txt");
    CHECK_EQUAL(settings.count, 3);
    CHECK(settings.percent == 1);
    CHECK(settings.limit == -1);
    CHECK_EQUAL(settings.format, 0);
    CHECK_EQUAL(operands.count, 0);
    CHECK(operands.items[0] == NULL);
}

TEST(every_way_to_write_an_option)
{
    CHECK_EQUAL(parse(0, "-fo x --count=5 a --heap 44K -e one --exclude two -ethree - -- --flag"),
                STATUS_OK);
    CHECK(settings.flag);
    CHECK_TEXT(settings.output, "x");
    CHECK_EQUAL(settings.count, 5);
    CHECK_EQUAL(settings.bytes, 45056);
    CHECK_EQUAL(settings.list.count, 3);
    CHECK_TEXT(settings.list.items[2], "three");
    CHECK_EQUAL(operands.count, 3);
    CHECK_TEXT(operands.items[1], "-");
    CHECK_TEXT(operands.items[2], "--flag");
    const char *given[] = {"flag", "output", "count", "heap", "exclude"}; // each once
    for (int i = 0; i < 5; i++)
        CHECK_TEXT(operands.given[i]->name, given[i]);
    CHECK(operands.given[5] == NULL);
    CHECK_EQUAL(parse(0, "-ofile --no-on --share 2.5% --json"), STATUS_OK);
    CHECK_TEXT(settings.output, "file");
    CHECK(!settings.on);
    CHECK(settings.percent == 2.5);
    CHECK_EQUAL(settings.format, 1);
    CHECK_EQUAL(parse(0, "-f --no-flag --flag"), STATUS_OK);
    CHECK(settings.flag);
}

TEST(the_first_operand_can_end_the_options)
{
    CHECK_EQUAL(parse(OPTIONS_STOP, "-f script.lua -x --unknown"), STATUS_OK);
    CHECK_EQUAL(operands.count, 3);
    CHECK_TEXT(operands.items[2], "--unknown");
}

TEST(wrong_use_is_named)
{
    static const struct {
        const char *line, *message;
    } cases[] = {
        {"--ouptut=x", "unknown option '--ouptut', did you mean '--output'?"},
        {"--completely-different", "unknown option '--completely-different'"},
        {"--outp x", "unknown option '--outp', did you mean '--output'?"},
        {"-z", "unknown option '-z'"},
        {"--no-output", "unknown option '--no-output', did you mean '--output'?"},
        {"--output", "--output needs a value (FILE)"},
        {"-c", "-c needs a value (N)"},
        {"--flag=yes", "--flag takes no value"},
        {"-o a --output=b", "--output is given twice"},
        {"--json --format=text", "--json and --format cannot be combined"},
        {"--count=zero", "--count needs a number, not 'zero'"},
        {"--count=-1", "--count needs a number, not '-1'"},
        {"--count=11", "--count must be between 1 and 10"},
        {"--count=99999999999999999999", "--count needs a number, not '99999999999999999999'"},
        {"--heap=44Q", "--heap needs a size such as 45056 or 44K, not '44Q'"},
        {"--heap=99999999999999999G",
         "--heap needs a size such as 45056 or 44K, not '99999999999999999G'"},
        {"--share=half", "--share needs a percentage such as 1 or 0.5%, not 'half'"},
        {"--share=nan", "--share needs a percentage such as 1 or 0.5%, not 'nan'"},
        {"--format=xml", "--format must be one of text, json, not 'xml'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK_EQUAL(parse(0, cases[i].line), STATUS_USAGE);
        CHECK_TEXT(problem.message, cases[i].message);
    }
}

TEST(sizes)
{
    uint64_t bytes;
    CHECK(options_parse_bytes("0x10", &bytes) == STATUS_OK && bytes == 16);
    CHECK(options_parse_bytes("2m", &bytes) == STATUS_OK && bytes == 2 << 20);
    CHECK(options_parse_bytes("3G", &bytes) == STATUS_OK && bytes == UINT64_C(3) << 30);
    CHECK(options_parse_bytes("", &bytes) != STATUS_OK);
    CHECK(options_parse_bytes("1KB", &bytes) != STATUS_OK);
}

TEST(help_fits_eighty_columns)
{
    char *text;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    options_print_help(table, OPTIONS_HELP_COLUMNS, out);
    fclose(out);
    for (char *line = text; *line;) {
        size_t length = strcspn(line, "\n");
        CHECK(length < 80);
        line += length + 1;
    }
    CHECK(strstr(text, "  -o, --output=FILE        a file with a help text") != NULL);
    CHECK(strstr(text, "[out.txt]") != NULL);
    CHECK(strstr(text, "  -n, --no-on              turn it off\n") != NULL);
    free(text);
}

TEST_MAIN
