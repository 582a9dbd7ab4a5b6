// flash_events.h: what happens to the flash, as events of a trace. Nothing in a build without
// probes.
//
// Programs of one place are told together, when something else happens; so are those of a turn.
// Times are modelled (runtime/format/device_time.h); the device's clock goes on by the same.
// Memory: static. Context: the interpreter's thread.

#ifndef FROST_FLASH_FLASH_EVENTS_H
#define FROST_FLASH_FLASH_EVENTS_H

#include "runtime/flash/device.h"
#include "runtime/format/trace_events.h"

// A job that is going on: what its device had counted before.
struct flash_job {
    const struct flash_device *device;
    struct flash_counts before;
};

#ifdef FROST_PROBED
// A boot begins: from now on all that happens to the device is told. NULL: nothing is.
void flash_events_watch(const struct flash_device *device);
void flash_events_program(const struct flash_device *device, uint32_t off, uint32_t bytes,
                          uint64_t ns);
void flash_events_erase(const struct flash_device *device, uint32_t off, uint64_t ns);
// What is kept back is told.
void flash_events_flush(void);
struct flash_job flash_job_begin(const struct flash_device *device);
// The job has ended; it was about `bytes` bytes at `off`. Not told if nothing was changed.
void flash_job_end(const struct flash_job *job, enum trace_flash_job kind, uint32_t off,
                   uint32_t bytes);
#else
static inline void flash_events_watch(const struct flash_device *device)
{
    (void)device;
}
static inline void flash_events_program(const struct flash_device *device, uint32_t off,
                                        uint32_t bytes, uint64_t ns)
{
    (void)device;
    (void)off;
    (void)bytes;
    (void)ns;
}
static inline void flash_events_erase(const struct flash_device *device, uint32_t off, uint64_t ns)
{
    (void)device;
    (void)off;
    (void)ns;
}
static inline void flash_events_flush(void)
{
}
static inline struct flash_job flash_job_begin(const struct flash_device *device)
{
    return (struct flash_job){.device = device};
}
static inline void flash_job_end(const struct flash_job *job, enum trace_flash_job kind,
                                 uint32_t off, uint32_t bytes)
{
    (void)job;
    (void)kind;
    (void)off;
    (void)bytes;
}
#endif

#endif
