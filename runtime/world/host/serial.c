// serial.c: see serial.h.

#include "runtime/world/host/serial.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "runtime/port/host/host.h"
#include "runtime/port/host/say.h"
#include "runtime/world/world.h"

#define RING_BYTES 4096u
#define PIECE_BYTES 128 // what arrives at once: the FIFO of the device's UART
#define CTRL_D 4

static const struct world_filling *behind;
static struct world_filling in_front;

static struct {
    pthread_mutex_t lock;
    pthread_cond_t has_room;
    char bytes[RING_BYTES];
    unsigned begin, count;
    int is_over; // nothing more comes
} ring = {.lock = PTHREAD_MUTEX_INITIALIZER, .has_room = PTHREAD_COND_INITIALIZER};

static int input = STDIN_FILENO;
static int pseudo = -1; // the device's side of a pseudo-terminal
static int is_open;     // the waits know of it
static int is_terminal;
static struct termios terminal;

// ---- the thread that reads ----

static void put(const char *bytes, size_t count)
{
    pthread_mutex_lock(&ring.lock);
    for (size_t i = 0; i < count; i++) {
        while (ring.count == RING_BYTES)
            pthread_cond_wait(&ring.has_room, &ring.lock);
        ring.bytes[(ring.begin + ring.count++) % RING_BYTES] = bytes[i];
    }
    pthread_mutex_unlock(&ring.lock);
    host_wake();
}

static void *read_all(void *context)
{
    char bytes[PIECE_BYTES];
    ssize_t count;
    (void)context;
    while ((count = read(input, bytes, sizeof bytes)) != 0) {
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            break;
        const char *end = is_terminal ? memchr(bytes, CTRL_D, (size_t)count) : NULL;
        put(bytes, end ? (size_t)(end - bytes) : (size_t)count);
        if (end)
            break;
    }
    pthread_mutex_lock(&ring.lock);
    ring.is_over = 1;
    pthread_mutex_unlock(&ring.lock);
    host_wake();
    return NULL;
}

// ---- the gate's side ----

static void close_input(void)
{
    is_open = 0;
    host_wait_sources(-1);
    host_wait_hold(-1, world_now_us());
}

static int take(uint64_t now_us, struct world_arrival *arrival)
{
    static char piece[PIECE_BYTES];
    uint32_t count = 0;
    pthread_mutex_lock(&ring.lock);
    for (; count < PIECE_BYTES && ring.count > 0; count++, ring.count--) {
        piece[count] = ring.bytes[ring.begin];
        ring.begin = (ring.begin + 1) % RING_BYTES;
    }
    int is_over = ring.is_over;
    pthread_cond_signal(&ring.has_room);
    pthread_mutex_unlock(&ring.lock);
    if (count) {
        *arrival = (struct world_arrival){.kind = WORLD_SERIAL, .bytes = count, .data = piece};
        return 1;
    }
    if (is_over && is_open)
        close_input();
    fflush(stdout); // a prompt has no end of line
    return behind->take(now_us, arrival);
}

// ---- the terminal ----

static void take_terminal(void)
{
    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &terminal) != 0)
        return;
    struct termios plain = terminal;
    plain.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    plain.c_iflag &= ~(tcflag_t)ICRNL;
    plain.c_cc[VMIN] = 1;
    plain.c_cc[VTIME] = 0;
    is_terminal = tcsetattr(STDIN_FILENO, TCSANOW, &plain) == 0;
}

// Opens the pseudo-terminal. Its other side stays open here, too, so that it outlives those who
// come and go there. False: errno is set.
static int open_pseudo(void)
{
    struct termios plain;
    int device = posix_openpt(O_RDWR | O_NOCTTY);
    if (device < 0 || grantpt(device) != 0 || unlockpt(device) != 0)
        return 0;
    const char *name = ptsname(device);
    int other = name ? open(name, O_RDWR | O_NOCTTY) : -1;
    if (other < 0 || tcgetattr(other, &plain) != 0)
        return 0;
    cfmakeraw(&plain);
    if (tcsetattr(other, TCSANOW, &plain) != 0)
        return 0;
    input = pseudo = device;
    host_say("UART 0 of the device is %s", name);
    return 1;
}

int serial_write(const char *text, size_t bytes)
{
    if (pseudo < 0)
        return 0;
    while (bytes > 0) {
        struct pollfd line = {.fd = pseudo, .events = POLLOUT};
        size_t piece = bytes < PIECE_BYTES ? bytes : PIECE_BYTES;
        if (poll(&line, 1, 0) <= 0 || !(line.revents & POLLOUT))
            break; // nobody reads
        ssize_t count = write(pseudo, text, piece);
        if (count <= 0)
            break;
        text += count;
        bytes -= (size_t)count;
    }
    return 1;
}

int serial_print(const char *text, size_t bytes)
{
    char piece[PIECE_BYTES];
    size_t count = 0;
    if (pseudo < 0)
        return 0;
    for (size_t i = 0; i < bytes; i++) {
        if (text[i] == '\n')
            piece[count++] = '\r';
        if (text[i] != '\r')
            piece[count++] = text[i];
        if (count + 2 > sizeof piece) {
            serial_write(piece, count);
            count = 0;
        }
    }
    return serial_write(piece, count);
}

void serial_end(void)
{
    if (is_terminal)
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &terminal);
    is_terminal = 0;
}

int serial_start(int has_own_terminal)
{
    pthread_t thread;
    sigset_t all, before;
    behind = world_used();
    in_front = *behind;
    in_front.take = take;
    if (!has_own_terminal)
        take_terminal();
    else if (!open_pseudo())
        return -1;
    // Signals are for the interpreter's thread, which they wake.
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&thread, NULL, read_all, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error) {
        errno = error;
        return -1;
    }
    pthread_detach(thread);
    is_open = 1;
    host_wait_sources(1);
    host_wait_hold(1, 0);
    world_use(&in_front);
    return 0;
}
