// net_queue_test.c: when does what a program sends go out, what fits, what "sent" means, and what
// it costs of the heap.

#include "tests/support/net_world.h"

#define BLOCK(bytes) (((bytes) + 8 + 7) / 8 * 8) // of the modelled heap, with its header
#define SEGMENT (BLOCK(20) + BLOCK(1536))

// A connection as object 2.
static void connect_peer(lua_State *L)
{
    run(L, "net.createServer():listen(80, function(s) made = s "
           "s:on('sent', function(c) say('sent', c == s) end) end) "
           "function try(n) return (select(2, pcall(made.send, made, ('x'):rep(n)))) end");
    offer(1, 7, "10.0.0.9", 5000);
    settle(L);
    WANT("1 listen 0.0.0.0:80\n2 accept 7\n");
}

// ---- when it goes out ----

NET_TEST(from_a_callback_when_that_returns)
{
    connect_peer(L);
    run(L, "made:on('receive', function(s, text) s:send('a') s:send('b') say('returns') end)");
    arrive_text(2, "x");
    settle(L);
    WANT("returns\n2 window 1\n2 send ab\n");
    run(L, "made:on('sent', function(s) s:send('c') say('returns') end)");
    arrive_op(2, WORLD_ACKED, 2, 0);
    settle(L);
    WANT("returns\n2 send c\n");
}

NET_TEST(from_elsewhere_with_the_next_tick)
{
    connect_peer(L);
    pass(L, 99);
    run(L, "made:send('late')");
    pass(L, 148);
    WANT("");
    pass(L, 3);
    WANT("2 send late\n");
    pass(L, 10);
    arrive_op(2, WORLD_ACKED, 4, 0);
    settle(L);
    WANT("sent true\n");
    run(L, "made:send('at the next one')");
    pass(L, 230);
    WANT("");
    pass(L, 10);
    WANT("2 send at the next one\n");
}

NET_TEST(a_callback_of_another_socket_is_elsewhere)
{
    connect_peer(L);
    run(L, "first = made");
    offer(1, 8, "10.0.0.9", 5001);
    settle(L);
    run(L, "made:on('receive', function(s) first:send('to the first') s:send('to me') end)");
    arrive_text(3, "x");
    settle(L);
    WANT("3 accept 8\n3 window 1\n3 send to me\n");
    pass(L, 250);
    WANT("2 send to the first\n");
}

NET_TEST(small_ones_wait_for_an_acknowledgement)
{
    connect_peer(L);
    run(L, "made:send('one')");
    pass(L, 250);
    run(L, "made:send('two')");
    pass(L, 500);
    run(L, "made:send('three')");
    pass(L, 500);
    WANT("2 send one\n");
    arrive_op(2, WORLD_ACKED, 3, 0);
    settle(L);
    WANT("sent true\n2 send twothree\n");
}

NET_TEST(full_ones_do_not_wait)
{
    connect_peer(L);
    run(L, "made:send('one')");
    pass(L, 250);
    run(L, "made:send(('x'):rep(1460)) made:send('rest')");
    pass(L, 250);
    WANT("2 send one\n2 send 1460 bytes\n");
}

NET_TEST(the_end_goes_after_all_data)
{
    connect_peer(L);
    run(L, "made:send('one')");
    pass(L, 250);
    run(L, "made:send('two') made:close()"); // nothing waits any more
    WANT("2 send one\n2 send two\n2 shut\n");
}

// ---- what fits ----

NET_TEST(two_thousand_nine_hundred_and_twenty_bytes)
{
    connect_peer(L);
    run(L, "say(try(2921), try(0), try(2920), try(1))");
    WANT("out of memory no data to send nil out of memory\n");
    pass(L, 250);
    WANT("2 send 1460 bytes\n2 send 1460 bytes\n");
    arrive_op(2, WORLD_ACKED, 100, 0); // part of a segment
    settle(L);
    WANT("sent true\n");
    run(L, "say(try(101), try(100))");
    pass(L, 250);
    WANT("out of memory nil\n2 send 100 bytes\n");
}

NET_TEST(eight_segments)
{
    connect_peer(L);
    for (int i = 0; i < 8; i++) { // each refusal lets go what waits to be joined
        run(L, "say(try(4)) say(try(2920))");
        pass(L, 250);
        WANT("nil\nout of memory\n2 send xxxx\n");
    }
    run(L, "say(try(1))");
    WANT("out of memory\n");
    arrive_op(2, WORLD_ACKED, 4, 0);
    settle(L);
    run(L, "say(try(1))");
    WANT("sent true\nnil\n");
}

// made:send(text) without a chunk that takes heap of its own; said: its error.
static void send_text(lua_State *L)
{
    lua_getglobal(L, "made");
    lua_getfield(L, -1, "send");
    lua_insert(L, -2);
    lua_getglobal(L, "text");
    if (lua_pcall(L, 2, 0, 0) != LUA_OK)
        say("%s\n", lua_tostring(L, -1));
    lua_settop(L, 0);
}

NET_TEST(all_or_nothing_when_memory_runs_out)
{
    connect_peer(L);
    void *block, *last = NULL;
    run(L, "text = ('x'):rep(2900)");
    send_text(L); // makes the texts that it needs
    pass(L, 250);
    arrive_op(2, WORLD_ACKED, 1460, 0);
    settle(L);
    arrive_op(2, WORLD_ACKED, 1440, 0);
    settle(L);
    WANT("2 send 1460 bytes\nsent true\n2 send 1440 bytes\nsent true\n");
    collect(L);
    while ((block = heap_take(SEGMENT - 8)))
        last = block;
    while ((block = heap_take(1536))) {
    }
    heap_give(last, SEGMENT - 8); // room for one of two
    uint32_t before = heap_free_bytes();
    send_text(L);
    CHECK(before - heap_free_bytes() < 64); // the message
    pass(L, 250);
    WANT("out of memory\n");
}

// ---- what "sent" means ----

NET_TEST(sent_comes_once_for_each_acknowledgement)
{
    connect_peer(L);
    run(L, "try(1000) try(1000) try(900)");
    pass(L, 250);
    arrive_op(2, WORLD_ACKED, 1460, 0);
    arrive_op(2, WORLD_ACKED, 1440, 0);
    settle(L);
    WANT("2 send 1460 bytes\nsent true\n2 send 1440 bytes\nsent true\n");
    run(L, "try(2920)");
    pass(L, 250);
    arrive_op(2, WORLD_ACKED, 2920, 0);
    settle(L);
    WANT("2 send 1460 bytes\n2 send 1460 bytes\nsent true\n");
}

NET_TEST(sends_function_stays)
{
    connect_peer(L);
    run(L, "made:send('a', function(s) say('mine', s == made) end)");
    pass(L, 250);
    arrive_op(2, WORLD_ACKED, 1, 0);
    settle(L);
    run(L, "made:send('b')");
    pass(L, 250);
    arrive_op(2, WORLD_ACKED, 1, 0);
    settle(L);
    WANT("2 send a\nmine true\n2 send b\nmine true\n");
}

NET_TEST(a_closed_socket_hears_of_no_acknowledgement)
{
    connect_peer(L);
    run(L, "made:send('x') made:close()");
    arrive_op(2, WORLD_ACKED, 1, 0);
    settle(L);
    WANT("2 send x\n2 shut\n");
}

NET_TEST(arguments_of_send)
{
    connect_peer(L);
    run(L, "local c = net.createConnection() "
           "local function try(...) say(select(2, pcall(c.send, ...))) end "
           "try() try(c) try(c, {}) try(c, '') try(c, 'x', print) try(net.createServer(), 'x') "
           "try(net.createUDPSocket(), 'x')");
    WANT("invalid user data\nbad argument #2 to '?' (string expected, got no value)\n"
         "bad argument #2 to '?' (string expected, got table)\nno data to send\nnot connected\n"
         "invalid user data\ninvalid user data\n");
    run(L, "made:send(12.5)");
    pass(L, 250);
    WANT("2 send 12.5\n");
}

// ---- what it costs ----

NET_TEST(blocks_beside_lua)
{
    connect_peer(L);
    run(L, "made:on('sent', nil) text = 'x'");
    send_text(L);
    pass(L, 250);
    arrive_op(2, WORLD_ACKED, 1, 0);
    settle(L);
    collect(L);
    uint32_t before = heap_free_bytes();
    send_text(L);
    CHECK_EQUAL(before - heap_free_bytes(), SEGMENT); // one byte takes a full buffer
    send_text(L);
    CHECK_EQUAL(before - heap_free_bytes(), SEGMENT); // the second goes into the first's
    pass(L, 250);
    WANT("2 send x\n2 send xx\n");
    CHECK_EQUAL(before - heap_free_bytes(), SEGMENT); // until it is acknowledged
    send_text(L);
    CHECK_EQUAL(before - heap_free_bytes(), 2 * SEGMENT);
    arrive_op(2, WORLD_ACKED, 2, 0);
    settle(L);
    CHECK_EQUAL(before - heap_free_bytes(), SEGMENT);
    arrive_op(2, WORLD_ACKED, 1, 0);
    settle(L);
    CHECK_EQUAL(heap_free_bytes(), before);
    WANT("2 send x\n");
}

TEST_MAIN
