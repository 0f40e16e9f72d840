#include "console.h"

#include <stdarg.h>

#include "sbi_call.h"
#include "thread.h"

#define LINE_BYTES 256

// static, because a panic has little stack.
static char line[LINE_BYTES];
static u64 used;
static u64 failing;  // whose thread it is, plus one

static void put(char c) {
    if (used < LINE_BYTES) {
        line[used++] = c;
    }
}

static void put_string(const char* s) {
    while (*s) {
        put(*s++);
    }
}

static void put_number(u64 value, u64 radix) {
    char digits[20];
    u64 n = 0;
    do {
        digits[n++] = "0123456789abcdef"[value % radix];
        value /= radix;
    } while (value);
    while (n) {
        put(digits[--n]);
    }
}

static void format_line(const char* format, va_list args) {
    used = 0;
    for (; *format; format++) {
        if (*format != '%') {
            put(*format);
            continue;
        }
        switch (*++format) {
            case 's':
                put_string(va_arg(args, const char*));
                break;
            case 'u':
                put_number(va_arg(args, u64), 10);
                break;
            case 'x':
                put_string("0x");
                put_number(va_arg(args, u64), 16);
                break;
            default:
                put(*format);
        }
    }
    put('\n');
    sbi_console_write(line, used);
}

void print(const char* format, ...) {
    va_list args;
    va_start(args, format);
    format_line(format, args);
    va_end(args);
}

void fail(u32 code, const char* format, ...) {
    local_irq_disable();
    // the first hart that fails ends the run; a second failure, in the message, goes without one.
    u64 nobody = 0;
    u64 self = (u64)current_thread() + 1;
    if (__atomic_compare_exchange_n(&failing, &nobody, self, false, __ATOMIC_RELAXED,
                                    __ATOMIC_RELAXED)) {
        va_list args;
        va_start(args, format);
        format_line(format, args);
        va_end(args);
    } else if (nobody != self) {
        for (;;) {
            wait_for_interrupt();
        }
    }
    sbi_shutdown(SBI_SRST_REASON_PLATFORM | code);
}
