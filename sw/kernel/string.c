// What the compiler may call although nobody wrote the call.
#include <stddef.h>

void* memset(void* to, int value, size_t bytes) {
    for (char* at = to; bytes--; at++) {
        *at = value;
    }
    return to;
}

void* memcpy(void* restrict to, const void* restrict from, size_t bytes) {
    const char* source = from;
    for (char* at = to; bytes--; at++) {
        *at = *source++;
    }
    return to;
}
