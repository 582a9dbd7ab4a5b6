// hot_objects.c: objects by identity, so that the same string of two images is one object.
//
// hot_image.reads holds differences while events come (a range costs two additions, however long
// it is) and is summed up at the end.

#include "analyzer/analysis/hot/hot_objects.h"

#include <assert.h>

#include "analyzer/analysis/hot/hot_firmware.h"
#include "runtime/format/address_map.h"

#define ROOM_START 256u
#define STRING_HEADER_BYTES 16u
#define NAME_BYTES_MAX 300u

static struct hot_image *image_at(struct hot_objects *objects, uint32_t addr)
{
    for (uint32_t i = 0; i < objects->mounted_count; i++) {
        struct hot_image *image = &objects->images[objects->mounted[i]];
        if (addr - image->addr < image->bytes)
            return image;
    }
    return NULL;
}

// ---- objects ----

// Takes the texts of --exclude out of an object, whose hash tells what it is.
static void leave_out(const struct hot_objects *objects, struct hot_object *object)
{
    if (object->kind == HOT_OBJECT_STRING && exclude_matches(objects->exclude, object->text))
        object->text = (struct text){0};
    object->text = exclude_text(objects->exclude, objects->arena, object->text);
    object->module = exclude_text(objects->exclude, objects->arena, object->module);
}

static uint32_t find_or_add(struct hot_objects *objects, const struct hot_object *wanted)
{
    uint32_t key = hash_u64(wanted->hash + wanted->kind), i;
    HASH_TABLE_EACH (&objects->by_hash, key, i) {
        const struct hot_object *object = &objects->items[i];
        if (object->kind == wanted->kind && object->hash == wanted->hash &&
            object->bytes == wanted->bytes)
            return i;
    }
    if (objects->count == HOT_OBJECTS_MAX) {
        objects->lost_count++;
        return HOT_OBJECT_NONE;
    }
    if (objects->count == objects->room) {
        objects->items = arena_grow_array(objects->arena, objects->items, objects->count,
                                          objects->room * 2, sizeof *objects->items);
        objects->room *= 2;
    }
    struct hot_object *object = &objects->items[objects->count];
    *object = *wanted;
    leave_out(objects, object);
    object->text = arena_copy_text(objects->arena, object->text);
    hash_table_add(&objects->by_hash, key, objects->count);
    return objects->count++;
}

static struct text module_name(const struct image *image, int32_t module)
{
    static const struct text none;
    return module >= 0 ? image->modules[module].name : none;
}

static void set_place(const struct hot_objects *objects, struct hot_object *object,
                      const struct hot_image *image, uint32_t off)
{
    object->addr = image->addr + off;
    object->image = (uint32_t)(image - objects->images) + 1;
}

// What a function takes in RAM (sizes: runtime/core/object.h): record, code, constants, inner
// functions, lines with their NUL; closures and strings come on top.
static uint32_t function_ram_bytes(const struct image *image, const struct image_function *f)
{
    uint32_t value_bytes = image->is_integer ? 8 : 12;
    return 72 + 4 * f->code_count + value_bytes * f->constants_used + 4 * f->function_count +
           (uint32_t)f->lines.bytes + 1;
}

static uint32_t add_function(struct hot_objects *objects, const struct hot_image *in, int32_t idx,
                             enum hot_object_kind kind)
{
    char name[NAME_BYTES_MAX];
    const struct image_function *f = &in->image->functions[idx];
    struct hot_object object = {.kind = kind, .module = module_name(in->image, f->module)};
    object.text.bytes = image_function_name(in->image, idx, name, sizeof name);
    object.text.data = name;
    object.hash = trace_text_hash(object.module.data, object.module.bytes);
    object.hash = trace_hash_more(object.hash, name, object.text.bytes);
    object.bytes = kind == HOT_OBJECT_LINES ? (uint32_t)f->lines.bytes + 1
                                            : function_ram_bytes(in->image, f);
    set_place(objects, &object, in, f->off);
    return find_or_add(objects, &object);
}

static uint32_t add_lines(struct hot_objects *objects, const struct hot_image *in,
                          const struct image_string *string)
{
    for (uint32_t i = 0; i < in->image->function_count; i++)
        if (text_is_equal(in->image->functions[i].lines, string->text))
            return add_function(objects, in, (int32_t)i, HOT_OBJECT_LINES);
    return HOT_OBJECT_NONE;
}

static uint32_t add_string(struct hot_objects *objects, const struct hot_image *in, int32_t idx)
{
    const struct image_string *string = &in->image->strings[idx];
    if (string->uses == IMAGE_USE_LINES)
        return add_lines(objects, in, string);
    struct hot_object object = {
        .kind = HOT_OBJECT_STRING,
        .text = string->text,
        .module = module_name(in->image, string->module),
        .hash = trace_text_hash(string->text.data, string->text.bytes),
        .bytes = (uint32_t)string->text.bytes,
        .use_count = string->code_count,
    };
    set_place(objects, &object, in, string->off);
    uint32_t found = find_or_add(objects, &object);
    struct hot_object *item = &objects->items[found];
    if (item->kind == HOT_OBJECT_STRING && item->addr == 0) { // was known by its text alone
        leave_out(objects, &object);
        object.text = item->text.bytes ? item->text : arena_copy_text(objects->arena, object.text);
        *item = object;
    }
    return found;
}

static uint32_t add_table(struct hot_objects *objects, const struct hot_image *in)
{
    struct hot_object object = {.kind = HOT_OBJECT_TABLE,
                                .text = text_of("header, hash vector"),
                                .hash = in->crc,
                                .bytes = in->bytes};
    set_place(objects, &object, in, 0);
    return find_or_add(objects, &object);
}

static uint32_t resolve(struct hot_objects *objects, const struct hot_image *in, uint32_t addr)
{
    struct image_place place;
    if (!in->image || !image_find_addr(in->image, in->addr, addr, &place))
        return HOT_OBJECT_NONE;
    if (place.span->string >= 0)
        return add_string(objects, in, place.span->string);
    if (place.span->function >= 0)
        return add_function(objects, in, place.span->function, HOT_OBJECT_FUNCTION);
    return add_table(objects, in);
}

// ---- of the firmware ----

static uint32_t add_firmware(struct hot_objects *objects, uint32_t addr)
{
    static const enum hot_object_kind kinds[] = {
        [FIRMWARE_TEXT] = HOT_OBJECT_C_TEXT, [FIRMWARE_DATA] = HOT_OBJECT_C_DATA,
        [FIRMWARE_CODE] = HOT_OBJECT_C_CODE, [FIRMWARE_LITERALS] = HOT_OBJECT_C_CODE,
        [FIRMWARE_REST] = HOT_OBJECT_C_DATA,
    };
    struct firmware_object found;
    if (!firmware_object_of_word(objects->firmware, addr, &found))
        return HOT_OBJECT_NONE;
    struct hot_object object = {
        .kind = kinds[found.kind], .text = found.name, .bytes = found.bytes, .addr = found.addr};
    // Literals and code of a function are one object; texts may be there twice.
    object.hash = trace_text_hash(found.name.data, found.name.bytes);
    if (object.kind == HOT_OBJECT_C_CODE)
        object.bytes = 0;
    else
        object.hash ^= (uint64_t)found.addr << 32;
    return find_or_add(objects, &object);
}

static uint32_t firmware_at(struct hot_objects *objects, uint32_t addr)
{
    const struct elf_image *firmware = objects->firmware;
    const struct elf_section *section = elf_image_section(firmware, addr);
    if (!section || !section->data)
        return HOT_OBJECT_NONE;
    if (!objects->firmware_objects)
        objects->firmware_objects = ARENA_NEW_ARRAY(objects->arena, uint32_t *,
                                                    firmware->section_count);
    uint32_t **known = &objects->firmware_objects[section - firmware->sections];
    if (!*known)
        *known = ARENA_NEW_ARRAY(objects->arena, uint32_t, (size_t)section->bytes / 4 + 1);
    uint32_t *one = &(*known)[(addr - section->addr) / 4];
    if (*one == 0)
        *one = add_firmware(objects, addr) + 1;
    return *one - 1;
}

uint32_t hot_objects_at(struct hot_objects *objects, uint32_t addr)
{
    struct hot_image *in = image_at(objects, addr);
    if (!in)
        return objects->firmware ? firmware_at(objects, addr) : HOT_OBJECT_NONE;
    uint32_t *known = &in->objects[(addr - in->addr) / 4];
    if (*known == 0)
        *known = resolve(objects, in, addr) + 1;
    return *known - 1;
}

uint32_t hot_objects_text(struct hot_objects *objects, uint64_t hash, uint32_t bytes,
                          struct text content, uint32_t addr)
{
    if (addr) {
        uint32_t found = hot_objects_at(objects, addr - STRING_HEADER_BYTES);
        if (found != HOT_OBJECT_NONE)
            return found;
    }
    struct hot_object object = {
        .kind = HOT_OBJECT_STRING, .text = content, .hash = hash, .bytes = bytes};
    return find_or_add(objects, &object);
}

// ---- images ----

void hot_objects_init(struct hot_objects *objects, struct arena *arena)
{
    *objects = (struct hot_objects){.arena = arena, .room = ROOM_START, .count = 1};
    objects->items = ARENA_NEW_ARRAY(arena, struct hot_object, ROOM_START);
    hash_table_init(&objects->by_hash, arena, ROOM_START);
}

void hot_objects_unmount_all(struct hot_objects *objects)
{
    objects->mounted_count = 0;
}

static void unmount_overlapping(struct hot_objects *objects, const struct hot_image *image)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < objects->mounted_count; i++) {
        const struct hot_image *old = &objects->images[objects->mounted[i]];
        if (old->addr - image->addr >= image->bytes && image->addr - old->addr >= old->bytes)
            objects->mounted[kept++] = objects->mounted[i];
    }
    objects->mounted_count = kept;
}

static void note_unreadable(struct hot_objects *objects, const struct problem *problem)
{
    if (objects->unreadable_count++ == 0)
        memcpy(objects->unreadable_why, problem->message, sizeof objects->unreadable_why);
}

static void read_image(struct hot_objects *objects, struct hot_image *image, const char *path)
{
    struct problem problem = {0};
    struct image_options options = {.base_addr = image->addr, .allows_rest = true};
    if (!path)
        problem_set(&problem, STATUS_DAMAGED, image->file, PROBLEM_NO_OFF, "bad name of a copy");
    if (!path || image_read_file(objects->arena, path, &options, &image->image, &problem) < 0) {
        image->image = NULL;
        note_unreadable(objects, &problem);
    }
}

// The number of the image, HOT_IMAGES_MAX if there are too many.
static uint32_t enter_image(struct hot_objects *objects, struct trace *trace,
                            const struct trace_event_image_mounted *mounted)
{
    for (uint32_t i = 0; i < objects->image_count; i++) {
        const struct hot_image *known = &objects->images[i];
        if (known->addr == mounted->addr && known->bytes == mounted->bytes &&
            known->crc == mounted->crc && text_is_equal(known->file, mounted->file))
            return i;
    }
    if (objects->image_count == HOT_IMAGES_MAX || mounted->bytes > WINDOW_BYTES)
        return HOT_IMAGES_MAX;
    struct hot_image *image = &objects->images[objects->image_count];
    *image = (struct hot_image){.file = arena_copy_text(objects->arena, mounted->file),
                                .addr = mounted->addr,
                                .bytes = mounted->bytes,
                                .crc = mounted->crc};
    image->objects = ARENA_NEW_ARRAY(objects->arena, uint32_t, mounted->bytes / 4 + 1);
    image->reads = ARENA_NEW_ARRAY(objects->arena, uint64_t, (size_t)mounted->bytes + 1);
    read_image(objects, image, trace_image_path(trace, mounted->file));
    return objects->image_count++;
}

void hot_objects_mount(struct hot_objects *objects, struct trace *trace,
                       const struct trace_event_image_mounted *mounted)
{
    uint32_t number = enter_image(objects, trace, mounted);
    if (number == HOT_IMAGES_MAX)
        return;
    unmount_overlapping(objects, &objects->images[number]);
    assert(objects->mounted_count < HOT_IMAGES_MAX);
    objects->mounted[objects->mounted_count++] = number;
}

// ---- reads by byte ----

void hot_objects_note_bytes(struct hot_objects *objects, uint32_t addr, uint32_t bytes,
                            uint64_t times)
{
    struct hot_image *in = image_at(objects, addr);
    if (!in)
        return;
    uint32_t off = addr - in->addr;
    uint32_t end = bytes < in->bytes - off ? off + bytes : in->bytes;
    in->reads[off] += times;
    in->reads[end] -= times; // wraps; the running sum does not
}

void hot_objects_end(struct hot_objects *objects)
{
    for (uint32_t i = 0; i < objects->image_count; i++) {
        uint64_t sum = 0;
        for (uint32_t b = 0; b <= objects->images[i].bytes; b++)
            objects->images[i].reads[b] = sum += objects->images[i].reads[b];
    }
}
