// plot.c: series as gnuplot input, drawn if gnuplot is there.

#include "reports/plot.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
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

// Runs gnuplot in `directory`; 1 if it drew.
static int draw(const char *directory, const char *script)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        int null = open("/dev/null", O_RDWR);
        if (null < 0 || chdir(directory) != 0)
            _exit(127);
        dup2(null, STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
        execlp("gnuplot", "gnuplot", "-d", script, (char *)NULL);
        _exit(127);
    }
    interrupt_set_child(child);
    while (child > 0 && waitpid(child, &status, 0) < 0)
        if (errno != EINTR) {
            status = -1;
            break;
        }
    interrupt_set_child(0);
    return child > 0 && status == 0;
}

int plot_write(const struct report *report, const char *directory, struct arena *scratch,
               unsigned *drawn_count, struct problem *problem)
{
    int count = 0;
    for (const struct report_series *series = report->series; series; series = series->next) {
        if (series->point_count < 2)
            continue;
        const char *name = file_name(scratch, series->name);
        const char *script = arena_format(scratch, "%s.gp", name);
        int status = write_points(series, arena_format(scratch, "%s/%s.tsv", directory, name),
                                  scratch, problem);
        if (status == STATUS_OK)
            status = write_script(series, name, arena_format(scratch, "%s/%s", directory, script),
                                  scratch, problem);
        if (status != STATUS_OK)
            return status;
        count++;
        result_note_file(arena_format(scratch, "%s/%s.svg", directory, name));
        *drawn_count += (unsigned)draw(directory, script);
    }
    return count;
}
