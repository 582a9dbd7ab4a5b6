// stringmatch.c: the matcher for Lua patterns, by backtracking.
//
// Reads and writes: see stringmatch.h. A character is read as often as by the firmware's matcher,
//         compiled by gcc -O2 for its chip: what that keeps in a register is not read again.
// Memory: one C frame for each capture, and for each item with a quantifier that is being tried.
// Source: see stringmatch.h; messages of Lua 5.1.
#include "runtime/lib/stringmatch.h"

#include <assert.h>
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "runtime/core/api/lauxlib.h"
#include "runtime/core/str.h"
#include "runtime/lib/charclass.h"
#include "runtime/port/port.h"
#include "runtime/probe/probe.h"

typedef unsigned char byte;

// ---- reads ----

#ifdef FROST_PROBED

static void reads_report(lua_State *L, struct match_reads *reads)
{
    if (reads->next > reads->first)
        PROBE_CONTENT_READ(L, reads->text, reads->first, reads->next - reads->first,
                           CONTENT_MATCH_SUBJECT);
    reads->first = reads->next = 0;
}

static void reads_note(lua_State *L, struct match_reads *reads, const char *at)
{
    size_t index = (size_t)(at - reads->text);
    if (index != reads->next) {
        reads_report(L, reads);
        reads->first = index;
    }
    reads->next = index + 1;
}

// Of a pattern the same few characters are read again and again: they are counted one by one.
static void pattern_note(struct match_state *m, const char *at)
{
    size_t index = (size_t)(at - m->pattern);
    if (index < MATCH_COUNTS)
        m->pattern_counts[index]++;
    else
        PROBE_CONTENT_READ(m->L, m->pattern, index, 1, CONTENT_MATCH_PATTERN);
}

static void pattern_report(struct match_state *m)
{
    for (size_t first = 0, end; first < MATCH_COUNTS; first = end) {
        uint32_t times = m->pattern_counts[first];
        for (end = first; end < MATCH_COUNTS && m->pattern_counts[end] == times; end++)
            m->pattern_counts[end] = 0;
        if (times > 0)
            PROBE_CONTENT_READS(m->L, m->pattern, first, end - first, CONTENT_MATCH_PATTERN, times);
    }
}

#define NOTE_SUBJECT(m, at) reads_note((m)->L, &(m)->subject_reads, at)
#define NOTE_PATTERN(m, at) pattern_note(m, at)

void match_report_reads(struct match_state *m)
{
    reads_report(m->L, &m->subject_reads);
    pattern_report(m);
}

#else

#define NOTE_SUBJECT(m, at) ((void)0)
#define NOTE_PATTERN(m, at) ((void)0)

#endif

// The NUL after the last character may be read as well.
static inline byte subject_at(struct match_state *m, const char *s)
{
    NOTE_SUBJECT(m, s);
    (void)m;
    return (byte)*s;
}

static inline char pattern_at(struct match_state *m, const char *p)
{
    NOTE_PATTERN(m, p);
    (void)m;
    return *p;
}

int match_is_anchored(struct match_state *m)
{
    return pattern_at(m, m->pattern) == '^';
}

void match_init(struct match_state *m, lua_State *L, const char *subject, size_t subject_bytes,
                const char *pattern)
{
    m->L = L;
    m->subject = subject;
    m->subject_end = subject + subject_bytes;
    m->pattern = pattern;
    m->level = 0;
#ifdef FROST_PROBED
    m->subject_reads = (struct match_reads){.text = subject};
    memset(m->pattern_counts, 0, sizeof m->pattern_counts);
#endif
}

// ---- single characters ----

#ifndef FROST_CHIP

// Bits of the class that a small letter names, 0: none. isalnum is a letter or a digit.
static inline unsigned class_bits(byte letter)
{
    static const uint8_t bits['z' - 'a' + 1] = {
        ['a' - 'a'] = CHAR_ALPHA,       ['c' - 'a'] = CHAR_CONTROL,
        ['d' - 'a'] = CHAR_DIGIT,       ['l' - 'a'] = CHAR_LOWER,
        ['p' - 'a'] = CHAR_PUNCTUATION, ['s' - 'a'] = CHAR_SPACE,
        ['u' - 'a'] = CHAR_UPPER,       ['w' - 'a'] = CHAR_ALPHA | CHAR_DIGIT,
        ['x' - 'a'] = CHAR_HEX,
    };
    unsigned idx = (letter | 0x20u) - 'a';
    return idx < sizeof bits && letter >= 'A' ? bits[idx] : 0;
}

// Does the character belong to the class that the letter names? A capital letter is the complement;
// any other character stands for itself.
static inline bool class_has(byte c, byte letter)
{
    unsigned bits = class_bits(letter);
    if (bits != 0)
        return ((char_bits[c] & bits) != 0) == (letter >= 'a');
    if ((letter | 0x20) == 'z')
        return (c == '\0') == (letter == 'z');
    return letter == c;
}

#else

static bool class_has(byte c, byte letter)
{
    int has;
    switch (tolower(letter)) {
    case 'a':
        has = isalpha(c);
        break;
    case 'c':
        has = iscntrl(c);
        break;
    case 'd':
        has = isdigit(c);
        break;
    case 'l':
        has = islower(c);
        break;
    case 'p':
        has = ispunct(c);
        break;
    case 's':
        has = isspace(c);
        break;
    case 'u':
        has = isupper(c);
        break;
    case 'w':
        has = isalnum(c);
        break;
    case 'x':
        has = isxdigit(c);
        break;
    case 'z':
        has = c == '\0';
        break;
    default:
        return letter == c;
    }
    return isupper(letter) ? !has : has != 0;
}

#endif

// End of the set that begins at p, which points after its '[': place after the ']'. A ']' that
// comes first is a member.
static const char *set_end(struct match_state *m, const char *p)
{
    char c = pattern_at(m, p);
    if (c == '^')
        c = pattern_at(m, ++p);
    do {
        if (c == '\0')
            luaL_error(m->L, "malformed pattern (missing ']')");
        char next = pattern_at(m, ++p);
        if (c == MATCH_ESCAPE && next != '\0')
            next = pattern_at(m, ++p); // an escaped ']' does not end the set
        c = next;
    } while (c != ']');
    return p + 1;
}

// End of the item for one character that begins at p: a character, an escape or a set.
static const char *item_end(struct match_state *m, const char *p)
{
    switch (pattern_at(m, p)) {
    case MATCH_ESCAPE:
        if (pattern_at(m, p + 1) == '\0')
            luaL_error(m->L, "malformed pattern (ends with '%%')");
        return p + 2;
    case '[':
        return set_end(m, p + 1);
    default:
        return p + 1;
    }
}

// Is c in the set whose '[' is at p and whose ']' is at last?
static bool set_has(struct match_state *m, byte c, const char *p, const char *last)
{
    bool is_positive = true;
    if (pattern_at(m, p + 1) == '^') {
        is_positive = false;
        p++;
    }
    while (++p < last) {
        byte member = (byte)pattern_at(m, p), next = (byte)pattern_at(m, p + 1);
        if (member == MATCH_ESCAPE) {
            if (class_has(c, next))
                return is_positive;
            p++;
        } else if (next == '-' && p + 2 < last) {
            p += 2;
            if (member <= c && c <= (byte)pattern_at(m, p))
                return is_positive;
        } else if (member == c) {
            return is_positive;
        }
    }
    return !is_positive;
}

// Does the character c fit the item p..end, which begins with `first`?
static inline bool char_fits(struct match_state *m, byte c, char first, const char *p,
                             const char *end)
{
    switch (first) {
    case '.':
        return true;
    case MATCH_ESCAPE:
        return class_has(c, (byte)pattern_at(m, p + 1));
    case '[':
        return set_has(m, c, p, end - 1);
    default:
        return (byte)first == c;
    }
}

// Does the subject's character at s fit the item p..end? False at the end of the subject.
static inline bool item_fits(struct match_state *m, const char *s, const char *p, const char *end)
{
    if (s >= m->subject_end)
        return false;
    byte c = subject_at(m, s);
    return char_fits(m, c, pattern_at(m, p), p, end);
}

// ---- runs of characters ----

#ifdef FROST_PROBED

// How many characters from s on fit the item p..end.
static ptrdiff_t run_length(struct match_state *m, const char *s, const char *p, const char *end)
{
    if (s >= m->subject_end)
        return 0;
    char first = pattern_at(m, p);
    if (first == '.')
        return m->subject_end - s;
    const char *at = s;
    while (at < m->subject_end && char_fits(m, subject_at(m, at), first, p, end))
        at++;
    return at - s;
}

#else

#ifndef FROST_CHIP

// The first place from s on whose character is in one of the classes `bits` (`has` false) or is not
// (`has` true).
static inline const char *skip_class(const struct match_state *m, const char *s, unsigned bits,
                                     bool has)
{
    while (s < m->subject_end && ((char_bits[(byte)*s] & bits) != 0) == has)
        s++;
    return s;
}

#endif

// The first place from s on whose character fits the item p..end (`fits`), or does not.
static const char *skip_until(struct match_state *m, const char *s, const char *p, const char *end,
                              bool fits)
{
    byte first = (byte)*p;
    if (first == MATCH_ESCAPE) {
#ifndef FROST_CHIP
        byte letter = (byte)p[1];
        unsigned bits = class_bits(letter);
        if (bits != 0)
            return skip_class(m, s, bits, (letter >= 'a') != fits);
#endif
    } else if (first == '.') {
        return fits ? s : m->subject_end;
    } else if (first != '[' && fits) {
        const char *found = s < m->subject_end ? memchr(s, first, (size_t)(m->subject_end - s)) : s;
        return found ? found : m->subject_end;
    }
    while (s < m->subject_end && char_fits(m, (byte)*s, (char)first, p, end) != fits)
        s++;
    return s;
}

static ptrdiff_t run_length(struct match_state *m, const char *s, const char *p, const char *end)
{
    return skip_until(m, s, p, end, false) - s;
}

#endif

// ---- parts of a pattern; each gives the end of the match or NULL ----

static const char *match_here(struct match_state *m, const char *s, const char *p);

// Item with * (or +, behind its first character): as many as there are, then fewer until the rest
// fits.
static const char *repeat_most(struct match_state *m, const char *s, const char *p, const char *end)
{
    ptrdiff_t count = run_length(m, s, p, end);
#ifndef FROST_PROBED
    if (end[1] == '\0' && m->depth_left > 0) // nothing else has to fit
        return s + count;
#endif
    for (; count >= 0; count--) {
        const char *result = match_here(m, s + count, end + 1);
        if (result != NULL)
            return result;
    }
    return NULL;
}

// Item with -: as few as the rest allows.
static const char *repeat_least(struct match_state *m, const char *s, const char *p,
                                const char *end)
{
    for (;;) {
        const char *result = match_here(m, s, end + 1);
        if (result != NULL)
            return result;
        if (!item_fits(m, s, p, end))
            return NULL;
        s++;
    }
}

// %bxy: from an x to the y that balances it. p is at the x.
static const char *skip_balanced(struct match_state *m, const char *s, const char *p)
{
    char opening = pattern_at(m, p);
    char closing = opening != '\0' ? pattern_at(m, p + 1) : '\0';
    if (closing == '\0')
        luaL_error(m->L, "unbalanced pattern");
    if (subject_at(m, s) != (byte)opening)
        return NULL;
    for (int open_count = 1; ++s < m->subject_end;) {
        byte c = subject_at(m, s);
        if (c == (byte)closing) {
            if (--open_count == 0)
                return s + 1;
        } else if (c == (byte)opening) {
            open_count++;
        }
    }
    return NULL;
}

// %f[set]: s stands where the set begins to hold. The end of the set, or NULL. p is at the '['.
static const char *check_frontier(struct match_state *m, const char *s, const char *p)
{
    if (pattern_at(m, p) != '[')
        luaL_error(m->L, "missing '[' after '%%f' in pattern");
    const char *end = item_end(m, p);
    byte before = s == m->subject ? '\0' : subject_at(m, s - 1);
    if (set_has(m, before, p, end - 1) || !set_has(m, subject_at(m, s), p, end - 1))
        return NULL;
    return end;
}

static const char *open_capture(struct match_state *m, const char *s, const char *p, ptrdiff_t kind)
{
    assert(lua_profile->captures_max <= LUA_CAPTURES_LIMIT);
    if (m->level >= lua_profile->captures_max)
        luaL_error(m->L, "too many captures");
    m->captures[m->level++] = (struct match_capture){s, kind};
    const char *result = match_here(m, s, p);
    if (result == NULL)
        m->level--;
    return result;
}

static const char *close_capture(struct match_state *m, const char *s, const char *p)
{
    int i = m->level - 1;
    while (i >= 0 && m->captures[i].bytes != CAPTURE_OPEN)
        i--;
    if (i < 0)
        luaL_error(m->L, "invalid pattern capture");
    assert(s >= m->captures[i].start);
    m->captures[i].bytes = s - m->captures[i].start;
    const char *result = match_here(m, s, p);
    if (result == NULL)
        m->captures[i].bytes = CAPTURE_OPEN;
    return result;
}

// %1 to %9: the text of an earlier capture again.
static const char *match_capture_again(struct match_state *m, const char *s, char digit)
{
    int i = digit - '1';
    if (i < 0 || i >= m->level || m->captures[i].bytes == CAPTURE_OPEN)
        luaL_error(m->L, "invalid capture index");
    const struct match_capture *capture = &m->captures[i];
    assert(capture->bytes != CAPTURE_OPEN);
    if (capture->bytes < 0 || m->subject_end - s < capture->bytes)
        return NULL; // a position is no text
    for (ptrdiff_t at = 0; at < capture->bytes; at++)
        if (subject_at(m, s + at) != subject_at(m, capture->start + at))
            return NULL;
    return s + capture->bytes;
}

// The firmware looks at the character before it looks at the quantifier, also where that decides.
#ifdef FROST_PROBED
#define LOOK(m, s, p, end) ((void)item_fits(m, s, p, end))
#else
#define LOOK(m, s, p, end) ((void)0)
#endif

// One step of match_here. True: go on from *s and *p. False: *s is the result.
static bool match_step(struct match_state *m, const char **s, const char **p)
{
    const char *end = item_end(m, *p);
    switch (pattern_at(m, end)) {
    case '?':
        if (item_fits(m, *s, *p, end)) {
            const char *result = match_here(m, *s + 1, end + 1);
            if (result != NULL) {
                *s = result;
                return false;
            }
        }
        *p = end + 1;
        return true;
    case '*':
        LOOK(m, *s, *p, end);
        *s = repeat_most(m, *s, *p, end);
        return false;
    case '+':
        *s = item_fits(m, *s, *p, end) ? repeat_most(m, *s + 1, *p, end) : NULL;
        return false;
    case '-':
        LOOK(m, *s, *p, end);
        *s = repeat_least(m, *s, *p, end);
        return false;
    default:
        if (!item_fits(m, *s, *p, end)) {
            *s = NULL;
            return false;
        }
        ++*s;
        *p = end;
        return true;
    }
}

// Escapes that match more than one character. False if *p is not one of them; else *s and *p
// are moved past it, *s NULL if it does not match.
static bool match_special_escape(struct match_state *m, const char **s, const char **p)
{
    char c = pattern_at(m, *p + 1);
    switch (c) {
    case 'b':
        *s = skip_balanced(m, *s, *p + 2);
        *p += 4;
        return true;
    case 'f': {
        const char *end = check_frontier(m, *s, *p + 2);
        if (end == NULL)
            *s = NULL;
        *p = end;
        return true;
    }
    default:
        if (!isdigit((byte)c))
            return false;
        *s = match_capture_again(m, *s, c);
        *p += 2;
        return true;
    }
}

static const char *match_parts(struct match_state *m, const char *s, const char *p)
{
    while (s != NULL) {
        switch (pattern_at(m, p)) {
        case '\0':
            return s;
        case '(':
            if (pattern_at(m, p + 1) == ')')
                return open_capture(m, s, p + 2, CAPTURE_POSITION);
            return open_capture(m, s, p + 1, CAPTURE_OPEN);
        case ')':
            return close_capture(m, s, p + 1);
        case '$':
            if (pattern_at(m, p + 1) == '\0')
                return s == m->subject_end ? s : NULL;
            break;
        case MATCH_ESCAPE:
            if (match_special_escape(m, &s, &p))
                continue;
            break;
        default:
            break;
        }
        if (!match_step(m, &s, &p))
            return s;
    }
    return NULL;
}

static const char *match_here(struct match_state *m, const char *s, const char *p)
{
    if (m->depth_left-- == 0 || PORT_STACK_IS_SHORT())
        luaL_error(m->L, "pattern too complex");
    const char *result = match_parts(m, s, p);
    m->depth_left++;
    return result;
}

const char *match_at(struct match_state *m, const char *s, const char *p)
{
    assert(s >= m->subject);
    assert(s <= m->subject_end);
    m->level = 0;
    m->depth_left = lua_profile->is_firmware ? MATCH_DEPTH_FIRMWARE : MATCH_DEPTH_PC;
    return match_here(m, s, p);
}

#ifndef FROST_PROBED

const char *match_skip(struct match_state *m, const char *s, const char *p)
{
    while (*p == '(')
        p += p[1] == ')' ? 2 : 1;
    switch (*p) {
    case '\0':
    case ')':
    case '$':
        return s;
    case MATCH_ESCAPE:
        if (p[1] == 'b' || p[1] == 'f' || isdigit((byte)p[1]))
            return s;
        break;
    default:
        break;
    }
    const char *end = item_end(m, p);
    if (*end == '*' || *end == '?' || *end == '-')
        return s;
    return skip_until(m, s, p, end, true);
}

#endif

// ---- results ----

#ifdef FROST_PROBED
// Interning hashes every character of a short text, about 32 spread ones of a long text; what it
// finds is compared, else the text is copied.
static void report_part(lua_State *L, const char *text, size_t first, size_t bytes)
{
    PROBE_CONTENT_READ(L, text, first, bytes / ((bytes >> 5) + 1), CONTENT_SUB);
    if (!probe_may_move(text))
        return;
    if (str_find(L, text + first, bytes))
        PROBE_TEXT_COMPARED(L, text, first, bytes);
    else
        PROBE_TEXT_COPIED(L, text, first, bytes, 0);
}
#else
#define report_part(L, text, first, bytes) ((void)0)
#endif

void match_push_part(lua_State *L, const char *text, size_t first, size_t bytes)
{
    report_part(L, text, first, bytes);
    lua_pushlstring(L, text + first, bytes);
}

void match_push_capture(struct match_state *m, int i, const char *start, const char *end)
{
    if (i >= m->level) {
        if (i != 0)
            luaL_error(m->L, "invalid capture index");
        match_push_part(m->L, m->subject, (size_t)(start - m->subject), (size_t)(end - start));
        return;
    }
    const struct match_capture *capture = &m->captures[i];
    ptrdiff_t first = capture->start - m->subject;
    assert(first >= 0);
    if (capture->bytes == CAPTURE_OPEN)
        luaL_error(m->L, "unfinished capture");
    if (capture->bytes == CAPTURE_POSITION)
        lua_pushinteger(m->L, (lua_Integer)first + 1);
    else
        match_push_part(m->L, m->subject, (size_t)first, (size_t)capture->bytes);
}

int match_push_captures(struct match_state *m, const char *start, const char *end)
{
    int count = m->level == 0 && start != NULL ? 1 : m->level;
    assert(count <= LUA_CAPTURES_LIMIT);
    luaL_checkstack(m->L, count, "too many captures");
    for (int i = 0; i < count; i++)
        match_push_capture(m, i, start, end);
    return count;
}
