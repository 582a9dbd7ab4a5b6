// export_list.c: the list of exports, and writing them to files.

#include "analyzer/base/output.h"
#include "reports/export.h"

const struct exporter *const export_list[] = {
    &exporter_callgrind,   &exporter_dhat,  &exporter_folded,
    &exporter_folded_peak, &exporter_pprof, NULL,
};
const char *const export_words[] = {"callgrind", "dhat", "folded", "folded-peak", "pprof", NULL};

int export_write(const struct export_profile *profile, const struct exporter *exporter,
                 const char *path, struct arena *scratch, struct problem *problem)
{
    struct output output;
    int status = output_open(&output, path, scratch, problem);
    if (status != STATUS_OK)
        return status;
    status = exporter->write(profile, scratch, output.file, problem);
    if (status != STATUS_OK) {
        output_abandon(&output);
        return status;
    }
    return output_close(&output, problem);
}

int export_write_all(const struct export_profile *profile, const char *directory,
                     struct arena *scratch, struct problem *problem)
{
    for (size_t i = 0; export_list[i]; i++) {
        int status = export_write(
            profile, export_list[i],
            arena_format(scratch, "%s/%s", directory, export_list[i]->file_name), scratch, problem);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}
