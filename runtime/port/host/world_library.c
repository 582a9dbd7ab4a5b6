// world_library.c: see world_library.h.
//
// A script that computes without an end is ended by processor time: a timer counts seconds of it
// within one message, so that a message costs nothing for it.

#include "runtime/port/host/world_library.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "runtime/core/api/lauxlib.h"
#include "runtime/core/vm.h"
#include "runtime/format/status.h"
#include "runtime/format/trace_events.h"
#include "runtime/format/world.h"
#include "runtime/port/host/host.h"
#include "runtime/port/host/say.h"
#include "runtime/world/host/pipe.h"

#define COMPUTE_S_MAX 5 // of processor time for one message
#define PATH_BYTES_MAX 4096

static struct world_pipe channel;
static char directory[PATH_BYTES_MAX];

#define ITEM(item, text) text,
static const char *const type_names[] = {WORLD_PIPE_TYPES(ITEM) NULL};
#undef ITEM

// ---- the limit ----

static volatile sig_atomic_t seconds; // of this message

static void say_done(int status)
{
    struct world_message message = {.type = WORLD_PIPE_DONE, .kind = (uint8_t)status};
    (void)world_pipe_send(&channel, &message, NULL);
    while (world_pipe_receive(&channel, &message) == PIPE_GOOD) // until the device has read it
        continue;
}

// Is that a file of ours and not of the script?
static int is_prelude(const char *source)
{
    size_t bytes = strlen(directory);
    return source[0] != '@' || (bytes && strncmp(source + 1, directory, bytes) == 0);
}

// Runs as a hook: where the line is known.
static void end_script(lua_State *L, lua_Debug *hook)
{
    lua_Debug at;
    const char *source = "the world script";
    int line = 0;
    (void)hook;
    for (int level = 0; lua_getstack(L, level, &at); level++) {
        lua_getinfo(L, "Sl", &at);
        if (is_prelude(at.source))
            continue;
        source = at.short_src;
        line = at.currentline;
        break;
    }
    fflush(stdout);
    host_say("%s:%d: has computed for %d s of processor time without waiting", source, line,
             COMPUTE_S_MAX);
    say_done(EXIT_STATUS_NO);
    host_exit(EXIT_STATUS_NO);
}

static void end_at_hook(lua_State *L)
{
    vm_watch(NULL);
    lua_sethook(L, end_script, LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT, 1);
}

static void count_second(int number)
{
    static const char text[] = "frost: the world script computes without an end\n";
    (void)number;
    if (++seconds == COMPUTE_S_MAX)
        vm_watch(end_at_hook);
    if (seconds < 2 * COMPUTE_S_MAX)
        return;
    // In one function of C. What is on its way is sent in whole messages, so this one can follow.
    static const struct world_message done = {.type = WORLD_PIPE_DONE, .kind = EXIT_STATUS_NO};
    (void)!write(STDERR_FILENO, text, sizeof text - 1);
    (void)!write(channel.fd, &done, sizeof done);
    _exit(EXIT_STATUS_NO);
}

static void limit_computing(void)
{
    struct sigaction action = {.sa_handler = count_second, .sa_flags = SA_RESTART | SA_ONSTACK};
    struct itimerval second = {{1, 0}, {1, 0}};
    sigaction(SIGPROF, &action, NULL);
    setitimer(ITIMER_PROF, &second, NULL);
}

// ---- messages ----

static int next_message(lua_State *L)
{
    struct world_message message;
    int state = world_pipe_receive(&channel, &message);
    seconds = 0;
    if (state == PIPE_ENDED)
        return 0;
    if (state == PIPE_DAMAGED)
        return luaL_error(L, "the device does not say what it should: %s", channel.fault);
    if (state != PIPE_GOOD)
        return luaL_error(L, "the device cannot be reached");
    lua_pushstring(L, type_names[message.type]);
    lua_pushnumber(L, (lua_Number)message.us);
    lua_pushinteger(L, message.kind);
    lua_pushnumber(L, (lua_Number)message.object);
    lua_pushlstring(L, channel.data, message.bytes);
    return 5;
}

static uint64_t time_arg(lua_State *L, int arg)
{
    lua_Number us = luaL_optnumber(L, arg, 0);
    return us < 0 ? 0 : us < (lua_Number)(1ull << 63) ? (uint64_t)us : WORLD_PIPE_NEVER;
}

static int send_message(lua_State *L)
{
    size_t bytes;
    const char *data = luaL_optlstring(L, 5, "", &bytes);
    struct world_message message = {
        .type = (uint8_t)luaL_checkoption(L, 1, NULL, type_names),
        .us = time_arg(L, 2),
        .kind = (uint8_t)luaL_optinteger(L, 3, 0),
        .object = (uint32_t)luaL_optnumber(L, 4, 0),
        .bytes = (uint32_t)bytes,
    };
    luaL_argcheck(L, bytes <= WORLD_PIPE_DATA_BYTES_MAX, 5, "too long");
    (void)world_pipe_send(&channel, &message,
                          data); // that the device is gone shows at the next one
    return 0;
}

static int say_text(lua_State *L)
{
    host_say("%s", luaL_checkstring(L, 1));
    return 0;
}

// ---- the table ----

struct name_of {
    const char *name;
    int number;
};

#define ITEM(item, text) {text, item},
static const struct name_of kinds[] = {TRACE_WORLD_KINDS(ITEM){NULL, 0}};
#undef ITEM
static const struct name_of connection_ops[] = {
    {"listen", WORLD_LISTEN},       {"connect", WORLD_CONNECT},
    {"accept", WORLD_ACCEPT},       {"ignore", WORLD_IGNORE},
    {"shut", WORLD_SHUT},           {"abort", WORLD_ABORT},
    {"window", WORLD_WINDOW},       {"bind", WORLD_BIND},
    {"forget", WORLD_FORGET},       {"offered", WORLD_OFFERED},
    {"connected", WORLD_CONNECTED}, {"failed", WORLD_FAILED},
    {"acked", WORLD_ACKED},         {"ended", WORLD_ENDED},
    {"broken", WORLD_BROKEN},       {NULL, 0},
};
static const struct name_of pin_ops[] = {
    {"mode", WORLD_PIN_MODE},
    {"write", WORLD_PIN_WRITE},
    {"pwm", WORLD_PIN_PWM},
    {"edge", WORLD_PIN_EDGE},
    {NULL, 0},
};
static const struct name_of identities[] = {
    {"chip", WORLD_ID_CHIP},     {"flash", WORLD_ID_FLASH},  {"mac", WORLD_ID_MAC_STA},
    {"ap_mac", WORLD_ID_MAC_AP}, {"time", WORLD_ID_SECONDS}, {NULL, 0},
};
static const struct name_of wifi_changes[] = {
    {"networks", WORLD_PIPE_NETWORKS},
    {"lose", WORLD_PIPE_LOSE},
    {"join", WORLD_PIPE_JOIN},
    {"leave", WORLD_PIPE_LEAVE},
    {NULL, 0},
};

static void add_names(lua_State *L, const char *field, const struct name_of *names)
{
    lua_newtable(L);
    for (; names->name; names++) {
        lua_pushinteger(L, names->number);
        lua_setfield(L, -2, names->name);
    }
    lua_setfield(L, -2, field);
}

static void find_directory(void)
{
    ssize_t bytes = readlink("/proc/self/exe", directory, sizeof directory - 1);
    while (bytes > 0 && directory[bytes - 1] != '/')
        bytes--;
    directory[bytes > 0 ? bytes : 0] = '\0';
}

void world_library_open(lua_State *L, int fd)
{
    world_pipe_init(&channel, fd);
    find_directory();
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    signal(SIGINT, SIG_IGN); // the device is told, and tells us
    signal(SIGTERM, SIG_IGN);
    limit_computing();
    lua_newtable(L);
    lua_pushcfunction(L, next_message);
    lua_setfield(L, -2, "next");
    lua_pushcfunction(L, send_message);
    lua_setfield(L, -2, "send");
    lua_pushcfunction(L, say_text);
    lua_setfield(L, -2, "say");
    lua_pushstring(L, directory);
    lua_setfield(L, -2, "directory");
    add_names(L, "kinds", kinds);
    add_names(L, "connection", connection_ops);
    add_names(L, "pin", pin_ops);
    add_names(L, "identity", identities);
    add_names(L, "wifi", wifi_changes);
    lua_pushinteger(L, WORLD_WINDOW_BYTES);
    lua_setfield(L, -2, "window_bytes");
    lua_pushinteger(L, WORLD_SEGMENT_BYTES_MAX);
    lua_setfield(L, -2, "segment_bytes");
    lua_setglobal(L, "world_pipe");
}
