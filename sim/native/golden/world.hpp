#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "golden_abi.hpp"
#include "spike.hpp"

namespace golden {

// A translation that the RTL has used: the leaf that it had for an address, whatever the page
// tables hold by now.
struct Path {
    std::uint64_t vaddr;
    std::uint64_t paddr;
    std::uint64_t pte;
    unsigned level;
};

// What Spike's hart sees around it: memory of its own, and devices that answer as they did in the
// RTL.
class World final : public simif_t {
  public:
    explicit World(const GoldenConfig& config);
    ~World() override;
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    void add_device(std::uint64_t base, std::uint64_t bytes) { devices_.push_back({base, bytes}); }
    void set_hart(processor_t& hart) { harts_ = {{config_.hartids.front(), &hart}}; }
    // Device accesses are answered from this record until the next one.
    void set_record(const GoldenRecord& record) { record_ = &record; }

    bool in_dram(std::uint64_t address, std::uint64_t length) const {
        return address >= base_ && address - base_ <= bytes_ - length;
    }
    bool is_device(std::uint64_t address) const;
    void write(std::uint64_t address, const void* from, std::uint64_t length);
    std::uint64_t read64(std::uint64_t address) const;

    // While it is on, what Spike stores through addr_to_mem() is lost: walks that must not set A
    // and D bits.
    void set_read_only(bool on) { read_only_ = on; }

    // Until the next call walks from the table `root` find this path; without one, what memory
    // holds. Spike must not remember anything of the other kind then.
    void lead(std::uint64_t root, const std::optional<Path>& path);

    char* addr_to_mem(reg_t address) override;
    bool mmio_load(reg_t address, std::size_t length, std::uint8_t* bytes) override;
    bool mmio_store(reg_t address, std::size_t length, const std::uint8_t* bytes) override;
    bool mmio_fetch(reg_t, std::size_t, std::uint8_t*) override { return false; }
    void proc_reset(unsigned) override {}
    const cfg_t& get_cfg() const override { return config_; }
    const std::map<std::size_t, processor_t*>& get_harts() const override { return harts_; }
    const char* get_symbol(std::uint64_t) override { return nullptr; }

  private:
    static constexpr unsigned kLevels = 3;
    struct Range {
        std::uint64_t base;
        std::uint64_t bytes;
    };
    struct Word {
        std::uint64_t address;
        std::uint64_t value;
    };

    cfg_t config_;
    std::uint64_t base_;
    std::uint64_t bytes_;
    char* storage_;
    std::vector<Range> devices_;
    std::map<std::size_t, processor_t*> harts_;
    const GoldenRecord* record_ = nullptr;
    char* step_along_path(std::uint64_t address);

    bool read_only_ = false;
    // The path: addresses and contents of its entries, and how far the walk is.
    std::array<Word, kLevels> entries_{};
    unsigned length_ = 0;
    unsigned step_ = 0;
    std::uint64_t end_ = 0;
    std::uint64_t copy_ = 0;
};

}  // namespace golden
