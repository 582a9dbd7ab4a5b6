// page_tree.c: a tree of an HTML page as boxes (an icicle).
//
// Boxes are HTML, so that their names keep their size at any width; a box that is too narrow for
// its name shows the beginning, and all of it while the pointer is there.

#include "analyzer/base/hash_table.h"
#include "reports/page_parts.h"

#define LEVELS_MAX 40   // drawn
#define SHARE_MIN 0.002 // of the width; narrower boxes are left out
#define LEVEL_HEIGHT_EM 1.6
#define COLOURS 6u

struct place {
    double left, used; // of a box and of its children so far, shares of the width
    double width;
};

static const struct report_value *cell(const struct report_table *table, size_t row, int column)
{
    return &table->cells[row * table->column_count + (size_t)column];
}

static double total_of(const struct report_table *table)
{
    double total = 0;
    for (size_t r = 0; r < table->row_count; r++)
        if (cell(table, r, table->tree_level)->number == 1)
            total += (double)cell(table, r, table->tree_value)->number;
    return total;
}

static void put_box(const struct page *page, const struct report_table *table, size_t row,
                    const struct place *place)
{
    struct text name = cell(table, row, table->tree_name)->text;
    int64_t level = cell(table, row, table->tree_level)->number;
    fprintf(page->out, "<div class=\"c%u\" style=\"left:%.2f%%;width:%.2f%%;top:%.1fem\" title=\"",
            (unsigned)(hash_text(name) % COLOURS), place->left * 100, place->width * 100,
            (double)(level - 1) * LEVEL_HEIGHT_EM);
    page_put_text(page, name);
    fputs(", ", page->out);
    value_put_number(page->out, cell(table, row, table->tree_value)->number);
    fputs("\">", page->out);
    page_put_text(page, name);
    fputs("</div>\n", page->out);
}

// Parents come before their children, so the box of the last row of a level is the parent's.
static void put_boxes(const struct page *page, const struct report_table *table, double total)
{
    struct place places[LEVELS_MAX + 1] = {{0, 0, 1}};
    for (size_t r = 0; r < table->row_count; r++) {
        int64_t level = cell(table, r, table->tree_level)->number;
        double width = (double)cell(table, r, table->tree_value)->number / total;
        if (level < 1 || level > LEVELS_MAX)
            continue;
        struct place *parent = &places[level - 1];
        places[level] = (struct place){parent->left + parent->used, 0, width};
        parent->used += width;
        if (width >= SHARE_MIN)
            put_box(page, table, r, &places[level]);
    }
}

void page_put_tree(const struct page *page, const struct report_table *table)
{
    double total = total_of(table);
    int64_t levels = 0;
    if (total <= 0)
        return;
    for (size_t r = 0; r < table->row_count; r++)
        if (cell(table, r, table->tree_level)->number > levels)
            levels = cell(table, r, table->tree_level)->number;
    if (levels > LEVELS_MAX)
        levels = LEVELS_MAX;
    fprintf(page->out, "<div class=\"icicle\" style=\"height:%.1fem\">\n",
            (double)levels * LEVEL_HEIGHT_EM);
    put_boxes(page, table, total);
    fputs("</div>\n", page->out);
}
