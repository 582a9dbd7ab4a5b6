// soft.h: the compiler's arithmetic helpers that the chip's toolchain leaves to the mask ROM.
//
// Names and meaning are the compiler's (32- and 64-bit division, IEEE 754 single and double). With
// SOFT_TEST the same functions get the prefix soft_, so that a host can compare them with its own
// arithmetic (tests/unit/soft_test.c).
// Reads and writes: nothing. Rounding: to nearest, ties to even. NaNs are quiet; no flags.
// Division by zero: quotient all ones, remainder the dividend.

#ifndef FROST_PORT_ESP8266_SOFT_H
#define FROST_PORT_ESP8266_SOFT_H

#include <stdint.h>

#ifdef SOFT_TEST
#define SOFT(name) soft_##name
#else
#define SOFT(name) __##name
#endif

int32_t SOFT(divsi3)(int32_t a, int32_t b);
uint32_t SOFT(udivsi3)(uint32_t a, uint32_t b);
uint32_t SOFT(umodsi3)(uint32_t a, uint32_t b);
uint64_t SOFT(umulsidi3)(uint32_t a, uint32_t b);
int64_t SOFT(muldi3)(int64_t a, int64_t b);
int64_t SOFT(divdi3)(int64_t a, int64_t b);
uint64_t SOFT(udivdi3)(uint64_t a, uint64_t b);
uint64_t SOFT(umoddi3)(uint64_t a, uint64_t b);

double SOFT(adddf3)(double a, double b);
double SOFT(subdf3)(double a, double b);
double SOFT(muldf3)(double a, double b);
double SOFT(divdf3)(double a, double b);
float SOFT(addsf3)(float a, float b);
float SOFT(subsf3)(float a, float b);
float SOFT(mulsf3)(float a, float b);

// Outside the range of the result: the nearest value of it; NaN gives 0.
int32_t SOFT(fixdfsi)(double a);
uint32_t SOFT(fixunsdfsi)(double a);
uint32_t SOFT(fixunssfsi)(float a);

double SOFT(floatsidf)(int32_t a);
double SOFT(floatunsidf)(uint32_t a);
float SOFT(floatsisf)(int32_t a);
float SOFT(floatunsisf)(uint32_t a);
float SOFT(truncdfsf2)(double a);
double SOFT(extendsfdf2)(float a);

#endif
