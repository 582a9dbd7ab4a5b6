// qemu_recorder.c: starts the emulator with the plugin, empties the pipe until it ends, finishes
// the trace.
//
// Reads: the pipe. Writes: the trace directory (collectors/host), a work directory with the pipe
// and the map for the plugin. Memory: the arena; the buffers of qemu_merge.c.

#include "collectors/qemu/qemu_recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "analyzer/base/interrupt.h"
#include "analyzer/base/result.h"
#include "analyzer/elf/elf_index.h"
#include "collectors/qemu/firmware.h"
#include "collectors/qemu/qemu_private.h"

#define READ_BYTES 262144u
#define POLL_MS 20         // longest time until an ended emulator is noticed
#define STOP_POLLS_MAX 100 // until a starter that was told to end is killed
#define PATIENCE_MS 5000   // with a program that is to end and stays in one C function
#define QEMU "qemu-system-xtensa"

// What has come of signals: the first one, and whether there was one after it.
static volatile int signal_number;
static volatile int64_t signal_ms;
static volatile bool is_hurried;

static const char *in_work(struct arena *arena, const char *work, const char *name)
{
    return arena_format(arena, "%s/%s", work, name);
}

static int failed(struct qemu_recorder *recorder, int status, const char *what)
{
    return problem_set(recorder->host.problem, status, (struct text){0}, PROBLEM_NO_OFF, "%s: %s",
                       what, strerror(errno));
}

// ---- what must be there ----

static bool has_emulator(struct arena *arena)
{
    const char *path = getenv("PATH");
    struct arena_mark mark = arena_mark(arena);
    bool is_found = false;
    while (path && *path && !is_found) {
        size_t bytes = strcspn(path, ":");
        is_found = access(arena_format(arena, "%.*s/" QEMU, (int)bytes, path), X_OK) == 0;
        path += bytes + (path[bytes] == ':');
    }
    arena_rewind(arena, mark);
    return is_found;
}

// The ELF file of the firmware that the starter will choose.
static const char *firmware_elf(struct arena *arena, const struct recorder_setup *setup)
{
    const char *directory = getenv("FROST_ESP8266");
    struct text starter = text_base_name(text_of(setup->argv[0]));
    if (!directory || !*directory)
        directory = arena_format(arena, "%.*sesp8266", (int)(starter.data - setup->argv[0]),
                                 setup->argv[0]);
    return arena_format(arena, "%s/%s-probed/frost.elf", directory, setup->number);
}

static int check(struct qemu_recorder *recorder, const char *elf)
{
    struct problem *problem = recorder->host.problem;
    if (access(elf, R_OK) != 0)
        return problem_set(problem, STATUS_NOT_FOUND, (struct text){0}, PROBLEM_NO_OFF,
                           "no probed firmware '%.90s'; make it with: make esp8266", elf);
    if (access(recorder->setup->plugin, R_OK) != 0)
        return problem_set(problem, STATUS_NOT_FOUND, (struct text){0}, PROBLEM_NO_OFF,
                           "no plugin '%.90s'; make it with: make", recorder->setup->plugin);
    if (!has_emulator(recorder->host.arena))
        return problem_set(problem, STATUS_NOT_FOUND, (struct text){0}, PROBLEM_NO_OFF,
                           QEMU " is not installed (package qemu-system-misc)");
    return STATUS_OK;
}

// ---- the work directory ----

// The firmware puts images beside its pipe into .frost, which leads to the trace's.
static int make_work(struct qemu_recorder *recorder, const char *elf, const char **work)
{
    struct arena *arena = recorder->host.arena;
    const char *temporary = getenv("TMPDIR");
    char *directory = arena_copy_string(arena,
                                        arena_format(arena, "%s/frost-record.XXXXXX",
                                                     temporary && *temporary ? temporary : "/tmp"));
    if (!mkdtemp(directory))
        return failed(recorder, STATUS_IO, directory);
    *work = directory;
    if (mkfifo(in_work(arena, directory, "packets"), 0600) != 0)
        return failed(recorder, STATUS_IO, in_work(arena, directory, "packets"));
    const char *stop = in_work(arena, directory, "stop");
    if (mkfifo(stop, 0600) != 0 ||
        (recorder->stop_pipe = open(stop, O_RDWR | O_NONBLOCK | O_CLOEXEC)) < 0)
        return failed(recorder, STATUS_IO, stop);
    char *inner = realpath(arena_format(arena, "%s/.frost", recorder->host.part), NULL);
    int is_bad = !inner || symlink(inner, in_work(arena, directory, ".frost")) != 0;
    free(inner);
    if (is_bad)
        return failed(recorder, STATUS_IO, in_work(arena, directory, ".frost"));
    return firmware_write_map(arena, elf, recorder->setup->model, in_work(arena, directory, "map"),
                              recorder->host.problem);
}

static void remove_work(struct qemu_recorder *recorder, const char *work)
{
    static const char *const names[] = {"packets", "stop", ".frost", "map"};
    if (recorder->stop_pipe >= 0)
        close(recorder->stop_pipe);
    if (!work)
        return;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(in_work(recorder->host.arena, work, names[i]));
    rmdir(work);
}

// ---- the emulator ----

// A path inside an option of QEMU: commas are doubled.
static const char *quoted(struct arena *arena, const char *path)
{
    char *to = arena_alloc(arena, strlen(path) * 2 + 1), *at = to;
    for (; *path; path++) {
        *at++ = *path;
        if (*path == ',')
            *at++ = ',';
    }
    *at = 0;
    return to;
}

static char **make_argv(struct qemu_recorder *recorder, const char *work)
{
    const struct recorder_setup *setup = &recorder->setup->host;
    struct arena *arena = recorder->host.arena;
    size_t count = 0, used = 0;
    while (setup->argv[count])
        count++;
    char **argv = ARENA_NEW_ARRAY(arena, char *, count + 8);
    argv[used++] = setup->argv[0];
    argv[used++] = arena_format(arena, "--build=%s-probed", setup->number);
    argv[used++] = arena_format(arena, "--trace=%s/packets", work);
    argv[used++] = arena_format(arena, "--plugin=%s,map=%s/map,out=%s/packets",
                                quoted(arena, recorder->setup->plugin), quoted(arena, work),
                                quoted(arena, work));
    argv[used++] = arena_format(arena, "--trace-doorbell=1");
    argv[used++] = arena_format(arena, "--trace-stop=%s/stop", work);
    if (setup->is_raw)
        argv[used++] = arena_format(arena, "--trace-raw=1");
    if (setup->is_without_text)
        argv[used++] = arena_format(arena, "--trace-no-text=1");
    if (setup->is_without_inputs)
        argv[used++] = arena_format(arena, "--trace-no-inputs=1");
    for (size_t i = 1; i < count; i++)
        argv[used++] = setup->argv[i];
    argv[used] = NULL;
    return argv;
}

// In a session of its own: Ctrl-C would end the emulator, and the program with it in mid-packet.
static int start(struct qemu_recorder *recorder, char **argv)
{
    const struct recorder_setup *setup = &recorder->setup->host;
    pid_t child = fork();
    if (child < 0)
        return failed(recorder, STATUS_IO, argv[0]);
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); // the plugin does the same
        setsid();
        if (setup->output_fd >= 0)
            dup2(setup->output_fd, STDOUT_FILENO);
        if (setup->error_fd >= 0)
            dup2(setup->error_fd, STDERR_FILENO);
        execv(argv[0], argv);
        fprintf(stderr, "frost: cannot start '%s': %s\n", argv[0], strerror(errno));
        _exit(126);
    }
    recorder->host.child = child;
    return STATUS_OK;
}

static bool has_ended(struct qemu_recorder *recorder, int options)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(recorder->host.child, &status, options)) < 0 && errno == EINTR)
        ;
    if (pid != recorder->host.child)
        return false;
    recorder->host.child = 0;
    recorder->host.has_exited = true;
    recorder->host.result->exit_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status)
                                                             : WEXITSTATUS(status);
    return true;
}

// Ends what still runs: the emulator first, for its starter waits for it, and then clears up. An
// emulator that has not said who it is may be about to start: then all of the session is told.
static void stop(struct qemu_recorder *recorder)
{
    if (!recorder->host.child)
        return;
    if (recorder->emulator > 0)
        kill(recorder->emulator, SIGKILL);
    else if (kill(-recorder->host.child, SIGTERM) != 0)
        kill(recorder->host.child, SIGTERM);
    for (int polls = 0; polls < STOP_POLLS_MAX; polls++) {
        if (has_ended(recorder, WNOHANG))
            return;
        usleep(POLL_MS * 1000);
    }
    kill(-recorder->host.child, SIGKILL);
    has_ended(recorder, 0);
}

// ---- signals ----

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// As analyzer/base/interrupt.c has it, but that the emulator and its files are still to be removed.
static void on_signal(int number)
{
    if (!signal_number) {
        signal_ms = now_ms();
        signal_number = number;
    } else if (now_ms() - signal_ms >= INTERRUPT_PAUSE_MS) {
        is_hurried = true;
    }
}

static const int caught_signals[] = {SIGINT, SIGTERM, SIGHUP};
#define CAUGHT_COUNT (sizeof caught_signals / sizeof *caught_signals)

// One that is ignored stays so.
static void catch_signals(struct sigaction before[CAUGHT_COUNT])
{
    struct sigaction action = {.sa_handler = on_signal};
    signal_number = 0;
    is_hurried = false;
    for (size_t i = 0; i < CAUGHT_COUNT; i++) {
        sigaction(caught_signals[i], NULL, &before[i]);
        if (before[i].sa_handler != SIG_IGN)
            sigaction(caught_signals[i], &action, NULL);
    }
}

// The second signal ends the process as whoever had them before says.
static void release_signals(const struct sigaction before[CAUGHT_COUNT])
{
    for (size_t i = 0; i < CAUGHT_COUNT; i++)
        sigaction(caught_signals[i], &before[i], NULL);
}

// Tells the program once that it is to end, which it sees at one of its next instructions; later
// the emulator, in which case the last packet is lost.
static void pass_signal(struct qemu_recorder *recorder)
{
    uint8_t number = (uint8_t)signal_number;
    if (!number || recorder->is_given_up)
        return;
    if (!recorder->stopped_ms) {
        recorder->host.result->interrupt = number;
        recorder->stopped_ms = now_ms();
        recorder->is_given_up = write(recorder->stop_pipe, &number, 1) != 1;
    } else {
        recorder->is_given_up = now_ms() - recorder->stopped_ms > PATIENCE_MS;
    }
    if (recorder->is_given_up && recorder->emulator > 0)
        kill(recorder->emulator, SIGTERM);
}

// ---- the run ----

// Result: bytes read, 0: nothing for now, STATUS_IO.
static int read_pipe(struct qemu_recorder *recorder, int pipe, uint8_t *buffer)
{
    struct pollfd wanted = {.fd = pipe, .events = POLLIN};
    int ready = poll(&wanted, 1, POLL_MS);
    if (ready > 0 && !(wanted.revents & POLLIN)) { // nobody has it open (yet, or any more)
        usleep(1000);
        return 0;
    }
    if (ready <= 0)
        return 0;
    ssize_t n = read(pipe, buffer, READ_BYTES);
    if (n < 0 && errno != EAGAIN && errno != EINTR)
        return failed(recorder, STATUS_IO, "the pipe of the emulator");
    return n < 0 ? 0 : (int)n;
}

static int drain_until_end(struct qemu_recorder *recorder, int pipe)
{
    uint8_t *buffer = arena_alloc(recorder->host.arena, READ_BYTES);
    for (bool is_over = false;;) {
        int count = read_pipe(recorder, pipe, buffer);
        int status = count > 0 ? qemu_merge(recorder, buffer, (size_t)count) : count;
        if (status < 0 || is_hurried)
            return status;
        pass_signal(recorder);
        if (count > 0)
            continue;
        if (is_over)
            return qemu_merge_rest(recorder);
        is_over = has_ended(recorder, WNOHANG); // and once more what it has left in the pipe
    }
}

static int run(struct qemu_recorder *recorder, const char *work)
{
    const char *path = in_work(recorder->host.arena, work, "packets");
    int pipe = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (pipe < 0)
        return failed(recorder, STATUS_IO, path);
    int status = start(recorder, make_argv(recorder, work));
    if (status == STATUS_OK)
        status = drain_until_end(recorder, pipe);
    stop(recorder);
    close(pipe);
    if (recorder->host.result->interrupt)
        recorder->host.result->exit_status = 128 + recorder->host.result->interrupt;
    return status;
}

// ---- run.json ----

static void set_number(json_t *object, const char *key, uint64_t value)
{
    json_object_set_new(object, key, json_integer((json_int_t)value));
}

static void set_machine(json_t *facts, const struct wire_totals *totals)
{
    json_t *machine = json_object();
    set_number(machine, "instructions", totals->instructions);
    set_number(machine, "fetches", totals->fetches);
    set_number(machine, "fetch_misses", totals->fetch_misses);
    set_number(machine, "loads_8", totals->loads[0]);
    set_number(machine, "loads_16", totals->loads[1]);
    set_number(machine, "loads_32", totals->loads[2]);
    set_number(machine, "load_misses", totals->load_misses);
    json_object_set_new(facts, "machine", machine);
}

static json_t *facts_of(struct arena *arena, const char *elf, const struct cost_model *model)
{
    json_t *facts = json_object();
    char *path = realpath(elf, NULL);
    json_t *program = json_string(path ? path : elf);
    free(path);
    const char *id = elf_build_id_read(arena, elf);
    json_object_set_new(facts, "target", json_string("esp8266"));
    if (program)
        json_object_set_new(facts, "program", program);
    if (id)
        json_object_set_new(facts, "build_id", json_string(id));
    json_t *cache = json_object();
    json_object_set_new(cache, "model", json_string(model->name));
    set_number(cache, "bytes", model->cache_bytes);
    set_number(cache, "line_bytes", model->cache_line_bytes);
    set_number(cache, "ways", model->cache_ways);
    json_object_set_new(facts, "flash_cache", cache);
    return facts;
}

// ---- all of it ----

// The images in .frost/ come from the firmware, so nobody has listed them.
static void adopt_images(const struct recorder *host)
{
    for (size_t i = 0; i < host->image_count; i++) {
        const char *path = arena_format(host->arena, "%s/.frost/%s", host->part,
                                        host->images[i].file);
        if (!strchr(host->images[i].file, '/') && access(path, F_OK) == 0)
            result_adopt_file(path);
    }
}

// With the directory begun. `directory_setup` is the one of recorder->host, to which facts are
// added.
static int record(struct qemu_recorder *recorder, struct recorder_setup *directory_setup,
                  const char *elf)
{
    const char *work = NULL;
    json_t *facts = facts_of(recorder->host.arena, elf, recorder->setup->model);
    directory_setup->facts = facts;
    int status = make_work(recorder, elf, &work);
    if (status == STATUS_OK)
        status = recorder_directory_run(&recorder->host);
    if (status == STATUS_OK)
        status = run(recorder, work);
    recorder->host.result->is_complete = recorder->host.last_id == TRACE_ID_end &&
                                         recorder->host.discarded == 0;
    set_machine(facts, &recorder->totals);
    adopt_images(&recorder->host);
    if (status == STATUS_OK)
        status = recorder_directory_run(&recorder->host);
    directory_setup->facts = NULL;
    json_decref(facts);
    remove_work(recorder, work);
    return status;
}

static void take_figures(const struct wire_totals *totals, struct qemu_figures *figures)
{
    *figures = (struct qemu_figures){
        .instructions = totals->instructions,
        .fetches = totals->fetches,
        .fetch_misses = totals->fetch_misses,
        .load_misses = totals->load_misses,
        .loads = {totals->loads[0], totals->loads[1], totals->loads[2]},
    };
}

int qemu_recorder_run(struct arena *arena, const struct qemu_setup *setup,
                      struct recorder_result *result, struct qemu_figures *figures,
                      struct problem *problem)
{
    *result = (struct recorder_result){0};
    struct recorder_setup directory_setup = setup->host;
    directory_setup.argv = NULL;
    struct qemu_recorder *recorder = ARENA_NEW(arena, struct qemu_recorder);
    *recorder = (struct qemu_recorder){
        .setup = setup,
        .host = {.arena = arena,
                 .setup = &directory_setup,
                 .result = result,
                 .problem = problem,
                 .events_fd = -1,
                 .ring_fd = -1,
                 .last_id = TRACE_ID_LIMIT},
        .stop_pipe = -1,
        .packet = arena_alloc(arena, TRACE_PACKET_BYTES_MAX),
    };
    const char *elf = firmware_elf(arena, &setup->host);
    int status = check(recorder, elf);
    if (status != STATUS_OK)
        return status;
    status = recorder_directory_begin(&recorder->host);
    if (status == STATUS_OK) {
        struct sigaction before[CAUGHT_COUNT];
        catch_signals(before);
        status = record(recorder, &directory_setup, elf);
        if (status == STATUS_OK && !is_hurried)
            status = recorder_directory_finish(&recorder->host);
        if (status != STATUS_OK || is_hurried)
            recorder_directory_abandon(&recorder->host);
        release_signals(before);
        if (is_hurried)
            raise(signal_number);
    }
    take_figures(&recorder->totals, figures);
    free(recorder->queue);
    free(recorder->records);
    return status;
}
