// export_dhat.c: how often each byte of each string was read, and how long strings lived, for the
// viewer of valgrind's DHAT (dh_view.html) and what else reads its files.
//
// Writes: DHAT's JSON, version 2. A program point is one text, so that its blocks have one size and
// the viewer shows counts per byte; a block is a string's characters, without header and end. A
// text in flash is a block that lives as long as the run. Time is in instructions of the VM.
// Counts per byte stop at 65535, which the viewer shows as infinite.

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "analyzer/base/number_text.h"
#include "reports/export.h"
#include "reports/json_text.h"

#define ACCESS_MAX 0xFFFFu
#define SHORT_LIVED_CLOCKS 500u
#define FRAME_FLASH 1
#define FRAME_RAM 2
#define FRAMES_FIXED 3 // [root], flash, RAM; then the sites, then the texts

// Lines as they grow. There are as many as texts, so neither printf nor a call to the C library
// for each number: they are written when there may be no room for another field, and at the end.
struct lines {
    FILE *out;
    size_t bytes;
    char text[1024];
};
#define FIELD_BYTES_MAX 64u // of a key and its number

static void write_lines(struct lines *lines)
{
    fwrite_unlocked(lines->text, 1, lines->bytes, lines->out);
    lines->bytes = 0;
}

static void put_text(struct lines *lines, const char *text)
{
    size_t bytes = strlen(text);
    assert(bytes <= FIELD_BYTES_MAX - NUMBER_DIGITS_BYTES);
    if (lines->bytes > sizeof lines->text - FIELD_BYTES_MAX)
        write_lines(lines);
    memcpy(lines->text + lines->bytes, text, bytes);
    lines->bytes += bytes;
}

static void put_field(struct lines *lines, const char *key, uint64_t value)
{
    put_text(lines, key);
    lines->bytes += number_digits(value, lines->text + lines->bytes);
}

// Runs of equal counts are written as -length, count.
static void put_access(const struct export_text *text, struct lines *lines)
{
    put_text(lines, ",\n   \"acc\":[");
    for (uint32_t i = 0; i < text->bytes;) {
        uint32_t count = text->access[i] < ACCESS_MAX ? text->access[i] : ACCESS_MAX;
        uint32_t end = i + 1;
        while (end < text->bytes && text->access[end] == text->access[i])
            end++;
        const char *comma = i ? "," : "";
        if (end - i > 1) {
            put_field(lines, i ? ",-" : "-", end - i);
            comma = ",";
        }
        put_field(lines, comma, count);
        i = end;
    }
    put_text(lines, "]");
}

static void put_point(const struct export_profile *profile, size_t idx, struct lines *lines)
{
    const struct export_text *text = &profile->texts[idx];
    uint64_t bytes = text->bytes, blocks = text->blocks + text->is_in_flash;
    unsigned peak = text->is_at_peak || text->is_in_flash;
    unsigned end = text->is_at_end || text->is_in_flash;
    put_field(lines, "  {\"tb\":", bytes * blocks);
    put_field(lines, ",\"tbk\":", blocks);
    put_field(lines,
              ",\"tl\":", text->lifetime_clocks + (text->is_in_flash ? profile->clock_end : 0));
    put_field(lines, ",\"mb\":", bytes);
    put_field(lines, ",\"mbk\":1,\"gb\":", bytes * peak);
    put_field(lines, ",\"gbk\":", peak);
    put_field(lines, ",\"eb\":", bytes * end);
    put_field(lines, ",\"ebk\":", end);
    put_field(lines, ",\"rb\":", text->reads);
    put_field(lines, ",\"wb\":0,\n   \"fs\":[", text->is_in_flash ? FRAME_FLASH : FRAME_RAM);
    put_field(lines, ",", FRAMES_FIXED + text->site_idx);
    put_field(lines, ",", FRAMES_FIXED + profile->site_count + idx);
    put_text(lines, "]");
    if (text->access)
        put_access(text, lines);
    put_text(lines, "}");
}

static void put_frames(const struct export_profile *profile, struct arena *scratch, FILE *out)
{
    fputs(" \"ftbl\":[\"[root]\",\n  \"strings in flash\",\n  \"strings in RAM\"", out);
    for (size_t i = 0; i < profile->site_count; i++) {
        const struct export_site *site = &profile->sites[i];
        fputs(",\n  ", out);
        if (site->source.bytes == 0)
            json_text_put(out, text_of(arena_format(scratch, "first used in %s",
                                                    export_function_name(scratch, site))));
        else
            json_text_put(out, text_of(arena_format(scratch, "first used at %s%s%.*s%s",
                                                    export_line_name(scratch, site),
                                                    site->c_function.bytes ? " (" : "",
                                                    TEXT_ARGS(site->c_function),
                                                    site->c_function.bytes ? ")" : "")));
    }
    for (size_t i = 0; i < profile->text_count; i++) {
        struct arena_mark mark = arena_mark(scratch);
        fputs(",\n  ", out);
        json_text_put(out, text_of(export_text_name(scratch, &profile->texts[i])));
        arena_rewind(scratch, mark);
    }
    fputs("]\n", out);
}

static int write_dhat(const struct export_profile *profile, struct arena *scratch, FILE *out,
                      struct problem *problem)
{
    bool is_first = true;
    struct lines lines = {.out = out};
    (void)problem;
    fputs("{\"dhatFileVersion\":2,\"mode\":\"frost-strings\",\"verb\":\"Made\",\n"
          " \"bklt\":true,\"bkacc\":true,\"bksu\":\"strings\","
          "\"tu\":\"instrs\",\"Mtu\":\"Minstr\",\n",
          out);
    fprintf(out, " \"tuth\":%u,\"cmd\":", SHORT_LIVED_CLOCKS);
    json_text_put(out, text_of(arena_format(scratch, "%s%s%s%s%s%s", profile->command,
                                            *profile->ending ? " (" : "", profile->ending,
                                            *profile->ending ? ")" : "",
                                            *profile->missing ? "; " : "", profile->missing)));
    fprintf(out, ",\"pid\":0,\"tg\":%" PRIu64 ",\"te\":%" PRIu64 ",\n \"pps\":[",
            profile->clock_peak, profile->clock_end ? profile->clock_end : 1);
    for (size_t i = 0; i < profile->text_count; i++) {
        if (profile->texts[i].bytes == 0)
            continue;
        put_text(&lines, is_first ? "\n" : ",\n");
        is_first = false;
        put_point(profile, i, &lines);
    }
    write_lines(&lines);
    fputs("],\n", out);
    put_frames(profile, scratch, out);
    fputs("}\n", out);
    return STATUS_OK;
}

const struct exporter exporter_dhat = {"dhat", "dhat.out.json", write_dhat};
