// renderer.c: the list of renderers, and writing a report into a file.

#include "reports/renderer.h"

#include "analyzer/base/output.h"
#include "reports/markdown.h"
#include "reports/page.h"

const struct renderer *const renderer_list[] = {&renderer_text, &renderer_json, &renderer_markdown,
                                                &renderer_html, NULL};
const char *const renderer_words[] = {"text", "json", "markdown", "html", NULL};

int report_write(const struct report *report, const struct renderer *renderer,
                 const struct render_settings *settings, const char *path, struct problem *problem)
{
    struct output output;
    int status = output_open(&output, path, settings->scratch, problem);
    if (status != STATUS_OK)
        return status;
    status = renderer->render(report, settings, output.file, problem);
    if (status != STATUS_OK) {
        output_abandon(&output);
        return status;
    }
    return output_close(&output, problem);
}
