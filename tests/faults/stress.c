// stress.c: runs a script again and again in one process while memory is short in every way.
//
// usage: stress PROFILE MODE SEED RUNS_MAX SECONDS_MAX SCRIPT       (in the script's directory)
// MODE   collect  one run with a collection before every allocation
//        once     the n-th allocation fails, a second try after a collection does not
//        fail     the n-th allocation fails, and so does the second try
// RUNS_MAX  values of n that are tried: all if the script has no more allocations, else a sample
//           by SEED; and no more than fit into SECONDS_MAX
// A run is right if it ends and prints as it does with enough memory; `collect` and `once` must be.
// A state that cannot be made is right, too. `fail` may also end with "not enough memory", or, if
// the script catches errors, in another way. After every run the state is closed, and the heap must
// be sound and empty. Result: 0, or 1 with what was wrong on standard error. Prints a line with
// counts.

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "runtime/core/api/lauxlib.h"
#include "runtime/core/api/lua.h"
#include "runtime/core/check.h"
#include "runtime/core/heap.h"
#include "runtime/core/profile.h"
#include "runtime/core/state.h"
#include "runtime/lib/libs.h"
#include "runtime/nodemcu/boot.h"
#include "runtime/port/host/host.h"
#include "runtime/port/host/standalone.h"
#include "runtime/port/port.h"

#define FIRMWARE_HEAP_BYTES (512u << 10)
#define PC_HEAP_BYTES (16u << 20)
#define STACK_BYTES (16u << 20)
#define RUN_SECONDS_MAX 100 // of processor time
#define LOOP_SECONDS_MAX 3
#define OUTPUT_BYTES_MAX (4u << 20)

const char *__asan_default_options(void);

// The guard below the interpreter's stack stops the search for leaks at the end.
const char *__asan_default_options(void)
{
    return "detect_leaks=0:detect_stack_use_after_return=0";
}

enum mode { MODE_COLLECT, MODE_ONCE, MODE_FAIL };
static const char *const mode_names[] = {"collect", "once", "fail"};

static const char no_state[] = "not enough memory for a state\n";

static struct {
    const char *profile, *script;
    enum mode mode;
    uint64_t seed;
    unsigned long runs_max, seconds_max;
    size_t heap_bytes;
    int catches_errors;
} job;

// ---- the allocator ----

static struct {
    unsigned long count, failing;
    size_t failed_bytes; // of the request that has just failed, 0: none
} memory;

static void *failing_realloc(void *context, void *block, size_t old_bytes, size_t new_bytes)
{
    if (new_bytes > old_bytes) {
        if (++memory.count == memory.failing)
            return memory.failed_bytes = new_bytes, NULL;
        if (memory.failed_bytes == new_bytes && job.mode == MODE_FAIL)
            return memory.failed_bytes = 0, NULL;
    }
    return heap_realloc(context, block, old_bytes, new_bytes);
}

// ---- what a run prints ----

struct output {
    char *text;
    size_t bytes;
};

// Standard output is a file in memory while the script runs.
static void output_begin(void)
{
    if (ftruncate(STDOUT_FILENO, 0) != 0 || lseek(STDOUT_FILENO, 0, SEEK_SET) != 0)
        abort();
}

static void output_end(struct output *output)
{
    fflush(NULL);
    off_t bytes = lseek(STDOUT_FILENO, 0, SEEK_END);
    output->bytes = bytes > 0 ? (size_t)bytes : 0;
    if (output->bytes > OUTPUT_BYTES_MAX)
        output->bytes = OUTPUT_BYTES_MAX;
    ssize_t n = pread(STDOUT_FILENO, output->text, output->bytes, 0);
    if (n < 0 || (size_t)n != output->bytes)
        abort();
    output->text[output->bytes] = 0;
    // Addresses differ from run to run.
    for (char *at = output->text; (at = strstr(at, "0x")) != NULL; at += 2)
        for (char *digit = at + 2; *digit && strchr("0123456789abcdef", *digit); digit++)
            *digit = '#';
}

// ---- runs that do not end ----

static lua_State *running;

static void end_here(lua_State *L, lua_Debug *ar)
{
    (void)ar;
    luaL_error(L, "the run is ended");
}

static void allow_seconds(long seconds)
{
    struct itimerval timer = {.it_value.tv_sec = seconds};
    setitimer(ITIMER_VIRTUAL, &timer, NULL);
}

// A script that catches errors may be in an endless loop for want of what it has lost: it is ended
// by an error of its own, at every instruction.
static void on_timer(int signal_number)
{
    static unsigned long asked;
    (void)signal_number;
    if (job.mode == MODE_FAIL && job.catches_errors && asked != memory.failing) {
        asked = memory.failing;
        lua_sethook(running, end_here, LUA_MASKCOUNT, 1);
        allow_seconds(LOOP_SECONDS_MAX);
        return;
    }
    char text[200];
    int bytes = snprintf(text, sizeof text, "%s %s %s, n = %lu: the run does not end\n", job.script,
                         job.profile, mode_names[job.mode], memory.failing);
    ssize_t n = write(STDERR_FILENO, text, (size_t)bytes);
    (void)n;
    _exit(1);
}

// ---- a run ----

static int open_and_run(lua_State *L)
{
    libs_open(L);
    lua_pushcfunction(L, standalone_traceback);
    int status = luaL_loadfile(L, job.script);
    if (status == LUA_OK)
        status = lua_pcall(L, 0, 0, 1);
    if (status != LUA_OK) {
        const char *message = lua_tostring(L, -1);
        printf("error: %s\n", message ? message : "(no text)");
    }
    return 0;
}

// One run. False if the heap is not empty afterwards.
static int run_script(void *heap, unsigned long failing, int egc_mode, struct output *output)
{
    host_heap_clear();
    heap_init(heap, job.heap_bytes);
    uint32_t free_bytes = heap_free_bytes();
    memory.count = memory.failed_bytes = 0;
    memory.failing = failing;
    boot_set_count_before(0); // each run is a first boot, after the power came
    memset((void *)port_rtc_memory(), 0, PORT_RTC_WORDS * sizeof(uint32_t));
    boot_begin();
    output_begin();
    allow_seconds(job.mode == MODE_FAIL && failing ? LOOP_SECONDS_MAX : RUN_SECONDS_MAX);
    const char *fault = NULL;
    lua_State *L = running = lua_newstate(failing_realloc, NULL);
    if (L) {
        GLOBAL(L)->egc_mode = (uint8_t)egc_mode;
        if (lua_cpcall(L, open_and_run, NULL) != LUA_OK)
            printf("error: %s\n", lua_tostring(L, -1));
        lua_sethook(L, NULL, 0, 0);
        fault = check_all(L, 1);
        lua_close(L);
    } else {
        fputs(no_state, stdout);
    }
    allow_seconds(0);
    output_end(output);
    if (fault == NULL)
        fault = heap_check();
    if (fault == NULL && heap_free_bytes() + heap_taken_bytes() == free_bytes)
        return 1;
    fprintf(stderr, "%s %s, n = %lu: after closing %u bytes are left; state and heap are %s\n",
            job.script, mode_names[job.mode], failing, free_bytes - heap_free_bytes(),
            fault ? fault : "sound");
    return 0;
}

static int is_same(const struct output *a, const struct output *b)
{
    return a->bytes == b->bytes && memcmp(a->text, b->text, a->bytes) == 0;
}

static void print_start(const char *name, const struct output *output)
{
    fprintf(stderr, "  %s: %.600s\n", name, output->text);
}

// ---- all runs ----

static uint64_t random_state;

static unsigned long random_below(unsigned long limit)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned long)((random_state >> 33) % limit);
}

static int is_allowed(const struct output *want, const struct output *got)
{
    if (is_same(want, got) || strcmp(got->text, no_state) == 0)
        return 1;
    return job.mode == MODE_FAIL && (strstr(got->text, "not enough memory") || job.catches_errors);
}

// The n-th allocation fails, for each n or a sample.
static int run_failing(void *heap, int egc_mode, const struct output *want, struct output *got,
                       unsigned long count)
{
    unsigned long runs = 0, right = 0;
    time_t end = time(NULL) + (time_t)job.seconds_max;
    int is_all = count <= job.runs_max;
    unsigned long wanted = is_all ? count : job.runs_max;
    for (; runs < wanted && (runs == 0 || time(NULL) < end); runs++) {
        unsigned long n = is_all ? runs + 1 : 1 + random_below(count);
        int is_clean = run_script(heap, n, egc_mode, got);
        right += (unsigned long)is_same(want, got);
        if (is_clean && is_allowed(want, got))
            continue;
        fprintf(stderr, "%s %s %s, n = %lu of %lu\n", job.script, job.profile, mode_names[job.mode],
                n, count);
        print_start("want", want);
        print_start("got", got);
        return 1;
    }
    fprintf(stderr, "# %s %s %s: %lu allocations, %lu made to fail, %lu ended right\n", job.script,
            job.profile, mode_names[job.mode], count, runs, right);
    return runs == 0;
}

static int run(void *context)
{
    (void)context;
    void *heap = host_heap_map(job.heap_bytes);
    struct output want = {malloc(OUTPUT_BYTES_MAX + 1), 0}, got = {malloc(OUTPUT_BYTES_MAX + 1), 0};
    if (!heap || !want.text || !got.text)
        return 4;
    int plain_mode = lua_profile->is_firmware ? EGC_ON_ALLOC_FAILURE : EGC_NOT_ACTIVE;
    if (!run_script(heap, 0, plain_mode, &want))
        return 1;
    int egc_mode = plain_mode;
    if (job.mode != MODE_FAIL)
        egc_mode = job.mode == MODE_COLLECT ? EGC_ALWAYS : EGC_ON_ALLOC_FAILURE;
    if (!run_script(heap, 0, egc_mode, &got))
        return 1;
    unsigned long count = memory.count;
    if (!is_same(&want, &got)) {
        fprintf(stderr, "%s %s %s: another output\n", job.script, job.profile,
                mode_names[job.mode]);
        print_start("want", &want);
        print_start("got", &got);
        return 1;
    }
    if (job.mode != MODE_COLLECT)
        return run_failing(heap, egc_mode, &want, &got, count);
    fprintf(stderr, "# %s %s collect: %lu allocations\n", job.script, job.profile, count);
    return 0;
}

// ---- start ----

_Noreturn void port_restart(void)
{
    abort(); // no script asks for it
}

static int parse(int argc, char **argv)
{
    if (argc != 7)
        return 0;
    job.profile = argv[1];
    lua_profile = lua_profile_find(argv[1]);
    if (!lua_profile)
        return 0;
    job.heap_bytes = lua_profile->is_firmware ? FIRMWARE_HEAP_BYTES : PC_HEAP_BYTES;
    for (job.mode = MODE_COLLECT; job.mode <= MODE_FAIL; job.mode++)
        if (strcmp(argv[2], mode_names[job.mode]) == 0)
            break;
    random_state = job.seed = strtoull(argv[3], NULL, 0);
    job.runs_max = strtoul(argv[4], NULL, 0);
    job.seconds_max = strtoul(argv[5], NULL, 0);
    job.script = argv[6];
    return job.mode <= MODE_FAIL;
}

// Does the script mention what catches errors?
static int looks_for_errors(const char *script)
{
    static char text[1 << 17];
    FILE *f = fopen(script, "r");
    size_t bytes = f ? fread(text, 1, sizeof text - 1, f) : 0;
    if (f)
        fclose(f);
    text[bytes] = 0;
    return strstr(text, "pcall") || strstr(text, "coroutine") || strstr(text, "load");
}

int main(int argc, char **argv)
{
    if (!parse(argc, argv)) {
        fprintf(stderr,
                "usage: stress PROFILE collect|once|fail SEED RUNS_MAX SECONDS_MAX SCRIPT\n");
        return 2;
    }
    int fd = memfd_create("output", 0);
    if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0)
        return 4;
    job.catches_errors = looks_for_errors(job.script);
    host_files_init("", lua_profile->is_firmware);
    signal(SIGVTALRM, on_timer);
    return host_thread_run(run, NULL, STACK_BYTES);
}
