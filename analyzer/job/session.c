// session.c: see session.h.

#include "analyzer/job/session.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "analyzer/job/program.h"

#define SETTLE_MS 100u // more ports may be opened right after the first
#define IDLE_MS 1000u  // after the last script

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

int session_begin(struct session *session, const struct job_context *context,
                  const struct option_list *scripts, const char *files, const char *scratch,
                  struct problem *problem)
{
    *session = (struct session){.context = context, .scripts = scripts, .files = files};
    for (size_t i = 0; i < scripts->count; i++)
        if (access(scripts->items[i], R_OK) != 0)
            return problem_set(problem, STATUS_NOT_FOUND, text_of(scripts->items[i]),
                               PROBLEM_NO_OFF, "%s", strerror(errno));
    if (pipe2(session->ready, O_CLOEXEC | O_NONBLOCK) != 0)
        return problem_set(problem, STATUS_IO, text_of("session"), PROBLEM_NO_OFF,
                           "cannot make a pipe: %s", strerror(errno));
    session->marks = arena_format(context->arena, "%s/marks", scratch);
    unlink(session->marks);
    session->mark_fd = mkfifo(session->marks, 0600) == 0
                           ? open(session->marks, O_RDWR | O_NONBLOCK | O_CLOEXEC)
                           : -1;
    if (session->mark_fd < 0)
        return problem_set(problem, STATUS_IO, text_of(session->marks), PROBLEM_NO_OFF,
                           "cannot be made: %s", strerror(errno));
    session->begun_ms = now_ms();
    return STATUS_OK;
}

bool session_is_done(const struct session *session)
{
    return session->next == session->scripts->count && !session->child;
}

void session_end(struct session *session)
{
    if (session->child) {
        kill(-session->child, SIGTERM);
        waitpid(session->child, NULL, 0);
        session->child = 0;
    }
    close(session->ready[0]);
    close(session->ready[1]);
    close(session->mark_fd);
    unlink(session->marks);
}

// ---- ports ----

// "TCP 80 40123"
static void take_line(struct session *session, const char *line)
{
    struct session_port *port = &session->ports[session->port_count];
    if (session->port_count == SESSION_PORTS_MAX ||
        sscanf(line, "%3s %u %u", port->protocol, &port->device_port, &port->port) != 3)
        return;
    if (session->port_count++ == 0)
        session->since_ms = now_ms();
}

static void take_ports(struct session *session)
{
    char byte;
    while (read(session->ready[0], &byte, 1) == 1) {
        if (byte != '\n') {
            if (session->line_bytes < sizeof session->line - 1)
                session->line[session->line_bytes++] = byte;
            continue;
        }
        session->line[session->line_bytes] = '\0';
        session->line_bytes = 0;
        take_line(session, session->line);
    }
}

// ---- scripts ----

// `frost mark` in a script is this frost, also where none is installed.
static void add_own_directory(void)
{
    char directory[PATH_MAX], *path;
    const char *old = getenv("PATH");
    if (program_own_directory(directory, sizeof directory) != STATUS_OK ||
        asprintf(&path, "%s:%s", directory, old ? old : "/usr/bin:/bin") < 0)
        return; // the script finds what it found before
    setenv("PATH", path, 1);
    free(path);
}

static void set_environment(const struct session *session)
{
    char name[32], value[16];
    add_own_directory();
    setenv("FROST_HOST", "127.0.0.1", 1);
    setenv("FROST_FILES", session->files, 1);
    setenv("FROST_MARKS", session->marks, 1);
    char world[16];
    snprintf(world, sizeof world, "%u", session->world ? session->world : 1);
    setenv("FROST_WORLD", world, 1);
    for (unsigned i = session->port_count; i-- > 0;) {
        const struct session_port *port = &session->ports[i];
        bool is_tcp = !strcmp(port->protocol, "TCP");
        snprintf(value, sizeof value, "%u", port->port);
        snprintf(name, sizeof name, is_tcp ? "FROST_PORT_%u" : "FROST_UDP_%u", port->device_port);
        setenv(name, value, 1);
        if (is_tcp)
            setenv("FROST_PORT", value, 1); // the first one stays
    }
}

// In a group of its own, so that it can be ended with all that it has started. Its output is ours
// on standard error: standard output belongs to the report.
static void start(struct session *session)
{
    const char *script = session->scripts->items[session->next++];
    job_say_step(session->context, arena_format(session->context->arena, "session %s", script));
    pid_t child = fork();
    if (child == 0) {
        setpgid(0, 0);
        prctl(PR_SET_PDEATHSIG, SIGTERM); // nobody else would end it
        dup2(STDERR_FILENO, STDOUT_FILENO);
        set_environment(session);
        if (access(script, X_OK) == 0)
            execl(script, script, (char *)NULL);
        execl("/bin/sh", "sh", script, (char *)NULL);
        _exit(127);
    }
    if (child > 0)
        setpgid(child, child);
    session->child = child > 0 ? child : 0;
    session->since_ms = now_ms();
}

static void note_end(struct session *session, int state)
{
    const char *script = session->scripts->items[session->next - 1];
    int status = WIFSIGNALED(state) ? 128 + WTERMSIG(state) : WEXITSTATUS(state);
    session->child = 0;
    session->since_ms = now_ms();
    if (status == 0)
        return;
    job_say(session->context, "session %s: status %d", script, status);
    if (session->failed_count++ == 0) {
        session->failed = script;
        session->failed_status = status;
    }
}

static bool is_ready(const struct session *session, uint64_t now)
{
    if (session->ready_after_ms)
        return now - session->begun_ms >= session->ready_after_ms;
    return session->port_count > 0 && now - session->since_ms >= SETTLE_MS;
}

// For the recorder: true when all is over.
static bool watch(void *context)
{
    struct session *session = context;
    uint64_t now = now_ms();
    int state;
    take_ports(session);
    if (session->child && waitpid(session->child, &state, WNOHANG) == session->child)
        note_end(session, state);
    if (session->child)
        return false;
    if (session->next == session->scripts->count)
        return now - session->since_ms >= IDLE_MS;
    if (session->next > 0 || is_ready(session, now))
        start(session);
    return false;
}

void session_attach(struct session *session, struct recorder_setup *setup)
{
    setup->watch = watch;
    setup->watch_context = session;
    setup->ready_fd = session->ready[1];
    setup->mark_fd = session->mark_fd;
}
