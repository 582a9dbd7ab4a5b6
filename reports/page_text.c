// page_text.c: text and values of reports as HTML.

#include "reports/page_parts.h"

#define CELL_BYTES_MAX 240u // a longer text is cut; the JSON form has all of it

void page_put_text(const struct page *page, struct text text)
{
    while (text.bytes > 0) {
        size_t bytes = utf8_character_bytes(text);
        if (bytes == 0)
            fputs(*text.data == '\n' ? "\n" : "\xEF\xBF\xBD", page->out);
        else if (*text.data == '<')
            fputs("&lt;", page->out);
        else if (*text.data == '>')
            fputs("&gt;", page->out);
        else if (*text.data == '&')
            fputs("&amp;", page->out);
        else if (*text.data == '"')
            fputs("&quot;", page->out);
        else
            fwrite(text.data, 1, bytes, page->out);
        bytes += bytes == 0;
        text = (struct text){text.data + bytes, text.bytes - bytes};
    }
}

void page_put_value(const struct page *page, enum report_kind kind, unsigned decimals,
                    const struct report_value *value, bool is_label)
{
    page_put_text(page, value_text(page->settings->scratch, is_label ? REPORT_TEXT : kind, decimals,
                                   value, CELL_BYTES_MAX));
}
