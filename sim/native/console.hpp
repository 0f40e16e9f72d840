#pragma once

#include <string>

namespace dynstack {

// What the program prints, through the UART or tohost: kept, and passed on to a file descriptor.
class Console {
  public:
    // -1: only kept.
    explicit Console(int descriptor) : descriptor_(descriptor) {}

    void put(char character);
    void flush();
    const std::string& text() const { return text_; }

  private:
    int descriptor_;
    std::string text_;
    std::size_t flushed_ = 0;
};

}  // namespace dynstack
