// plot.c: series as gnuplot input, drawn if gnuplot is there.

#include "reports/plot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analyzer/base/output.h"

static int write_points(const struct report_series *series, const char *path,
                        struct arena *scratch, struct problem *problem)
{
    struct output output;
    int status = output_open(&output, path, scratch, problem);
    if (status != STATUS_OK)
        return status;
    fprintf(output.file, "# %s\n# %s\t%s\n", series->title, series->x_unit, series->y_unit);
    for (size_t i = 0; i < series->point_count; i++)
        fprintf(output.file, "%.15g\t%.15g\n", series->points[2 * i], series->points[2 * i + 1]);
    return output_close(&output, problem);
}

static int write_script(const struct report *report, const struct report_series *series,
                        const char *path, struct arena *scratch, struct problem *problem)
{
    struct output output;
    int status = output_open(&output, path, scratch, problem);
    if (status != STATUS_OK)
        return status;
    fprintf(output.file,
            "# Draws %s.svg from %s.tsv: gnuplot %s.gp\n"
            "set terminal svg size 900,360 dynamic background rgb 'white' font 'sans,13'\n"
            "set output '%s.svg'\n"
            "set title \"%s\" noenhanced\n"
            "set xlabel '%s'\nset ylabel '%s'\n"
            "set grid ytics lc rgb '#d9e1e8'\nset key off\nset yrange [0:*]\n"
            "set style fill solid 0.35\nset format xy '%%.0s%%c'\n"
            "plot '%s.tsv' using 1:2 with fillsteps lc rgb '#9ecae9', \\\n"
            "     '' using 1:2 with steps lw 1.5 lc rgb '#0072b2'\n",
            series->name, series->name, series->name, series->name, series->title, series->x_unit,
            series->y_unit, series->name);
    (void)report;
    return output_close(&output, problem);
}

// Runs gnuplot in `folder`; 1 if it drew.
static int draw(const char *folder, const char *script)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        int null = open("/dev/null", O_RDWR);
        if (null < 0 || chdir(folder) != 0)
            _exit(127);
        dup2(null, STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
        execlp("gnuplot", "gnuplot", script, (char *)NULL);
        _exit(127);
    }
    while (child > 0 && waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return 0;
    return child > 0 && status == 0;
}

int plot_write(const struct report *report, const char *folder, struct arena *scratch,
               unsigned *drawn_count, struct problem *problem)
{
    int count = 0;
    for (const struct report_series *series = report->series; series; series = series->next) {
        if (series->point_count < 2)
            continue;
        const char *script = arena_format(scratch, "%s.gp", series->name);
        int status = write_points(
            series, arena_format(scratch, "%s/%s.tsv", folder, series->name), scratch, problem);
        if (status == STATUS_OK)
            status = write_script(report, series, arena_format(scratch, "%s/%s", folder, script),
                                  scratch, problem);
        if (status != STATUS_OK)
            return status;
        count++;
        *drawn_count += (unsigned)draw(folder, script);
    }
    return count;
}
