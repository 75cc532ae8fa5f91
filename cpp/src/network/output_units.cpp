// Units behind the last stage: their rows are those of the output map, copied or multiplied.
#include "network/output_units.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "facetry/base/error.hpp"

namespace facetry {

namespace {

void require(bool condition, const char* message) {
  if (!condition) throw InvalidInput(message);
}

void check(const OutputUnit& unit, Index outputs) {
  if (unit.kind == UnitKind::maximum) {
    require(unit.outputs.size() >= 2, "a comparison needs two outputs or more");
    require(unit.sign == 1.0 || unit.sign == -1.0, "the sign of a comparison must be 1 or -1");
    require(std::set<Index>(unit.outputs.begin(), unit.outputs.end()).size() == unit.outputs.size(),
            "an output cannot be compared with itself");
    for (const Index output : unit.outputs) {
      require(output >= 0 && output < outputs, "a comparison names an output that does not exist");
    }
    return;
  }
  require(unit.weights.size() == outputs, "a condition needs one weight for each output");
  require(unit.weights.allFinite() && std::isfinite(unit.threshold),
          "the weights and the threshold of a condition must be finite numbers");
}

void check_condition(const OutputUnit& unit, const std::vector<OutputUnit>& units, Index position) {
  if (unit.only_if == -1) return;
  require(unit.kind == UnitKind::maximum, "only a comparison can depend on another one");
  require(unit.only_if >= 0 && unit.only_if < position,
          "a comparison can only depend on an earlier one");
  const OutputUnit& other = units[unit.only_if];
  require(other.kind == UnitKind::maximum && other.only_if == -1 && unit.only_state >= 0 &&
              unit.only_state < size_of(other.outputs),
          "a comparison depends on a state that does not exist");
}

class RowWriter {
 public:
  explicit RowWriter(const AffineMap& map) : map_(map) {}

  void add_output(Index output, double sign) {
    map_.for_row(output, [&](Index j, double weight) {
      rows_.columns.push_back(j);
      rows_.weights.push_back(sign * weight);
    });
    end_row(sign * map_.bias()[output]);
  }

  void add_sum(const Vector& weights, double offset = 0.0) {
    Vector sum = Vector::Zero(map_.columns());
    for (Index i = 0; i < weights.size(); ++i) {
      if (weights[i] == 0.0) continue;
      map_.for_row(i, [&](Index j, double weight) { sum[j] += weights[i] * weight; });
      offset += weights[i] * map_.bias()[i];
    }
    for (Index j = 0; j < sum.size(); ++j) {
      if (sum[j] == 0.0) continue;
      rows_.columns.push_back(j);
      rows_.weights.push_back(sum[j]);
    }
    end_row(offset);
  }

  [[nodiscard]] Index count() const { return size_of(bias_); }

  [[nodiscard]] AffineMap map() const {
    return {rows_, Eigen::Map<const Vector>(bias_.data(), count()), map_.columns()};
  }

 private:
  void end_row(double offset) {
    rows_.offsets.push_back(size_of(rows_.columns));
    bias_.push_back(offset);
  }

  const AffineMap& map_;
  SparseRows rows_;
  std::vector<double> bias_;
};

// The values that an output map reads, ascending.
std::vector<Index> columns_read(const AffineMap& map) {
  std::set<Index> read;
  for (Index row = 0; row < map.rows(); ++row) {
    map.for_row(row, [&](Index j, double) { read.insert(j); });
  }
  return {read.begin(), read.end()};
}

// The same map where these columns stand behind so many others.
AffineMap moved_behind(const AffineMap& map, const std::vector<Index>& columns, Index others) {
  SparseRows rows;
  for (Index row = 0; row < map.rows(); ++row) {
    map.for_row(row, [&](Index j, double weight) {
      const auto at = std::lower_bound(columns.begin(), columns.end(), j) - columns.begin();
      rows.columns.push_back(others + at);
      rows.weights.push_back(weight);
    });
    rows.offsets.push_back(size_of(rows.columns));
  }
  return {rows, map.bias(), others + size_of(columns)};
}

// The output map that gives the first of so many values.
AffineMap first_value(Index width) {
  SparseRows first;
  first.columns = {0};
  first.weights = {1.0};
  first.offsets = {0, 1};
  return AffineMap(first, Vector::Zero(1), width);
}

}  // namespace

NormalForm with_output_units(const NormalForm& form, const std::vector<OutputUnit>& units,
                             bool keep_outputs) {
  require(!units.empty(), "no question about the outputs");
  NormalForm result = form;
  Stage stage;
  stage.first_unit = form.unit_count();
  RowWriter rows(form.output());
  for (const OutputUnit& asked : units) {
    check(asked, form.output_size());
    check_condition(asked, units, size_of(stage.units));
    Unit unit;
    unit.only_if = asked.only_if;
    unit.only_state = asked.only_state;
    unit.kind = asked.kind;
    unit.first_row = rows.count();
    if (asked.kind == UnitKind::maximum) {
      unit.row_count = size_of(asked.outputs);
      for (const Index output : asked.outputs) rows.add_output(output, asked.sign);
    } else {
      unit.function = size_of(result.functions_);
      const double t = asked.threshold;
      result.functions_.push_back({{t}, {0.0, 1.0}, {0.0, -t}});
      rows.add_sum(asked.weights);
    }
    stage.units.push_back(unit);
  }
  stage.map = rows.map();
  if (keep_outputs) {
    stage.carried = columns_read(form.output());
    result.output_ = moved_behind(form.output(), stage.carried, size_of(stage.units));
  } else {
    result.output_ = first_value(stage.width());
  }
  result.unit_count_ += size_of(stage.units);
  result.stages_.push_back(std::move(stage));
  return result;
}

NormalForm with_largest_of(const NormalForm& form, const Matrix& weights, const Vector& offsets) {
  require(weights.rows() >= 2 && offsets.size() == weights.rows(),
          "the largest of two rows or more, an offset each");
  require(weights.cols() == form.output_size(), "there must be one weight for each output");
  require(weights.allFinite() && offsets.allFinite(), "weights and offsets must be finite numbers");
  NormalForm result = form;
  Stage stage;
  stage.first_unit = form.unit_count();
  RowWriter rows(form.output());
  for (Index i = 0; i < weights.rows(); ++i) rows.add_sum(weights.row(i).transpose(), offsets[i]);
  Unit unit;
  unit.kind = UnitKind::maximum;
  unit.row_count = weights.rows();
  stage.units.push_back(unit);
  stage.map = rows.map();
  result.output_ = first_value(stage.width());
  ++result.unit_count_;
  result.stages_.push_back(std::move(stage));
  return result;
}

}  // namespace facetry
