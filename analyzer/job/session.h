// session.h: clients of a program that is being recorded: scripts that are started when it listens.
//
// A script finds in its environment FROST_HOST (127.0.0.1), FROST_PORT (the first TCP port that the
// program has opened, as it is on this computer), FROST_PORT_80 (the one that is 80 on the device),
// FROST_UDP_53, FROST_FILES (the program's file system), FROST_MARKS (for `frost mark`, where
// `frost` is the one that runs), FROST_WORLD (1, 2 ...: worlds.h). One follows the other; when the
// last has ended and a second has passed, the program is to end. Memory: the arena of the context.
// Context: one session at a time; the recorder calls.

#ifndef FROST_JOB_SESSION_H
#define FROST_JOB_SESSION_H

#include <sys/types.h>

#include "analyzer/base/options.h"
#include "analyzer/job/job_context.h"
#include "collectors/host/recorder.h"

#define SESSION_PORTS_MAX 32u
#define SESSION_DURATION_MS 600000u // what a recording with clients lasts at most

struct session_port {
    char protocol[4]; // "TCP", "UDP"
    unsigned device_port, port;
};

struct session {
    const struct job_context *context;
    const struct option_list *scripts;
    const char *files;       // directory of the program's files, absolute
    unsigned world;          // FROST_WORLD
    uint64_t ready_after_ms; // start then, also if nothing listens; 0: when something does
    int ready[2];            // pipe: the program tells its ports
    const char *marks;       // named pipe: the program takes names for moments from it
    int mark_fd;             // of it
    char line[256];          // that has not ended
    size_t line_bytes;
    struct session_port ports[SESSION_PORTS_MAX];
    unsigned port_count;
    uint64_t begun_ms, since_ms; // of the recording; of the state
    size_t next;                 // script to be started
    pid_t child;                 // the one that runs
    unsigned failed_count;       // scripts whose status was not 0
    const char *failed;          // the first of them
    int failed_status;
};

// Checks that the scripts are there and makes the pipes. `scripts` has at least one; the named pipe
// is made in `scratch`.
int session_begin(struct session *session, const struct job_context *context,
                  const struct option_list *scripts, const char *files, const char *scratch,
                  struct problem *problem) __attribute__((warn_unused_result));
// Has the recorder start the scripts and end the program.
void session_attach(struct session *session, struct recorder_setup *setup);
// After the recording: no script is left.
void session_end(struct session *session);
// Were all scripts started?
bool session_is_done(const struct session *session);

#endif
