#include "lockstep.hpp"

// The functions of golden_abi.hpp.

#include <exception>
#include <new>

using golden::Lockstep;

struct Golden {
    explicit Golden(const GoldenConfig& config) : lockstep(config) {}
    Lockstep lockstep;
    std::string text;
};

extern "C" {

Golden* golden_make(const GoldenConfig* config) {
    try {
        return new Golden(*config);
    } catch (const std::exception&) {
        return nullptr;
    }
}

void golden_destroy(Golden* model) { delete model; }

void golden_add_device(Golden* model, std::uint64_t base, std::uint64_t bytes) {
    model->lockstep.world().add_device(base, bytes);
}

void golden_load(Golden* model, std::uint64_t address, const void* bytes, std::uint64_t length) {
    model->lockstep.world().write(address, bytes, length);
}

void golden_host_store(Golden* model, std::uint64_t address, std::uint64_t value) {
    model->lockstep.host_store(address, value);
}

void golden_walk(Golden* model, std::uint64_t address, std::uint64_t pte) {
    model->lockstep.walk(address, pte);
}

void golden_set_ssip(Golden* model) { model->lockstep.set_ssip(); }

int golden_step(Golden* model, const GoldenRecord* record) { return model->lockstep.step(*record); }

const char* golden_report(Golden* model) {
    model->text = model->lockstep.report();
    return model->text.c_str();
}

const char* golden_history(Golden* model) {
    model->text = model->lockstep.history();
    return model->text.c_str();
}

const char* golden_exception_name(unsigned kind) { return golden::Exceptions::name(kind); }

std::uint64_t golden_exception_count(Golden* model, unsigned kind) {
    return model->lockstep.exception_count(kind);
}

}  // extern "C"
