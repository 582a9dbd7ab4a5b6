// fuzz_world.c: bytes as what the process of a world script says to the device.
//
// libFuzzer's entry point. Built with -DFUZZ_REPLAY it is a program that replays files and makes
// the seeds: `fuzz_world FILE...`, `fuzz_world --seeds DIRECTORY`.
// The bytes are put into the socket before the device asks for the first of them. The device then
// asks, tells and takes in turn, until they are used up or the run is to end: what it is given must
// be what modules take for granted.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/format/status.h"
#include "runtime/format/world_pipe.h"
#include "runtime/world/host/script.h"

#define INPUT_BYTES_MAX 65536u
#define STEPS_MAX 200

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static uint64_t device_us;
static int has_ended;
static volatile unsigned sum; // all that is given is read

static uint64_t clock_us(void)
{
    return device_us;
}

static void note_end(int status)
{
    (void)status;
    has_ended = 1;
}

static void require(int is_good, const char *what)
{
    if (is_good)
        return;
    fprintf(stderr, "fuzz_world: %s\n", what);
    abort();
}

static void check_arrival(const struct world_arrival *arrival)
{
    const unsigned char *data = arrival->data;
    for (uint32_t i = 0; i < arrival->bytes; i++)
        sum += data[i];
    require(arrival->kind < WORLD_COUNT, "an arrival of unknown kind");
    if (arrival->kind == WORLD_CONNECTION)
        require(arrival->bytes == sizeof(struct world_connection), "a connection");
    if (arrival->kind == WORLD_PIN)
        require(arrival->bytes == sizeof(struct world_pin), "an edge");
    if (arrival->kind == WORLD_WIFI)
        require(arrival->bytes >= sizeof(struct world_wifi), "Wi-Fi");
    if (arrival->kind == WORLD_SOCKET)
        require(arrival->bytes <= 1478, "a segment");
}

static void take_all(void)
{
    struct world_arrival arrival;
    while (!has_ended && world_take(device_us, &arrival))
        check_arrival(&arrival);
}

static void tell_wifi(int op, uint8_t value, const char *tail)
{
    char data[sizeof(struct world_wifi) + 16];
    struct world_wifi wifi = {.op = (uint8_t)op, .value = value};
    size_t bytes = strlen(tail);
    memcpy(data, &wifi, sizeof wifi);
    memcpy(data + sizeof wifi, tail, bytes);
    if (!has_ended)
        world_tell(WORLD_WIFI, 0, data, sizeof wifi + bytes);
}

static void step(int number)
{
    char answer[64];
    if (number % 4 == 1)
        world_tell(WORLD_SOCKET, 1, "abc", 3);
    if (number % 4 == 2)
        require(world_ask(WORLD_SENSOR, 0, "adc", 3, answer, 2) <= 2, "an answer too long");
    if (number % 8 == 3)
        tell_wifi(WORLD_WIFI_SCAN, 0, "");
    take_all();
    uint64_t next_us = has_ended ? 0 : world_next_us();
    device_us = next_us > device_us && next_us - device_us < 5000000 ? next_us : device_us + 900;
    take_all();
}

static void begin(const uint8_t *data, size_t bytes)
{
    int fds[2], room = 4 * INPUT_BYTES_MAX;
    require(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0, "no socket");
    setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    require(send(fds[1], data, bytes, MSG_DONTWAIT) == (ssize_t)bytes || bytes == 0, "no room");
    shutdown(fds[1], SHUT_WR);
    script_attach(fds[0], "fuzz", note_end);
    device_us = 0;
    has_ended = 0;
    world_use(&world_script);
    (void)script_greet();
    if (!has_ended)
        world_boot(clock_us);
    tell_wifi(WORLD_WIFI_MODE, 3, "");
    tell_wifi(WORLD_WIFI_STATION, 0, "home");
    tell_wifi(WORLD_WIFI_CONNECT, 0, "");
    for (int i = 0; i < STEPS_MAX && !has_ended; i++)
        step(i);
    (void)script_leave(0);
    close(fds[0]);
    close(fds[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    if (bytes <= INPUT_BYTES_MAX)
        begin(data, bytes);
    return 0;
}

#ifdef FUZZ_REPLAY

static uint8_t seed[8192];
static size_t seed_bytes;

static void add(int type, uint64_t us, int kind, uint32_t object, const void *data, size_t bytes)
{
    struct world_message message = {.bytes = (uint32_t)bytes,
                                    .type = (uint8_t)type,
                                    .kind = (uint8_t)kind,
                                    .object = object,
                                    .us = us};
    require(seed_bytes + sizeof message + bytes <= sizeof seed, "a seed is too long");
    memcpy(seed + seed_bytes, &message, sizeof message);
    if (bytes)
        memcpy(seed + seed_bytes + sizeof message, data, bytes);
    seed_bytes += sizeof message + bytes;
}

static void write_seed(const char *where, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", where, name);
    FILE *file = fopen(path, "wb");
    require(file && fwrite(seed, 1, seed_bytes, file) == seed_bytes, "cannot write a seed");
    fclose(file);
    seed_bytes = 0;
}

// Arrivals of each kind, networks, an answer, an end.
static void write_seeds(const char *where)
{
    const struct world_connection offer = {.op = WORLD_OFFERED, .port = 50000, .count = 1};
    const struct world_pin edge = {.op = WORLD_PIN_EDGE, .level = 1};
    const struct world_pipe_network network = {.point = {.ssid = "home"}, .password = "secret"};
    const struct world_pipe_station station = {.association = 1};
    const uint8_t reason = 200;
    add(WORLD_PIPE_READY, 0, 0, WORLD_PIPE_VERSION, NULL, 0);
    add(WORLD_PIPE_WIFI, 0, WORLD_WIFI, WORLD_PIPE_NETWORKS, &network, sizeof network);
    add(WORLD_PIPE_ARRIVAL, 0, WORLD_CONNECTION, 1, &offer, sizeof offer);
    add(WORLD_PIPE_ARRIVAL, 0, WORLD_PIN, 3, &edge, sizeof edge);
    add(WORLD_PIPE_ARRIVAL, 0, WORLD_SERIAL, 0, "text", 4);
    add(WORLD_PIPE_IDLE, 900, 0, 0, NULL, 0);
    add(WORLD_PIPE_ARRIVAL, 900, WORLD_SOCKET, 1, "bytes", 5);
    add(WORLD_PIPE_ARRIVAL, 900, WORLD_DNS, 2, "\x01\x00\x01\x0A", 4);
    add(WORLD_PIPE_IDLE, WORLD_PIPE_NEVER, 0, 0, NULL, 0);
    add(WORLD_PIPE_ANSWER, 2000, WORLD_SENSOR, 0, "\x10\x02", 2);
    add(WORLD_PIPE_WIFI, 900, WORLD_WIFI, WORLD_PIPE_LOSE, &reason, sizeof reason);
    add(WORLD_PIPE_WIFI, 900, WORLD_WIFI, WORLD_PIPE_JOIN, &station, sizeof station);
    add(WORLD_PIPE_IDLE, WORLD_PIPE_NEVER, 0, 0, NULL, 0);
    add(WORLD_PIPE_NONE, WORLD_PIPE_NEVER, 0, 0, NULL, 0);
    add(WORLD_PIPE_DONE, 0, 3, 0, NULL, 0);
    write_seed(where, "run");
    add(WORLD_PIPE_DONE, 0, EXIT_STATUS_USAGE, 0, NULL, 0);
    write_seed(where, "refused");
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
