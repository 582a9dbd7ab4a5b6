// saved_wifi.c: see saved_wifi.h.

#include "runtime/port/host/saved_wifi.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "runtime/port/host/say.h"
#include "runtime/world/wifi_model.h"

#define LINE_BYTES 128

static struct world_wifi_saved saved;

static int take_mode(const char *value)
{
    static const char *const names[] = {"", "station", "ap", "stationap"};
    for (uint8_t i = 1; i < sizeof names / sizeof *names; i++)
        if (strcmp(value, names[i]) == 0) {
            saved.mode = i;
            return 1;
        }
    return 0;
}

static int take_text(const char *value, char *to, size_t room)
{
    size_t bytes = strlen(value);
    if (bytes > room)
        return 0;
    memset(to, 0, room);
    memcpy(to, value, bytes);
    return 1;
}

static int take(char *line)
{
    char *value = strchr(line, '=');
    if (line[0] == '\0' || line[0] == '#')
        return 1;
    if (!value)
        return 0;
    *value++ = '\0';
    if (strcmp(line, "mode") == 0)
        return take_mode(value);
    if (strcmp(line, "ssid") == 0)
        return take_text(value, saved.ssid, sizeof saved.ssid);
    return strcmp(line, "password") == 0 && take_text(value, saved.password, sizeof saved.password);
}

// The text of a fault names no value: one may be the password.
static int read_lines(FILE *file, const char *path)
{
    char line[LINE_BYTES];
    for (unsigned number = 1; fgets(line, sizeof line, file); number++) {
        size_t bytes = strcspn(line, "\r\n");
        int is_whole = line[bytes] != '\0' || feof(file);
        line[bytes] = '\0';
        if (is_whole && take(line))
            continue;
        host_say("%s: line %u is not mode=station, ap or stationap, ssid=NAME (32 bytes at "
                 "most) or password=TEXT (64)",
                 path, number);
        return -1;
    }
    return 0;
}

int saved_wifi_read(const char *path)
{
    FILE *file = fopen(path, "r");
    saved.mode = 1;
    int status = file ? read_lines(file, path) : -1;
    if (!file || ferror(file)) {
        host_say("%s: cannot be read: %s", path, strerror(errno));
        status = -1;
    }
    if (file)
        fclose(file);
    if (status == 0)
        wifi_model_set_saved(&saved);
    return status;
}
