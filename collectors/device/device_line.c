// device_line.c: finds records in console text, checks their sums, takes them apart.

#include "collectors/device/device_line.h"

#include <ctype.h>

#define MARK_BYTES 4u // "~F1 "
#define SUM_BYTES 5u
#define SUM_OFFSET 65536u
#define SUM_PRIME 65521u
#define SUM_FACTOR 31u
#define NUMBER_DIGITS_MAX 10u

static bool is_mark(const char *at)
{
    return at[0] == '~' && at[1] == 'F' && isdigit((unsigned char)at[2]) && at[3] == ' ';
}

// Offset of the next mark from `from` on; the length if there is none.
static size_t find_mark(struct text line, size_t from)
{
    for (size_t i = from; i + MARK_BYTES <= line.bytes; i++)
        if (line.data[i] == '~' && is_mark(line.data + i))
            return i;
    return line.bytes;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_sum(const char *digits, uint32_t sum)
{
    uint32_t said = 0;
    for (size_t i = 0; i < SUM_BYTES; i++) {
        int digit = hex_digit(digits[i]);
        if (digit < 0)
            return false;
        said = said * 16 + (uint32_t)digit;
    }
    return said == SUM_OFFSET + sum;
}

// Bytes of a record up to its sum, which ends it: what a terminal has put after it (colours, a
// carriage return) does not matter. The last place where a sum is right counts; 0: there is none.
static size_t find_sum(struct text body)
{
    size_t found = 0;
    uint32_t sum = 0;
    for (size_t i = 0; i + SUM_BYTES < body.bytes; i++) {
        sum = (sum * SUM_FACTOR + (uint8_t)body.data[i]) % SUM_PRIME;
        if (body.data[i] == ' ' && is_sum(body.data + i + 1, sum))
            found = i + 1;
    }
    return found;
}

// ---- fields, each with the blank after it ----

static bool take_number(struct text *rest, uint32_t *number)
{
    uint64_t value = 0;
    size_t i = 0;
    while (i < rest->bytes && i < NUMBER_DIGITS_MAX && isdigit((unsigned char)rest->data[i]))
        value = value * 10 + (uint64_t)(rest->data[i++] - '0');
    if (i == 0 || i >= rest->bytes || rest->data[i] != ' ' || value > UINT32_MAX)
        return false;
    *number = (uint32_t)value;
    *rest = (struct text){rest->data + i + 1, rest->bytes - i - 1};
    return true;
}

static bool take_letter(struct text *rest, char *letter)
{
    if (rest->bytes < 2 || rest->data[1] != ' ')
        return false;
    *letter = rest->data[0];
    *rest = (struct text){rest->data + 2, rest->bytes - 2};
    return true;
}

static bool take_choice(struct text *rest, char yes, char no, bool *is_yes)
{
    char letter;
    if (!take_letter(rest, &letter) || (letter != yes && letter != no))
        return false;
    *is_yes = letter == yes;
    return true;
}

static bool take_place(struct text *rest, enum device_place *place)
{
    bool is_flash;
    if (!take_choice(rest, 'F', 'R', &is_flash))
        return false;
    *place = is_flash ? DEVICE_FLASH : DEVICE_RAM;
    return true;
}

// All of the rest but its last blank.
static bool take_text(struct text *rest, struct device_record *record)
{
    if (rest->bytes == 0 || rest->data[rest->bytes - 1] != ' ')
        return false;
    for (size_t i = 0; i + 1 < rest->bytes; i++) {
        uint8_t c = (uint8_t)rest->data[i];
        if (record->text_bytes == DEVICE_TEXT_BYTES_MAX || c < 0x20 || c > 0x7e)
            return false;
        if (c == '\\') {
            if (i + 3 >= rest->bytes)
                return false;
            int high = hex_digit(rest->data[i + 1]), low = hex_digit(rest->data[i + 2]);
            if (high < 0 || low < 0)
                return false;
            c = (uint8_t)(high << 4 | low);
            i += 2;
        }
        record->text[record->text_bytes++] = (char)c;
    }
    rest->bytes = 0;
    return true;
}

static bool take_fields(struct text *rest, struct device_record *record)
{
    uint32_t *fields = record->fields;
    switch (record->kind) {
    case 'B':
        return take_choice(rest, 'i', 'f', &record->is_integer) && take_number(rest, &fields[0]);
    case 'H':
        return take_number(rest, &fields[0]) && take_number(rest, &fields[1]) &&
               take_number(rest, &fields[2]);
    case 'S':
        return take_place(rest, &record->place);
    case 'T':
        return take_number(rest, &fields[0]) && take_text(rest, record) &&
               record->text_bytes <= fields[0];
    case 'U':
    case 'M':
        return take_text(rest, record);
    case 'E':
    case 'N':
        return take_place(rest, &record->place) && take_number(rest, &fields[0]);
    case 'X':
        return true;
    default:
        return false;
    }
}

static bool parse(struct text body, struct device_record *record)
{
    struct text rest = {body.data, find_sum(body)};
    record->text_bytes = 0;
    return take_number(&rest, &record->sequence) && record->sequence < DEVICE_SEQUENCE_COUNT &&
           take_number(&rest, &record->time_us) && record->time_us >> DEVICE_TIME_BITS == 0 &&
           take_letter(&rest, &record->kind) && take_fields(&rest, record) && rest.bytes == 0;
}

enum device_finding device_line_next(struct text *line, struct device_record *record)
{
    size_t begin = find_mark(*line, 0);
    if (begin == line->bytes)
        return DEVICE_NONE;
    size_t end = find_mark(*line, begin + MARK_BYTES);
    char version = line->data[begin + 2];
    struct text body = {line->data + begin + MARK_BYTES, end - begin - MARK_BYTES};
    *line = (struct text){line->data + end, line->bytes - end};
    if (version != '0' + DEVICE_VERSION)
        return DEVICE_FOREIGN;
    return parse(body, record) ? DEVICE_GOOD : DEVICE_DAMAGED;
}
