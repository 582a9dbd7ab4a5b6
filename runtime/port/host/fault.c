// fault.c: stores into flash, stack overflow and other faults end the run with a traceback.
//
// A stray store cannot be caught by pcall: the message names the address and what lies there, the
// Lua calls follow, the trace is closed, the status is 4.

#include "runtime/port/host/host.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "runtime/core/api/lauxlib.h"
#include "runtime/core/api/lua.h"
#include "runtime/core/vm.h"
#include "runtime/format/address_map.h"
#include "runtime/format/status.h"
#include "runtime/port/host/trace.h"
#include "runtime/probe/probe.h"

#define INTERRUPT_WAIT_S 2
#define INTERRUPT_PAUSE_MS 200 // within it several signals are one: terminal, recorder, timeout(1)
#define HANDLER_STACK_BYTES 65536u

volatile int host_interrupted;
volatile int host_is_over;

static lua_State *const *running;
static int takes_faults;

static void write_text(const char *text)
{
    ssize_t n = write(STDERR_FILENO, text, strlen(text));
    (void)n;
}

static void write_traceback(void)
{
    lua_State *L = running ? *running : NULL;
    lua_Debug ar;
    char line[160];
    PROBE_HUSH(); // one of them may be what did not find room
    for (int level = 0; L && level < 20 && lua_getstack(L, level, &ar); level++) {
        if (!lua_getinfo(L, "Sl", &ar))
            break;
        if (ar.currentline > 0)
            snprintf(line, sizeof line, "\t%s:%d\n", ar.short_src, ar.currentline);
        else
            snprintf(line, sizeof line, "\t%s\n", ar.short_src);
        write_text(line);
    }
    PROBE_UNHUSH();
}

static const char *place_name(uintptr_t addr)
{
    if (host_is_stack_guard(addr))
        return "C stack overflow";
    if (addr - WINDOW_ADDR < WINDOW_BYTES)
        return "store into the flash window, which is read-only";
    if (addr - HEAP_ADDR < HEAP_NEAR_BYTES_MAX)
        return "access beyond the end of the heap";
    return "access to an address that is not mapped";
}

static uintptr_t fault_addr;

static void end_by_fault(int signal_number)
{
    char line[160];
    snprintf(line, sizeof line, "frost: signal %d at address 0x%08lx: %s\n", signal_number,
             (unsigned long)fault_addr, place_name(fault_addr));
    host_trace_torn();
    write_text(line);
    write_traceback();
    host_exit(EXIT_STATUS_ENVIRONMENT);
}

static void on_fault(int signal_number, siginfo_t *info, void *context)
{
    static int entered;
    (void)context;
    if (entered)
        _exit(EXIT_STATUS_ENVIRONMENT);
    fault_addr = (uintptr_t)info->si_addr;
    // A probe that finds no stack is finished first, so that what it writes is whole.
    if (host_is_stack_guard(fault_addr) && host_trace_defer(end_by_fault, signal_number) &&
        host_stack_extend())
        return;
    entered = 1;
    end_by_fault(signal_number);
}

static volatile enum host_interrupt interrupt_kind;
static volatile int interrupt_count;

static void stop_before_instruction(lua_State *L)
{
    (void)L;
    host_exit(128 + host_interrupted);
}

void host_interrupt_goes_on(void)
{
    if (interrupt_count > 0 && interrupt_kind != HOST_INTERRUPT_RAISES)
        vm_watch(stop_before_instruction);
}

// Runs at the next call, return or jump back: a place where the state is whole.
static void stop_here(lua_State *L, lua_Debug *ar)
{
    (void)L;
    (void)ar;
    host_exit(128 + host_interrupted);
}

static void raise_here(lua_State *L, lua_Debug *ar)
{
    (void)ar;
    lua_sethook(L, NULL, 0, 0);
    host_interrupted = 0;
    luaL_error(L, "interrupted!");
}

void host_interrupts(enum host_interrupt kind)
{
    interrupt_kind = kind;
    interrupt_count = 0;
    // One that came after the last hook of a statement does not end the next statement.
    if (running && *running && lua_gethook(*running) == raise_here) {
        lua_sethook(*running, NULL, 0, 0);
        host_interrupted = 0;
    }
}

// Ends the program with its trace closed, at a hook or before an instruction. A program that does
// not come to one in time (a long C function) or is told twice is ended where it stands, but for a
// probe that is at work; told three times, at once.
static void on_interrupt(int signal_number)
{
    static int64_t first_ms;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t now_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    if (interrupt_count > 0 && interrupt_kind != HOST_INTERRUPT_RAISES &&
        now_ms - first_ms < INTERRUPT_PAUSE_MS)
        return;
    if (interrupt_count == 0)
        first_ms = now_ms;
    int count = ++interrupt_count;
    int status = 128 + (host_interrupted ? host_interrupted : signal_number);
    if (count > 2)
        _exit(status);
    if (count == 2 || interrupt_kind == HOST_INTERRUPT_ENDS_NOW)
        host_trace_torn();
    if (count == 2 && host_trace_defer(host_exit, status))
        return;
    if (count == 2)
        host_exit(status);
    host_interrupted = signal_number;
    if (interrupt_kind == HOST_INTERRUPT_ENDS_NOW)
        host_exit(128 + signal_number);
    if (interrupt_kind == HOST_INTERRUPT_RAISES && signal_number == SIGINT) {
        if (running && *running)
            lua_sethook(*running, raise_here, LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT, 1);
        return;
    }
    if (running && *running)
        lua_sethook(*running, stop_here, LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT, 1);
    vm_watch(stop_before_instruction); // in a coroutine, too
    alarm(INTERRUPT_WAIT_S);
}

static int is_broken(int descriptor)
{
    struct pollfd output = {.fd = descriptor, .events = POLLOUT};
    return poll(&output, 1, 0) > 0 && (output.revents & (POLLERR | POLLHUP)) != 0;
}

// Nobody reads the output any more (| head): that ends the program, as it ends others. A peer that
// has gone is an error of the write alone.
static void on_broken_pipe(int signal_number)
{
    if (interrupt_kind == HOST_INTERRUPT_RAISES &&
        (is_broken(STDOUT_FILENO) || is_broken(STDERR_FILENO))) {
        signal(signal_number, SIG_DFL);
        raise(signal_number); // comes when this has returned
    } else if (is_broken(STDOUT_FILENO)) {
        on_interrupt(signal_number);
    }
}

void host_fault_thread(void)
{
    if (!takes_faults)
        return;
    stack_t stack = {.ss_size = HANDLER_STACK_BYTES};
    stack.ss_sp = mmap(NULL, stack.ss_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                       0);
    if (stack.ss_sp != MAP_FAILED)
        (void)sigaltstack(&stack, NULL);
}

static void on_over(int signal_number)
{
    (void)signal_number;
    host_is_over = 1;
    host_wake();
}

void host_fault_init(lua_State *const *state)
{
    running = state;
#ifndef __SANITIZE_ADDRESS__ // which has handlers of its own
    takes_faults = 1;
#endif
    struct sigaction fault = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    struct sigaction interrupt = {.sa_handler = on_interrupt, .sa_flags = SA_RESTART};
    struct sigaction broken = {.sa_handler = on_broken_pipe, .sa_flags = SA_RESTART | SA_ONSTACK};
    struct sigaction over = {.sa_handler = on_over, .sa_flags = SA_RESTART | SA_ONSTACK};
    sigaction(SIGUSR1, &over, NULL);
    if (takes_faults) {
        sigaction(SIGSEGV, &fault, NULL);
        sigaction(SIGBUS, &fault, NULL);
    }
    sigaction(SIGINT, &interrupt, NULL);
    sigaction(SIGPIPE, &broken, NULL);
    sigaction(SIGTERM, &interrupt, NULL);
    sigaction(SIGALRM, &interrupt, NULL);
}
