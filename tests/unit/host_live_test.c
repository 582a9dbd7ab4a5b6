// host_live_test.c: do real peers come as offers, bytes, windows and ends, and real names as
// answers? This program is the device; peers are blocking sockets of a second thread or of its own.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#include "runtime/port/host/host.h"
#include "runtime/world/host/live.h"
#include "tests/support/tap.h"

#define SERVER 1 // numbers of the program's sockets
#define FIRST 2
#define LOOPBACK 0x7F000001u

static uint64_t now_us;

_Noreturn void port_restart(void)
{
    abort();
}

static uint64_t device_us(void)
{
    return now_us;
}

static void start(struct live_settings settings)
{
    CHECK_EQUAL(host_wait_init(HOST_CLOCK_VIRTUAL), 0);
    CHECK_EQUAL(live_start(&settings), 0);
    world_boot(device_us);
}

static void tell(uint32_t number, int op, uint32_t count, uint32_t ip, uint16_t port)
{
    const struct world_connection message = {
        .op = (uint8_t)op, .count = count, .ip = ip, .port = port};
    world_tell(WORLD_CONNECTION, number, &message, sizeof message);
}

// Waits for what arrives next, a minute of this computer's: where nothing holds the device's clock,
// that jumps, and what is on its way here needs its time.
static struct world_arrival await(void)
{
    struct world_arrival arrival = {0};
    for (int tries = 0; tries < 60000; tries++) {
        if (world_take(now_us, &arrival))
            return arrival;
        enum port_wait waited = port_wait_for_event(&now_us, now_us + 10000000);
        if (waited == PORT_WAIT_NOTHING)
            break;
        if (waited == PORT_WAIT_TIME)
            usleep(1000);
    }
    CHECK(!"something arrives");
    return arrival;
}

static struct world_connection await_op(uint32_t number, int op)
{
    static const struct world_connection none;
    struct world_arrival arrival = await();
    CHECK_EQUAL(arrival.kind, WORLD_CONNECTION);
    CHECK_EQUAL(arrival.object, number);
    if (arrival.kind != WORLD_CONNECTION || arrival.bytes != sizeof none)
        return none;
    struct world_connection message = *(const struct world_connection *)arrival.data;
    CHECK_EQUAL(message.op, op);
    return message;
}

static struct sockaddr_in loopback(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(LOOPBACK);
    return address;
}

static int call_in(uint16_t port)
{
    int peer = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = loopback(port);
    CHECK_EQUAL(connect(peer, (struct sockaddr *)&address, sizeof address), 0);
    return peer;
}

// A listening socket of this computer; -1: the port is taken.
static int listen_at(uint16_t port)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = loopback(port);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) == 0 &&
        listen(listener, 5) == 0)
        return listener;
    close(listener);
    return -1;
}

// At a port that no other program gets by chance: not one of those that the system gives away, and
// another one for each process.
static int listen_here(uint16_t *port)
{
    for (unsigned i = 0; i < 1000; i++) {
        *port = (uint16_t)(10000 + ((unsigned)getpid() * 41 + i) % 9000);
        int listener = listen_at(*port);
        if (listener >= 0)
            return listener;
    }
    CHECK(!"there is a free port");
    return -1;
}

static uint16_t free_port(void)
{
    uint16_t port;
    close(listen_here(&port));
    return port;
}

// A server and its first peer, connected.
static int connect_peer(void)
{
    uint16_t port = free_port();
    tell(SERVER, WORLD_LISTEN, 0, 0, port);
    int peer = call_in(port);
    struct world_connection offered = await_op(SERVER, WORLD_OFFERED);
    CHECK_EQUAL(offered.ip, LOOPBACK);
    tell(FIRST, WORLD_ACCEPT, offered.count, 0, 0);
    return peer;
}

TEST(bytes_go_both_ways)
{
    char got[16] = "";
    start((struct live_settings){0});
    int peer = connect_peer();
    CHECK_EQUAL(write(peer, "hello", 5), 5);
    struct world_arrival arrival = await();
    CHECK_EQUAL(arrival.kind, WORLD_SOCKET);
    CHECK_EQUAL(arrival.object, FIRST);
    CHECK(arrival.bytes == 5 && memcmp(arrival.data, "hello", 5) == 0);
    world_tell(WORLD_SOCKET, FIRST, "answer", 6);
    CHECK_EQUAL(await_op(FIRST, WORLD_ACKED).count, 6);
    CHECK_EQUAL(read(peer, got, sizeof got), 6);
    CHECK_TEXT(got, "answer");
    close(peer);
}

TEST(ends_of_both_sides)
{
    char got[4];
    start((struct live_settings){0});
    int peer = connect_peer();
    shutdown(peer, SHUT_WR);
    await_op(FIRST, WORLD_ENDED);
    world_tell(WORLD_SOCKET, FIRST, "late", 4); // the other direction is still open
    await_op(FIRST, WORLD_ACKED);
    tell(FIRST, WORLD_SHUT, 0, 0, 0);
    tell(FIRST, WORLD_FORGET, 0, 0, 0);
    struct world_arrival none;
    world_take(now_us, &none);
    CHECK_EQUAL(read(peer, got, 4), 4);
    CHECK_EQUAL(read(peer, got, 4), 0);
    close(peer);
}

TEST(a_reset_breaks)
{
    struct linger at_once = {1, 0};
    start((struct live_settings){0});
    int peer = connect_peer();
    setsockopt(peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(peer);
    CHECK_EQUAL(await_op(FIRST, WORLD_BROKEN).error, -9);
}

TEST(no_more_comes_than_the_window)
{
    static char data[20000];
    start((struct live_settings){0});
    int peer = connect_peer();
    CHECK_EQUAL(write(peer, data, sizeof data), sizeof data);
    uint32_t total = 0;
    while (total < WORLD_WINDOW_BYTES) {
        struct world_arrival arrival = await();
        CHECK(arrival.bytes > 0 && arrival.bytes <= WORLD_SEGMENT_BYTES_MAX);
        total += arrival.bytes;
        if (arrival.bytes == 0)
            break;
    }
    CHECK_EQUAL(total, WORLD_WINDOW_BYTES);
    CHECK_EQUAL(port_wait_for_event(&now_us, now_us + 20000), PORT_WAIT_TIME);
    tell(FIRST, WORLD_WINDOW, 100, 0, 0);
    CHECK_EQUAL(await().bytes, 100);
    close(peer);
}

TEST(an_ignored_peer_comes_again)
{
    start((struct live_settings){0});
    uint16_t port = free_port();
    tell(SERVER, WORLD_LISTEN, 0, 0, port);
    int peer = call_in(port);
    uint32_t offer = await_op(SERVER, WORLD_OFFERED).count;
    uint64_t before_us = now_us;
    tell(0, WORLD_IGNORE, offer, 0, 0);
    CHECK_EQUAL(world_next_us(), before_us + 1000000);
    now_us = world_next_us();
    CHECK_EQUAL(await_op(SERVER, WORLD_OFFERED).count, offer);
    tell(SERVER, WORLD_FORGET, 0, 0, 0); // who was never accepted is turned away
    char byte;
    struct world_arrival none;
    world_take(now_us, &none);
    CHECK(read(peer, &byte, 1) <= 0);
    close(peer);
}

TEST(a_peer_holds_the_clock)
{
    start((struct live_settings){0});
    now_us = 5;
    tell(SERVER, WORLD_LISTEN, 0, 0, free_port());
    CHECK_EQUAL(port_wait_until(&now_us, 3600000000u), PORT_WAIT_TIME); // an hour, at once
    int peer = connect_peer();
    uint64_t until_us = now_us + 3600000000u;
    close(peer);
    CHECK_EQUAL(port_wait_until(&now_us, until_us), PORT_WAIT_EVENT);
    CHECK(now_us < until_us);
}

TEST(own_connections)
{
    uint16_t port;
    int listener = listen_here(&port);
    start((struct live_settings){0});
    tell(FIRST, WORLD_CONNECT, 0, LOOPBACK, port);
    await_op(FIRST, WORLD_CONNECTED);
    int peer = accept(listener, NULL, NULL);
    CHECK_EQUAL(write(peer, "x", 1), 1);
    CHECK_EQUAL(await().bytes, 1);
    close(listener);
    close(peer);
    await_op(FIRST, WORLD_ENDED);
    tell(FIRST + 1, WORLD_CONNECT, 0, LOOPBACK, port);
    CHECK_EQUAL(await_op(FIRST + 1, WORLD_FAILED).error, -9);
    tell(FIRST + 2, WORLD_CONNECT, 0, 0x0A000001, port); // nobody is reached out there
    CHECK_EQUAL(world_next_us(), now_us + 30000000);
}

TEST(names_that_the_user_gives)
{
    start((struct live_settings){.hosts = {"broker=127.0.0.9"}, .host_count = 1});
    world_tell(WORLD_DNS, 7, "broker", 6);
    now_us = world_next_us();
    struct world_arrival arrival = await();
    CHECK_EQUAL(arrival.kind, WORLD_DNS);
    CHECK_EQUAL(*(const uint32_t *)arrival.data, 0x7F000009);
    world_tell(WORLD_DNS, 8, "brokers", 7);
    now_us = world_next_us();
    CHECK_EQUAL(*(const uint32_t *)await().data, 0);
}

TEST(datagrams)
{
    uint16_t port = free_port();
    start((struct live_settings){0});
    tell(SERVER, WORLD_BIND, 0, 0, port);
    int peer = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in address = loopback(port);
    CHECK_EQUAL(sendto(peer, "ping", 4, 0, (struct sockaddr *)&address, sizeof address), 4);
    struct world_arrival arrival = await();
    CHECK_EQUAL(arrival.bytes, sizeof(struct world_datagram) + 4);
    char answer[sizeof(struct world_datagram) + 4], got[8] = "";
    memcpy(answer, arrival.data, sizeof(struct world_datagram));
    memcpy(answer + sizeof(struct world_datagram), "pong", 4);
    world_tell(WORLD_SOCKET, SERVER, answer, sizeof answer);
    CHECK_EQUAL(recv(peer, got, sizeof got, 0), 4);
    CHECK_TEXT(got, "pong");
    close(peer);
}

static void tell_wifi(int op, int value)
{
    struct {
        struct world_wifi what;
        char name[5];
    } data = {{.op = (uint8_t)op, .value = (uint8_t)value}, "home"};
    world_tell(WORLD_WIFI, 0, &data, sizeof data);
}

TEST(a_port_is_ready_when_the_device_has_an_address)
{
    int ends[2];
    char line[40] = "", want[40];
    struct world_arrival arrival;
    CHECK_EQUAL(pipe2(ends, O_NONBLOCK), 0);
    start((struct live_settings){.ready_fd = ends[1]});
    uint16_t port = free_port();
    tell_wifi(WORLD_WIFI_MODE, 1);
    tell_wifi(WORLD_WIFI_STATION, 0);
    tell_wifi(WORLD_WIFI_CONNECT, 0);
    tell(SERVER, WORLD_LISTEN, 0, 0, port);
    now_us = 1999999;
    CHECK(world_take(now_us, &arrival)); // it is associated
    CHECK(!world_take(now_us, &arrival));
    CHECK_EQUAL(read(ends[0], line, sizeof line), -1);
    now_us = 4000000;
    CHECK(world_take(now_us, &arrival));
    CHECK(read(ends[0], line, sizeof line - 1) > 0);
    snprintf(want, sizeof want, "TCP %u %u\n", port, port);
    CHECK_TEXT(line, want);
    close(ends[0]);
    close(ends[1]);
}

// Starts a device that is reached, with a pipe for what a session is told.
static int start_told(void)
{
    static int ends[2];
    CHECK_EQUAL(pipe2(ends, O_NONBLOCK), 0);
    start((struct live_settings){.ready_fd = ends[1]});
    tell_wifi(WORLD_WIFI_MODE, 2); // an access point
    return ends[0];
}

// The next text that a session is told, with the ports' numbers in *tcp and *udp.
static void expect_told(int end, const char *form, uint16_t *tcp, uint16_t *udp)
{
    char lines[100] = "", want[100];
    struct world_arrival arrival;
    while (world_take(now_us, &arrival))
        ;
    CHECK(read(end, lines, sizeof lines - 1) > 0);
    const char *at = strstr(lines, "TCP 80 ");
    if (at)
        *tcp = (uint16_t)strtoul(at + 7, NULL, 10);
    at = strstr(lines, "UDP 80 ");
    if (at)
        *udp = (uint16_t)strtoul(at + 7, NULL, 10);
    snprintf(want, sizeof want, form, *tcp, *udp);
    CHECK_TEXT(lines, want);
    CHECK_EQUAL(read(end, lines, sizeof lines), -1);
}

TEST(all_ports_of_a_turn_are_told_at_once)
{
    char byte;
    uint16_t tcp = 0, udp = 0;
    int end = start_told();
    tell(SERVER, WORLD_LISTEN, 0, 0, 80);
    tell(FIRST, WORLD_BIND, 0, 0, 80);
    CHECK_EQUAL(read(end, &byte, 1), -1);
    expect_told(end, "TCP 80 %u\nUDP 80 %u\n", &tcp, &udp);
    CHECK(tcp >= 1024 && udp >= 1024);
    close(call_in(tcp));
}

TEST(a_port_stays_over_a_restart)
{
    char byte;
    uint16_t tcp = 0, udp = 0;
    struct world_arrival arrival;
    int end = start_told();
    tell(SERVER, WORLD_LISTEN, 0, 0, 80);
    expect_told(end, "TCP 80 %u\n", &tcp, &udp);
    CHECK(tcp < 32768); // where none is given away meanwhile
    world_boot(device_us);
    tell_wifi(WORLD_WIFI_MODE, 2);
    tell(SERVER, WORLD_LISTEN, 0, 0, 80);
    while (world_take(now_us, &arrival))
        ;
    CHECK_EQUAL(read(end, &byte, 1), -1);
    close(call_in(tcp));
}

TEST(one_that_somebody_has_taken_meanwhile_is_replaced_and_told)
{
    uint16_t tcp = 0, udp = 0;
    int end = start_told();
    tell(SERVER, WORLD_LISTEN, 0, 0, 80);
    tell(FIRST, WORLD_BIND, 0, 0, 80);
    expect_told(end, "TCP 80 %u\nUDP 80 %u\n", &tcp, &udp);
    world_boot(device_us);
    int taken = listen_at(tcp), taken_too = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in address = loopback(udp);
    CHECK(taken >= 0);
    CHECK_EQUAL(bind(taken_too, (struct sockaddr *)&address, sizeof address), 0);
    uint16_t old_tcp = tcp, old_udp = udp;
    tell_wifi(WORLD_WIFI_MODE, 2);
    tell(SERVER, WORLD_LISTEN, 0, 0, 80);
    tell(FIRST, WORLD_BIND, 0, 0, 80);
    expect_told(end, "TCP 80 %u\nUDP 80 %u\n", &tcp, &udp);
    CHECK(tcp != old_tcp && udp != old_udp);
    close(call_in(tcp));
}

TEST(settings_that_are_none)
{
    struct live_settings port = {.ports = {"80:8080"}, .port_count = 1};
    struct live_settings large = {.ports = {"80=65536"}, .port_count = 1};
    struct live_settings host = {.hosts = {"a=b"}, .host_count = 1};
    CHECK_EQUAL(live_start(&port), -1);
    CHECK_EQUAL(live_start(&large), -1);
    CHECK_EQUAL(live_start(&host), -1);
}

TEST_MAIN
