// plot.c: series as gnuplot input, drawn if gnuplot is there.

#include "reports/plot.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analyzer/base/interrupt.h"
#include "analyzer/base/output.h"
#include "analyzer/base/result.h"

// Titles and units may come from a trace: inside '...' gnuplot runs nothing and only the quote ends
// the text, so quotes and what is not printable are replaced.
static char *plain(struct arena *arena, const char *text)
{
    char *copy = arena_copy_string(arena, text);
    for (char *c = copy; *c; c++)
        if ((unsigned char)*c < 32 || (unsigned char)*c > 126 || strchr("'\"`\\", *c))
            *c = '_';
    return copy;
}

// The name of a series is that of its files.
static char *file_name(struct arena *arena, const char *name)
{
    char *copy = arena_copy_string(arena, name);
    for (char *c = copy; *c; c++)
        if (!isalnum((unsigned char)*c) && *c != '_' && *c != '-')
            *c = '_';
    return copy;
}

static int write_points(const struct report_series *series, const char *path, struct arena *scratch,
                        struct problem *problem)
{
    struct output output;
    int status = output_open(&output, path, scratch, problem);
    if (status != STATUS_OK)
        return status;
    fprintf(output.file, "# %s\n# %s\t%s\n", plain(scratch, series->title),
            plain(scratch, series->x_unit), plain(scratch, series->y_unit));
    for (size_t i = 0; i < series->point_count; i++)
        fprintf(output.file, "%.15g\t%.15g%s%s\n", series->points[2 * i], series->points[2 * i + 1],
                series->labels ? "\t" : "",
                series->labels ? plain(scratch, series->labels[i].data) : "");
    return output_close(&output, problem);
}

// Points with their names, drawn with the curve.
static void put_marks(FILE *out, const struct report_series *series, struct arena *scratch)
{
    int number = 1;
    for (const struct report_mark *mark = series->marks; mark; mark = mark->next)
        fprintf(out,
                "set label %d '%s' at %.15g,%.15g point pt 7 ps 0.7 lc rgb '#b84a00' offset "
                "0.6,-0.7 noenhanced\n",
                number++, plain(scratch, arena_copy_text(scratch, mark->label).data), mark->x,
                mark->y);
    if (series->marks)
        fputs("set offsets 0, graph 0.12, graph 0.05, 0\n", out);
}

static void put_plot(FILE *out, const struct report_series *series, const char *name)
{
    switch (series->style) {
    case REPORT_STEPS:
        fprintf(out,
                "plot '%s.tsv' using 1:2 with fillsteps lc rgb '#9ecae9', \\\n"
                "     '' using 1:2 with steps lw 1.5 lc rgb '#0072b2'\n",
                name);
        break;
    case REPORT_IMPULSES:
        fprintf(out, "plot '%s.tsv' using 1:2 with impulses lw 1 lc rgb '#0072b2'\n", name);
        break;
    case REPORT_POINTS:
        fprintf(out,
                "set logscale x\nplot '%s.tsv' using ($1 + 1):2 with points pt 7 ps 0.35 lc rgb "
                "'#0072b2'\n",
                name);
        break;
    case REPORT_BARS:
        fprintf(out,
                "set datafile separator tab\nset boxwidth 0.6\nset xtics rotate by -15 noenhanced\n"
                "set xrange [0.4:%.1f]\nset offsets 0, 0, graph 0.1, 0\n"
                "plot '%s.tsv' using 1:2:xtic(3) with boxes lc rgb '#0072b2', \\\n"
                "     '' using 1:2:(sprintf('%%.0f', $2)) with labels offset 0, 0.7\n",
                (double)series->point_count + 0.6, name);
        break;
    }
}

static int write_script(const struct report_series *series, const char *name, const char *path,
                        struct arena *scratch, struct problem *problem)
{
    struct output output;
    int status = output_open(&output, path, scratch, problem);
    if (status != STATUS_OK)
        return status;
    fprintf(output.file,
            "# Draws %s.svg from %s.tsv: gnuplot %s.gp\n"
            "set terminal svg size 900,360 dynamic background rgb 'white' font 'sans,13'\n"
            "set output '%s.svg'\n"
            "set title '%s' noenhanced\n"
            "set xlabel '%s' noenhanced\nset ylabel '%s' noenhanced\n"
            "set grid ytics lc rgb '#d9e1e8'\nset key off\nset yrange [0:*]\n"
            "set style fill solid 0.35\nset format y '%%.0s%%c'\nset format x '%s'\n",
            name, name, name, name, plain(scratch, series->title), plain(scratch, series->x_unit),
            plain(scratch, series->y_unit),
            strcmp(series->x_unit, "address") == 0 ? "0x%x"
            : series->style == REPORT_BARS         ? "%s"
                                                   : "%.0s%c");
    put_marks(output.file, series, scratch);
    put_plot(output.file, series, name);
    return output_close(&output, problem);
}

int plots_write(struct plots *plots, const struct report *report, struct problem *problem)
{
    struct arena *scratch = plots->arena;
    for (const struct report_series *series = report->series; series; series = series->next) {
        if (series->point_count < 2)
            continue;
        const char *name = file_name(scratch, series->name);
        int status = write_points(
            series, arena_format(scratch, "%s/%s.tsv", plots->directory, name), scratch, problem);
        if (status == STATUS_OK)
            status = write_script(series, name,
                                  arena_format(scratch, "%s/%s.gp", plots->directory, name),
                                  scratch, problem);
        if (status != STATUS_OK)
            return status;
        result_note_file(arena_format(scratch, "%s/%s.svg", plots->directory, name));
        struct plot *plot = ARENA_NEW(scratch, struct plot);
        *plot = (struct plot){plots->newest, arena_format(scratch, "%s.gp", name)};
        plots->newest = plot;
        plots->count++;
    }
    return STATUS_OK;
}

// ---- drawing ----

// Starts gnuplot in `directory`; false if it cannot be.
static bool start(const char *directory, char *const argv[], pid_t *child)
{
    extern char **environ;
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return false;
    bool is_set = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0) == 0 &&
                  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0) == 0 &&
                  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0) == 0 &&
                  posix_spawn_file_actions_addchdir_np(&actions, directory) == 0;
    is_set = is_set && posix_spawnp(child, argv[0], &actions, NULL, argv, environ) == 0;
    posix_spawn_file_actions_destroy(&actions);
    return is_set;
}

// One gnuplot for `count` plots, which come from `plot` on; true if it drew all. Most of its time
// goes into its start.
static bool draw(const struct plots *plots, const struct plot *plot, unsigned count)
{
    struct arena_mark mark = arena_mark(plots->arena);
    char **argv = ARENA_NEW_ARRAY(plots->arena, char *, 3 * count + 3);
    size_t used = 0;
    int status = -1;
    pid_t child;
    argv[used++] = (char *)"gnuplot";
    argv[used++] = (char *)"-d";
    for (; count > 0; count--, plot = plot->older) {
        argv[used++] = (char *)plot->script;
        argv[used++] = (char *)"-e";
        argv[used++] = (char *)"reset session";
    }
    bool is_started = start(plots->directory, argv, &child);
    arena_rewind(plots->arena, mark);
    if (!is_started)
        return false;
    interrupt_set_child(child);
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) {
            status = -1;
            break;
        }
    interrupt_set_child(0);
    return status == 0;
}

unsigned plots_draw(const struct plots *plots)
{
    unsigned drawn = 0;
    if (plots->count == 0 || draw(plots, plots->newest, plots->count))
        return plots->count;
    // A script that fails takes those behind it with it.
    for (const struct plot *plot = plots->newest; plot; plot = plot->older)
        drawn += draw(plots, plot, 1);
    return drawn;
}
