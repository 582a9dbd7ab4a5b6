// cleanup.h: what is half done is removed when a signal ends the process.
//
// SIGINT, SIGTERM, SIGHUP and SIGPIPE remove the folders or files that were named, and end the
// process as they would have. A signal that was ignored stays so (nohup). Whoever needs the signals
// otherwise for a while (collectors/host/recorder.h) takes them and gives them back.
// Memory: static. Context: one thread.

#ifndef FROST_CMD_CLEANUP_H
#define FROST_CMD_CLEANUP_H

// Names a file or folder that is to be removed. What is too much or too long is not remembered.
void cleanup_add(const char *path);

// It is finished, or gone: forgotten. With the last one the signals are given back.
void cleanup_drop(const char *path);

#endif
