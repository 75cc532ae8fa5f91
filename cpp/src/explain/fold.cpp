// Regions come from an ordered stream with their measures and the affine maps of their outputs;
// whoever takes a batch adds it up. What a region contributes is one row of numbers, so that a
// group is one pairwise sum.
#include "facetry/explain/fold.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "base/pairwise_sum.hpp"
#include "facetry/base/error.hpp"
#include "geometry/face_recursion.hpp"
#include "network/output_units.hpp"
#include "search/subdivision.hpp"

namespace facetry {

namespace {

void require_fold(bool condition, const char* message) {
  if (!condition) throw InvalidInput(message);
}

// The network whose last unit says which output is chosen, with the outputs as they are.
NormalForm with_choice(const NormalForm& form, const FoldOptions& options) {
  OutputUnit unit;
  if (options.decision == Query::Decision::threshold) {
    unit.kind = UnitKind::piecewise;
    unit.weights = Vector::Ones(1);
    unit.threshold = options.threshold;
  } else {
    for (Index output = 0; output < form.output_size(); ++output) unit.outputs.push_back(output);
    unit.sign = options.decision == Query::Decision::lowest ? -1.0 : 1.0;
  }
  return with_output_units(form, {unit}, true);
}

// Adds up the regions of batches.
class Folder {
 public:
  Folder(const NormalForm& form, const FreeSpace& space, const FoldOptions& options)
      : options_(options),
        layout_(form),
        choice_unit_(form.unit_count() - 1),
        n_(form.output_size()),
        m_(form.input_size()),
        k_(space.dimension()),
        scale_(space.volume_scale()),
        inverse_(space.inverse()),
        free_(space.free_features()),
        row_(static_cast<std::size_t>(1 + 2 * n_ * m_ + (options.integrals ? n_ + n_ * n_ : 0))),
        gradients_(n_, m_) {}

  void add(const RegionList& batch) {
    for (Index i = 0; i < batch.count; ++i) {
      read(batch, i);
      Group& group = group_of(batch.state(i));
      write_row(batch, i);
      group.sums.add(row_.data());
      const double* gradient = gradients_.data();
      double* lowest = group.lowest.data();
      double* highest = group.highest.data();
      for (Index e = 0; e < n_ * m_; ++e) {
        lowest[e] = std::min(lowest[e], gradient[e]);
        highest[e] = std::max(highest[e], gradient[e]);
      }
      if (!options_.edges.empty()) spread(group);
    }
  }

  [[nodiscard]] std::vector<FoldSums> groups() const {
    std::vector<FoldSums> result;
    for (const auto& [key, group] : groups_) result.push_back(read_sums(key, group));
    return result;
  }

 private:
  struct Group {
    Group(Index size, Index n, Index m, Index bins)
        : sums(size),
          lowest(Matrix::Constant(n, m, std::numeric_limits<double>::infinity())),
          highest(Matrix::Constant(n, m, -std::numeric_limits<double>::infinity())) {
      if (bins > 0) histograms.assign(static_cast<std::size_t>(n * m), PairwiseSum(bins));
    }
    PairwiseSum sums;
    Matrix lowest, highest;
    std::vector<PairwiseSum> histograms;
  };

  void read(const RegionList& batch, Index i) {
    volume_ = batch.measures[i * batch.measure_size] * scale_;
    const double* maps = batch.outputs.data() + i * n_ * (k_ + 1);
    const double* inverse = inverse_.data();
    double* out = gradients_.data();
    for (Index o = 0; o < n_; ++o, maps += k_ + 1, out += m_) {
      std::fill_n(out, m_, 0.0);
      for (Index c = 0; c < k_; ++c) {
        for (Index j = 0; j < m_; ++j) out[j] += maps[c] * inverse[c * m_ + j];
      }
    }
  }

  Group& group_of(const StateWord* state) {
    Index key = 0;
    if (options_.key == FoldKey::choice) key = layout_.get(state, choice_unit_);
    if (options_.key == FoldKey::top_feature) key = top_feature();
    if (group_ != nullptr && key == key_) return *group_;  // mostly that of the region before
    const Index bins = options_.edges.empty() ? 0 : size_of(options_.edges) + 1;
    key_ = key;
    group_ = &groups_.try_emplace(key, size_of(row_), n_, m_, bins).first->second;
    return *group_;
  }

  [[nodiscard]] Index top_feature() const {
    Index top = free_.empty() ? 0 : free_.front();
    double most = -1.0;
    for (const Index j : free_) {
      const double scale = options_.scales.size() > 0 ? options_.scales[j] : 1.0;
      const double size = std::abs(gradients_(options_.output, j) * scale);
      if (size > most) {
        most = size;
        top = j;
      }
    }
    return top;
  }

  void write_row(const RegionList& batch, Index i) {
    double* out = row_.data();
    *out++ = volume_;
    const double* gradient = gradients_.data();
    for (Index e = 0; e < n_ * m_; ++e) out[e] = volume_ * gradient[e];
    out += n_ * m_;
    for (Index e = 0; e < n_ * m_; ++e) out[e] = volume_ * std::abs(gradient[e]);
    out += n_ * m_;
    if (options_.integrals) write_integrals(batch, i, out);
  }

  // With f_a = g_a . u + c_a: of f_a, and of f_a f_b, from the moments.
  void write_integrals(const RegionList& batch, Index i, double* out) const {
    const double* moments = batch.measures.data() + i * batch.measure_size;
    const double* maps = batch.outputs.data() + i * n_ * (k_ + 1);
    for (Index a = 0; a < n_; ++a) out[a] = scale_ * integral(maps + a * (k_ + 1), moments);
    for (Index a = 0; a < n_; ++a) {
      for (Index b = 0; b < n_; ++b) {
        out[n_ + a * n_ + b] = scale_ * product(maps + a * (k_ + 1), maps + b * (k_ + 1), moments);
      }
    }
  }
  [[nodiscard]] double integral(const double* f, const double* moments) const {
    double sum = f[k_] * moments[0];
    for (Index c = 0; c < k_; ++c) sum += f[c] * moments[1 + c];
    return sum;
  }
  [[nodiscard]] double product(const double* f, const double* g, const double* moments) const {
    double sum = f[k_] * g[k_] * moments[0];
    if (k_ == 0) return sum;
    const double* second = moments + 1 + k_;
    for (Index c = 0; c < k_; ++c) {
      sum += (f[c] * g[k_] + f[k_] * g[c]) * moments[1 + c];
      for (Index d = c; d < k_; ++d) {
        sum += (c == d ? f[c] * g[c] : f[c] * g[d] + f[d] * g[c]) * *second++;
      }
    }
    return sum;
  }

  void spread(Group& group) {
    const std::vector<double>& edges = options_.edges;
    std::vector<double> row(edges.size() + 1, 0.0);
    for (Index e = 0; e < n_ * m_; ++e) {
      const double value = gradients_.data()[e];
      auto bin = static_cast<std::size_t>(std::upper_bound(edges.begin(), edges.end(), value) -
                                          edges.begin());
      if (value == edges.back()) --bin;
      row[bin] = volume_;
      group.histograms[static_cast<std::size_t>(e)].add(row.data());
      row[bin] = 0.0;
    }
  }

  [[nodiscard]] FoldSums read_sums(Index key, const Group& group) const {
    const std::vector<double> sums = group.sums.value();
    const auto matrix = [](const double* from, Index rows, Index columns) -> Matrix {
      return Eigen::Map<const Matrix>(from, rows, columns);
    };
    FoldSums result;
    result.key = key;
    result.regions = group.sums.count();
    const double* at = sums.data();
    result.volume = *at++;
    result.weights = matrix(at, n_, m_);
    result.absolute_weights = matrix(at += n_ * m_, n_, m_);
    at += n_ * m_;
    if (options_.integrals) {
      result.outputs = matrix(at, n_, 1);
      result.products = matrix(at + n_, n_, n_);
    }
    result.lowest_weights = group.lowest;
    result.highest_weights = group.highest;
    for (const PairwiseSum& histogram : group.histograms) {
      const std::vector<double> bins = histogram.value();
      result.histograms.insert(result.histograms.end(), bins.begin(), bins.end());
    }
    return result;
  }

  const FoldOptions& options_;
  StateLayout layout_;
  Index choice_unit_;
  Index n_, m_, k_;
  double scale_;
  const Matrix& inverse_;
  std::vector<Index> free_;
  std::vector<double> row_;  // of the region at hand
  Matrix gradients_;
  double volume_ = 0.0;
  std::map<Index, Group> groups_;
  Group* group_ = nullptr;  // that of key_
  Index key_ = 0;
};

}  // namespace

void FoldOptions::validate(Index inputs, Index outputs) const {
  SearchOptions::validate();
  if (key == FoldKey::choice) {
    require_fold(decision != Query::Decision::none, "a choice needs a decision");
    const bool one = decision == Query::Decision::threshold;
    require_fold(one ? outputs == 1 : outputs >= 2,
                 one ? "a threshold needs a single output" : "a choice needs two outputs or more");
    require_fold(std::isfinite(threshold), "the threshold must be a finite number");
  }
  require_fold(output >= 0 && output < outputs, "the output does not exist");
  require_fold(scales.size() == 0 || (scales.size() == inputs && scales.allFinite()),
               "there must be one scale for each input, a finite number");
  require_fold(edges.size() != 1 && std::is_sorted(edges.begin(), edges.end(), std::less_equal<>()),
               "edges must be two ascending numbers or more");
  require_fold(std::all_of(edges.begin(), edges.end(), [](double e) { return !std::isnan(e); }),
               "edges must be numbers");
}

FoldResult fold_regions(const NormalForm& form, const FreeSpace& space,
                        const FoldOptions& options) {
  options.validate(form.input_size(), form.output_size());
  std::optional<NormalForm> longer;
  if (options.key == FoldKey::choice) longer = with_choice(form, options);
  const NormalForm& network = longer ? *longer : form;
  StreamOptions stream;
  stream.search.take(options);
  stream.search.keep_outputs = true;
  stream.search.keep_facets = false;
  stream.search.measures = options.integrals ? Measures::moments : Measures::volumes;
  stream.search.memory_limit = std::nullopt;  // no list is held: what waits has the limit
  stream.batch = 1024;
  if (options.memory_limit) stream.run_ahead = *options.memory_limit;
  Folder folder(network, space, options);
  const StreamEnd end = enumerate(network, space, stream, [&](RegionBatch&& batch) {
    folder.add(batch.regions);
    return true;
  });
  FoldResult result;
  result.termination = end.termination;
  result.exactness = options.exactness;
  result.undecided_count = end.undecided_count;
  result.cells = end.cells;
  result.groups = folder.groups();
  return result;
}

}  // namespace facetry
