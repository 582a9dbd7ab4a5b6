// net_tcp_test.c: does the module net do with connections what the firmware does: callbacks and
// their order, ends, limits, errors, what the registry holds?

#include "tests/support/net_world.h"

// A server whose connections tell all that happens to them; `made` is the last one.
#define SERVER                                                                                     \
    "function watch(s)\n"                                                                          \
    "  made = s\n"                                                                                 \
    "  for name in ('connection disconnection reconnection receive sent'):gmatch('%S+') do\n"      \
    "    if name ~= 'reconnection' or with_reconnection then\n"                                    \
    "      s:on(name, function(c, ...) say(name, c == s, ...) end)\n"                              \
    "    end\n"                                                                                    \
    "  end\n"                                                                                      \
    "end\n"                                                                                        \
    "srv = net.createServer()\n"                                                                   \
    "srv:listen(80, function(s) watch(s) say('accept', s:getpeer()) end)\n"

#define LISTENS "1 listen 0.0.0.0:80\n"

// A server as object 1 and a connection as object 2, of which nothing is in the log any more.
static void connect_peer(lua_State *L)
{
    run(L, SERVER);
    offer(1, 7, "10.0.0.9", 5000);
    settle(L);
    WANT(LISTENS "2 accept 7\naccept 5000 10.0.0.9\nconnection true\n");
}

static uint32_t free_bytes(lua_State *L)
{
    collect(L);
    return heap_free_bytes();
}

// Live references of the registry.
static unsigned references(lua_State *L)
{
    unsigned count = 0;
    collect(L);
    lua_pushnil(L);
    while (lua_next(L, LUA_REGISTRYINDEX)) {
        count += lua_type(L, -2) == LUA_TNUMBER && lua_tointeger(L, -2) > 0 &&
                 lua_type(L, -1) != LUA_TNUMBER;
        lua_pop(L, 1);
    }
    return count;
}

// ---- taking connections ----

NET_TEST(accept_comes_before_connection)
{
    connect_peer(L);
    run(L, "say(made:getaddr()) say(srv:getaddr())");
    WANT("80 192.168.4.1\n80 0.0.0.0\n");
}

NET_TEST(five_are_established_and_more_are_ignored)
{
    run(L, SERVER "watch = function() end");
    WANT(LISTENS);
    for (uint32_t peer = 1; peer <= 6; peer++)
        offer(1, peer, "10.0.0.9", (uint16_t)(5000 + peer));
    settle(L);
    WANT("2 accept 1\naccept 5001 10.0.0.9\n3 accept 2\naccept 5002 10.0.0.9\n"
         "4 accept 3\naccept 5003 10.0.0.9\n5 accept 4\naccept 5004 10.0.0.9\n"
         "6 accept 5\naccept 5005 10.0.0.9\n1 ignore 6\n");
    arrive_op(3, WORLD_BROKEN, 0, -9);
    offer(1, 6, "10.0.0.9", 5006);
    settle(L);
    WANT("3 forget\n7 accept 6\naccept 5006 10.0.0.9\n");
    net_set_tcp_max(6);
    offer(1, 8, "10.0.0.9", 5008);
    offer(1, 9, "10.0.0.9", 5009);
    settle(L);
    WANT("8 accept 8\naccept 5008 10.0.0.9\n1 ignore 9\n");
}

NET_TEST(clients_count_too)
{
    run(L, "c = {} for i = 1, 5 do c[i] = net.createConnection() c[i]:connect(80, '10.0.0.1') end "
           "net.createServer():listen(80, function(s) say('accept') end)");
    for (uint32_t object = 1; object <= 5; object++)
        answer_syn(object, "192.168.4.1", (uint16_t)(3000 + object));
    offer(6, 1, "10.0.0.9", 5000);
    settle(L);
    WANT("1 connect 10.0.0.1:80\n2 connect 10.0.0.1:80\n3 connect 10.0.0.1:80\n"
         "4 connect 10.0.0.1:80\n5 connect 10.0.0.1:80\n6 listen 0.0.0.0:80\n6 ignore 1\n");
}

NET_TEST(without_memory_nothing_is_taken)
{
    run(L, SERVER);
    WANT(LISTENS);
    void *block, *last = NULL;
    while ((block = heap_take(184)))
        last = block;
    while ((block = heap_take(64))) {
    }
    offer(1, 1, "10.0.0.9", 5000);
    settle(L);
    WANT("1 ignore 1\n");
    heap_give(last, 184); // for the connection, not for its object: the firmware panics
    offer(1, 1, "10.0.0.9", 5000);
    settle(L);
    WANT("2 accept 1\nfailed\n");
}

NET_TEST(a_closed_server_leaves_its_connections)
{
    connect_peer(L);
    unsigned before = references(L);
    run(L, "say(pcall(srv.listen, srv, 81, print)) srv:close() say(srv:getaddr()) "
           "say(pcall(srv.close, srv))");
    WANT("false already listening\n1 forget\nnil nil\nfalse not connected\n");
    CHECK_EQUAL(references(L), before - 1); // the server; its function until it is collected
    arrive_text(2, "hello");
    offer(1, 8, "10.0.0.9", 5001);
    settle(L);
    WANT("receive true hello\n2 window 5\n");
    run(L, "srv:listen(80, function(s) say('again') end)");
    offer(3, 8, "10.0.0.9", 5001);
    settle(L);
    WANT("3 listen 0.0.0.0:80\n4 accept 8\nagain\n");
}

NET_TEST(a_listening_server_needs_no_variable)
{
    run(L, "net.createServer():listen(80, function(s) say('here') end)");
    collect(L);
    offer(1, 1, "10.0.0.9", 5000);
    settle(L);
    WANT(LISTENS "2 accept 1\nhere\n");
}

NET_TEST(ports_that_are_taken)
{
    random_word = 2000 - 1024;
    run(L, SERVER "local function try(...) "
                  "  say(select(2, pcall(srv2.listen, srv2, ...)), srv2:getaddr()) end "
                  "srv2 = net.createServer() c = net.createConnection() c:connect(5, '10.0.0.1') "
                  "try(80, print) try(2000, print) try(80, 'x', print) try(80) try('80') "
                  "try(80, '10.0.0.1', print) srv2:close() try('81', print) srv2:close() "
                  "try(print) ");
    WANT(LISTENS "2 connect 10.0.0.1:5\nout of memory nil nil\naddress in use nil nil\n"
                 "invalid IP address nil nil\nneed callback nil nil\nneed callback nil nil\n"
                 "3 listen 10.0.0.1:80\nnil 80 10.0.0.1\n3 forget\n"
                 "4 listen 0.0.0.0:81\nnil 81 0.0.0.0\n4 forget\n"
                 "5 listen 0.0.0.0:2001\nnil 2001 0.0.0.0\n");
}

// ---- what arrives ----

NET_TEST(receive_gives_the_window_back_afterwards)
{
    connect_peer(L);
    arrive_text(2, "one");
    arrive_text(2, "two");
    settle(L);
    WANT("receive true one\n2 window 3\nreceive true two\n2 window 3\n");
}

NET_TEST(without_a_function_data_is_thrown_away)
{
    connect_peer(L);
    run(L, "made:on('receive', nil)");
    arrive_text(2, "lost");
    settle(L);
    WANT("2 window 4\n");
}

NET_TEST(hold_keeps_the_window)
{
    connect_peer(L);
    run(L, "made:hold() made:hold()");
    arrive_text(2, "one");
    arrive_text(2, "two!");
    settle(L);
    WANT("receive true one\nreceive true two!\n");
    run(L, "made:unhold() made:unhold()");
    WANT("2 window 7\n");
    run(L, "local c = net.createConnection() c:hold() c:unhold() say('nothing')");
    WANT("nothing\n");
}

NET_TEST(a_held_connection_closes_with_a_reset)
{
    connect_peer(L);
    run(L, "made:hold()");
    arrive_text(2, "one");
    settle(L);
    run(L, "made:close()");
    WANT("receive true one\n2 abort\n2 forget\n");
}

NET_TEST(data_with_the_handshake_comes_after_the_function)
{
    run(L, SERVER);
    offer(1, 7, "10.0.0.9", 5000);
    arrive_text(2, "early");
    settle(L);
    WANT(LISTENS "2 accept 7\naccept 5000 10.0.0.9\nconnection true\nreceive true early\n"
                 "2 window 5\n");
}

// ---- ends ----

NET_TEST(the_peers_end_finds_the_socket_closed)
{
    connect_peer(L);
    run(L, "made:on('disconnection', function(s, why) "
           "  say('end', why, s:getpeer()) say(s:getaddr()) "
           "  say(pcall(s.send, s, 'x')) say(pcall(s.close, s)) say(pcall(s.ttl, s)) end)");
    arrive_op(2, WORLD_ENDED, 0, 0);
    settle(L);
    WANT("end 0 nil nil\nnil nil\nfalse not connected\nfalse not connected\n"
         "false socket is not open/bound yet\n2 shut\n2 forget\n");
}

NET_TEST(what_was_queued_is_sent_after_the_peers_end)
{
    connect_peer(L);
    run(L, "made:send('late')");
    arrive_op(2, WORLD_ENDED, 0, 0);
    settle(L);
    WANT("disconnection true 0\n2 send late\n2 shut\n");
    arrive_op(2, WORLD_ACKED, 4, 0);
    settle(L);
    WANT("2 forget\n"); // nobody is called
}

NET_TEST(a_reset_is_a_disconnection)
{
    connect_peer(L);
    arrive_op(2, WORLD_BROKEN, 0, -9);
    arrive_text(2, "nobody is there");
    settle(L);
    WANT("disconnection true -9\n2 forget\n");
}

NET_TEST(reconnection_takes_errors_alone)
{
    run(L, "with_reconnection = true");
    connect_peer(L);
    offer(1, 8, "10.0.0.9", 5001);
    arrive_op(2, WORLD_BROKEN, 0, -8);
    settle(L);
    WANT("3 accept 8\naccept 5001 10.0.0.9\nconnection true\nreconnection true -8\n2 forget\n");
    arrive_op(3, WORLD_ENDED, 0, 0);
    settle(L);
    WANT("disconnection true 0\n3 shut\n3 forget\n");
}

NET_TEST(a_local_close_calls_nothing)
{
    connect_peer(L);
    unsigned before = references(L);
    run(L, "made:close() say(made:getpeer()) say(pcall(made.close, made))");
    WANT("2 shut\nnil nil\nfalse not connected\n");
    CHECK_EQUAL(references(L), before - 1);
    arrive_op(2, WORLD_ENDED, 0, 0);
    settle(L);
    WANT("2 forget\n");
}

NET_TEST(who_closes_first_keeps_the_block_for_ten_seconds)
{
    uint32_t before = free_bytes(L);
    connect_peer(L);
    run(L, "made:close() made = nil srv:close() srv = nil watch = nil");
    arrive_op(2, WORLD_ENDED, 0, 0);
    settle(L);
    collect(L);
    uint32_t waiting = free_bytes(L);
    pass(L, 9900);
    CHECK_EQUAL(free_bytes(L), waiting);
    pass(L, 200);
    CHECK_EQUAL(free_bytes(L), waiting + 176 + 8);
    CHECK(free_bytes(L) <= before);
}

NET_TEST(a_peer_that_never_closes_is_given_up)
{
    connect_peer(L);
    run(L, "made:close()");
    uint32_t waiting = free_bytes(L);
    pass(L, 19900);
    WANT("2 shut\n");
    pass(L, 200);
    WANT("2 forget\n");
    CHECK_EQUAL(free_bytes(L), waiting + 176 + 8);
}

NET_TEST(both_sides_close_at_once)
{
    connect_peer(L);
    run(L, "made:send('x') made:close()");
    arrive_op(2, WORLD_ENDED, 0, 0);
    settle(L);
    WANT("2 send x\n2 shut\n");
    arrive_op(2, WORLD_ACKED, 1, 0);
    settle(L);
    WANT("2 forget\n");
}

NET_TEST(close_in_receive_resets_and_drops)
{
    connect_peer(L);
    run(L, "made:on('receive', function(s, text) s:send('answer') s:close() say('closed') end)");
    arrive_text(2, "question");
    settle(L);
    WANT("2 abort\n2 forget\nclosed\n");
}

NET_TEST(close_in_sent_is_orderly)
{
    connect_peer(L);
    run(L, "made:on('receive', function(s, text) s:send('answer', function(s) s:close() end) end)");
    arrive_text(2, "question");
    settle(L);
    WANT("2 window 8\n2 send answer\n");
    arrive_op(2, WORLD_ACKED, 6, 0);
    settle(L);
    WANT("2 shut\n");
}

NET_TEST(data_for_a_closed_socket_is_answered_by_a_reset)
{
    connect_peer(L);
    run(L, "made:close()");
    arrive_text(2, "too late");
    settle(L);
    WANT("2 shut\n2 abort\n2 forget\n");
}

NET_TEST(close_in_the_servers_function)
{
    run(L, "net.createServer():listen(80, function(s) s:send('no') s:close() say('refused') "
           "s:on('connection', function() say('never') end) end)");
    offer(1, 7, "10.0.0.9", 5000);
    settle(L);
    WANT(LISTENS "2 accept 7\nrefused\n2 send no\n2 shut\n");
}

// ---- clients ----

#define CLIENT                                                                                     \
    "c = net.createConnection()\n"                                                                 \
    "for name in ('connection disconnection dns receive sent'):gmatch('%S+') do\n"                 \
    "  c:on(name, function(s, ...) say(name, s == c, ...) end)\n"                                  \
    "end\n"

NET_TEST(a_client_connects_to_an_address)
{
    random_word = 976;
    run(L, CLIENT "c:connect(80, '10.0.0.1') say(c:getpeer()) say(c:getaddr()) "
                  "say(pcall(c.connect, c, 80, '10.0.0.1'))");
    WANT("dns true 10.0.0.1\n1 connect 10.0.0.1:80\n80 10.0.0.1\n2000 192.168.4.1\n"
         "false already connected\n");
    answer_syn(1, "127.0.0.1", 4444);
    arrive_text(1, "hello");
    settle(L);
    run(L, "say(c:getaddr()) say(c:ttl(), c:ttl(7), c:ttl())");
    WANT("connection true\nreceive true hello\n1 window 5\n4444 127.0.0.1\n255 7 7\n");
}

NET_TEST(what_is_sent_before_the_connection_goes_out_with_it)
{
    run(L, CLIENT "c:connect(80, '10.0.0.1') c:send('early') "
                  "c:on('connection', function(s) say('up') s:send(' bird') end)");
    pass(L, 500);
    WANT("dns true 10.0.0.1\n1 connect 10.0.0.1:80\n");
    answer_syn(1, "10.0.0.2", 4444);
    settle(L);
    WANT("up\n1 send early bird\n");
}

NET_TEST(a_name_is_looked_up_first)
{
    run(L, CLIENT "c:connect(80, 'example') say(c:getpeer()) say(c:getaddr()) "
                  "say(pcall(c.send, c, 'x'))");
    WANT("1 dns example\n80 0.0.0.0\nnil nil\nfalse not connected\n");
    answer_dns(1, "10.0.0.3");
    settle(L);
    WANT("dns true 10.0.0.3\n2 connect 10.0.0.3:80\n");
}

NET_TEST(a_name_that_nobody_knows)
{
    run(L, CLIENT "c:connect(80, 'nowhere')");
    pass(L, 5000);
    WANT("1 dns nowhere\n1 dns nowhere\n1 dns nowhere\n1 dns nowhere\ndns true nil\n");
    pass(L, 28000);
    WANT("");
    pass(L, 2000);
    WANT("disconnection true -8\n");
}

NET_TEST(nobody_answers)
{
    run(L, CLIENT "c:connect(80, '10.0.0.1')");
    pass(L, 29000);
    WANT("dns true 10.0.0.1\n1 connect 10.0.0.1:80\n");
    pass(L, 2000);
    WANT("disconnection true -8\n1 forget\n");
}

NET_TEST(a_refused_connection)
{
    run(L, CLIENT "c:connect(80, '10.0.0.1')");
    arrive_op(1, WORLD_FAILED, 0, -9);
    settle(L);
    WANT("dns true 10.0.0.1\n1 connect 10.0.0.1:80\ndisconnection true -9\n1 forget\n");
    run(L, "c:connect(81, '10.0.0.1')"); // the same object again
    WANT("dns true 10.0.0.1\n2 connect 10.0.0.1:81\n");
}

NET_TEST(close_while_connecting)
{
    run(L, CLIENT "c:connect(80, '10.0.0.1') c:close()");
    WANT("dns true 10.0.0.1\n1 connect 10.0.0.1:80\n1 abort\n1 forget\n");
    run(L, "c:connect(80, 'name') c:close()");
    WANT("2 dns name\n");
    CHECK_EQUAL(references(L), 6); // five callbacks, and the object that awaits an answer
    answer_dns(2, "10.0.0.2");
    settle(L);
    WANT("dns true 10.0.0.2\n");
    CHECK_EQUAL(references(L), 5);
}

NET_TEST(close_in_dns)
{
    run(L, "c = net.createConnection() c:on('dns', function(s) s:close() say('closed') end) "
           "c:connect(80, '10.0.0.1') say(c:getpeer())");
    WANT("closed\nnil nil\n");
    CHECK_EQUAL(references(L), 1);
}

NET_TEST(an_error_in_dns_of_an_address_is_the_callers)
{
    run(L, "c = net.createConnection() c:on('dns', function(s) error('mine') end) "
           "say(pcall(c.connect, c, 80, '10.0.0.1'))");
    WANT("false t:1: mine\n");
}

NET_TEST(reconnecting_from_a_task_keeps_its_callbacks)
{
    run(L, CLIENT "c:connect(80, '10.0.0.1')");
    answer_syn(1, "10.0.0.2", 4444);
    arrive_op(1, WORLD_ENDED, 0, 0);
    settle(L);
    WANT("dns true 10.0.0.1\n1 connect 10.0.0.1:80\nconnection true\ndisconnection true 0\n"
         "1 shut\n1 forget\n");
    run(L, "c:connect(80, '10.0.0.1')");
    answer_syn(2, "10.0.0.2", 4445);
    arrive_text(2, "again");
    settle(L);
    WANT("dns true 10.0.0.1\n2 connect 10.0.0.1:80\nconnection true\nreceive true again\n"
         "2 window 5\n");
}

NET_TEST(reconnecting_in_disconnection_loses_the_object)
{
    run(L, CLIENT "c:on('disconnection', function(s) s:connect(81, '10.0.0.1') end) "
                  "c:connect(80, '10.0.0.1')");
    answer_syn(1, "10.0.0.2", 4444);
    arrive_op(1, WORLD_ENDED, 0, 0);
    settle(L);
    WANT("dns true 10.0.0.1\n1 connect 10.0.0.1:80\nconnection true\ndns true 10.0.0.1\n"
         "2 connect 10.0.0.1:81\n1 shut\n1 forget\n");
    answer_syn(2, "10.0.0.2", 4445);
    arrive_text(2, "nobody hears");
    settle(L);
    WANT("");
    run(L, "say(pcall(c.send, c, 'x')) c:on('disconnection', nil) c = nil");
    WANT("false not connected\n");
}

NET_TEST(a_lost_object_is_collected_with_its_connection)
{
    run(L, "c = net.createConnection() "
           "c:on('disconnection', function(s) s:connect(81, '10.0.0.1') end) "
           "c:connect(80, '10.0.0.1') c = nil");
    answer_syn(1, "10.0.0.2", 4444);
    arrive_op(1, WORLD_ENDED, 0, 0);
    settle(L);
    WANT("1 connect 10.0.0.1:80\n2 connect 10.0.0.1:81\n1 shut\n1 forget\n");
    collect(L);
    WANT("2 abort\n2 forget\n");
}

NET_TEST(reconnecting_to_a_name_in_disconnection_works)
{
    run(L, CLIENT "c:on('disconnection', function(s) s:connect(81, 'name') end) "
                  "c:connect(80, '10.0.0.1')");
    arrive_op(1, WORLD_FAILED, 0, -9);
    settle(L);
    WANT("dns true 10.0.0.1\n1 connect 10.0.0.1:80\n2 dns name\n1 forget\n");
    answer_dns(2, "10.0.0.7");
    answer_syn(3, "10.0.0.2", 4444);
    settle(L);
    WANT("dns true 10.0.0.7\n3 connect 10.0.0.7:81\nconnection true\n");
}

NET_TEST(without_a_network_nothing_happens)
{
    run(L, "wifi.setmode(wifi.NULLMODE)");
    run(L, CLIENT "c:connect(80, '10.0.0.1') say(c:getaddr())");
    pass(L, 60000);
    WANT("dns true 10.0.0.1\nnil nil\n");
    run(L, "d = net.createConnection() d:on('dns', function(s, ip) say(ip) end) "
           "d:connect(80, 'name')");
    pass(L, 5000);
    WANT("nil\n");
}

NET_TEST(arguments_of_connect)
{
    run(L, "c = net.createConnection() "
           "local function try(...) say(select(2, pcall(c.connect, ...))) end "
           "try() try(c) try(c, 'x') try(c, 0) try(c, 65536) try(c, 80, '10.0.0.1', 5) "
           "try(c, 80, '') try(c, 80, ('x'):rep(256)) try(net.createServer(), 80) "
           "say(c:getpeer())");
    WANT("invalid user data\nbad argument #2 to '?' (number expected, got no value)\n"
         "bad argument #2 to '?' (number expected, got string)\nspecify port\nspecify port\n"
         "bad argument #4 to '?' (not a function)\nillegal argument\nillegal argument\n"
         "invalid user data\nnil nil\n");
    CHECK_EQUAL(references(L), 0);
    run(L, "c:connect(80) say(c:getpeer())");
    WANT("1 connect 127.0.0.1:80\n80 127.0.0.1\n");
}

NET_TEST(arguments_of_on)
{
    run(L, "local function try(...) say(select(2, pcall(...))) end "
           "c, u, s = net.createConnection(), net.createUDPSocket(), net.createServer() "
           "try(c.on, c, 'data', print) try(c.on, c, 'receive') try(c.on, c, 'receive', 5) "
           "try(c.on, c) try(u.on, u, 'connection', print) try(c.on, s, 'receive', print) "
           "say(s.on) for _, n in ipairs{'dns', 'receive', 'sent'} do u:on(n, print) end");
    WANT("invalid callback name\ninvalid callback function\ninvalid callback function\n"
         "bad argument #2 to '?' (string expected, got no value)\ninvalid callback name\n"
         "invalid user data\nnil\n");
    CHECK_EQUAL(references(L), 3);
    run(L, "u = nil");
    CHECK_EQUAL(references(L), 0); // they go with the object
}

NET_TEST(callbacks_over_their_own_socket_are_never_freed)
{
    run(L, SERVER);
    unsigned before = references(L);
    offer(1, 7, "10.0.0.9", 5000);
    settle(L);
    run(L, "made = nil");
    arrive_op(2, WORLD_BROKEN, 0, -9);
    settle(L);
    CHECK_EQUAL(references(L), before + 4);
    offer(1, 7, "10.0.0.9", 5000);
    settle(L);
    run(L, "for _, n in ipairs{'connection', 'disconnection', 'receive', 'sent'} do "
           "made:on(n, nil) end made = nil");
    arrive_op(3, WORLD_BROKEN, 0, -9);
    settle(L);
    CHECK_EQUAL(references(L), before + 4);
}

// ---- errors of callbacks ----

NET_TEST(an_error_panics)
{
    run(L, "node.setonerror(function() say('never') end)");
    connect_peer(L);
    run(L, "made:on('receive', function() error('mine') end)");
    arrive_text(2, "x");
    settle(L);
    WANT("failed\n"); // and nothing is sent any more
}

TEST_MAIN
