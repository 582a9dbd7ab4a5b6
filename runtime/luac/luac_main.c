// luac_main.c: the compiler as a program: `frost luac`, a drop-in for NodeMCU's luac.cross.
//
// Reads: Lua sources and .lc files. Writes: a .lc file or an LFS image, whole or not at all;
// listings to stdout. Everything runs in one state on the interpreter's thread, with a heap large
// enough to be no limit. Status: 0, or 1 with a message.
// With --serve one process compiles many files: for each line of standard input, of four fields
// with tabs between, LOCALS SOURCE OUTPUT MESSAGES, it writes the .lc file OUTPUT, its words into
// the file MESSAGES, and the digit 0 or 1, the status, to standard output.
// Source: options and messages of luac.cross, NodeMCU 3.0.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/api/lauxlib.h"
#include "runtime/core/chunk.h"
#include "runtime/core/heap.h"
#include "runtime/core/profile.h"
#include "runtime/core/vm.h"
#include "runtime/format/address_map.h"
#include "runtime/lib/libs.h"
#include "runtime/luac/core_image.h"
#include "runtime/luac/gzip.h"
#include "runtime/luac/image_build.h"
#include "runtime/luac/input.h"
#include "runtime/luac/listing.h"
#include "runtime/luac/options.h"
#include "runtime/luac/output.h"
#include "runtime/luac/resources.h"
#include "runtime/luac/say.h"
#include "runtime/port/host/host.h"
#include "runtime/port/port.h"

#define HEAP_BYTES_MIN 0x1000000u
#define STACK_BYTES 0x1000000u

static struct luac_options options;
static struct image_layout image;
static struct output output;

// A program that is compiled does not restart the compiler.
_Noreturn void port_restart(void)
{
    port_exit(EXIT_FAILURE);
}

// ---- messages ----

static _Noreturn void fail(const char *message)
{
    fflush(stdout);
    luac_say("%s: %s", options.program, message);
    host_exit(EXIT_FAILURE);
}

static _Noreturn void fail_too_large(uint32_t image_bytes)
{
    char message[120];
    snprintf(message, sizeof message,
             "The image is too large for specfied LFS size: %u bytes, %u allowed",
             (unsigned)image_bytes, (unsigned)options.bytes_max);
    fail(message);
}

static void warn(const char *chunk, int line, const char *message)
{
    luac_say("%s: %s:%d: warning: %s", options.program, chunk, line, message);
}

static _Noreturn void fail_output(const char *what, int error)
{
    char message[512];
    snprintf(message, sizeof(message), "cannot %s %s: %s", what, output.name, strerror(error));
    fail(message);
}

// ---- output ----

static void open_output(void)
{
    if (output_open(&output, options.output) != 0)
        fail_output("open", errno);
}

static void close_output(void)
{
    const char *what;
    if (output_close(&output, &what) != 0)
        fail_output(what, errno);
}

static int write_piece(lua_State *L, const void *piece, size_t bytes, void *data)
{
    (void)L;
    (void)data;
    return bytes > 0 && fwrite(piece, 1, bytes, output.stream) != bytes;
}

static void write_bytecode(lua_State *L, const struct proto *p)
{
    open_output();
    dump_bytecode(L, p, write_piece, NULL, options.is_stripped);
    close_output();
}

// The image and its bitmap, packed.
static void write_packed(uint32_t image_bytes)
{
    static uint8_t plain[sizeof(image.words) + sizeof(image.is_pointer)];
    static uint8_t scratch[sizeof(plain)];
    static uint8_t packed[GZIP_BYTES_MAX(sizeof(plain))];
    size_t bitmap_bytes = LFS_BITMAP_WORDS(image.word_count) * 4;
    memcpy(plain, image.words, image_bytes);
    memcpy(plain + image_bytes, image.is_pointer, bitmap_bytes);
    size_t plain_bytes = image_bytes + bitmap_bytes;
    size_t bytes = options.is_plain_image
                       ? gzip_pack_plain(plain, plain_bytes, packed, sizeof(packed), scratch)
                       : gzip_pack(plain, plain_bytes, packed, sizeof(packed), scratch);
    if (bytes == 0)
        fail("Out of memory during image compression");
    open_output();
    fwrite(packed, 1, bytes, output.stream);
    close_output();
}

static void write_image(lua_State *L, const struct proto *index)
{
    image_build(L, index, options.is_plain_image ? IMAGE_PLAIN : IMAGE_SMALL, options.hash_slots,
                &image);
    uint32_t image_bytes = image.word_count * 4;
    if (image_bytes > options.bytes_max)
        fail_too_large(image_bytes);
    if (options.is_absolute) {
        image_relocate(&image, options.base_addr);
        open_output();
        fwrite(image.words, 1, image_bytes, output.stream);
        close_output();
    } else {
        write_packed(image_bytes);
    }
    // On standard output the line would damage the image.
    FILE *to = options.output ? stdout : stderr;
    fprintf(to, "Image size: %u\n", image_bytes);
}

// ---- input ----

// Runs the file of -e. Pushes its result if that is a function; returns 1 then.
static int run_file(lua_State *L)
{
    libs_open(L);
    input_load(L, options.execute);
    lua_pushstring(L, options.execute); // as in luac.cross: the file's name is its argument
    lua_call(L, 1, 1);
    if (lua_isfunction(L, -1) && !lua_iscfunction(L, -1))
        return 1;
    lua_pop(L, 1);
    return 0;
}

static const struct module *find_module(const struct module *modules, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(modules[i].name, name) == 0)
            return &modules[i];
    return NULL;
}

// Of modules with one name only the first would ever be found: an error, or with --first-wins the
// others are left out. Returns how many are left.
static int take_names(lua_State *L, struct module *modules, int count)
{
    int kept = 0;
    for (int i = 0; i < count; i++) {
        const struct module *first = find_module(modules, kept, modules[i].name);
        if (!first)
            modules[kept++] = modules[i];
        else if (options.first_wins)
            luac_say("%s: warning: module '%s': %s is left out, %s comes first", options.program,
                     first->name, modules[i].file, first->file);
        else
            luaL_error(L, "duplicate module name '%s' (%s and %s); use NAME=FILE or --first-wins",
                       first->name, first->file, modules[i].file);
    }
    return kept;
}

// Compiles all inputs. Returns the modules, which a userdata on the stack holds.
static struct module *load_modules(lua_State *L, int *count)
{
    int total = options.input_count + (options.execute != NULL) + (options.resource_count > 0);
    *count = 0;
    struct module *modules = lua_newuserdata(L, (size_t)total * sizeof(*modules));
    if (options.execute && run_file(L))
        input_describe(L, NULL, options.execute, &modules[(*count)++]);
    for (int i = 0; i < options.input_count; i++) {
        const char *name, *file;
        if (!lua_checkstack(L, 10))
            fail("too many input files");
        input_split(L, options.inputs[i], &name, &file);
        input_load(L, file);
        input_describe(L, name, file, &modules[(*count)++]);
    }
    if (options.resource_count > 0) {
        if (!lua_checkstack(L, 20))
            fail("too many input files");
        resources_load(L, options.resources, options.resource_count);
        input_describe(L, RESOURCES_MODULE, "--resource", &modules[(*count)++]);
    }
    return modules;
}

// The one function that holds everything.
static struct proto *combine(lua_State *L, struct module *modules, int count)
{
    if (options.is_lookup) {
        count = take_names(L, modules, count);
        if (count > LFS_MODULES_MAX)
            options_fail_usage(&options, "'-f': Number of modules > 50");
        return main_function_index(L, modules, count, options.build_time);
    }
    return count == 1 ? modules[0].proto : main_function_sequence(L, modules, count);
}

static int work(lua_State *L)
{
    int count;
    struct module *modules = load_modules(L, &count);
    if (count == 0) // -e returned nothing to compile
        return 0;
    lua_gc(L, LUA_GCSTOP, 0); // what is made from now on is held by nothing but this function
    struct proto *main_function = combine(L, modules, count);
    if (options.listing > 0)
        listing_print(L, main_function, options.listing > 1);
    if (!options.is_dumping)
        return 0;
    if (options.is_image)
        write_image(L, main_function);
    else
        write_bytecode(L, main_function);
    return 0;
}

// ---- one process for many files ----

#define REQUEST_BYTES_MAX 16384

// The language of the firmware; a program that is run (-e) has files as well.
static struct lua_profile profile;

// Splits a request. Returns 0 if it is none.
static int take_request(char *line)
{
    static char *input[1];
    char *rest = line;
    const char *locals = strsep(&rest, "\t");
    input[0] = strsep(&rest, "\t");
    options.output = strsep(&rest, "\t");
    const char *messages = strsep(&rest, "\t\n");
    if (!messages || !freopen(messages, "w", stderr))
        return 0;
    profile.locals_max = (uint8_t)strtoul(locals, NULL, 10);
    options.inputs = input;
    options.input_count = 1;
    return 1;
}

static _Noreturn void serve(lua_State *L)
{
    static char line[REQUEST_BYTES_MAX];
    while (fgets(line, sizeof line, stdin)) {
        if (!take_request(line))
            host_exit(EXIT_FAILURE);
        int is_bad = lua_cpcall(L, work, NULL) != LUA_OK;
        if (is_bad) {
            output_abandon(&output);
            luac_say("%s: %s", options.program, lua_tostring(L, -1));
        }
        lua_settop(L, 0);
        lua_gc(L, LUA_GCRESTART, 0);
        lua_gc(L, LUA_GCCOLLECT, 0);
        fflush(stderr);
        putchar('0' + is_bad);
        fflush(stdout);
    }
    host_exit(EXIT_SUCCESS);
}

// ---- program ----

static int run(void *heap)
{
    (void)heap;
    lua_State *L = lua_newstate(heap_realloc, NULL);
    if (!L)
        fail("not enough memory for state");
    if (options.is_serving)
        serve(L);
    if (lua_cpcall(L, work, NULL) != LUA_OK) {
        const char *message = lua_tostring(L, -1);
        output_abandon(&output);
        fail(message ? message : "error object is not a string");
    }
    if (fflush(stdout) != 0)
        fail("cannot write standard output");
    host_exit(EXIT_SUCCESS);
}

// As much as can be had.
static void *map_heap(void)
{
    for (size_t bytes = HEAP_FAR_BYTES_MAX; bytes >= HEAP_BYTES_MIN; bytes /= 2) {
        void *heap = host_heap_map(bytes);
        if (heap) {
            heap_init(heap, heap_map_bytes(bytes) > bytes ? bytes / 4 : bytes);
            return heap;
        }
    }
    return NULL;
}

int main(int argc, char **argv)
{
    options_read(&options, argc, argv);
    profile = lua_profile_nodemcu;
    profile.has_io_and_os = true;
    profile.has_data_modules_only = true;
    profile.has_wide_hex = true; // the firmware's compiler runs on a host, too
    if (options.locals_max)
        profile.locals_max = options.locals_max;
    if (options.has_names)
        chunk_strip_level = 0;
    char message[512];
    if (options.core && core_image_read(options.core, message, sizeof message) != 0)
        fail(message);
    lua_profile = &profile;
    compile_warning = warn;
#ifdef FROST_INTEGER
    number_wraps = 1;
#endif
    host_memory_check();
    host_files_init("", 0);
    void *heap = map_heap();
    if (!heap || host_thread_run(run, heap, STACK_BYTES) < 0)
        fprintf(stderr, "%s: not enough memory for state\n", options.program);
    return EXIT_FAILURE;
}
