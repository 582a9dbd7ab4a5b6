// fuzz_trace.c: bytes as the `events` of a trace, and as a trace in text form.
//
// libFuzzer's entry point. Built with -DFUZZ_REPLAY it is a program that replays files and makes
// the seeds: `fuzz_trace FILE...`, `fuzz_trace --seeds DIRECTORY`.
// The first byte chooses: odd: text form, which is assembled and, if that works, read back; even:
// events after a right packet header, checked with a dictionary; 2, 6 ...: metadata up to the
// first NUL, then such events.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/trace/trace_dict.h"
#include "analyzer/trace/trace_layout.h"
#include "analyzer/trace/trace_reader.h"
#include "analyzer/trace/trace_text.h"
#include "analyzer/trace/trace_tsdl.h"
#include "analyzer/trace/trace_writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static struct arena arena;
static char directory[64];

static void require(int is_good, const char *what)
{
    if (is_good)
        return;
    fprintf(stderr, "fuzz_trace: %s\n", what);
    abort();
}

// An empty trace whose `events` is rewritten for each input.
static void make_directory(void)
{
    struct trace_writer *writer;
    struct problem problem = {0};
    snprintf(directory, sizeof directory, "/tmp/frost-fuzz-trace.XXXXXX");
    require(mkdtemp(directory) != NULL, "no temporary directory");
    require(trace_writer_open(&arena, directory, "fuzz", &writer, &problem) == STATUS_OK, "open");
    require(trace_writer_close(writer, &problem) == STATUS_OK, "close");
}

static void remove_directory(void)
{
    char path[80];
    static const char *const names[] = {"events", "metadata", ".frost/files"};
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/.frost", directory);
    rmdir(path);
    rmdir(directory);
}

// Reads everything twice, as an analysis does; both passes must agree.
static void read_trace(const char *path)
{
    struct problem problem = {0};
    struct trace *trace = NULL;
    if (trace_open(&arena, path, &trace, &problem) != STATUS_OK)
        return;
    uint64_t counts[2] = {0, 0};
    int ends[2] = {0, 0};
    for (int pass = 0; pass < 2; pass++) {
        struct trace_dict *dict = trace_dict_create(&arena);
        struct trace_event event;
        uint64_t clock = 0;
        while ((ends[pass] = trace_next(trace, &event)) > 0) {
            require(event.clock >= clock, "the clock went back");
            clock = event.clock;
            counts[pass] += event.id + 1;
            trace_dict_note(dict, &event, NULL);
            if (event.id == TRACE_ID_alloc)
                require(trace_kind_name(event.alloc.kind)[0] != '?', "kind outside its enum");
        }
        require(ends[pass] == 0 || trace_problem(trace)->message[0], "failure without a reason");
        require(trace_rewind(trace) == STATUS_OK, "rewind");
    }
    require(counts[0] == counts[1] && ends[0] == ends[1], "two passes differ");
    trace_close(trace);
}

static void write_file(const char *name, const void *data, size_t bytes)
{
    char path[80];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "wb");
    require(file && fwrite(data, 1, bytes, file) == bytes && fclose(file) == 0, name);
}

// The sizes and the uuid are put right, so that the input reaches the events.
static void fuzz_events(const uint8_t *data, size_t bytes, const uint8_t uuid[16])
{
    uint8_t *copy = malloc(bytes + 1);
    require(copy != NULL, "memory");
    memcpy(copy, data, bytes);
    struct trace_packet_header header;
    if (bytes >= sizeof header && data[bytes - 1] % 4 != 0) {
        memcpy(&header, copy, sizeof header);
        header.magic = TRACE_MAGIC;
        memcpy(header.uuid, uuid, sizeof header.uuid);
        header.stream_id = 0;
        header.packet_size = (uint32_t)bytes * 8;
        header.content_size = header.packet_size;
        header.timestamp_begin &= 0xffffffff;
        header.timestamp_end |= 1ull << 40;
        header.serial_first |= 1;
        memcpy(copy, &header, sizeof header);
    }
    write_file("events", copy, bytes);
    free(copy);
    read_trace(directory);
}

static void fuzz_metadata(const uint8_t *data, size_t bytes)
{
    static char ours[65536];
    static size_t our_bytes;
    if (!our_bytes) {
        FILE *out = fmemopen(ours, sizeof ours, "w");
        require(out != NULL, "memory");
        trace_tsdl_write(out, "fuzz");
        our_bytes = (size_t)ftell(out);
        fclose(out);
    }
    size_t length = strnlen((const char *)data, bytes);
    size_t skipped = length < bytes ? length + 1 : length;
    char *copy = malloc(length + 1);
    require(copy != NULL, "memory");
    memcpy(copy, data, length);
    struct trace_layout layout;
    unsigned line;
    int status = trace_layout_read(&arena, (struct text){copy, length}, &layout, &line);
    write_file("metadata", copy, length);
    if (status == STATUS_OK)
        fuzz_events(data + skipped, bytes - skipped, layout.uuid);
    else
        read_trace(directory);
    free(copy);
    write_file("metadata", ours, our_bytes);
}

static void fuzz_text(const uint8_t *data, size_t bytes)
{
    char path[80];
    struct problem problem = {0};
    snprintf(path, sizeof path, "%s/text", directory);
    struct text text = {(const char *)data, bytes};
    if (memmem(data, bytes, "image", 5)) // would write other files
        return;
    int status = trace_text_assemble_text(&arena, text, "fuzz", path, "fuzz", &problem);
    if (status != STATUS_OK) {
        require(problem.message[0], "failure without a reason");
        require(access(path, F_OK) != 0, "a directory is left");
        return;
    }
    read_trace(path);
    char file[96];
    static const char *const names[] = {"events", "metadata", ".frost/run.json", ".frost", ""};
    for (int i = 0; i < 5; i++) {
        snprintf(file, sizeof file, "%s/%s", path, names[i]);
        remove(file);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    if (!directory[0]) {
        make_directory();
        atexit(remove_directory);
    }
    if (bytes == 0)
        return 0;
    struct arena_mark mark = arena_mark(&arena);
    uint8_t uuid[16];
    trace_schema_uuid(uuid);
    if (data[0] % 4 == 2)
        fuzz_metadata(data + 1, bytes - 1);
    else if (data[0] % 2 == 0)
        fuzz_events(data + 1, bytes - 1, uuid);
    else
        fuzz_text(data + 1, bytes - 1);
    arena_rewind(&arena, mark);
    return 0;
}

#ifdef FUZZ_REPLAY

// A seed of each form, with every kind of event in it.
static int make_seeds(const char *into)
{
    char name[600];
    char text[8192] = "";
    for (unsigned id = 0; id < TRACE_ID_LIMIT; id++)
        if (trace_event_is_known(id))
            snprintf(text + strlen(text), sizeof text - strlen(text), "+%u %s\n", id,
                     trace_event_name(id));
    snprintf(text + strlen(text), sizeof text - strlen(text),
             "packet sequence=9 discarded=2\n+1 text id=3 text=\"a\\n\\x00\"\n"
             "run {\"schema\":\"frost/run/1\"}\n+400000000 alloc kind=\"table\"\n");
    snprintf(name, sizeof name, "%s/text", into);
    FILE *file = fopen(name, "wb");
    require(file && fputc(1, file) >= 0 && fputs(text, file) >= 0 && fclose(file) == 0, name);
    make_directory();
    char path[80];
    struct problem problem = {0};
    snprintf(path, sizeof path, "%s/text", directory);
    require(trace_text_assemble_text(&arena, text_of(text), "seed", path, "fuzz", &problem) ==
                STATUS_OK,
            problem.message);
    snprintf(name, sizeof name,
             "(printf '\\0'; cat %s/events) >%s/events && "
             "(printf '\\2'; sed 's/uuid = \"..../uuid = \"0000/' %s/metadata; printf '\\0'; "
             "cat %s/events) >%s/metadata && rm -r %s",
             path, into, path, path, into, directory);
    return system(name) != 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--seeds") == 0)
        return make_seeds(argv[2]);
    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        require(file && fseek(file, 0, SEEK_END) == 0, argv[i]);
        size_t bytes = (size_t)ftell(file);
        rewind(file);
        uint8_t *data = malloc(bytes ? bytes : 1);
        require(data && fread(data, 1, bytes, file) == bytes, argv[i]);
        fclose(file);
        LLVMFuzzerTestOneInput(data, bytes);
        free(data);
    }
    printf("%d inputs\n", argc - 1);
    return 0;
}

#endif
