#include "trace.hpp"

#include <string_view>

#include "refusal.hpp"
#include "text.hpp"

#if VM_TRACE_FST
#include "verilated_fst_c.h"
#elif VM_TRACE_VCD
#include "verilated_vcd_c.h"
#endif

namespace dynstack {

#if VM_TRACE_FST
struct Trace::Writer : VerilatedFstC {};
static constexpr std::string_view kSuffix = ".fst";
#elif VM_TRACE_VCD
struct Trace::Writer : VerilatedVcdC {};
static constexpr std::string_view kSuffix = ".vcd";
#else
// Stands in where the model was built without tracing, and is never made.
struct Trace::Writer {
    void open(const char*) {}
    void dump(std::uint64_t) {}
    void close() {}
};
static constexpr std::string_view kSuffix = "";
#endif

Trace::Trace(Model& top, const WaveWindow& window) : top_(top), window_(window) {
    if (kSuffix.empty() || !window.file.ends_with(kSuffix)) {
        throw Refusal(
            text("this model was built to write '%s' files, and waves were asked for as "
                 "%s",
                 kSuffix.data(), window.file.c_str()));
    }
}

Trace::~Trace() { close(); }

void Trace::dump(std::uint64_t time) {
    if (!writer_) {
        writer_ = std::make_unique<Writer>();
#if VM_TRACE_FST || VM_TRACE_VCD
        constexpr int kAllLevels = 99;
        top_.trace(writer_.get(), kAllLevels);
#endif
        writer_->open(window_.file.c_str());
    }
    writer_->dump(time);
}

void Trace::close() {
    if (writer_) writer_->close();
    writer_.reset();
}

}  // namespace dynstack
