// Staging: the units of a compressed graph are placed as early as their arguments allow; a value
// that is read later is carried from stage to stage.
#include "facetry/network/normal_form.hpp"

#include <algorithm>
#include <numeric>

#include "facetry/base/error.hpp"
#include "network/compression.hpp"
#include "network/input_check.hpp"

namespace facetry {

// Turns a compressed graph into stages. Bases are numbered as in CompressedGraph.
class NormalFormBuilder {
 public:
  explicit NormalFormBuilder(CompressedGraph compressed) : graph_(std::move(compressed)) {}

  void build(NormalForm& form) {
    form.input_size_ = graph_.input_size;
    form.functions_ = graph_.functions;
    form.unit_count_ = size_of(graph_.units);
    order_units();
    find_last_readers();
    std::vector<Index> vector(graph_.input_size);  // the bases that v_{s-1} holds
    std::iota(vector.begin(), vector.end(), Index{0});
    Index first_unit = 0;
    for (Index level = 1; level <= depth_; ++level) {
      form.stages_.push_back(build_stage(level, first_unit, vector));
      first_unit += size_of(form.stages_.back().units);
    }
    form.output_ = map_of(graph_.outputs, vector);
  }

 private:
  Index level_of(Index base) const {
    return base < graph_.input_size ? 0 : graph_.units[base - graph_.input_size].level;
  }

  void order_units() {
    by_level_.resize(graph_.units.size());
    std::iota(by_level_.begin(), by_level_.end(), Index{0});
    std::stable_sort(by_level_.begin(), by_level_.end(), [&](Index a, Index b) {
      return graph_.units[a].level < graph_.units[b].level;
    });
    for (const CompressedUnit& unit : graph_.units) depth_ = std::max(depth_, unit.level);
  }

  // The last stage that reads each base; the output map counts as the stage behind the last.
  void find_last_readers() {
    last_reader_.assign(graph_.input_size + size_of(graph_.units), 0);
    const auto read = [&](const AffineRows::Row& row, Index level) {
      for (Index e = row.begin; e < row.end; ++e) {
        Index& last = last_reader_[graph_.pool.column(e)];
        last = std::max(last, level);
      }
    };
    for (const CompressedUnit& unit : graph_.units) {
      for (const AffineRows::Row& row : unit.arguments) read(row, unit.level);
    }
    for (const AffineRows::Row& row : graph_.outputs) read(row, depth_ + 1);
  }

  // Builds the stage of `level` and replaces `vector` by the bases of its values.
  Stage build_stage(Index level, Index first_unit, std::vector<Index>& vector) {
    Stage stage;
    stage.first_unit = first_unit;
    std::vector<AffineRows::Row> arguments;
    std::vector<Index> values;
    for (const Index u : by_level_) {
      const CompressedUnit& compressed = graph_.units[u];
      if (compressed.level != level) continue;
      Unit unit = compressed.unit;
      unit.first_row = size_of(arguments);
      arguments.insert(arguments.end(), compressed.arguments.begin(), compressed.arguments.end());
      stage.units.push_back(unit);
      values.push_back(graph_.input_size + u);
    }
    for (Index i = 0; i < size_of(vector); ++i) {
      if (last_reader_[vector[i]] <= level) continue;
      stage.carried.push_back(i);
      values.push_back(vector[i]);
    }
    stage.map = map_of(arguments, vector);
    vector = std::move(values);
    return stage;
  }

  AffineMap map_of(const std::vector<AffineRows::Row>& rows, const std::vector<Index>& vector) {
    position_.assign(graph_.input_size + size_of(graph_.units), -1);
    for (Index i = 0; i < size_of(vector); ++i) position_[vector[i]] = i;
    SparseRows sparse;
    Vector bias(size_of(rows));
    for (Index i = 0; i < size_of(rows); ++i) {
      for (Index e = rows[i].begin; e < rows[i].end; ++e) {
        sparse.columns.push_back(position_[graph_.pool.column(e)]);
        sparse.weights.push_back(graph_.pool.weight(e));
      }
      sparse.offsets.push_back(size_of(sparse.columns));
      bias[i] = rows[i].bias;
    }
    return AffineMap(sparse, std::move(bias), size_of(vector));
  }

  CompressedGraph graph_;
  std::vector<Index> by_level_;
  std::vector<Index> last_reader_;
  std::vector<Index> position_;
  Index depth_ = 0;
};

NormalForm::NormalForm(const NeuralGraph& graph, const std::vector<Index>& outputs) {
  NormalFormBuilder(compress(graph, outputs)).build(*this);
}

Index NormalForm::stage_of(Index unit) const {
  Index s = size_of(stages_) - 1;
  while (stages_[s].first_unit > unit) --s;
  return s;
}

NormalForm NormalForm::head(Index stage) const {
  NormalForm result = *this;
  result.output_ = stages_[stage].map;
  result.unit_count_ = stages_[stage].first_unit;
  result.stages_.resize(static_cast<std::size_t>(stage));
  return result;
}

std::vector<Index> NormalForm::piece_counts() const {
  std::vector<Index> counts;
  for (const Stage& stage : stages_) {
    for (const Unit& unit : stage.units) counts.push_back(piece_count(unit));
  }
  return counts;
}

namespace {

constexpr Index kSamplesAtOnce = 256;

// The piece a unit takes for the pre-activations in column `sample`, and its result.
struct UnitValue {
  Index piece;
  double value;
};

UnitValue evaluate_unit(const NormalForm& form, const Unit& unit, const Matrix& pre, Index sample) {
  if (unit.kind == UnitKind::piecewise) {
    const double q = pre(unit.first_row, sample);
    const PiecewiseFunction& function = form.function(unit);
    const Index piece = function.piece_at(q);
    return {piece, function.slope(piece) * q + function.intercept(piece)};
  }
  UnitValue best{0, pre(unit.first_row, sample)};
  for (Index a = 1; a < unit.row_count; ++a) {
    const double q = pre(unit.first_row + a, sample);
    if (q > best.value) best = {a, q};
  }
  return best;
}

// Runs samples (columns of `values`) through the stages; visit(stage, unit, sample, piece) sees
// each unit. Returns the last stage's values.
template <class Visit>
Matrix run_stages(const NormalForm& form, Matrix values, Visit&& visit) {
  Matrix pre;
  for (const Stage& stage : form.stages()) {
    stage.map.multiply(values, pre);
    pre.colwise() += stage.map.bias();
    Matrix next(stage.width(), values.cols());
    for (Index u = 0; u < size_of(stage.units); ++u) {
      for (Index sample = 0; sample < values.cols(); ++sample) {
        const UnitValue result = evaluate_unit(form, stage.units[u], pre, sample);
        next(u, sample) = result.value;
        visit(stage, u, sample, result.piece);
      }
    }
    for (Index c = 0; c < size_of(stage.carried); ++c) {
      next.row(size_of(stage.units) + c) = values.row(stage.carried[c]);
    }
    values = std::move(next);
  }
  return values;
}

}  // namespace

Matrix NormalForm::evaluate(const MatrixView& X) const {
  require_columns(X, input_size_);
  Matrix result(X.rows(), output_size());
  Matrix logits;
  for (Index begin = 0; begin < X.rows(); begin += kSamplesAtOnce) {
    const Index count = std::min(kSamplesAtOnce, X.rows() - begin);
    const Matrix values =
        run_stages(*this, X.middleRows(begin, count).transpose(), [](auto&&...) {});
    output_.multiply(values, logits);
    logits.colwise() += output_.bias();
    result.middleRows(begin, count) = logits.transpose();
  }
  return result;
}

Eigen::Matrix<std::int32_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> NormalForm::states(
    const MatrixView& X) const {
  require_columns(X, input_size_);
  Eigen::Matrix<std::int32_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> result(X.rows(),
                                                                                      unit_count_);
  for (Index begin = 0; begin < X.rows(); begin += kSamplesAtOnce) {
    const Index count = std::min(kSamplesAtOnce, X.rows() - begin);
    run_stages(*this, X.middleRows(begin, count).transpose(),
               [&](const Stage& stage, Index u, Index sample, Index piece) {
                 result(begin + sample, stage.first_unit + u) = static_cast<std::int32_t>(piece);
               });
  }
  return result;
}

}  // namespace facetry
