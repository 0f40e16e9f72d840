#pragma once

#include "golden_abi.hpp"
#include "spike.hpp"

namespace golden {

// Takes CSRs out of Spike that the RTL does not have, and replaces those that hold something else
// there: by design, and as docs/hart.md lists them.
void make_like_the_rtl(processor_t& processor, const GoldenConfig& config);

}  // namespace golden
