// net_names_test.c: names, UDP, pings and interfaces of the module net.

#include "tests/support/net_world.h"

#define TRY "local function try(...) say(select(2, pcall(...))) end "

// ---- names ----

NET_TEST(an_address_is_answered_at_once)
{
    run(L, "net.dns.resolve('10.0.0.1', function(...) say('found', select('#', ...), ...) end) "
           "say('after') net.dns.resolve('0x7f.1', function(_, ip) say(ip) end) "
           "net.dns.resolve('3232235777 ', function(_, ip) say(ip) end) "
           "net.dns.resolve('010.0.0.9', function(_, ip) say(ip) end)");
    WANT("found 2 nil 10.0.0.1\nafter\n127.0.0.1\n192.168.1.1\n8.0.0.9\n");
}

NET_TEST(what_is_no_address_is_a_name)
{
    run(L,
        "for n in ('256.1.1.1 1.2.3.4.5 1.2.3. 0x7fg 1.0x1000000 255.255.255.255 a'):gmatch('%S+') "
        "do local ok, why = pcall(net.dns.resolve, n, print) if not ok then say(why) end end");
    WANT("1 dns 256.1.1.1\n2 dns 1.2.3.4.5\n3 dns 1.2.3.\n4 dns 0x7fg\nout of memory\n"
         "out of memory\nout of memory\n");
}

NET_TEST(a_name_is_asked_for_each_second_four_times)
{
    run(L, "net.dns.resolve('name', function(...) say('found', select('#', ...), ...) end)");
    pass(L, 990);
    WANT("1 dns name\n");
    pass(L, 20);
    WANT("1 dns name\n");
    pass(L, 2980);
    WANT("1 dns name\n1 dns name\n");
    pass(L, 20);
    WANT("found 2 nil nil\n");
}

NET_TEST(answers_end_a_query)
{
    run(L, "for i = 1, 4 do net.dns.resolve('n' .. i, function(_, ip) say(i, ip) end) end");
    WANT("1 dns n1\n2 dns n2\n3 dns n3\n4 dns n4\n");
    answer_dns(3, "10.0.0.3");
    answer_dns(1, "10.0.0.1");
    answer_dns(2, "0.0.0.0"); // there is none
    settle(L);
    WANT("3 10.0.0.3\n1 10.0.0.1\n2 nil\n");
    answer_dns(3, "10.0.0.4"); // again: nobody waits
    settle(L);
    pass(L, 5000);
    WANT("4 dns n4\n4 dns n4\n4 dns n4\n4 nil\n");
    run(L, "for i = 1, 4 do net.dns.resolve('n1', function(_, ip) say(i, ip) end) end");
    WANT("5 dns n1\n6 dns n1\n7 dns n1\n8 dns n1\n"); // nothing is remembered
}

NET_TEST(names_take_heap_that_is_kept)
{
    run(L, "a, b = ('a'):rep(100), ('b'):rep(90) function f() end "
           "net.dns.resolve('x', f)"); // the registry has the place for f
    answer_dns(1, "10.0.0.1");
    settle(L);
    lua_gc(L, LUA_GCCOLLECT, 0);
    uint32_t before = heap_free_bytes();
    run(L, "net.dns.resolve(a, f)");
    answer_dns(2, "10.0.0.1");
    settle(L);
    collect(L);
    CHECK_EQUAL(before - heap_free_bytes(), 112 - 16); // 101 bytes in place of 2
    run(L, "net.dns.resolve(b, f)");
    answer_dns(3, "10.0.0.1");
    settle(L);
    collect(L);
    CHECK_EQUAL(before - heap_free_bytes(), 112 - 16);
}

NET_TEST(arguments_of_names)
{
    run(L, TRY "try(net.dns.resolve) try(net.dns.resolve, 'a') try(net.dns.resolve, 'a', 5) "
               "try(net.dns.resolve, '', print) try(net.dns.resolve, ('x'):rep(256), print) "
               "net.dns.resolve(('x'):rep(255), print) "
               "local c = net.createConnection() try(c.dns, c) try(c.dns, c, 'a') "
               "try(c.dns, c, '', print) try(c.dns, net.createServer(), 'a', print)");
    char wanted[600];
    snprintf(wanted, sizeof wanted,
             "bad argument #1 to '?' (string expected, got no value)\n"
             "bad argument #2 to '?' (function expected, got no value)\n"
             "bad argument #2 to '?' (function expected, got number)\n"
             "illegal argument\nillegal argument\n1 dns %0255d\n"
             "bad argument #2 to '?' (string expected, got no value)\nno callback specified\n"
             "illegal argument\ninvalid user data\n",
             0);
    memset(strstr(wanted, "1 dns ") + 6, 'x', 255);
    WANT(wanted);
}

NET_TEST(objects_look_names_up)
{
    run(L, "c, u = net.createConnection(), net.createUDPSocket() "
           "c:dns('10.0.0.1', function(s, ip) say(s == c, ip) end) "
           "u:on('dns', function(s, ip) say(s == u, ip) end) u:dns('name') u:dns('10.0.0.2')");
    WANT("true 10.0.0.1\n1 dns name\ntrue 10.0.0.2\n");
    answer_dns(1, "10.0.0.3");
    settle(L);
    WANT("true 10.0.0.3\n");
}

NET_TEST(who_waits_for_a_name_is_held)
{
    run(L, "net.createUDPSocket():dns('name', function(s, ip) say(ip) end)");
    collect(L);
    answer_dns(1, "10.0.0.3");
    settle(L);
    WANT("1 dns name\n10.0.0.3\n");
}

NET_TEST(servers_of_names)
{
    run(L,
        TRY "say(net.dns.getdnsserver()) say(net.dns.getdnsserver(0)) say(net.dns.getdnsserver(1)) "
            "net.dns.setdnsserver('8.8.8.8') net.dns.setdnsserver('10.0.0.1', 1) "
            "say(net.dns.getdnsserver(0), net.dns.getdnsserver(1)) "
            "try(net.dns.setdnsserver, 'x') try(net.dns.setdnsserver, '0.0.0.0') "
            "try(net.dns.setdnsserver, '255.255.255.255') try(net.dns.setdnsserver, '1.1.1.1', 2) "
            "try(net.dns.getdnsserver, 2) try(net.dns.setdnsserver)");
    WANT("208.67.222.222\n208.67.222.222\nnil\n8.8.8.8 10.0.0.1\ninvalid dns server ip\n"
         "invalid dns server ip\ninvalid dns server ip\nserver index out of range [0-1]\n"
         "server index out of range [0-1]\n"
         "bad argument #1 to '?' (string expected, got no value)\n");
}

// ---- UDP ----

// A datagram from 10.0.0.9:5000.
static void arrive_datagram(uint32_t object, const char *text)
{
    struct world_datagram head = {.ip = ip_of("10.0.0.9"), .port = 5000};
    char data[64];
    memcpy(data, &head, sizeof head);
    memcpy(data + sizeof head, text, strlen(text));
    arrive(WORLD_SOCKET, object, data, sizeof head + strlen(text));
}

NET_TEST(datagrams_both_ways)
{
    run(L,
        "u = net.createUDPSocket() u:listen(5000) say(u:getaddr()) say(u:ttl()) "
        "u:on('receive', function(s, ...) say(s == u, ...) s:send(5001, '10.0.0.9', 'echo') end) "
        "u:on('sent', function(s) say('sent', s == u) end)");
    arrive_datagram(1, "hello");
    arrive_datagram(1, "");
    settle(L);
    WANT("1 bind 0.0.0.0:5000\n5000 0.0.0.0\n255\ntrue hello 5000 10.0.0.9\n"
         "1 to 10.0.0.9:5001 echo\nsent true\ntrue  5000 10.0.0.9\n"
         "1 to 10.0.0.9:5001 echo\nsent true\n");
}

NET_TEST(sending_binds_at_random)
{
    random_word = 904;
    run(L, "u = net.createUDPSocket() u:send(7, '10.0.0.1', 'a', function() say('sent') end) "
           "say(u:getaddr()) u:send(7, '255.255.255.255', 'b')");
    WANT("1 bind 0.0.0.0:5000\n1 to 10.0.0.1:7 a\nsent\n5000 0.0.0.0\n"
         "1 to 255.255.255.255:7 b\nsent\n");
    run(L, "v = net.createUDPSocket() v:send(7, '10.0.0.1', 'c')"); // 5000 is taken
    WANT("2 bind 0.0.0.0:5001\n2 to 10.0.0.1:7 c\n");
}

NET_TEST(an_open_one_is_held_until_it_is_closed)
{
    run(L, "do local u = net.createUDPSocket() u:listen(5000) "
           "u:on('receive', function(s, text) say(text) s:close() end) end");
    collect(L);
    uint32_t open = heap_free_bytes();
    arrive_datagram(1, "hello");
    settle(L);
    WANT("1 bind 0.0.0.0:5000\nhello\n1 forget\n");
    collect(L);
    CHECK(heap_free_bytes() >= open + 48 + 72); // its block and its object
}

NET_TEST(one_that_is_bound_is_not_bound_again)
{
    run(L, TRY "u, v = net.createUDPSocket(), net.createUDPSocket() u:listen(5000) "
               "try(u.listen, u, 5001) try(v.listen, v, 5000) try(v.listen, v, 5000, 'x') "
               "try(v.close, v) say(v:getaddr()) v:listen(5001, '10.0.0.1') say(v:getaddr()) "
               "u:close() try(u.close, u) u:listen(5000)");
    WANT("1 bind 0.0.0.0:5000\nalready listening\naddress in use\ninvalid IP address\n"
         "not connected\nnil nil\n2 bind 10.0.0.1:5001\n5001 10.0.0.1\n1 forget\nnot connected\n"
         "3 bind 0.0.0.0:5000\n");
}

NET_TEST(arguments_of_udp)
{
    run(L, TRY "u = net.createUDPSocket() try(u.send, u) try(u.send, u, 0, '10.0.0.1', 'x') "
               "try(u.send, u, 7) try(u.send, u, 7, 'name', 'x') try(u.send, u, 7, '10.0.0.1') "
               "try(u.send, u, 7, '10.0.0.1', '') try(u.send, net.createConnection(), 7) "
               "say(u.connect, u.getpeer, u.hold, u.unhold) try(u.ttl, u)");
    WANT("bad argument #2 to '?' (number expected, got no value)\nneed port\n"
         "bad argument #3 to '?' (string expected, got no value)\ninvalid IP address\n"
         "bad argument #4 to '?' (string expected, got no value)\nno data to send\n"
         "invalid user data\nnil nil nil nil\nsocket is not open/bound yet\n");
}

NET_TEST(without_a_network_sent_comes_before_the_error)
{
    run(L, "wifi.setmode(wifi.NULLMODE)");
    run(L, "u = net.createUDPSocket() u:on('sent', function() say('sent') end) "
           "say(pcall(u.send, u, 7, '10.0.0.1', 'x'))");
    WANT("1 bind 0.0.0.0:4096\nsent\nfalse routing problem\n");
}

NET_TEST(what_is_too_long_for_a_packet_is_lost)
{
    run(L, "u = net.createUDPSocket() u:listen(5000) u:send(7, '10.0.0.1', ('x'):rep(1473)) "
           "say('and nobody is told')");
    WANT("1 bind 0.0.0.0:5000\nand nobody is told\n");
}

// ---- pings ----

#define PING                                                                                       \
    "local function packet(...) say('packet', ...) end "                                           \
    "local function all(...) say('all', ...) end "

NET_TEST(a_ping_that_is_answered)
{
    ping_rtt_ms = 12;
    run(L, PING "net.ping('10.0.0.1', 2, packet, all)");
    WANT("asked ping 10.0.0.1\n");
    pass(L, 11);
    WANT("");
    pass(L, 2);
    WANT("packet 32 10.0.0.1 1 12\n");
    pass(L, 1000);
    WANT("asked ping 10.0.0.1\npacket 32 10.0.0.1 2 12\n");
    pass(L, 1000);
    WANT("all 10.0.0.1 2 0 64 2000\n");
}

NET_TEST(a_ping_that_is_not)
{
    run(L, PING "net.ping('10.0.0.1', packet)");
    pass(L, 4010);
    WANT("asked ping 10.0.0.1\npacket 0 10.0.0.1 0 -1\nasked ping 10.0.0.1\n"
         "packet 0 10.0.0.1 0 -1\nasked ping 10.0.0.1\npacket 0 10.0.0.1 0 -1\n"
         "asked ping 10.0.0.1\npacket 0 10.0.0.1 0 -1\n");
}

NET_TEST(a_ping_of_a_name)
{
    run(L, PING "net.ping('name', 1, packet, all)");
    answer_dns(1, "10.0.0.5");
    pass(L, 1010);
    WANT("1 dns name\nasked ping 10.0.0.5\npacket 0 10.0.0.5 0 -1\nall 10.0.0.5 1 1 0 1000\n");
    run(L, PING "net.ping('name', 1, packet, all)");
    pass(L, 5000);
    WANT("2 dns name\n2 dns name\n2 dns name\n2 dns name\npacket 0\n");
}

static int lua_bytes(lua_State *L)
{
    return lua_gc(L, LUA_GCCOUNT, 0) * 1024 + lua_gc(L, LUA_GCCOUNTB, 0);
}

NET_TEST(what_a_ping_costs)
{
    run(L, "function packet() end net.ping('10.0.0.1', 1, packet)");
    pass(L, 2000);
    collect(L);
    lua_getglobal(L, "net");
    lua_getfield(L, -1, "ping");
    lua_pushstring(L, "10.0.0.1");
    lua_getglobal(L, "packet");
    int before = lua_bytes(L);
    uint32_t heap_before = heap_free_bytes();
    lua_call(L, 2, 0);
    lua_settop(L, 0);
    CHECK_EQUAL(lua_bytes(L) - before, 24 + 28 + 56);       // request, closure; its place is there
    CHECK(heap_before - heap_free_bytes() >= 64 + 64 + 48); // the last beside Lua
    pass(L, 4001);
    collect(L);
    CHECK(heap_free_bytes() >= heap_before);
}

NET_TEST(pings_are_protected)
{
    run(L, "node.setonerror(function(why) say(why) end) net.ping('10.0.0.1', 1, function() "
           "error('mine', 0) end, function() say('all') end)");
    pass(L, 2000);
    WANT("asked ping 10.0.0.1\nall\nmine\n");
}

NET_TEST(arguments_of_ping)
{
    run(L, TRY "try(net.ping) try(net.ping, 'a') try(net.ping, 'a', 1, 5) "
               "try(net.ping, 'a', 1, print, 5) try(net.ping, '', print)");
    WANT("bad argument #1 to '?' (string expected, got no value)\n"
         "bad argument #-2 to '?' (no received callback specified)\n"
         "bad argument #-2 to '?' (no received callback specified)\n"
         "bad argument #-1 to '?' (invalid sent callback, function expected)\nlwip error -12\n");
}

// ---- interfaces ----

static void arrive_wifi(enum world_wifi_op op, const char *ip, const char *gateway)
{
    struct world_wifi message = {
        .op = (uint8_t)op, .ip = ip_of(ip), .mask = 0xFFFFFF00, .gateway = ip_of(gateway)};
    arrive(WORLD_WIFI, 0, &message, sizeof message);
}

NET_TEST(interfaces)
{
    run(L, "i = net.ifinfo() say(#i.hwaddr, i.ip, i.netmask, i.gateway, i.dhcp) "
           "i = net.ifinfo(1) say(#i.hwaddr, i.ip, i.netmask, i.gateway, i.dhcp) "
           "say(select('#', net.ifinfo(2))) "
           "wifi.setmode(wifi.STATION) wifi.sta.config{ssid = 'here'} "
           "i = net.ifinfo(1) say(#i.hwaddr, i.ip)");
    WANT("6 nil nil nil nil\n6 192.168.4.1 255.255.255.0 192.168.4.1 nil\n0\n6 nil\n");
    arrive_wifi(WORLD_WIFI_CONNECTED, "0.0.0.0", "0.0.0.0");
    arrive_wifi(WORLD_WIFI_GOT_IP, "10.1.1.2", "10.1.1.1");
    settle(L);
    run(L, "i = net.ifinfo() say(i.ip, i.netmask, i.gateway) "
           "say(i.dhcp.server_ip, i.dhcp.client_ip, i.dhcp.ntp_server) "
           "wifi.sta.setip{ip = '10.1.1.3'} say(net.ifinfo(0).ip, net.ifinfo(0).dhcp)");
    WANT("10.1.1.2 255.255.255.0 10.1.1.1\n10.1.1.1 10.1.1.2 nil\n10.1.1.3 nil\n");
}

NET_TEST(connections_have_the_address_of_their_interface)
{
    run(L, "srv = net.createServer() srv:listen(80, function(s) say(s:getaddr()) end) "
           "wifi.setmode(wifi.STATION) wifi.sta.config{ssid = 'here'}");
    offer(1, 1, "10.1.1.9", 5000);
    settle(L);
    WANT("1 listen 0.0.0.0:80\n1 ignore 1\n"); // it is not there yet
    arrive_wifi(WORLD_WIFI_CONNECTED, "0.0.0.0", "0.0.0.0");
    arrive_wifi(WORLD_WIFI_GOT_IP, "10.1.1.2", "10.1.1.1");
    offer(1, 1, "10.1.1.9", 5000);
    settle(L);
    WANT("2 accept 1\n80 10.1.1.2\n");
}

NET_TEST(multicast)
{
    run(L, TRY "for _, f in ipairs{net.multicastJoin, net.multicastLeave} do "
               "try(f) try(f, 'x', '224.0.0.1') try(f, 'any') try(f, 'any', 'x') "
               "say(pcall(f, 'ANY', '224.0.0.1')) say(pcall(f, '', '224.0.0.1')) "
               "say(pcall(f, '10.0.0.1', '224.0.0.1')) end");
#define TWICE(text) text text
    WANT(TWICE("wrong arg type\ninvalid if ip\nwrong arg type\ninvalid multicast ip\ntrue\ntrue\n"
               "true\n"));
}

TEST_MAIN
