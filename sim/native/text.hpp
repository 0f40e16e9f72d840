#pragma once

#include <cstdarg>
#include <cstdio>
#include <string>

namespace dynstack {

// printf into a string; g++ 12 has no std::format.
[[gnu::format(printf, 1, 2)]] inline std::string text(const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    va_list measured;
    va_copy(measured, arguments);
    const int length = std::vsnprintf(nullptr, 0, format, measured);
    va_end(measured);
    std::string result(static_cast<std::size_t>(length), '\0');
    std::vsnprintf(result.data(), result.size() + 1, format, arguments);
    va_end(arguments);
    return result;
}

}  // namespace dynstack
