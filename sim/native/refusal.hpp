#pragma once

#include <stdexcept>

namespace dynstack {

// Unusable input. The message is a sentence for the person at the terminal: what, where, why.
struct Refusal : std::runtime_error {
    using std::runtime_error::runtime_error;
};

}  // namespace dynstack
