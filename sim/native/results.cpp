#include "results.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "refusal.hpp"
#include "text.hpp"

namespace dynstack {
namespace {

using ull = unsigned long long;

void write_file(const std::string& path, const void* bytes, std::size_t length) {
    std::ofstream file(path, std::ios::binary);
    file.write(static_cast<const char*>(bytes), static_cast<std::streamsize>(length));
    if (!file.flush()) {
        throw Refusal(text("%s cannot be written: %s", path.c_str(), std::strerror(errno)));
    }
}

std::string quoted(const std::string& sentence) {
    std::string result = "\"";
    for (const char character : sentence) {
        if (character == '"' || character == '\\') result += '\\';
        if (static_cast<unsigned char>(character) < ' ') {
            result += text("\\u%04x", static_cast<unsigned>(character));
        } else {
            result += character;
        }
    }
    return result + '"';
}

// JSON array of what `element` makes of each item.
template <typename Range>
std::string array(const Range& items, const auto& element) {
    std::string result = "[";
    for (const auto& item : items) {
        if (result.size() > 1) result += ", ";
        result += element(item);
    }
    return result + "]";
}

std::string number(std::uint64_t value) { return text("%llu", static_cast<ull>(value)); }

std::string numbers(const auto& values) { return array(values, number); }

const char* stop_name(Stop stop) {
    switch (stop) {
        case Stop::kFinisher:
            return "finisher";
        case Stop::kTohost:
            return "tohost";
        case Stop::kRefused:
            return "refused";
        case Stop::kMaxCycles:
            return "max_cycles";
        case Stop::kBreakpoint:
            return "breakpoint";
        case Stop::kMismatch:
            return "mismatch";
        case Stop::kCycleLimit:
        case Stop::kNone:
            break;
    }
    return "stopped";
}

std::string hart_json(const HartState& hart) {
    return text("{\"cycles\": %llu, \"instructions\": %llu, \"stalls\": %s, \"events\": %s}",
                static_cast<ull>(hart.total.cycles), static_cast<ull>(hart.total.instructions),
                array(hart.in_window.stalls, [](const auto& row) { return numbers(row); }).c_str(),
                array(hart.in_window.events, [](const auto& row) { return numbers(row); }).c_str());
}

std::string watch_json(const Watched& watch) {
    return text("{\"integral\": %llu, \"minimum\": %llu, \"maximum\": %llu, \"last\": %llu}",
                static_cast<ull>(watch.integral), static_cast<ull>(watch.minimum),
                static_cast<ull>(watch.maximum), static_cast<ull>(watch.last));
}

std::string finding_json(const Oracle::Finding& finding) {
    const auto place = [](std::uint64_t address) {
        return address == Oracle::kNowhere ? "null" : number(address);
    };
    constexpr const char* kKinds[] = {"stale", "harmful", "spurious"};
    constexpr const char* kAccesses[] = {"fetch", "load", "store"};
    return text(
        "{\"kind\": \"%s\", \"after_fence\": %s, \"hart\": %u, \"cycle\": %llu, \"pc\": %llu, "
        "\"access\": \"%s\", \"vaddr\": %llu, \"used_paddr\": %s, \"walked_paddr\": %s, "
        "\"age\": %llu, \"thread\": %llu}",
        kKinds[static_cast<unsigned>(finding.kind)], finding.after_fence ? "true" : "false",
        finding.hart, static_cast<ull>(finding.cycle), static_cast<ull>(finding.pc),
        kAccesses[finding.access], static_cast<ull>(finding.vaddr),
        place(finding.used_paddr).c_str(), place(finding.walked_paddr).c_str(),
        static_cast<ull>(finding.age), static_cast<ull>(finding.thread));
}

// Pairs count before and after the fence.
std::string oracle_json(const Oracle& oracle) {
    const Oracle::Counts& counts = oracle.counts();
    return text("{\"checked\": %llu, \"stale\": %s, \"harmful\": %s, \"spurious\": %s,\n",
                static_cast<ull>(counts.checked), numbers(counts.stale).c_str(),
                numbers(counts.harmful).c_str(), numbers(counts.spurious).c_str()) +
           "  \"findings\": " + array(oracle.findings(), finding_json) + "}";
}

}  // namespace

void write_results(const Machine& machine, const std::string& directory) {
    const Collector& collector = machine.collector();
    const std::vector<Sample>& samples = collector.samples();
    write_file(directory + "/phases.bin", samples.data(), samples.size() * sizeof(Sample));
    const std::string& console = machine.console().text();
    write_file(directory + "/console.txt", console.data(), console.size());
    const Window& window = collector.window();
    const std::string json =
        text("{\"stop\": \"%s\", \"code\": %llu, \"sentence\": %s,\n", stop_name(machine.stop()),
             static_cast<ull>(machine.code()), quoted(machine.sentence()).c_str()) +
        text(" \"cycles_per_second\": %.0f,\n", machine.cycles_per_second()) +
        text(" \"exceptions\": %s,\n",
             machine.replay() ? machine.replay()->exceptions().c_str() : "{}") +
        " \"census\": " + (machine.census() ? machine.census()->json() : "null") + ",\n" +
        " \"oracle\": " + oracle_json(machine.oracle()) + ",\n" +
        text(" \"window\": %s,\n", window.closed()
                                       ? numbers(std::array{window.first(), window.last()}).c_str()
                                       : "null") +
        text(" \"harts\": %s,\n", array(collector.harts(), hart_json).c_str()) +
        text(" \"counters\": %s,\n", numbers(collector.counters()).c_str()) +
        text(" \"watches\": %s}\n", array(collector.watches(), watch_json).c_str());
    // Last: its presence says that the run is complete.
    write_file(directory + "/result.json", json.data(), json.size());
}

}  // namespace dynstack
