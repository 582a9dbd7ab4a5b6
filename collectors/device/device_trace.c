// device_trace.c: keeps what strings a device has, and tells what changed from list to list.

#include "collectors/device/device_trace.h"

#include <assert.h>

#define GAP_MAX 32768u // a larger one is a device that started again
#define TIME_MASK ((1u << DEVICE_TIME_BITS) - 1)
#define NS_PER_US 1000u
#define HANDLE_STEP 4u // handles look like addresses of words

// A string that is known to exist.
struct known {
    uint64_t hash;
    uint32_t bytes;
    uint32_t text; // id
    uint32_t list; // number of the newest list that had it
    bool is_flash;
};

// A string of the list that comes in.
struct listed {
    uint64_t hash;
    uint32_t bytes;
    struct text text; // what the device sent of it
};

struct list {
    bool is_open, has_begin, is_broken;
    enum device_place place;
    struct listed *items;
    uint32_t count, room;
    bool has_string; // lines of a string come in
    uint32_t text_bytes, text_wanted, string_bytes;
};

struct device_trace {
    struct arena *arena;
    struct arena list_arena;
    struct device_sink sink;
    const struct device_image *image; // NULL: none was given
    bool is_without_text;
    struct device_counts counts;
    uint32_t damaged_since_good;
    bool has_begun;
    uint32_t sequence_next;
    uint32_t time_us; // of the last line
    uint64_t clock;
    uint32_t text_max;   // bytes of a string that the device sends; 0: not known
    uint32_t lua_bytes;  // last said
    struct known *known; // DEVICE_STRINGS_MAX
    uint32_t known_count, list_number;
    struct hash_table known_by_hash;
    uint32_t *free_ids; // texts that can be defined again
    uint32_t free_count, id_last;
    struct list list;
    char text[TRACE_TEXT_BYTES_MAX]; // of the string that comes in
};

struct device_trace *device_trace_create(struct arena *arena, const struct device_sink *sink,
                                         bool is_without_text)
{
    struct device_trace *trace = ARENA_NEW(arena, struct device_trace);
    trace->arena = arena;
    trace->sink = *sink;
    trace->is_without_text = is_without_text;
    trace->known = ARENA_NEW_ARRAY(arena, struct known, DEVICE_STRINGS_MAX);
    hash_table_init(&trace->known_by_hash, arena, DEVICE_STRINGS_MAX);
    trace->free_ids = ARENA_NEW_ARRAY(arena, uint32_t, DEVICE_STRINGS_MAX);
    arena_init(&trace->list_arena);
    return trace;
}

void device_trace_set_image(struct device_trace *trace, const struct device_image *image)
{
    trace->image = image;
}

const struct device_counts *device_trace_counts(const struct device_trace *trace)
{
    return &trace->counts;
}

static int put(struct device_trace *trace, struct trace_event *event, struct problem *problem)
{
    event->clock = trace->clock;
    return trace->sink.event(trace->sink.context, event, problem);
}

static void lose(struct device_trace *trace, uint64_t lines)
{
    if (lines == 0)
        return;
    trace->counts.lost += lines;
    trace->list.is_broken = true;
    trace->sink.lost(trace->sink.context, lines);
}

// ---- known strings ----

// The string if it is known, else NULL.
static struct known *find(struct device_trace *trace, uint64_t hash, uint32_t bytes)
{
    uint32_t i;
    HASH_TABLE_EACH (&trace->known_by_hash, hash_u64(hash), i)
        if (trace->known[i].hash == hash && trace->known[i].bytes == bytes)
            return &trace->known[i];
    return NULL;
}

static void enter(struct device_trace *trace, const struct known *known)
{
    hash_table_add(&trace->known_by_hash, hash_u64(known->hash), trace->known_count);
    trace->known[trace->known_count++] = *known;
}

// Leaves out what `is_gone`; the others are entered again.
static void rebuild(struct device_trace *trace,
                    bool (*is_gone)(const struct device_trace *trace, const struct known *known))
{
    uint32_t count = trace->known_count;
    hash_table_clear(&trace->known_by_hash);
    trace->known_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (is_gone(trace, &trace->known[i]))
            trace->free_ids[trace->free_count++] = trace->known[i].text;
        else
            enter(trace, &trace->known[i]); // at or before where it stood
    }
}

static bool is_not_listed(const struct device_trace *trace, const struct known *known)
{
    return !known->is_flash && known->list != trace->list_number;
}

static bool is_anything(const struct device_trace *trace, const struct known *known)
{
    (void)trace;
    (void)known;
    return true;
}

// ---- lists ----

static int tell_gone(struct device_trace *trace, struct problem *problem)
{
    uint32_t gone = 0;
    for (uint32_t i = 0; i < trace->known_count; i++) {
        if (!is_not_listed(trace, &trace->known[i]))
            continue;
        struct trace_event event = {.id = TRACE_ID_free};
        event.free.addr = trace->known[i].text * HANDLE_STEP;
        int status = put(trace, &event, problem);
        if (status != STATUS_OK)
            return status;
        gone++;
    }
    if (gone)
        rebuild(trace, is_not_listed);
    return STATUS_OK;
}

// Marks the strings that were known; moves the others to the front of the list.
static uint32_t sort_out(struct device_trace *trace)
{
    struct list *list = &trace->list;
    uint32_t count = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        struct known *known = find(trace, list->items[i].hash, list->items[i].bytes);
        if (known)
            known->list = trace->list_number;
        else
            list->items[count++] = list->items[i];
    }
    return count;
}

static int tell_new(struct device_trace *trace, const struct listed *item, struct problem *problem)
{
    if (find(trace, item->hash, item->bytes))
        return STATUS_OK; // twice in the list: longer strings that begin alike
    if (trace->known_count == DEVICE_STRINGS_MAX)
        return problem_set(problem, STATUS_LIMIT, (struct text){0}, PROBLEM_NO_OFF,
                           "more than %u strings at once: this is not a device",
                           DEVICE_STRINGS_MAX);
    bool is_flash = trace->list.place == DEVICE_FLASH;
    uint32_t id = trace->free_count ? trace->free_ids[--trace->free_count] : ++trace->id_last;
    enter(trace, &(struct known){item->hash, item->bytes, id, trace->list_number, is_flash});
    struct trace_event text = {.id = TRACE_ID_text}, event = {0};
    text.text.id = id;
    text.text.hash = item->hash;
    text.text.bytes = item->bytes;
    if (!trace->is_without_text)
        text.text.text = item->text;
    if (is_flash) {
        event.id = TRACE_ID_string_found;
        event.string_found.text = id;
        event.string_found.place = PLACE_FLASH;
    } else {
        event.id = TRACE_ID_string_new;
        event.string_new.addr = id * HANDLE_STEP;
        event.string_new.text = id;
    }
    int status = put(trace, &text, problem);
    return status == STATUS_OK ? put(trace, &event, problem) : status;
}

// The string whose lines came in belongs to the list now, unless some of it is missing.
static void end_string(struct device_trace *trace)
{
    struct list *list = &trace->list;
    if (!list->has_string)
        return;
    list->has_string = false;
    if (list->text_bytes < list->text_wanted) {
        list->is_broken = true;
    } else if (list->count < DEVICE_STRINGS_MAX) {
        if (list->count == list->room) {
            uint32_t room = list->room ? list->room * 2 : 256;
            list->items = arena_grow_array(&trace->list_arena, list->items, list->count, room,
                                           sizeof *list->items);
            list->room = room;
        }
        struct text text = arena_copy_text(&trace->list_arena,
                                           (struct text){trace->text, list->text_bytes});
        list->items[list->count++] = (struct listed){trace_text_hash(text.data, text.bytes),
                                                     list->string_bytes, text};
    }
}

// Lines are lost: further characters of the string may be among them.
static void settle_string(struct device_trace *trace)
{
    struct list *list = &trace->list;
    if (trace->text_max || list->text_bytes == list->string_bytes)
        end_string(trace);
    else
        list->has_string = false;
}

static void begin_list(struct device_trace *trace, bool has_begin, enum device_place place)
{
    arena_deinit(&trace->list_arena);
    arena_init(&trace->list_arena);
    trace->list = (struct list){.is_open = true, .has_begin = has_begin, .place = place};
}

// Takes the list in. `said`: how many strings the device sent, UINT32_MAX if that is not known.
static int end_list(struct device_trace *trace, uint32_t said, struct problem *problem)
{
    struct list *list = &trace->list;
    if (!list->is_open)
        return STATUS_OK;
    end_string(trace);
    list->is_open = false;
    uint32_t received = list->count;
    uint32_t missing = said == UINT32_MAX ? 1 : said > received ? said - received : 0;
    bool is_whole = list->has_begin && !list->is_broken && said == received;
    if (!is_whole && missing == 0)
        missing = 1;
    trace->list_number++;
    uint32_t new_count = sort_out(trace);
    int status = STATUS_OK;
    if (is_whole && list->place == DEVICE_RAM)
        status = tell_gone(trace, problem);
    for (uint32_t i = 0; status == STATUS_OK && i < new_count; i++)
        status = tell_new(trace, &list->items[i], problem);
    struct trace_event event = {.id = TRACE_ID_snapshot};
    event.snapshot.place = list->place == DEVICE_FLASH ? PLACE_FLASH : PLACE_RAM;
    event.snapshot.strings = received + (is_whole ? 0 : missing);
    event.snapshot.missing = is_whole ? 0 : missing;
    if (list->place == DEVICE_FLASH && is_whole && trace->image)
        trace->counts.is_other_image |= received != trace->image->strings;
    if (list->place == DEVICE_RAM && is_whole)
        trace->counts.snapshots++;
    else if (!is_whole)
        trace->counts.snapshots_incomplete++;
    return status == STATUS_OK ? put(trace, &event, problem) : status;
}

static void begin_string(struct device_trace *trace, const struct device_record *record)
{
    struct list *list = &trace->list;
    if (!list->is_open)
        begin_list(trace, false, DEVICE_RAM); // its first line is lost
    end_string(trace);
    uint32_t bytes = record->fields[0];
    uint32_t wanted = !trace->text_max          ? (uint32_t)record->text_bytes
                      : bytes < trace->text_max ? bytes
                                                : trace->text_max;
    list->string_bytes = bytes;
    list->text_wanted = wanted;
    list->text_bytes = (uint32_t)record->text_bytes;
    list->has_string = true;
    memcpy(trace->text, record->text, record->text_bytes);
}

static void go_on_with_string(struct device_trace *trace, const struct device_record *record)
{
    struct list *list = &trace->list;
    uint32_t bytes = list->text_bytes + (uint32_t)record->text_bytes;
    if (!list->has_string || bytes > TRACE_TEXT_BYTES_MAX || bytes > list->string_bytes) {
        list->is_broken = true;
        list->has_string = false;
        return;
    }
    memcpy(trace->text + list->text_bytes, record->text, record->text_bytes);
    list->text_bytes = bytes;
}

// ---- boots, order, time ----

static int boot(struct device_trace *trace, const struct device_record *record,
                struct problem *problem)
{
    struct trace_event event = {.id = TRACE_ID_boot};
    bool is_integer = record->kind == 'B' && record->is_integer;
    rebuild(trace, is_anything);
    trace->counts.boots++;
    trace->counts.is_integer = is_integer;
    trace->text_max = 0;
    event.boot.number = (uint16_t)trace->counts.boots;
    event.boot.flags = TRACE_BOOT_STOCK | (is_integer ? TRACE_BOOT_INTEGER : 0);
    event.boot.command = text_of("stock firmware");
    int status = put(trace, &event, problem);
    if (status != STATUS_OK || !trace->image)
        return status;
    struct trace_event mounted = {.id = TRACE_ID_image_mounted};
    mounted.image_mounted.addr = trace->image->addr;
    mounted.image_mounted.bytes = trace->image->bytes;
    mounted.image_mounted.crc = trace->image->crc;
    mounted.image_mounted.file = text_of(trace->image->file);
    return put(trace, &mounted, problem);
}

// Counts what is missing before this line. Result: the device started again.
static bool note_order(struct device_trace *trace, const struct device_record *record)
{
    uint32_t gap = (record->sequence - trace->sequence_next) & (DEVICE_SEQUENCE_COUNT - 1);
    bool is_new = !trace->has_begun || gap > GAP_MAX ||
                  (record->kind == 'B' && record->sequence == 0 && gap > 0);
    if (is_new)
        gap = trace->has_begun ? record->sequence : 0;
    trace->sequence_next = (record->sequence + 1) & (DEVICE_SEQUENCE_COUNT - 1);
    // Without a gap what looked damaged was no line of the device, unless nothing came before.
    lose(trace, is_new && trace->damaged_since_good > gap ? trace->damaged_since_good : gap);
    if (gap)
        settle_string(trace);
    trace->damaged_since_good = 0;
    return is_new;
}

static void note_time(struct device_trace *trace, const struct device_record *record, bool is_new)
{
    uint32_t passed = is_new ? record->time_us : (record->time_us - trace->time_us) & TIME_MASK;
    trace->clock += (uint64_t)passed * NS_PER_US;
    trace->time_us = record->time_us;
}

// ---- records ----

static int take_heap(struct device_trace *trace, const struct device_record *record,
                     struct problem *problem)
{
    struct trace_event event = {.id = TRACE_ID_device_heap};
    event.device_heap.free_bytes = record->fields[0];
    event.device_heap.lua_bytes = record->fields[1];
    event.device_heap.live_bytes = record->fields[2];
    trace->lua_bytes = record->fields[1];
    return put(trace, &event, problem);
}

static int take_mark(struct device_trace *trace, const struct device_record *record,
                     struct problem *problem)
{
    struct trace_event event = {.id = TRACE_ID_mark};
    event.mark.text = (struct text){record->text, trace->is_without_text ? 0 : record->text_bytes};
    return put(trace, &event, problem);
}

static int take_end(struct device_trace *trace, const struct device_record *record,
                    struct problem *problem)
{
    if (!trace->list.is_open)
        begin_list(trace, false, record->place);
    if (trace->list.has_begin && trace->list.place != record->place)
        trace->list.is_broken = true;
    trace->list.place = record->place;
    return end_list(trace, record->fields[0], problem);
}

static int take_kind(struct device_trace *trace, const struct device_record *record,
                     struct problem *problem)
{
    int status = STATUS_OK;
    switch (record->kind) {
    case 'B':
        trace->text_max = record->fields[0] < TRACE_TEXT_BYTES_MAX ? record->fields[0]
                                                                   : TRACE_TEXT_BYTES_MAX;
        return STATUS_OK;
    case 'H':
        return take_heap(trace, record, problem);
    case 'S':
        status = end_list(trace, UINT32_MAX, problem);
        begin_list(trace, true, record->place);
        return status;
    case 'T':
        begin_string(trace, record);
        return STATUS_OK;
    case 'U':
        go_on_with_string(trace, record);
        return STATUS_OK;
    case 'E':
        return take_end(trace, record, problem);
    case 'N':
        trace->counts.refused++;
        trace->list.is_open = false;
        return STATUS_OK;
    case 'M':
        return take_mark(trace, record, problem);
    default:
        assert(record->kind == 'X');
        trace->list.is_open = false;
        return STATUS_OK;
    }
}

static int take(struct device_trace *trace, const struct device_record *record,
                struct problem *problem)
{
    int status = STATUS_OK;
    bool is_new = note_order(trace, record);
    if (is_new && trace->has_begun)
        status = end_list(trace, UINT32_MAX, problem);
    note_time(trace, record, is_new);
    trace->counts.lines++;
    trace->counts.is_stopped = record->kind == 'X';
    if (status == STATUS_OK && is_new)
        status = boot(trace, record, problem);
    trace->has_begun = true;
    return status == STATUS_OK ? take_kind(trace, record, problem) : status;
}

int device_trace_line(struct device_trace *trace, struct text line, struct problem *problem)
{
    struct device_record record;
    enum device_finding finding;
    int count = 0;
    while ((finding = device_line_next(&line, &record)) != DEVICE_NONE) {
        count++;
        if (finding == DEVICE_GOOD) {
            int status = take(trace, &record, problem);
            if (status != STATUS_OK)
                return status;
        } else if (finding == DEVICE_DAMAGED) {
            trace->counts.damaged++;
            trace->damaged_since_good++;
        } else {
            trace->counts.foreign++;
        }
    }
    return count;
}

int device_trace_finish(struct device_trace *trace, struct problem *problem)
{
    int status = STATUS_OK;
    lose(trace, trace->damaged_since_good);
    trace->damaged_since_good = 0;
    if (trace->has_begun) {
        struct trace_event event = {.id = TRACE_ID_end};
        event.end.lua_bytes = trace->lua_bytes;
        status = end_list(trace, UINT32_MAX, problem);
        if (status == STATUS_OK)
            status = put(trace, &event, problem);
    }
    arena_deinit(&trace->list_arena);
    return status;
}
