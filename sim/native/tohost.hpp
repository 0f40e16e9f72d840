#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "console.hpp"
#include "host_port.hpp"
#include "memory.hpp"

namespace dynstack {

// The host side of HTIF, the way in which Spike's programs report and print.
//
// An odd value ends the run with the code value >> 1. An even one is a command: device 1, command
// 1 prints a character; device 0, command 0 points to a system call of which `write` is known.
class Tohost {
  public:
    // What a value asks of the run.
    struct Verdict {
        enum class Kind { kGoOn, kExit, kRefused } kind = Kind::kGoOn;
        std::uint64_t code = 0;
        std::string sentence;
    };

    Tohost(std::optional<std::uint64_t> tohost, std::optional<std::uint64_t> fromhost,
           const Memory& shadow, Console& console, HostPort& host)
        : tohost_(tohost), fromhost_(fromhost), shadow_(shadow), console_(console), host_(host) {}

    // A store writes the low half of tohost, where every command and verdict has its last word.
    bool hit(std::uint64_t address, std::uint64_t length) const {
        return tohost_ && address < *tohost_ + 4 && address + length > *tohost_;
    }

    // Called after such a store has reached the shadow memory.
    Verdict stored();

  private:
    Verdict system_call(std::uint64_t block);

    std::optional<std::uint64_t> tohost_;
    std::optional<std::uint64_t> fromhost_;
    const Memory& shadow_;
    Console& console_;
    HostPort& host_;
};

}  // namespace dynstack
