// What follows from a list of regions, computed in chunks by many threads, each chunk on its own.
#include "facetry/partition/partition.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "base/parallel.hpp"
#include "facetry/base/error.hpp"
#include "geometry/face_recursion.hpp"
#include "geometry/vertex_cell.hpp"
#include "network/input_check.hpp"
#include "partition/locate.hpp"
#include "partition/replayed_volumes.hpp"
#include "partition/safe_adjacency.hpp"
#include "search/subdivision.hpp"
#include "state/block_network.hpp"
#include "state/linearise.hpp"

namespace facetry {

namespace {

constexpr Index kChunk = 256;

// Volumes are found by a search anew for so many regions at a time.
constexpr Index kReplay = 4096;

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

void Partition::halfspaces(RegionRange range, int threads, double* A, double* b) const {
  list_.require(range, threads);
  const Index m = space_->input_size();
  const Index first = list_.facet_offsets[range.begin];
  parallel_chunks(range.count(), kChunk, threads, [&](Index begin, Index end, int) {
    for (Index i = range.begin + begin; i < range.begin + end; ++i) {
      const AffineFunctions functions = facet_functions(i);
      const Index at = list_.facet_offsets[i] - first;
      for (Index f = 0; f < functions.offsets.size(); ++f) {
        const Vector gradient = functions.gradients.row(f).transpose();
        const double length = space_->free_norm(gradient);
        Eigen::Map<Vector>(A + (at + f) * m, m) = -gradient / length;
        b[at + f] = functions.offsets[f] / length;
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
  std::vector<std::vector<FacetAcross>> across(static_cast<std::size_t>(range.count()));
  with_adjacency(range.count(), threads, [&](auto& adjacency, Index i) {
    across[i] = adjacency.across(list_.state(range.begin + i), facets_of(range.begin + i));
  });
  FacetTable table;
  for (Index i = 0; i < range.count(); ++i) {
    const std::vector<Origin> facets = facets_of(range.begin + i);
    table.origins.insert(table.origins.end(), facets.begin(), facets.end());
    for (const FacetAcross& facet : across[i]) {
      table.neighbors.push_back(facet.state.empty() ? -1 : find(facet.state.data()));
      table.tight.insert(table.tight.end(), facet.tight.begin(), facet.tight.end());
      table.tight_offsets.push_back(size_of(table.tight));
      table.changes.insert(table.changes.end(), facet.changes.begin(), facet.changes.end());
      table.change_offsets.push_back(size_of(table.changes));
    }
    table.offsets.push_back(size_of(table.origins));
    across[i] = {};
  }
  return table;
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
