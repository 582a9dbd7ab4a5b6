// trace.h: the trace of a host process: nothing in the plain build.
//
// host_trace_open() connects the probes to the recorder's ring; host_trace_close() writes the end
// event and gives the last packet to the recorder.

#ifndef FROST_PORT_HOST_TRACE_H
#define FROST_PORT_HOST_TRACE_H

#include "runtime/core/api/lua.h"
#include "runtime/port/host/vm_args.h"

// Ends the process with status 4 if the ring cannot be mapped. No effect without --trace-fd.
void host_trace_open(const struct vm_args *args);
// The state whose figures the end event takes; NULL before and after.
void host_trace_state(lua_State *L);
// A moment of the program has a name; its heap is looked at if that is wanted.
void host_trace_mark(const char *name, size_t bytes);
// Its time is over: tells the recorder that the program has not ended by itself.
void host_trace_cut(void);
// The program is stopped where it stands: its heap is not looked at any more.
void host_trace_torn(void);
void host_trace_close(int status);
// For a signal handler on the interpreter's thread that wants to call then(argument): 1 if it has
// interrupted a probe, which then does so itself when it is done; 0: the way is free.
int host_trace_defer(void (*then)(int), int argument);

#endif
