// first_run.c: what the host has for a first run.
//
// Writes: what goes to the console. Memory: static, two indices of stores; lfs_port_work().

#include "runtime/port/host/first_run.h"

#include <stdio.h>

#include "runtime/port/port.h"

#define STORE_FILES_MAX 16384

static void tell(const char *text)
{
    char line[LFS_MESSAGE_BYTES + 42];
    int bytes = snprintf(line, sizeof line, "%s\n", text);
    port_console_error(line, (size_t)bytes);
}

struct first_run *host_first_run(void)
{
    static uint32_t places[2][STORE_FILES_MAX];
    static struct first_run run = {.tell = tell};
    struct lfs_work *work = lfs_port_work();
    _Static_assert(sizeof work->image >= LFS_ROOM_BYTES, "pages of a reload");
    for (int i = 0; i < 2; i++) {
        run.rooms[i].places = places[i];
        run.rooms[i].place_count = STORE_FILES_MAX;
    }
    lfs_room_in(&run.pages, (uint8_t *)work->image);
    run.marks = &work->marks;
    return &run;
}
