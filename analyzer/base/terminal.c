// terminal.c: colour decision and progress line.

#include "analyzer/base/terminal.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define COLUMNS_DEFAULT 80u
#define PROGRESS_DELAY_MS 1000u
#define PROGRESS_INTERVAL_MS 100u

const char *const terminal_color_words[] = {"auto", "always", "never", NULL};

static bool wants_color(bool is_terminal, int color)
{
    if (color != TERMINAL_COLOR_AUTO)
        return color == TERMINAL_COLOR_ALWAYS;
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    if ((no_color && *no_color) || (term && !strcmp(term, "dumb")))
        return false;
    return is_terminal;
}

void terminal_init(struct terminal *terminal, FILE *file, int color)
{
    struct winsize size = {0};
    bool is_terminal = isatty(fileno(file)) == 1;
    *terminal = (struct terminal){file, is_terminal, wants_color(is_terminal, color),
                                  COLUMNS_DEFAULT};
    if (is_terminal && !ioctl(fileno(file), TIOCGWINSZ, &size) && size.ws_col >= 40)
        terminal->columns = size.ws_col;
}

const char *terminal_style(const struct terminal *terminal, enum terminal_style style)
{
    static const char *const sequences[] = {"\033[0m", "\033[1m", "\033[32m", "\033[31m",
                                            "\033[2m"};
    assert((size_t)style < sizeof sequences / sizeof *sequences);
    return terminal->has_color ? sequences[style] : "";
}

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void progress_begin(struct progress *progress, struct terminal *on, bool quiet, const char *what)
{
    *progress = (struct progress){.on = on && on->is_terminal && !quiet ? on : NULL, .what = what};
    if (progress->on)
        progress->begin_ms = now_ms();
}

void progress_update(struct progress *progress, uint64_t done, uint64_t total)
{
    if (!progress->on)
        return;
    uint64_t now = now_ms();
    if (now - progress->begin_ms < PROGRESS_DELAY_MS ||
        now - progress->shown_ms < PROGRESS_INTERVAL_MS)
        return;
    unsigned percent = total ? (unsigned)((double)done * 100.0 / (double)total) : 0;
    fprintf(progress->on->file, "\r%s: %3u %%", progress->what, percent > 100 ? 100 : percent);
    fflush(progress->on->file);
    progress->shown_ms = now;
    progress->is_shown = true;
}

void progress_end(struct progress *progress)
{
    if (progress->on && progress->is_shown) {
        fputs("\r\033[K", progress->on->file);
        fflush(progress->on->file);
    }
    progress->on = NULL;
}
