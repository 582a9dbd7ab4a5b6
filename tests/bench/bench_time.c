// bench_time.c: times two commands side by side and prints the least processor time of each.
//
// usage: bench_time RUNS COMMAND_A -- COMMAND_B
// The commands run in turn, A B A B ..., so that both see the same noise; output is thrown away.
// Prints "A B RA RB": microseconds (user + system, minimum over RUNS) and the largest resident
// sizes in bytes. Status 1 if a command fails.

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static long run_once(char **command, long *resident_bytes)
{
    struct rusage use;
    int status;
    pid_t child = fork();
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);
        dup2(null, STDOUT_FILENO);
        execvp(command[0], command);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &use) < 0 || status != 0) {
        fprintf(stderr, "bench_time: %s failed\n", command[0]);
        exit(1);
    }
    if (use.ru_maxrss * 1024 > *resident_bytes)
        *resident_bytes = use.ru_maxrss * 1024;
    return (use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1000000L + use.ru_utime.tv_usec +
           use.ru_stime.tv_usec;
}

int main(int argc, char **argv)
{
    int split = 2;
    while (split < argc && strcmp(argv[split], "--") != 0)
        split++;
    if (argc < 5 || split >= argc - 1) {
        fprintf(stderr, "usage: bench_time RUNS COMMAND_A -- COMMAND_B\n");
        return 2;
    }
    argv[split] = NULL;
    long least[2] = {-1, -1}, resident[2] = {0, 0};
    for (int i = 0; i < strtol(argv[1], NULL, 10); i++)
        for (int side = 0; side < 2; side++) {
            long us = run_once(side ? argv + split + 1 : argv + 2, &resident[side]);
            if (least[side] < 0 || us < least[side])
                least[side] = us;
        }
    printf("%ld %ld %ld %ld\n", least[0], least[1], resident[0], resident[1]);
    return 0;
}
