// export_dhat.c: how often each byte of each string was read, and how long strings lived, for the
// viewer of valgrind's DHAT (dh_view.html) and what else reads its files.
//
// Writes: DHAT's JSON, version 2. A program point is one text, so that its blocks have one size and
// the viewer shows counts per byte; a block is a string's characters, without header and end. A
// text in flash is a block that lives as long as the run. Time is in instructions of the VM.
// Counts per byte stop at 65535, which the viewer shows as infinite.

#include <inttypes.h>

#include "reports/export.h"
#include "reports/json_text.h"
#include "reports/value_text.h"

#define ACCESS_MAX 0xFFFFu
#define SHORT_LIVED_CLOCKS 500u
#define FRAME_FLASH 1
#define FRAME_RAM 2
#define FRAMES_FIXED 3 // [root], flash, RAM; then the sites, then the texts

// There are as many points as texts, so this is not left to printf.
static void put_field(FILE *out, const char *key, uint64_t value)
{
    fputs_unlocked(key, out);
    value_put_digits(out, value);
}

// Runs of equal counts are written as -length, count.
static void put_access(const struct export_text *text, FILE *out)
{
    fputs(",\n   \"acc\":[", out);
    for (uint32_t i = 0; i < text->bytes;) {
        uint32_t count = text->access[i] < ACCESS_MAX ? text->access[i] : ACCESS_MAX;
        uint32_t end = i + 1;
        while (end < text->bytes && text->access[end] == text->access[i])
            end++;
        if (i)
            fputc(',', out);
        if (end - i > 1) {
            put_field(out, "-", end - i);
            fputc(',', out);
        }
        value_put_digits(out, count);
        i = end;
    }
    fputc(']', out);
}

static void put_point(const struct export_profile *profile, size_t idx, FILE *out)
{
    const struct export_text *text = &profile->texts[idx];
    uint64_t bytes = text->bytes, blocks = text->blocks + text->is_in_flash;
    unsigned peak = text->is_at_peak || text->is_in_flash;
    unsigned end = text->is_at_end || text->is_in_flash;
    put_field(out, "  {\"tb\":", bytes * blocks);
    put_field(out, ",\"tbk\":", blocks);
    put_field(out,
              ",\"tl\":", text->lifetime_clocks + (text->is_in_flash ? profile->clock_end : 0));
    put_field(out, ",\"mb\":", bytes);
    put_field(out, ",\"mbk\":1,\"gb\":", bytes * peak);
    put_field(out, ",\"gbk\":", peak);
    put_field(out, ",\"eb\":", bytes * end);
    put_field(out, ",\"ebk\":", end);
    put_field(out, ",\"rb\":", text->reads);
    put_field(out, ",\"wb\":0,\n   \"fs\":[", text->is_in_flash ? FRAME_FLASH : FRAME_RAM);
    put_field(out, ",", FRAMES_FIXED + text->site_idx);
    put_field(out, ",", FRAMES_FIXED + profile->site_count + idx);
    fputc(']', out);
    if (text->access)
        put_access(text, out);
    fputc('}', out);
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
            json_text_put(
                out, text_of(arena_format(
                         scratch, "first used at %.*s:%" PRIu32 "%s%.*s%s", TEXT_ARGS(site->source),
                         site->line, site->c_function.bytes ? " (" : "",
                         TEXT_ARGS(site->c_function), site->c_function.bytes ? ")" : "")));
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
        fputs(is_first ? "\n" : ",\n", out);
        is_first = false;
        put_point(profile, i, out);
    }
    fputs("],\n", out);
    put_frames(profile, scratch, out);
    fputs("}\n", out);
    return STATUS_OK;
}

const struct exporter exporter_dhat = {"dhat", "dhat.out.json", write_dhat};
