#include "tohost.hpp"

#include "text.hpp"

namespace dynstack {
namespace {

using ull = unsigned long long;

Tohost::Verdict refused(std::string sentence) {
    return {Tohost::Verdict::Kind::kRefused, 1, std::move(sentence)};
}

}  // namespace

Tohost::Verdict Tohost::stored() {
    const std::uint64_t value = shadow_.read64(*tohost_);
    if (value == 0) return {};
    const std::uint64_t command = value >> 48;
    const std::uint64_t payload = value & 0xffff'ffff'ffff;
    // Only there does an odd payload end the run: the console's is a character.
    if (command == 0x0000) {
        return payload & 1 ? Verdict{Verdict::Kind::kExit, payload >> 1, {}} : system_call(payload);
    }
    if (command == 0x0101) {
        console_.put(static_cast<char>(payload));
        host_.request(*tohost_, 0);
        return {};
    }
    return refused(text(
        "the program wrote %#llx to tohost: device %llu, command %llu, is neither a "
        "system call nor the console",
        static_cast<ull>(value), static_cast<ull>(command >> 8), static_cast<ull>(command & 0xff)));
}

// The block holds the number and the arguments, and receives the result.
Tohost::Verdict Tohost::system_call(std::uint64_t block) {
    constexpr std::uint64_t kWrite = 64;
    if (block % 8 != 0 || !shadow_.contains(block, 32)) {
        return refused(
            text("the program wrote %#llx to tohost: no system call can be described "
                 "there, it is not in DRAM or not aligned",
                 static_cast<ull>(block)));
    }
    const std::uint64_t number = shadow_.read64(block);
    const std::uint64_t file = shadow_.read64(block + 8);
    const std::uint64_t buffer = shadow_.read64(block + 16);
    const std::uint64_t length = shadow_.read64(block + 24);
    if (number != kWrite || (file != 1 && file != 2)) {
        return refused(
            text("the program asked for system call %llu on file %llu through tohost: "
                 "only write (64) to 1 and 2 is known",
                 static_cast<ull>(number), static_cast<ull>(file)));
    }
    if (!shadow_.contains(buffer, length)) {
        return refused(
            text("the program asked through tohost to write %llu bytes at %#llx, outside "
                 "DRAM",
                 static_cast<ull>(length), static_cast<ull>(buffer)));
    }
    for (std::uint8_t byte : shadow_.view(buffer, length)) console_.put(static_cast<char>(byte));
    host_.request(block, length);
    host_.request(*tohost_, 0);
    if (fromhost_) host_.request(*fromhost_, 1);
    return {};
}

}  // namespace dynstack
