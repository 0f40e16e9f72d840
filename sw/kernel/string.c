// What the compiler may call although nobody wrote the call. What it clears or copies so are
// structures of words.
#include <stddef.h>

#include "riscv.h"

static bool is_words(const void* to, const void* from, size_t bytes) {
    return !(((u64)to | (u64)from | bytes) % sizeof(u64));
}

void* memset(void* to, int value, size_t bytes) {
    if (is_words(to, to, bytes)) {
        u64 word = (u8)value * 0x0101010101010101;
        for (u64* at = to; bytes; at++, bytes -= sizeof(word)) {
            *at = word;
        }
        return to;
    }
    for (char* at = to; bytes--; at++) {
        *at = value;
    }
    return to;
}

void* memcpy(void* restrict to, const void* restrict from, size_t bytes) {
    if (is_words(to, from, bytes)) {
        const u64* word = from;
        for (u64* at = to; bytes; at++, bytes -= sizeof(*word)) {
            *at = *word++;
        }
        return to;
    }
    const char* source = from;
    for (char* at = to; bytes--; at++) {
        *at = *source++;
    }
    return to;
}
