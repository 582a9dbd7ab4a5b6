// link_loss.c: see link_loss.h.

#include "runtime/world/host/link_loss.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/world/wifi_model.h"

#define ERROR_ABORTED (-8)

// A connection that the program has.
struct peer {
    struct peer *next;
    uint32_t number;
    uint32_t unacked_bytes;
    uint64_t progress_us;  // when the oldest of them was sent, or others were acknowledged last
    uint64_t heard_us;     // when something came last
    uint64_t keepalive_us; // of silence until the device asks; 0: it does not
};

// What waits for the link.
struct held {
    struct held *next;
    struct world_arrival what;
    char data[];
};

struct queue {
    struct held *first, **last;
};

static const struct world_filling *behind;
static struct peer *peers;
static struct queue told = {.last = &told.first}, arrived = {.last = &arrived.first};
static struct held *taken; // lasts until the gate is used again
static int was_lost;
static uint64_t lost_us;

static void *take_memory(size_t bytes)
{
    void *block = calloc(1, bytes);
    if (!block)
        abort();
    return block;
}

// ---- the link ----

static int is_lost(void)
{
    int is = !wifi_model_is_reached();
    if (is && !was_lost)
        lost_us = world_now_us();
    was_lost = is;
    return is;
}

// ---- connections ----

static struct peer *find(uint32_t number)
{
    struct peer *peer = peers;
    while (peer && peer->number != number)
        peer = peer->next;
    return peer;
}

static void add(uint32_t number, uint32_t keepalive_s)
{
    struct peer *peer = take_memory(sizeof *peer);
    peer->number = number;
    peer->heard_us = world_now_us();
    peer->keepalive_us = 1000000u * (uint64_t)keepalive_s;
    peer->next = peers;
    peers = peer;
}

static void forget(uint32_t number)
{
    for (struct peer **link = &peers; *link; link = &(*link)->next)
        if ((*link)->number == number) {
            struct peer *gone = *link;
            *link = gone->next;
            free(gone);
            return;
        }
}

// When the device gives it up, if the link does not come back.
static uint64_t deadline_us(const struct peer *peer)
{
    uint64_t data_us = WORLD_NEVER, probe_us = WORLD_NEVER;
    if (peer->unacked_bytes > 0)
        data_us = (peer->progress_us > lost_us ? peer->progress_us : lost_us) +
                  LINK_LOSS_RETRANSMIT_US;
    if (peer->keepalive_us > 0) {
        uint64_t silent_us = lost_us > peer->heard_us ? lost_us - peer->heard_us : 0;
        uint64_t asked_us = silent_us / peer->keepalive_us * peer->keepalive_us; // and was answered
        probe_us = peer->heard_us + asked_us + peer->keepalive_us + LINK_LOSS_PROBE_US;
    }
    return data_us < probe_us ? data_us : probe_us;
}

static struct peer *first_deadline(void)
{
    struct peer *first = NULL;
    for (struct peer *peer = peers; peer; peer = peer->next)
        if (!first || deadline_us(peer) < deadline_us(first))
            first = peer;
    return first && deadline_us(first) != WORLD_NEVER ? first : NULL;
}

// ---- what waits ----

static void hold(struct queue *queue, int kind, uint32_t object, const void *data, size_t bytes)
{
    struct held *held = take_memory(sizeof *held + bytes);
    if (bytes)
        memcpy(held->data, data, bytes);
    held->what = (struct world_arrival){object, (uint8_t)kind, (uint32_t)bytes, held->data};
    *queue->last = held;
    queue->last = &held->next;
}

static struct held *pop(struct queue *queue)
{
    struct held *held = queue->first;
    queue->first = held->next;
    if (!queue->first)
        queue->last = &queue->first;
    return held;
}

static int holds(const struct queue *queue, uint32_t object)
{
    const struct held *held = queue->first;
    while (held && held->what.object != object)
        held = held->next;
    return held != NULL;
}

static void drop(struct queue *queue, uint32_t object)
{
    struct held **link = &queue->first;
    while (*link) {
        struct held *held = *link;
        if (held->what.object == object) {
            *link = held->next;
            free(held);
        } else {
            link = &held->next;
        }
    }
    queue->last = link;
}

static void drop_all(struct queue *queue)
{
    while (queue->first)
        free(pop(queue));
}

// ---- what the program tells ----

static int op_of(int kind, const void *data, size_t bytes)
{
    struct world_connection message = {.op = UINT8_MAX};
    if (kind == WORLD_CONNECTION && bytes == sizeof message)
        memcpy(&message, data, sizeof message);
    return message.op;
}

static void give_up(uint32_t number)
{
    drop(&told, number);
    drop(&arrived, number);
    forget(number);
}

static void note_told(int kind, uint32_t object, const void *data, size_t bytes)
{
    struct world_connection message;
    struct peer *peer = kind == WORLD_SOCKET ? find(object) : NULL;
    int op = op_of(kind, data, bytes);
    if (peer) {
        if (peer->unacked_bytes == 0)
            peer->progress_us = world_now_us();
        peer->unacked_bytes += (uint32_t)bytes;
    } else if (op == WORLD_CONNECT || op == WORLD_ACCEPT) {
        memcpy(&message, data, sizeof message);
        add(object, op == WORLD_ACCEPT ? message.port : 0);
    } else if (op == WORLD_ABORT) {
        give_up(object);
    }
}

static void tell(int kind, uint32_t object, const void *data, size_t bytes)
{
    int is_of_link = kind == WORLD_SOCKET || kind == WORLD_CONNECTION;
    int op = op_of(kind, data, bytes);
    note_told(kind, object, data, bytes);
    if (is_of_link && is_lost() && op != WORLD_CONNECT && op != WORLD_ACCEPT &&
        (op == WORLD_FORGET ? holds(&told, object) : find(object) != NULL))
        hold(&told, kind, object, data, bytes);
    else
        behind->tell(kind, object, data, bytes);
    if (op == WORLD_FORGET) {
        drop(&arrived, object);
        forget(object);
    }
}

// ---- what arrives ----

static void note_arrival(const struct world_arrival *arrival)
{
    struct world_connection message;
    struct peer *peer = find(arrival->object);
    int op = op_of(arrival->kind, arrival->data, arrival->bytes);
    if (!peer || (arrival->kind != WORLD_SOCKET && arrival->kind != WORLD_CONNECTION))
        return;
    peer->heard_us = world_now_us();
    if (op == WORLD_ACKED) {
        memcpy(&message, arrival->data, sizeof message);
        peer->unacked_bytes -= message.count < peer->unacked_bytes ? message.count
                                                                   : peer->unacked_bytes;
        peer->progress_us = peer->heard_us;
    } else if (op == WORLD_FAILED || op == WORLD_BROKEN) {
        forget(peer->number);
    }
}

static int take_held(struct world_arrival *arrival)
{
    while (told.first) {
        struct held *held = pop(&told);
        behind->tell(held->what.kind, held->what.object, held->data, held->what.bytes);
        free(held);
    }
    if (!arrived.first)
        return 0;
    free(taken);
    taken = pop(&arrived);
    *arrival = taken->what;
    note_arrival(arrival);
    return 1;
}

static int take_deadline(uint64_t now_us, struct world_arrival *arrival)
{
    static const struct world_connection abort_it = {.op = WORLD_ABORT};
    static const struct world_connection broken = {.op = WORLD_BROKEN, .error = ERROR_ABORTED};
    const struct peer *peer = first_deadline();
    if (!peer || deadline_us(peer) > now_us)
        return 0;
    uint32_t number = peer->number;
    give_up(number);
    behind->tell(WORLD_CONNECTION, number, &abort_it, sizeof abort_it);
    *arrival = (struct world_arrival){number, WORLD_CONNECTION, sizeof broken, &broken};
    return 1;
}

static int take(uint64_t now_us, struct world_arrival *arrival)
{
    if (is_lost() ? take_deadline(now_us, arrival) : take_held(arrival))
        return 1;
    while (behind->take(now_us, arrival)) {
        int is_of_link = arrival->kind == WORLD_SOCKET || arrival->kind == WORLD_CONNECTION;
        if (!is_of_link || !is_lost() || !find(arrival->object)) {
            note_arrival(arrival);
            return 1;
        }
        hold(&arrived, arrival->kind, arrival->object, arrival->data, arrival->bytes);
    }
    return 0;
}

static uint64_t next_us(void)
{
    int is_down = is_lost();
    if (!is_down && (told.first || arrived.first))
        return 0;
    const struct peer *peer = is_down ? first_deadline() : NULL;
    uint64_t own_us = peer ? deadline_us(peer) : WORLD_NEVER, behind_us = behind->next_us();
    return own_us < behind_us ? own_us : behind_us;
}

// ---- the filling ----

static size_t ask(int kind, uint32_t object, const void *question, size_t question_bytes,
                  void *answer, size_t room)
{
    return behind->ask(kind, object, question, question_bytes, answer, room);
}

static void boot(void)
{
    drop_all(&told);
    drop_all(&arrived);
    while (peers)
        forget(peers->number);
    was_lost = 0;
    if (behind->boot)
        behind->boot();
}

static const struct world_filling filling_over = {
    .ask = ask,
    .tell = tell,
    .take = take,
    .next_us = next_us,
    .boot = boot,
};

const struct world_filling *link_loss_over(const struct world_filling *filling)
{
    behind = filling;
    return &filling_over;
}
