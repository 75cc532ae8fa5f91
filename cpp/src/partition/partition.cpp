// What follows from a list of regions, computed in chunks by many threads, each chunk on its own.
#include "facetry/partition/partition.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <utility>

#include "base/lengths.hpp"
#include "base/parallel.hpp"
#include "facetry/base/error.hpp"
#include "geometry/face_recursion.hpp"
#include "geometry/vertex_cell.hpp"
#include "network/input_check.hpp"
#include "partition/facet_table.hpp"
#include "partition/locate.hpp"
#include "partition/replay.hpp"
#include "partition/safe_adjacency.hpp"
#include "partition/shared_rows.hpp"
#include "search/subdivision.hpp"
#include "state/block_network.hpp"
#include "state/linearise.hpp"

namespace facetry {

namespace {

constexpr Index kChunk = 256;

// Halfspaces share rows from region to region: so many at a time.
constexpr Index kRowsChunk = 8192;

// A list is searched anew for so many regions at a time, and not for fewer than that.
constexpr Index kReplay = 4096;
constexpr Index kFewRegions = 8;

bool is_maximum(const NormalForm& form, Index unit) {
  const Stage& stage = form.stages()[form.stage_of(unit)];
  return stage.units[unit - stage.first_unit].kind == UnitKind::maximum;
}

Partition::Ragged joined(const std::vector<std::vector<Index>>& lists) {
  Partition::Ragged result;
  for (const std::vector<Index>& list : lists) {
    result.units.insert(result.units.end(), list.begin(), list.end());
    result.offsets.push_back(size_of(result.units));
  }
  return result;
}

}  // namespace

Partition::Partition(std::shared_ptr<const NormalForm> form, std::shared_ptr<const FreeSpace> space,
                     SubdivisionResult&& found, bool ordered)
    : Partition(std::move(form), std::move(space), RegionView(std::move(found.regions)),
                found.termination, ordered, found.exactness) {}

Partition::Partition(std::shared_ptr<const NormalForm> form, std::shared_ptr<const FreeSpace> space,
                     RegionView regions, Termination termination, bool ordered, Exactness exactness)
    : form_(std::move(form)),
      space_(std::move(space)),
      layout_(*form_),
      ids_(*form_),
      list_(std::move(regions)),
      termination_(termination),
      exactness_(exactness),
      ordered_(ordered) {}

void Partition::require_ordered(const char* what) const {
  if (!ordered_) throw InvalidInput(std::string(what) + " needs a partition from a search");
}

std::vector<Origin> Partition::facets_of(Index i) const {
  return {list_.facets.begin() + list_.facet_offsets[i],
          list_.facets.begin() + list_.facet_offsets[i + 1]};
}

// The functions c >= 0 of a region's facets with respect to all inputs, in the order of its facets.
AffineFunctions Partition::facet_functions(Index i) const {
  const std::vector<Boundary> facets = ids_.at(facets_of(i));
  std::vector<Boundary> boundaries;
  for (const Boundary& facet : facets) {
    if (!facet.is_side()) boundaries.push_back(facet);
  }
  AffineFunctions result{Matrix(size_of(facets), space_->input_size()), Vector(size_of(facets))};
  AffineFunctions units;
  if (!boundaries.empty()) {
    units = Lineariser(*form_, layout_).boundaries(list_.state(i), boundaries);
  }
  Index next = 0;
  for (Index f = 0; f < size_of(facets); ++f) {
    if (facets[f].is_side()) {
      RowVector a;
      space_->polytope().side(facets[f].boundary, a, result.offsets[f]);
      result.gradients.row(f) = -a;
    } else {
      result.gradients.row(f) = units.gradients.row(next);
      result.offsets[f] = units.offsets[next++];
    }
  }
  return result;
}

VertexCell Partition::cell(Index i) const {
  return VertexCell(*space_, to_free_rows(facet_functions(i), *space_), facets_of(i));
}

void Partition::models(RegionRange range, int threads, double* coef, double* intercept) const {
  list_.require(range, threads);
  const Index n = form_->output_size();
  const Index m = form_->input_size();
  const BlockNetwork network(*form_, layout_);
  PerThread<BlockPass> passes(threads);
  parallel_chunks(
      range.count(), BlockPass::kMost, threads, [&](Index begin, Index end, int thread) {
        BlockPass& pass = passes.get(thread, [&] { return std::make_unique<BlockPass>(network); });
        pass.set_states(list_.state(range.begin + begin), end - begin);
        pass.models(coef + begin * n * m, intercept + begin * n);
      });
}

void Partition::states(RegionRange range, std::int32_t* out) const {
  list_.require(range);
  for (Index i = range.begin; i < range.end; ++i) {
    for (Index u = 0; u < layout_.units(); ++u) {
      *out++ = static_cast<std::int32_t>(layout_.get(list_.state(i), u));
    }
  }
}

void Partition::interior_points(RegionRange range, double* out) const {
  list_.require(range);
  const Index m = space_->input_size();
  for (Index i = 0; i < range.count(); ++i) {
    const Eigen::Map<const Vector> u(list_.interior_point(range.begin + i), list_.dimension);
    Eigen::Map<Vector>(out + i * m, m) = space_->to_input(u);
  }
}

namespace {

// The halfspaces a . x <= b of the analysis region's sides, each made when it is first asked for.
class SideHalfspaces {
 public:
  explicit SideHalfspaces(const FreeSpace& space) : space_(space) {}

  void write(Index number, double* a, double* b) {
    auto [found, fresh] = known_.try_emplace(number);
    if (fresh) {
      RowVector normal;
      double limit = 0.0;
      space_.polytope().side(number, normal, limit);
      const double length = space_.free_norm(Vector(normal.transpose()));
      found->second = {normal / length, limit / length};
    }
    std::copy_n(found->second.first.data(), space_.input_size(), a);
    *b = found->second.second;
  }

 private:
  const FreeSpace& space_;
  std::map<Index, std::pair<RowVector, double>> known_;
};

// Do the free directions run along inputs? Then the free part of a gradient is some of its entries.
bool along_inputs(const FreeSpace& space) {
  const Matrix& inverse = space.inverse();
  for (Index c = 0; c < inverse.rows(); ++c) {
    if ((inverse.row(c).array() != 0.0).count() != 1) return false;
  }
  return true;
}

}  // namespace

void Partition::halfspaces(RegionRange range, int threads, double* A, double* b) const {
  list_.require(range, threads);
  const Index m = space_->input_size();
  const Index first = list_.facet_offsets[range.begin];
  const bool aligned = along_inputs(*space_);
  const std::vector<Index> free = space_->free_features();
  const auto length_along = [&](const double* gradient) {
    double sum = aligned ? 0.0 : -1.0;
    if (aligned) {
      for (const Index i : free) sum += gradient[i] * gradient[i];
    }
    if (squares_in_range(sum)) return std::sqrt(sum);
    return space_->free_norm(Eigen::Map<const Vector>(gradient, m));
  };
  parallel_chunks(range.count(), kRowsChunk, threads, [&](Index begin, Index end, int) {
    SharedRows rows(*form_, layout_);
    SideHalfspaces sides(*space_);
    for (Index i = range.begin + begin; i < range.begin + end; ++i) {
      rows.move_to(list_.state(i));
      for (Index f = list_.facet_offsets[i]; f < list_.facet_offsets[i + 1]; ++f) {
        double* a = A + (f - first) * m;
        const Boundary facet = ids_.at(list_.facets[f]);
        if (facet.is_side()) {
          sides.write(facet.boundary, a, b + (f - first));
          continue;
        }
        rows.halfspace(facet, length_along, a, b + (f - first));
      }
    }
  });
}

void Partition::volumes(RegionRange range, int threads, double* out) const {
  list_.require(range, threads);
  require_measurable(space_->dimension());
  if (list_.measure_size > 0) {
    const double* volume = list_.measures.data() + range.begin * list_.measure_size;
    for (Index i = 0; i < range.count(); ++i, volume += list_.measure_size) {
      out[i] = *volume * space_->volume_scale();
    }
    return;
  }
  if (space_->dimension() == 0) {
    std::fill_n(out, range.count(), 1.0);
    return;
  }
  const double none = std::numeric_limits<double>::quiet_NaN();
  parallel_chunks(
      range.count(), ordered_ ? kReplay : 16, threads, [&](Index begin, Index end, int) {
        std::fill(out + begin, out + end, none);
        if (ordered_) {
          replay_volumes(*form_, *space_, list_, {range.begin + begin, range.begin + end},
                         exactness_, out + begin);
        }
        for (Index i = begin; i < end; ++i) {
          if (std::isnan(out[i])) out[i] = cell(range.begin + i).volume();
          out[i] *= space_->volume_scale();
        }
      });
}

Matrix Partition::vertices(Index i) const {
  list_.require({i, i + 1});
  if (space_->dimension() == 0) return space_->origin().transpose();
  const VertexCell region = cell(i);
  const std::vector<Index> order = region.vertex_order();
  Matrix result(region.vertex_count(), space_->input_size());
  for (Index v = 0; v < region.vertex_count(); ++v) {
    const Eigen::Map<const Vector> u(region.vertex(order[v]), space_->dimension());
    result.row(v) = space_->to_input(u).transpose();
  }
  return result;
}

// Calls ask(adjacency, i) for each i below `count`, with what says neighbours at the partition's
// level.
template <class Ask>
void Partition::with_adjacency(Index count, int threads, const Ask& ask) const {
  const auto in_chunks = [&](const auto& make) {
    parallel_chunks(count, kChunk, threads, [&](Index begin, Index end, int) {
      auto adjacency = make();
      for (Index i = begin; i < end; ++i) ask(adjacency, i);
    });
  };
  if (exactness_ == Exactness::safe) {
    const SearchPlan plan(*form_, *space_, {}, Exactness::safe);
    in_chunks([&] { return SafeAdjacency(plan, ids_); });
  } else {
    in_chunks([&] { return Adjacency(*form_, *space_, layout_, ids_); });
  }
}

FacetTable Partition::facet_table(RegionRange range, int threads) const {
  require_ordered("the table of facets and neighbours");
  list_.require(range, threads);
  const FacetTableMaker maker(*form_, layout_, ids_, list_, range, touched_of(range, threads));
  const std::vector<Index>& asked = maker.to_be_asked();
  std::vector<std::vector<FacetAcross>> across(asked.size());
  if (!asked.empty()) {
    with_adjacency(size_of(asked), threads, [&](auto& adjacency, Index i) {
      across[i] = adjacency.across(list_.state(asked[i]), facets_of(asked[i]));
    });
  }
  return maker.table(across, [this](const StateWord* state) { return find(state); }, threads);
}

// The regions of a range that a boundary may touch which is no cut of theirs, or of which that is
// not known, ascending. A list that does not say it is searched again, where that pays.
std::vector<Index> Partition::touched_of(RegionRange range, int threads) const {
  std::vector<Index> touched;
  if (list_.contacts_known) {
    const auto first = std::lower_bound(list_.touched.begin(), list_.touched.end(), range.begin);
    touched.assign(first, std::lower_bound(first, list_.touched.end(), range.end));
    return touched;
  }
  std::vector<char> marks(static_cast<std::size_t>(range.count()), char{1});
  if (exactness_ == Exactness::safe && ordered_ && range.count() >= kFewRegions) {
    parallel_chunks(range.count(), kReplay, threads, [&](Index begin, Index end, int) {
      replay_contacts(*form_, *space_, list_, {range.begin + begin, range.begin + end},
                      marks.data() + begin);
    });
  }
  for (Index i = 0; i < range.count(); ++i) {
    if (marks[i] != 0) touched.push_back(range.begin + i);
  }
  return touched;
}

Partition::Ragged Partition::flat_units(RegionRange range, int threads) const {
  list_.require(range, threads);
  std::vector<std::vector<Index>> found(static_cast<std::size_t>(range.count()));
  with_adjacency(range.count(), threads, [&](auto& adjacency, Index i) {
    found[i] = adjacency.flat_units(list_.state(range.begin + i));
  });
  return joined(found);
}

Partition::Ragged Partition::tied_arguments(RegionRange range, const std::vector<Index>& maxima,
                                            int threads) const {
  list_.require(range, threads);
  if (size_of(maxima) != range.count()) throw InvalidInput("one maximum is needed for each region");
  for (const Index unit : maxima) {
    if (unit < 0 || unit >= form_->unit_count() || !is_maximum(*form_, unit)) {
      throw InvalidInput("only maxima have arguments that tie");
    }
  }
  std::vector<std::vector<Index>> found(static_cast<std::size_t>(range.count()));
  with_adjacency(range.count(), threads, [&](auto& adjacency, Index i) {
    found[i] = adjacency.tied_arguments(list_.state(range.begin + i), maxima[i]);
  });
  return joined(found);
}

Partition::Corners Partition::corners(RegionRange range, int threads) const {
  list_.require(range, threads);
  std::vector<Matrix> found(static_cast<std::size_t>(range.count()));
  parallel_chunks(range.count(), kChunk, threads, [&](Index begin, Index end, int) {
    for (Index i = begin; i < end; ++i) found[i] = vertices(range.begin + i);
  });
  Corners result;
  for (const Matrix& points : found) {
    result.offsets.push_back(result.offsets.back() + points.rows());
  }
  result.points.resize(result.offsets.back(), space_->input_size());
  for (Index i = 0; i < range.count(); ++i) {
    result.points.middleRows(result.offsets[i], found[i].rows()) = found[i];
  }
  return result;
}

void Partition::locate(const MatrixView& X, int threads, Index* out) const {
  require_ordered("locate");
  require_columns(X, space_->input_size());
  const bool complete = termination_ == Termination::complete;
  const BlockNetwork network(*form_, layout_);
  PerThread<BlockLocator> locators(threads);
  parallel_chunks(X.rows(), BlockPass::kMost, threads, [&](Index begin, Index end, int thread) {
    BlockLocator& locator = locators.get(
        thread, [&] { return std::make_unique<BlockLocator>(network, *space_, list_, complete); });
    locator.find(X, begin, end - begin, out + begin);
  });
}

Index Partition::find(const StateWord* state) const {
  Index begin = 0;
  Index end = list_.count;
  while (begin < end) {
    const Index middle = begin + (end - begin) / 2;
    list_.require_state(middle);
    const int order = layout_.compare(list_.state(middle), state);
    if (order == 0) return middle;
    if (order < 0) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return -1;
}

std::shared_ptr<Partition> find_partition(const std::shared_ptr<const NormalForm>& form,
                                          const std::shared_ptr<const FreeSpace>& space,
                                          const ListOptions& options) {
  SubdivisionOptions search;
  search.take(options);
  return std::make_shared<Partition>(form, space, subdivide(*form, *space, search));
}

}  // namespace facetry
