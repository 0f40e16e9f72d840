// Messages for people, over the SBI console.
#pragma once

#include "riscv.h"

// codes that the run ends with, through the test finisher.
#define EXIT_PANIC 1
#define EXIT_UNUSABLE_WORKLOAD 2

// %s: string, %u: u64 in decimal, %x: u64 in hexadecimal with 0x.
void print(const char* format, ...);

// prints, then ends the run with the code.
void fail(u32 code, const char* format, ...) __attribute__((noreturn));

#define panic(...) fail(EXIT_PANIC, "panic: " __VA_ARGS__)
