// fuzz_replay.c: bytes as a replay log, which then is the world of a program that asks, tells and
// restarts as the log says, and a little otherwise.
//
// libFuzzer's entry point. Built with -DFUZZ_REPLAY it is a program that replays files and makes
// the seeds: `fuzz_replay FILE...`, `fuzz_replay --seeds DIRECTORY`.
// The first byte chooses: bit 0, the log has the header that belongs to it; bit 1, the replay is
// loose. What arrives must have the form that modules take for granted.

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/format/replay_log.h"
#include "runtime/port/host/trace.h"
#include "runtime/world/host/replay.h"
#include "runtime/world/world.h"

#define INPUT_BYTES_MAX 65536u
#define TURNS_MAX 2000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static jmp_buf ended;
static volatile unsigned sum; // all that is given is read

static void require(int is_good, const char *what)
{
    if (is_good)
        return;
    fprintf(stderr, "fuzz_replay: %s\n", what);
    abort();
}

_Noreturn void port_exit(int status)
{
    longjmp(ended, 1 + status);
}

_Noreturn void port_panic(const char *text)
{
    require(0, text);
    abort();
}

static uint64_t clock_us(void)
{
    return 0;
}

static void read_all(const void *data, size_t bytes)
{
    const unsigned char *at = data;
    for (size_t i = 0; i < bytes; i++)
        sum += at[i];
}

void host_trace_mark(const char *name, size_t bytes)
{
    read_all(name, bytes);
}

static void check_arrival(const struct world_arrival *arrival)
{
    read_all(arrival->data, arrival->bytes);
    if (arrival->kind == WORLD_CONNECTION)
        require(arrival->bytes == sizeof(struct world_connection), "a connection");
    if (arrival->kind == WORLD_PIN)
        require(arrival->bytes == sizeof(struct world_pin), "an edge");
    if (arrival->kind == WORLD_WIFI)
        require(arrival->bytes >= sizeof(struct world_wifi), "Wi-Fi");
    if (arrival->kind == WORLD_DNS)
        require(arrival->bytes == 4, "an address");
}

static void run_turn(const struct world_turn *turn)
{
    struct world_arrival arrival;
    uint32_t word = 0;
    if (world_take(turn->device_us, &arrival))
        check_arrival(&arrival);
    if (turn->number % 4 == 1)
        require(world_ask(WORLD_RANDOM, 0, NULL, 0, &word, sizeof word) <= sizeof word,
                "an answer");
    if (turn->number % 4 == 2)
        (void)world_heap(WORLD_HEAP_FREE, 1000);
    if (turn->number % 4 == 3)
        world_lacks(turn->kind, turn->object);
    world_will_tell(WORLD_SOCKET, turn->object);
    world_tell(WORLD_SOCKET, turn->object, "abc", 1 + turn->number % 3);
    world_tell_console(1, "text\n", 5);
}

static void run_all(void)
{
    struct world_turn turn;
    world_boot(clock_us);
    for (int i = 0; i < TURNS_MAX; i++) {
        enum world_recorded next = world_recorded_turn(&turn);
        if (next == WORLD_RECORDED_END)
            return;
        if (next == WORLD_RECORDED_TURN) {
            run_turn(&turn);
            continue;
        }
        replay_restart();
        world_boot(clock_us);
    }
}

static int file_of(const uint8_t *data, size_t bytes, int has_header)
{
    struct replay_log_header header = {REPLAY_LOG_MAGIC, REPLAY_LOG_VERSION, bytes};
    int file = memfd_create("fuzz", MFD_CLOEXEC);
    require(file >= 0 && write(file, data, bytes) == (ssize_t)bytes, "no file");
    if (has_header && bytes >= sizeof header)
        require(pwrite(file, &header, sizeof header, 0) == sizeof header, "no header");
    return file;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    char problem[120] = "";
    if (bytes < 1 || bytes > INPUT_BYTES_MAX)
        return 0;
    struct replay_setup setup = {.descriptor = file_of(data + 1, bytes - 1, data[0] & 1),
                                 .telling = {.is_loose = data[0] >> 1 & 1, .is_quiet = 1}};
    if (replay_open(&setup, problem, sizeof problem) != 0) {
        require(*problem, "no reason");
        return 0;
    }
    if (setjmp(ended) == 0)
        run_all();
    if (setjmp(ended) == 0)
        (void)replay_finish(0);
    replay_say_end();
    return 0;
}

#ifdef FUZZ_REPLAY

static uint8_t seed[8192];
static size_t seed_bytes;

static void put(const void *data, size_t bytes)
{
    require(seed_bytes + bytes <= sizeof seed, "a seed is too long");
    if (bytes)
        memcpy(seed + seed_bytes, data, bytes);
    seed_bytes += bytes;
}

static void add(int type, int kind, uint32_t object, const void *data, size_t bytes)
{
    struct replay_record record = {
        .type = (uint8_t)type, .kind = (uint8_t)kind, .object = object, .bytes = (uint32_t)bytes};
    put(&record, sizeof record);
    put(data, bytes);
    put("\0\0\0\0\0\0\0", -bytes % REPLAY_LOG_ALIGN);
}

static void add_turn(uint32_t number, int kind, uint32_t object)
{
    struct replay_turn turn = {1000ull * number, number, 0};
    add(REPLAY_TURN, kind, object, &turn, sizeof turn);
}

static void write_seed(const char *where, int choice)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/seed%d", where, choice);
    FILE *file = fopen(path, "wb");
    seed[0] = (uint8_t)choice;
    require(file && fwrite(seed, 1, seed_bytes, file) == seed_bytes, "cannot write a seed");
    fclose(file);
}

// Two boots, with turns of a timer, of an offer, of bytes and of a task.
static void write_seeds(const char *where)
{
    static const struct replay_log_header header;
    const struct world_connection offer = {.op = WORLD_OFFERED, .port = 50000, .count = 1};
    put("", 1);
    put(&header, sizeof header);
    add(REPLAY_BOOT, 0, 1, NULL, 0);
    add_turn(1, WORLD_START, 0);
    add(REPLAY_INPUT, WORLD_RANDOM, 0, "abcd", 4);
    add(REPLAY_OUTPUT, WORLD_SOCKET, 0, "ab", 2);
    add(REPLAY_OUTPUT, WORLD_CONSOLE, 1, "text\n", 5);
    add_turn(2, WORLD_CONNECTION, 3);
    add(REPLAY_INPUT, WORLD_CONNECTION, 3, &offer, sizeof offer);
    add(REPLAY_INPUT, WORLD_HEAP, 0, "\0\1\0\0", 4);
    add(REPLAY_OUTPUT, WORLD_CONSOLE, 1, "te", 2);
    add(REPLAY_OUTPUT, WORLD_SOCKET, 3, "abc", 3);
    add(REPLAY_OUTPUT, WORLD_CONSOLE, 1, "xt\n", 3);
    add(REPLAY_MARK, 0, 0, "here", 4);
    add(REPLAY_BOOT, 0, 2, NULL, 0);
    add_turn(1, WORLD_SOCKET, 1);
    add(REPLAY_INPUT, WORLD_SOCKET, 1, "hello", 5);
    add_turn(2, WORLD_TASK, 0);
    add(REPLAY_END, 0, REPLAY_CUT, NULL, 0);
    for (int choice = 1; choice < 4; choice += 2)
        write_seed(where, choice);
}

int main(int argc, char **argv)
{
    static uint8_t data[INPUT_BYTES_MAX];
    if (argc == 3 && strcmp(argv[1], "--seeds") == 0) {
        write_seeds(argv[2]);
        return 0;
    }
    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        require(file != NULL, "cannot read a file");
        size_t bytes = fread(data, 1, sizeof data, file);
        fclose(file);
        LLVMFuzzerTestOneInput(data, bytes);
    }
    return 0;
}

#endif
