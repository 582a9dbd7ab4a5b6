// status.h: the one vocabulary of results, on the chip and on the host.
//
// 0 is success, negatives are failures; a positive value may carry a count.

#ifndef FROST_FORMAT_STATUS_H
#define FROST_FORMAT_STATUS_H

enum status {
    STATUS_OK = 0,
    STATUS_IO = -1,        // read, write or device failed
    STATUS_NO_SPACE = -2,  // does not fit where it was to go
    STATUS_NO_MEMORY = -3, // allocation failed or a memory limit was reached
    STATUS_NOT_FOUND = -4, // no such file, module, object
    STATUS_DAMAGED = -5,   // bytes from outside that break their format
    STATUS_CUT_OFF = -6,   // ends before it is complete
    STATUS_VERSION = -7,   // a format or build we do not read
    STATUS_USAGE = -8,     // wrong usage by the caller or the command line
    STATUS_LIMIT = -9,     // a limit of the format or of the firmware
    STATUS_END = -10,      // nothing more to read; not a fault
    STATUS_AGAIN = -11,    // a part is done, the next call goes on
};

// Process exit statuses of every frost program (DESIGN, section 4).
enum exit_status {
    EXIT_STATUS_DONE = 0,
    EXIT_STATUS_NO = 1, // the answer is "no", or the Lua program failed
    EXIT_STATUS_USAGE = 2,
    EXIT_STATUS_DAMAGED = 3,
    EXIT_STATUS_ENVIRONMENT = 4,
};

// The word for a status, for messages; "unknown status" outside the enum. Static storage.
static inline const char *status_name(int status)
{
    static const char *const names[] = {
        "ok",          "input/output error",
        "no space",    "out of memory",
        "not found",   "damaged",
        "cut off",     "unknown version",
        "wrong usage", "limit exceeded",
        "end",         "not done yet",
    };
    int idx = -status;
    return idx >= 0 && idx < (int)(sizeof names / sizeof *names) ? names[idx] : "unknown status";
}

#endif
