// page_chart.c: curves of an HTML page.
//
// The drawing is an SVG that is stretched to the width of the page; labels are HTML around it, so
// that their size does not change with the width. Of many points per pixel the highest is kept:
// peaks are what the reader looks for.

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "reports/page_parts.h"

#define WIDTH 1000.0
#define HEIGHT 300.0
#define POINTS_MAX 600u
#define GRID_LINES 4
#define X_LABELS 3

struct scale {
    double x_min, x_max, y_max;
    bool is_log; // x as the logarithm of x + 1
};

static double to_x(const struct scale *scale, double x)
{
    double min = scale->x_min, max = scale->x_max;
    if (scale->is_log) {
        x = log1p(x);
        min = log1p(min);
        max = log1p(max);
    }
    return max > min ? (x - min) / (max - min) * WIDTH : 0;
}

// The x that lies at that share of the width.
static double from_share(const struct scale *scale, double share)
{
    if (!scale->is_log)
        return scale->x_min + (scale->x_max - scale->x_min) * share;
    double min = log1p(scale->x_min), max = log1p(scale->x_max);
    return expm1(min + (max - min) * share);
}

static double to_y(const struct scale *scale, double y)
{
    return HEIGHT - y / scale->y_max * HEIGHT;
}

// A round number at or above y, so that the axis ends on one.
static double round_up(double y)
{
    static const double steps[] = {1, 1.2, 1.6, 2, 2.4, 3.2, 4, 5, 6, 8, 10};
    if (y <= 0)
        return 1;
    double power = pow(10, floor(log10(y)));
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (steps[i] * power >= y)
            return steps[i] * power;
    return 10 * power;
}

static struct scale scale_of(const struct report_series *series)
{
    struct scale scale = {series->points[0], series->points[0], 0, false};
    for (size_t i = 0; i < series->point_count; i++) {
        scale.x_min = fmin(scale.x_min, series->points[2 * i]);
        scale.x_max = fmax(scale.x_max, series->points[2 * i]);
        scale.y_max = fmax(scale.y_max, series->points[2 * i + 1]);
    }
    for (const struct report_mark *mark = series->marks; mark; mark = mark->next) {
        scale.x_max = fmax(scale.x_max, mark->x);
        scale.y_max = fmax(scale.y_max, mark->y);
    }
    scale.y_max = round_up(scale.y_max);
    scale.is_log = series->style == REPORT_POINTS && scale.x_min >= 0;
    return scale;
}

// Index of the highest point.
static size_t find_top(const struct report_series *series)
{
    size_t top = 0;
    for (size_t i = 1; i < series->point_count; i++)
        if (series->points[2 * i + 1] > series->points[2 * top + 1])
            top = i;
    return top;
}

// ---- drawings ----

// The next point of a series that is drawn with at most `points_max`: runs of neighbours become
// one, at the place of the first and as high as the highest. False at the end; *at is 0 before.
static bool next_point(const struct report_series *series, size_t points_max, size_t *at, double *x,
                       double *y)
{
    size_t end = *at + series->point_count / points_max + 1;
    if (*at >= series->point_count)
        return false;
    *x = series->points[2 * *at];
    *y = series->points[2 * *at + 1];
    for (; *at < end && *at < series->point_count; ++*at)
        *y = fmax(*y, series->points[2 * *at + 1]);
    return true;
}

static void put_steps(const struct page *page, const struct report_series *series,
                      const struct scale *scale, bool is_area)
{
    double x, y;
    double first = to_x(scale, series->points[0]);
    fprintf(page->out, "<path class=\"%s\" d=\"M%.1f %.1f", is_area ? "area" : "curve", first,
            to_y(scale, is_area ? 0 : series->points[1]));
    for (size_t at = 0; next_point(series, POINTS_MAX, &at, &x, &y);)
        fprintf(page->out, "H%.1fV%.1f", to_x(scale, x), to_y(scale, y));
    fprintf(page->out, "H%.1f", WIDTH);
    if (is_area)
        fprintf(page->out, "V%.1fH%.1fZ", HEIGHT, first);
    fputs("\"/>\n", page->out);
}

static void put_impulses(const struct page *page, const struct report_series *series,
                         const struct scale *scale)
{
    double highest[POINTS_MAX] = {0};
    for (size_t i = 0; i < series->point_count; i++) {
        double x = to_x(scale, series->points[2 * i]) / WIDTH * (POINTS_MAX - 1);
        size_t slot = x < 0 ? 0 : x > POINTS_MAX - 1 ? POINTS_MAX - 1 : (size_t)x;
        highest[slot] = fmax(highest[slot], series->points[2 * i + 1]);
    }
    fputs("<path class=\"impulse\" d=\"", page->out);
    for (size_t i = 0; i < POINTS_MAX; i++)
        if (highest[i] > 0)
            fprintf(page->out, "M%.1f %.0fV%.1f", ((double)i + 0.5) / POINTS_MAX * WIDTH, HEIGHT,
                    to_y(scale, highest[i]));
    fputs("\"/>\n", page->out);
}

// A point is a line of no length with round ends: it stays round when the drawing is stretched.
static void put_points(const struct page *page, const struct report_series *series,
                       const struct scale *scale)
{
    double x, y;
    fputs("<path class=\"points\" d=\"", page->out);
    for (size_t at = 0; next_point(series, 2 * POINTS_MAX, &at, &x, &y);)
        fprintf(page->out, "M%.1f %.1fh0", to_x(scale, x), to_y(scale, y));
    fputs("\"/>\n", page->out);
}

static void put_drawing(const struct page *page, const struct report_series *series,
                        const struct scale *scale)
{
    fprintf(page->out,
            "<svg viewBox=\"0 0 %.0f %.0f\" preserveAspectRatio=\"none\" role=\"img\" "
            "aria-label=\"",
            WIDTH, HEIGHT);
    page_put_text(page, text_of(series->title));
    fputs("\">\n<path class=\"grid\" d=\"", page->out);
    for (int i = 0; i <= GRID_LINES; i++)
        fprintf(page->out, "M0 %.1fH%.0f", HEIGHT * i / GRID_LINES, WIDTH);
    fputs("\"/>\n", page->out);
    if (series->style == REPORT_POINTS) {
        put_points(page, series, scale);
    } else if (series->style == REPORT_IMPULSES) {
        put_impulses(page, series, scale);
    } else {
        put_steps(page, series, scale, true);
        put_steps(page, series, scale, false);
    }
    fputs("</svg>\n", page->out);
}

// ---- labels ----

static void put_axis_value(const struct page *page, double value, double span)
{
    if (span < 10)
        fprintf(page->out, "%.1f", value);
    else if (fabs(value) < 9e15)
        value_put_number(page->out, llround(value));
}

static void put_marks(const struct page *page, const struct report_series *series,
                      const struct scale *scale)
{
    for (const struct report_mark *mark = series->marks; mark; mark = mark->next) {
        double x = to_x(scale, mark->x) / WIDTH * 100;
        fprintf(page->out, "<span class=\"mark%s\" style=\"left:%.2f%%;bottom:%.2f%%\"><b>",
                x > 50 ? " end" : "", x, mark->y / scale->y_max * 100);
        page_put_text(page, mark->label);
        fputs("</b></span>\n", page->out);
    }
}

static void put_top(const struct page *page, const struct report_series *series,
                    const struct scale *scale)
{
    size_t top = find_top(series);
    double x = to_x(scale, series->points[2 * top]) / WIDTH * 100;
    double y = series->points[2 * top + 1];
    if (y <= 0 || series->style == REPORT_POINTS)
        return;
    fprintf(page->out, "<span class=\"top%s\" style=\"left:%.2f%%;bottom:%.2f%%\"><b>",
            x > 50 ? " end" : "", x, y / scale->y_max * 100);
    put_axis_value(page, y, scale->y_max);
    fputs("</b></span>\n", page->out);
}

static void put_x_axis(const struct page *page, const struct report_series *series,
                       const struct scale *scale)
{
    double span = scale->x_max - scale->x_min;
    bool is_address = !strcmp(series->x_unit, "address");
    fputs("<div class=\"xs\">", page->out);
    for (int i = 0; i < X_LABELS; i++) {
        double x = from_share(scale, (double)i / (X_LABELS - 1));
        fputs("<span>", page->out);
        if (is_address)
            fprintf(page->out, "0x%" PRIx64, (uint64_t)x);
        else
            put_axis_value(page, x, span);
        fputs("</span>", page->out);
    }
    fputs("</div>\n<p class=\"xunit soft\">", page->out);
    page_put_text(page, text_of(series->x_unit));
    fputs(scale->is_log ? ", logarithmic</p>\n" : "</p>\n", page->out);
}

// A bar a line, its name before it and its figure behind it.
static void put_bars(const struct page *page, const struct report_series *series)
{
    double most = 0;
    for (size_t i = 0; i < series->point_count; i++)
        most = fmax(most, series->points[2 * i + 1]);
    fputs("<div class=\"bars\">\n", page->out);
    for (size_t i = 0; i < series->point_count; i++) {
        double y = series->points[2 * i + 1];
        fputs("<span>", page->out);
        page_put_text(page, series->labels[i]);
        fprintf(page->out, "</span><div><i style=\"width:%.1f%%\"></i><b>",
                most > 0 ? y / most * 100 : 0);
        put_axis_value(page, y, most);
        fputs("</b></div>\n", page->out);
    }
    fputs("</div></figure>\n", page->out);
}

void page_put_series(const struct page *page, const struct report_series *series)
{
    if (series->point_count < 2)
        return;
    struct scale scale = scale_of(series);
    fputs("<figure><figcaption>", page->out);
    page_put_text(page, text_of(series->title));
    fputs(" <span class=\"soft\">", page->out);
    page_put_text(page, text_of(series->y_unit));
    fputs("</span></figcaption>\n", page->out);
    if (series->style == REPORT_BARS) {
        put_bars(page, series);
        return;
    }
    fputs("<div class=\"chart\"><div class=\"ys\">", page->out);
    for (int i = GRID_LINES; i >= 0; i--) {
        fputs("<span>", page->out);
        put_axis_value(page, scale.y_max * i / GRID_LINES, scale.y_max);
        fputs("</span>", page->out);
    }
    fputs("</div><div class=\"plot\">\n", page->out);
    put_drawing(page, series, &scale);
    if (series->marks)
        put_marks(page, series, &scale);
    else
        put_top(page, series, &scale);
    fputs("</div>", page->out);
    put_x_axis(page, series, &scale);
    fputs("</div></figure>\n", page->out);
}
