#include "console.hpp"

#include <unistd.h>

namespace dynstack {

void Console::put(char character) {
    text_.push_back(character);
    if (character == '\n') flush();
}

void Console::flush() {
    while (descriptor_ >= 0 && flushed_ < text_.size()) {
        const ssize_t written =
            ::write(descriptor_, text_.data() + flushed_, text_.size() - flushed_);
        if (written <= 0) {
            descriptor_ = -1;  // nobody listens any more
            return;
        }
        flushed_ += static_cast<std::size_t>(written);
    }
}

}  // namespace dynstack
