// qemu_recorder.h: runs the probed firmware under QEMU and turns what it and the plugin tell into a
// trace.
//
// One pipe takes the packets of the firmware and, between them, the plugin's blocks (wire.h); both
// are written by QEMU's one thread, so they come in the order in which things happened.
//
// Writes: the trace as the host's recorder does (collectors/host/recorder.h), and a work directory
// in $TMPDIR, removed at the end. Memory: the arena of the caller, and a buffer in proportion to
// the number of different sums between two packets. Context: one recording at a time. The first
// signal makes the program end, which closes its trace; the second one, after INTERRUPT_PAUSE_MS,
// ends this process, and nothing is left.

#ifndef FROST_QEMU_RECORDER_H
#define FROST_QEMU_RECORDER_H

#include "analyzer/analysis/cost_model.h"
#include "collectors/host/recorder.h"

struct qemu_setup {
    // As the host's, with its argv[0] the starter of the emulator (frostvm-esp8266) and the rest
    // the command line of the VM; `number` chooses the firmware, `build` is "probed".
    struct recorder_setup host;
    const char *plugin;             // frost-qemu.so
    const struct cost_model *model; // its flash cache is used
};

// Figures of the run, exact: the same every time.
struct qemu_figures {
    uint64_t instructions, fetches, fetch_misses, load_misses;
    uint64_t loads[3]; // from flash, of 8, 16 and 32 bits
};

// Records one run; returns when the emulator has ended.
//
// Result and errors: as recorder_run(); STATUS_NOT_FOUND also if the emulator or the firmware is
//         missing, with what to do in the message.
int qemu_recorder_run(struct arena *arena, const struct qemu_setup *setup,
                      struct recorder_result *result, struct qemu_figures *figures,
                      struct problem *problem) __attribute__((warn_unused_result));

#endif
