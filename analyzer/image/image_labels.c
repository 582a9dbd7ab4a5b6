// image_labels.c: words for the labels of bytes.

#include "analyzer/image/image_reader.h"

const char *image_label_name(enum image_label label)
{
    static const char *const names[] = {
#define LABEL_NAME(name, text) text,
        IMAGE_LABELS(LABEL_NAME)
#undef LABEL_NAME
    };
    return (unsigned)label < IMAGE_LABEL_COUNT ? names[label] : "?";
}
