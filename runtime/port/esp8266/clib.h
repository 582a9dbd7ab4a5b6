// clib.h: with CLIB_TEST the functions of clib.c, print.c and scan.c get the prefix clib_, so that
// a host can compare them with its own library (tests/unit/clib_test.c).

#ifndef FROST_PORT_ESP8266_CLIB_H
#define FROST_PORT_ESP8266_CLIB_H

#include <stdarg.h>
#include <stddef.h>

#ifdef CLIB_TEST
#define getenv clib_getenv
#define memchr clib_memchr
#define memcmp clib_memcmp
#define memcpy clib_memcpy
#define memmove clib_memmove
#define snprintf clib_snprintf
#define strcasecmp clib_strcasecmp
#define strchr clib_strchr
#define strcmp clib_strcmp
#define strcspn clib_strcspn
#define strlen clib_strlen
#define strncasecmp clib_strncasecmp
#define strncmp clib_strncmp
#define strnlen clib_strnlen
#define strpbrk clib_strpbrk
#define strrchr clib_strrchr
#define strspn clib_strspn
#define strstr clib_strstr
#define strtod clib_strtod
#define strtol clib_strtol
#define strtoul clib_strtoul
#define tolower clib_tolower
#define toupper clib_toupper
#define vsnprintf clib_vsnprintf
#endif

// The C standard's functions.
char *getenv(const char *name);
void *memchr(const void *text, int wanted, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);
void *memcpy(void *to, const void *from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
int snprintf(char *out, size_t out_bytes, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int vsnprintf(char *out, size_t out_bytes, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));
int strcasecmp(const char *a, const char *b);
char *strchr(const char *text, int wanted);
int strcmp(const char *a, const char *b);
size_t strcspn(const char *text, const char *set);
size_t strlen(const char *text);
int strncasecmp(const char *a, const char *b, size_t bytes);
int strncmp(const char *a, const char *b, size_t bytes);
size_t strnlen(const char *text, size_t bytes_max);
char *strpbrk(const char *text, const char *set);
char *strrchr(const char *text, int wanted);
size_t strspn(const char *text, const char *set);
char *strstr(const char *text, const char *wanted);
double strtod(const char *text, char **end);
long strtol(const char *text, char **end, int base);
unsigned long strtoul(const char *text, char **end, int base);
int tolower(int c);
int toupper(int c);

#ifdef CLIB_TEST
char *clib_copy_text(char *to, const char *from);
#else
char *clib_copy_text(char *to, const char *from) __asm__("strcpy");
#endif

#endif
