#include "lockstep.hpp"

#include <dlfcn.h>

#include "refusal.hpp"
#include "text.hpp"

namespace dynstack {

namespace {

GoldenFunctions functions_of(const std::string& library) {
    void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) throw Refusal(text("the golden model cannot be loaded: %s", dlerror()));
    GoldenFunctions functions{};
    const auto find = [&](auto& function, const char* name) {
        void* found = dlsym(handle, name);
        if (found == nullptr) throw Refusal(text("%s has no %s", library.c_str(), name));
        function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(found);
    };
    find(functions.make, "golden_make");
    find(functions.destroy, "golden_destroy");
    find(functions.add_device, "golden_add_device");
    find(functions.load, "golden_load");
    find(functions.host_store, "golden_host_store");
    find(functions.walk, "golden_walk");
    find(functions.set_ssip, "golden_set_ssip");
    find(functions.step, "golden_step");
    find(functions.report, "golden_report");
    find(functions.history, "golden_history");
    find(functions.exception_name, "golden_exception_name");
    find(functions.exception_count, "golden_exception_count");
    return functions;
}

}  // namespace

GoldenModel::GoldenModel(const Job& job, const Image& contents, unsigned hart)
    : functions_(functions_of(job.lockstep->library)) {
    const GoldenConfig config{
        .isa = job.lockstep->isa.c_str(),
        .misa = job.lockstep->misa,
        .pmp_entries = job.lockstep->pmp_entries,
        .pmp_bytes = job.lockstep->pmp_bytes,
        .dram_base = job.dram_base,
        .dram_bytes = job.dram_bytes,
        .reset_pc = contents.entry,
        .line_bytes = job.line_bytes,
        .honour_asid = job.strap("honour_asid"),
        .cache_invalid_ptes = job.strap("cache_invalid_ptes"),
        .svadu = job.strap("svadu"),
        .hart = hart,
        .shared = kHarts > 1,
    };
    model_ = functions_.make(&config);
    if (model_ == nullptr) {
        throw Refusal(text("Spike refuses the ISA %s", job.lockstep->isa.c_str()));
    }
    for (const Device& device : job.devices) {
        functions_.add_device(model_, device.base, device.bytes);
    }
    for (const Segment& segment : contents.segments) {
        functions_.load(model_, segment.address, segment.bytes.data(), segment.bytes.size());
    }
}

GoldenModel::~GoldenModel() { functions_.destroy(model_); }

bool GoldenModel::step(const RetirePorts& port, std::uint64_t cycle) {
    const GoldenRecord record{
        .cycle = cycle,
        .pc = port.pc,
        .insn = port.insn,
        .privilege = port.privilege,
        .trap = port.trap,
        .cause = port.cause,
        .tval = port.tval,
        .fetch_paddr = port.fetch_paddr,
        .fetch_pte = port.fetch_pte,
        .fetch_level = port.fetch_level,
        .fetch_translated = port.fetch_translated,
        .rd_valid = port.rd_valid,
        .rd = port.rd,
        .rd_data = port.rd_data,
        .mem_read = port.mem_read,
        .mem_write = port.mem_write,
        .mem_vaddr = port.mem_vaddr,
        .mem_paddr = port.mem_paddr,
        .mem_size = port.mem_size,
        .mem_rdata = port.mem_rdata,
        .mem_wdata = port.mem_wdata,
        .mem_pte = port.mem_pte,
        .mem_level = port.mem_level,
        .mem_translated = port.mem_translated,
    };
    return functions_.step(model_, &record) != 0;
}

}  // namespace dynstack
