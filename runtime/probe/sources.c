// sources.c: see sources.h.

#include "runtime/probe/sources.h"

#include <assert.h>
#include <string.h>

#include "runtime/probe/credentials.h"
#include "runtime/probe/probe.h"
#include "runtime/probe/writer.h"

#ifdef FROST_CHIP
#define CALL_ROOM 16u // all powers of two
#define NUMBER_ROOM 32u
#define OBJECT_ROOM 16u
#define FILE_ROOM 16u
#else
#define CALL_ROOM 256u
#define NUMBER_ROOM 1024u
#define OBJECT_ROOM 256u
#define FILE_ROOM 256u
#endif
// All but the program's own: what a file passes on.
#define SOURCES_OF_OTHERS                                                                          \
    (TRACE_ORIGIN_NUMBER | TRACE_ORIGIN_ENVIRONMENT | TRACE_ORIGIN_INPUT | TRACE_ORIGIN_SECRET)
#define DEPTH_MAX 15u // of sections that lie in one another

// Sections: the sources of what is made in them. Deeper ones than DEPTH_MAX have those of the last.
struct sections {
    uint8_t sources[DEPTH_MAX + 1]; // [0]: outside all
    unsigned depth;
};

static struct sections world, code;

// What the C function of a call record has worked with so far.
static struct {
    uint32_t call;
    uint32_t sources;
    uint64_t clock; // when it last did
} calls[CALL_ROOM];

static uint8_t numbers[NUMBER_ROOM]; // made in a Lua function; several may share a place
static uint8_t objects[OBJECT_ROOM]; // what C functions were given with an object; the same
static uint8_t files[FILE_ROOM];     // what was written into a file, by its name; the same

#define IMAGES_MAX 4u
static struct {
    uint32_t addr, bytes;
} images[IMAGES_MAX];
static unsigned image_count; // that were mounted; beyond IMAGES_MAX strings have no source

void sources_note_image(uint32_t addr, uint32_t bytes)
{
    if (image_count < IMAGES_MAX) {
        images[image_count].addr = addr;
        images[image_count].bytes = bytes;
        image_count++;
    }
}

int sources_is_in_image(uint32_t addr)
{
    for (unsigned i = 0; i < image_count; i++)
        if (addr - images[i].addr < images[i].bytes)
            return 1;
    return 0;
}

void sources_boot(void)
{
    image_count = 0;
    world.depth = code.depth = 0;
    memset(calls, 0, sizeof calls);
    memset(numbers, 0, sizeof numbers);
    memset(objects, 0, sizeof objects);
}

// ---- sections ----

static void section_begin(struct sections *s, unsigned sources)
{
    s->depth++;
    if (s->depth <= DEPTH_MAX)
        s->sources[s->depth] = (uint8_t)sources;
}

static void section_end(struct sections *s)
{
    assert(s->depth > 0);
    s->depth--;
}

static unsigned sources_in(const struct sections *s)
{
    return s->sources[s->depth <= DEPTH_MAX ? s->depth : DEPTH_MAX];
}

void probe_source_begin(unsigned sources)
{
    section_begin(&world, sources);
}

void probe_source_end(void)
{
    section_end(&world);
}

void probe_code_begin(unsigned sources)
{
    section_begin(&code, sources);
}

void probe_code_end(void)
{
    section_end(&code);
}

unsigned probe_source_depth(void)
{
    return world.depth | code.depth << 16;
}

void probe_source_restore(unsigned depth)
{
    assert((depth & 0xffffu) <= world.depth && depth >> 16 <= code.depth);
    world.depth = depth & 0xffffu;
    code.depth = depth >> 16;
}

// ---- what a text passes on ----

unsigned sources_of_text(const struct text_entry *entry, int is_constant)
{
    unsigned least = text_least(entry), last = text_last(entry);
    unsigned sources = entry->bytes <= SOURCES_SHORT_BYTES && !is_constant ? last : least;
    if (!sources)
        sources = TRACE_ORIGIN_INPUT; // what is not known may be anything
    return sources | (entry->flags & TEXT_IS_SECRET ? TRACE_ORIGIN_SECRET : 0);
}

unsigned probe_text_sources(const char *text, int is_constant)
{
    uint32_t id = probe_writer.is_on ? texts_quiet_id_of_string(text) : 0;
    return id ? sources_of_text(&probe_writer.texts.entries[id], is_constant) : TRACE_ORIGIN_INPUT;
}

// ---- files ----

static unsigned file_place(const char *name)
{
    return (unsigned)trace_text_hash(name, strlen(name)) & (FILE_ROOM - 1);
}

unsigned probe_sources_of_file(const char *name)
{
    unsigned secret = credentials_is_name(name, (uint32_t)strlen(name)) ? TRACE_ORIGIN_SECRET : 0;
    return files[file_place(name)] | secret;
}

void probe_file_written(const char *name, const char *text)
{
    if (!writer_enter())
        return;
    files[file_place(name)] |= (uint8_t)(probe_text_sources(text, 0) & SOURCES_OF_OTHERS);
    writer_leave();
}

void probe_file_made_of(const char *name, const char *other)
{
    files[file_place(name)] |= (uint8_t)(probe_sources_of_file(other) & SOURCES_OF_OTHERS);
}

// ---- calls, objects, numbers ----

static unsigned place_of(uint32_t addr, unsigned room)
{
    return (addr / 8) & (room - 1);
}

static unsigned number_place(const struct probe_site *site)
{
    return (site->proto / 4 ^ site->proto / 4096) & (NUMBER_ROOM - 1);
}

static unsigned taken_at(const struct probe_site *site)
{
    unsigned place = place_of(site->call, CALL_ROOM);
    if (calls[place].call != site->call)
        return 0;
    // Call records of Lua functions are not told of at their beginning.
    return site->c_function || calls[place].clock == probe_clock ? calls[place].sources : 0;
}

void probe_call_begin(struct lua_State *L)
{
    if (!writer_enter())
        return;
    struct probe_site site;
    writer_look(L, &site);
    calls[place_of(site.call, CALL_ROOM)].call = 0;
    writer_leave();
}

static unsigned sources_of_function(struct lua_State *L, uint32_t function)
{
    probe_writer.is_busy++;
    unsigned sources = probe_function_sources(L, function);
    probe_writer.is_busy--;
    return sources;
}

static void frame_of(struct lua_State *L, struct probe_frame *frame)
{
    *frame = (struct probe_frame){0};
    if (!L)
        return;
    probe_writer.is_busy++;
    probe_site_frame(L, frame);
    probe_writer.is_busy--;
}

void sources_take(struct lua_State *L, const struct probe_site *site, unsigned sources)
{
    unsigned place = place_of(site->call, CALL_ROOM);
    unsigned before = taken_at(site);
    calls[place].call = site->call;
    calls[place].sources = before | sources;
    calls[place].clock = probe_clock;
    if (!site->c_function) // the VM reads a text as a number
        numbers[number_place(site)] |= (uint8_t)(sources & ~TRACE_ORIGIN_PROGRAM);
    if ((before | sources) == before || !site->c_function || !L)
        return;
    probe_writer.is_busy++;
    uint32_t object = probe_site_object(L);
    probe_writer.is_busy--;
    if (object)
        objects[place_of(object, OBJECT_ROOM)] |= (uint8_t)sources;
}

void probe_number_made(struct lua_State *L)
{
    if (!writer_enter())
        return;
    struct probe_site site;
    writer_look(L, &site);
    unsigned sources = site.c_function ? sources_of_function(L, site.c_function) : 0;
    sources |= taken_at(&site);
    sources &= TRACE_ORIGIN_ENVIRONMENT | TRACE_ORIGIN_INPUT | TRACE_ORIGIN_SECRET;
    if (sources && site.proto)
        numbers[number_place(&site)] |= (uint8_t)sources;
    writer_leave();
}

void probe_looked_up(struct lua_State *L, const char *key, const char *text)
{
    if (!writer_enter())
        return;
    struct probe_site site;
    unsigned sources = 0;
    if (probe_string_bytes(text) > SOURCES_SHORT_BYTES) {
        ; // it is what it is
    } else if (key) {
        sources = probe_text_sources(key, 0);
    } else {
        writer_look(L, &site);
        sources = numbers[number_place(&site)];
    }
    uint32_t id = sources && !trace_origin_is_program(sources) ? texts_quiet_id_of_string(text) : 0;
    if (id) {
        struct text_entry *entry = &probe_writer.texts.entries[id];
        text_set_last(entry, text_last(entry) | sources | TRACE_ORIGIN_DERIVED);
    }
    writer_leave();
}

// ---- secrets ----

void probe_stored(struct lua_State *L, const char *key, const char *text)
{
    if (!writer_enter()) // what is read here is no load of the program
        return;
    int is_secret = probe_string_bytes(text) >= SOURCES_MARK_BYTES_MIN &&
                    credentials_is_name(key, probe_string_bytes(key));
    writer_leave();
    if (is_secret)
        probe_secret(L, text);
}

void probe_credential(struct lua_State *L, const char *text)
{
    if (!writer_enter())
        return;
    int is_long = probe_string_bytes(text) >= SOURCES_MARK_BYTES_MIN;
    writer_leave();
    if (is_long)
        probe_secret(L, text);
}

void probe_code_loaded(struct lua_State *L, const struct proto *p)
{
    if (!writer_enter())
        return;
    probe_writer.is_busy++;
    probe_site_secrets(L, p);
    probe_writer.is_busy--;
    writer_leave();
}

// ---- makings ----

// Constants have the sources of the code that is being loaded: of a file, or of the text that the
// running function was given.
static unsigned sources_of_code(struct lua_State *L, const struct probe_site *site)
{
    unsigned sources = sources_in(&code);
    if (sources)
        return sources;
    struct probe_frame frame;
    sources = sources_in(&world) | taken_at(site);
    if (site->c_function) {
        frame_of(L, &frame);
        sources |= frame.sources;
    }
    // Numbers in the frame of `load` are none of the code's.
    sources &= TRACE_ORIGIN_INPUT | TRACE_ORIGIN_ENVIRONMENT | TRACE_ORIGIN_SECRET;
    return sources ? sources : TRACE_ORIGIN_DEVICE;
}

static unsigned sources_in_function(struct lua_State *L, const struct probe_site *site)
{
    struct probe_frame frame;
    frame_of(L, &frame);
    unsigned sources = frame.sources, taken = taken_at(site);
    if (frame.object)
        taken |= objects[place_of(frame.object, OBJECT_ROOM)];
    if (taken)
        sources |= taken | TRACE_ORIGIN_DERIVED;
    if (sources & TRACE_ORIGIN_NUMBER)
        sources |= numbers[number_place(site)];
    return sources | sources_of_function(L, site->c_function);
}

static unsigned find_sources(struct lua_State *L, const struct probe_site *site, unsigned given)
{
    unsigned around = sources_in(&world);
    if (given == TRACE_ORIGIN_DEVICE)
        return sources_of_code(L, site);
    if (given == TRACE_ORIGIN_NUMBER)
        return given | around | numbers[number_place(site)];
    if (given == TRACE_ORIGIN_LIBRARY)
        return given;
    if (around)
        return around;
    if (given)
        return given;
    if (site->c_function)
        return sources_in_function(L, site);
    unsigned taken = taken_at(site); // the message of an error in Lua code
    return taken ? taken | TRACE_ORIGIN_LIBRARY | TRACE_ORIGIN_DERIVED : 0;
}

unsigned sources_of_making(struct lua_State *L, const struct probe_site *site, const char *text,
                           struct text_entry *entry, unsigned given)
{
    unsigned sources = find_sources(L, site, given);
    if (sources & TRACE_ORIGIN_INPUT && !(sources & (TRACE_ORIGIN_SECRET | TRACE_ORIGIN_DERIVED)) &&
        credentials_are_in(text, entry->bytes))
        sources |= TRACE_ORIGIN_SECRET;
    if (!(sources & ~TRACE_ORIGIN_DERIVED))
        sources = text_least(entry);
    text_set_last(entry, sources);
    text_set_least(entry, trace_origin_least(text_least(entry), sources));
    return sources | (entry->flags & TEXT_IS_SECRET ? TRACE_ORIGIN_SECRET : 0);
}
