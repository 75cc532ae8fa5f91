// A descent that retraces the way to a state lists the region at its end, and stops there.
#include "search/regions_of_states.hpp"

#include <atomic>
#include <limits>
#include <memory>

#include "base/parallel.hpp"
#include "facetry/base/error.hpp"
#include "network/input_check.hpp"
#include "search/cell_choice.hpp"
#include "search/subdivision/subdivision_search.hpp"

namespace facetry {

namespace {

constexpr Index kChunk = 8;  // states that a thread takes at a time

class Finder {
 public:
  virtual ~Finder() = default;
  virtual void find(const StateWord* state, RegionList& out) = 0;
};

template <class F>
class FinderWith : public Finder, private SearchHost {
 public:
  explicit FinderWith(const SearchPlan& plan)
      : words_(plan.layout().words()), search_(plan, *this, options()) {}

  void find(const StateWord* state, RegionList& out) override {
    Interval interval;
    interval.after.assign(state, state + words_);
    static_cast<void>(search_.run(interval, out));
  }

 private:
  bool keep_going(double) override { return true; }
  void take_work(Interval&&) override {}
  bool batch_full(RegionList&) override { return true; }

  DescentOptions options() {
    DescentOptions options;
    options.batch = std::numeric_limits<Index>::max();
    options.idle = &nobody_;
    options.only_start = true;
    return options;
  }

  std::atomic<int> nobody_{0};
  Index words_;
  SubdivisionSearch<F> search_;
};

using MakeFinder = std::unique_ptr<Finder> (*)(const SearchPlan&);

template <class F>
std::unique_ptr<Finder> make(const SearchPlan& plan) {
  return std::make_unique<FinderWith<F>>(plan);
}

MakeFinder finder_with(CellKind kind, Index dimension) {
  return with_cells(kind, dimension, []<class F>() -> MakeFinder { return &make<F>; });
}

}  // namespace

RegionList regions_of_states(const NormalForm& form, const FreeSpace& space,
                             const std::vector<StateWord>& states, Index count,
                             const SearchOptions& options) {
  options.validate();
  require_searchable(form, space);
  if (space.dimension() == 0)
    throw InvalidInput("the analysis region is a point: it has no region with room");
  const SearchPlan plan(form, space, options.tolerances, options.exactness);
  const Index words = plan.layout().words();
  if (size_of(states) != count * words) throw InvalidInput("states have another number of words");
  RegionList empty;
  empty.words = words;
  empty.dimension = space.dimension();
  std::vector<RegionList> parts(static_cast<std::size_t>(count), empty);
  std::vector<std::unique_ptr<Finder>> finders(static_cast<std::size_t>(options.control.threads));
  const MakeFinder make_finder = finder_with(options.cell, space.dimension());
  parallel_chunks(count, kChunk, options.control.threads, [&](Index begin, Index end, int thread) {
    if (!finders[thread]) finders[thread] = make_finder(plan);
    for (Index i = begin; i < end; ++i) finders[thread]->find(states.data() + i * words, parts[i]);
  });
  RegionList result = empty;
  for (const RegionList& part : parts) {
    if (part.count != 1) throw InvalidInput("a state has no region with room");
    result.append(part);
  }
  return result;
}

}  // namespace facetry
