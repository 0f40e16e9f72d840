#include "job.hpp"

#include <fstream>
#include <functional>
#include <limits>
#include <map>
#include <sstream>

#include "refusal.hpp"
#include "text.hpp"

namespace dynstack {
namespace {

// The words of one line, after its keyword.
class Line {
  public:
    Line(std::string where, std::istringstream words)
        : where_(std::move(where)), words_(std::move(words)) {}

    std::string word() {
        std::string result;
        if (!(words_ >> result)) fail("is too short");
        return result;
    }

    std::uint64_t number() { return parse(word()); }

    unsigned small() {
        const std::uint64_t value = number();
        if (value > std::numeric_limits<unsigned>::max()) fail("has a number that is too large");
        return static_cast<unsigned>(value);
    }

    // A number, or '-' for none.
    std::optional<std::uint64_t> optional_number() {
        const std::string result = word();
        if (result == "-") return std::nullopt;
        return parse(result);
    }

    template <typename T>
    T choice(const std::map<std::string, T>& values) {
        const auto found = values.find(word());
        if (found == values.end()) fail("has an unknown word");
        return found->second;
    }

    // The rest of the line: file names may contain spaces.
    std::string rest() {
        std::string result;
        std::getline(words_ >> std::ws, result);
        if (result.empty()) fail("is too short");
        return result;
    }

    [[noreturn]] void fail(const char* what) const {
        throw Refusal(text("%s %s", where_.c_str(), what));
    }

  private:
    std::uint64_t parse(const std::string& digits) const {
        std::size_t used = 0;
        std::uint64_t value = 0;
        try {
            value = std::stoull(digits, &used, 0);
        } catch (const std::exception&) {
            used = 0;
        }
        if (used == 0 || used != digits.size()) fail("has a word where a number belongs");
        return value;
    }

    std::string where_;
    std::istringstream words_;
};

const std::map<std::string, PhaseEnd> kPhaseEnds = {
    {"before", PhaseEnd::kBefore}, {"after", PhaseEnd::kAfter}, {"return", PhaseEnd::kReturn}};

const std::map<std::string, WatchKind> kWatchKinds = {{"valid_ptes", WatchKind::kValidPtes},
                                                      {"sum", WatchKind::kSum}};

TimelineProbe& timeline_of(Job& job, const Line& line) {
    if (!job.timeline) line.fail("comes before the timeline that it belongs to");
    return *job.timeline;
}

// Braced initialisers evaluate left to right: the order of the words on the line.
const std::map<std::string, std::function<void(Job&, Line&)>> kKeywords = {
    {"image", [](Job& job, Line& line) { job.image = line.rest(); }},
    {"max_cycles", [](Job& job, Line& line) { job.max_cycles = line.number(); }},
    {"most_unreturned_traps",
     [](Job& job, Line& line) { job.most_unreturned_traps = line.number(); }},
    {"dram",
     [](Job& job, Line& line) {
         job.dram_base = line.number();
         job.dram_bytes = line.number();
         job.line_bytes = line.small();
         job.dram_latency = line.small();
     }},
    {"strap", [](Job& job, Line& line) { job.straps.push_back({line.word(), line.number()}); }},
    {"blob", [](Job& job, Line& line) { job.blobs.push_back({line.number(), line.rest()}); }},
    {"phase",
     [](Job& job, Line& line) {
         job.phases.push_back({line.word(), line.number(), line.number(), line.choice(kPhaseEnds),
                               line.number() != 0, line.optional_number()});
     }},
    {"counter", [](Job& job, Line& line) { job.counters.push_back({line.word(), line.number()}); }},
    {"watch",
     [](Job& job, Line& line) {
         job.watches.push_back(
             {line.word(), line.choice(kWatchKinds), line.number(), line.number()});
     }},
    {"page_list",
     [](Job& job, Line& line) { job.page_lists.push_back({line.number(), line.number()}); }},
    {"window", [](Job& job, Line& line) { job.window = {line.number(), line.number()}; }},
    {"tohost", [](Job& job, Line& line) { job.tohost = line.number(); }},
    {"fromhost", [](Job& job, Line& line) { job.fromhost = line.number(); }},
    {"waves",
     [](Job& job, Line& line) {
         job.waves = WaveWindow{line.number(), line.number(), line.rest()};
     }},
    {"timeline", [](Job& job, Line& line) { job.timeline = TimelineProbe{line.rest(), {}, {}}; }},
    {"mark", [](Job& job, Line& line) { timeline_of(job, line).marks.push_back(line.number()); }},
    {"stores",
     [](Job& job, Line& line) {
         timeline_of(job, line).stores.push_back({line.number(), line.number()});
     }},
    {"census", [](Job& job, Line&) { job.census = true; }},
    {"lockstep",
     [](Job& job, Line& line) {
         job.lockstep = Lockstep{line.number(),      line.number(), line.number(), line.number(),
                                 line.number() != 0, line.word(),   line.rest()};
     }},
    {"device", [](Job& job, Line& line) { job.devices.push_back({line.number(), line.number()}); }},
};

}  // namespace

Job read_job(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw Refusal(text("the job file %s cannot be read", path.c_str()));
    Job job;
    std::string line;
    for (int number = 1; std::getline(file, line); ++number) {
        std::istringstream words(line);
        std::string keyword;
        if (!(words >> keyword)) continue;
        Line rest(text("line %d of %s, '%s',", number, path.c_str(), line.c_str()),
                  std::move(words));
        const auto found = kKeywords.find(keyword);
        if (found == kKeywords.end()) rest.fail("has an unknown keyword");
        found->second(job, rest);
    }
    if (job.image.empty() || job.dram_bytes == 0 || job.line_bytes < 8 || job.max_cycles == 0) {
        throw Refusal(text("the job file %s must give image, dram and max_cycles", path.c_str()));
    }
    return job;
}

}  // namespace dynstack
