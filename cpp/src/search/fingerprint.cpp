// A hash over everything that decides the search's tree: network, region, cells, goal and
// tolerances.
#include "search/fingerprint.hpp"

#include <bit>

namespace facetry {

namespace {

class Hash {
 public:
  void add(std::uint64_t word) {
    for (int byte = 0; byte < 8; ++byte) {
      value_ = (value_ ^ ((word >> (8 * byte)) & 0xffu)) * 0x100000001b3u;
    }
  }
  void add(Index number) { add(static_cast<std::uint64_t>(number)); }
  void add(double number) { add(std::bit_cast<std::uint64_t>(number)); }
  void add(const MatrixView& numbers) {
    add(Index{numbers.rows()});
    for (Index i = 0; i < numbers.rows(); ++i) {
      for (Index j = 0; j < numbers.cols(); ++j) add(numbers(i, j));
    }
  }
  void add(const std::vector<double>& numbers) {
    add(size_of(numbers));
    for (const double number : numbers) add(number);
  }
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325u;
};

void add(Hash& hash, const AffineMap& map) {
  hash.add(map.rows());
  hash.add(map.columns());
  hash.add(Matrix(map.bias()));
  for (Index i = 0; i < map.rows(); ++i) {
    map.for_row(i, [&](Index j, double weight) {
      hash.add(j);
      hash.add(weight);
    });
  }
}

void add(Hash& hash, const NormalForm& form) {
  hash.add(form.input_size());
  for (const Stage& stage : form.stages()) {
    add(hash, stage.map);
    for (const Unit& unit : stage.units) {
      hash.add(unit.kind == UnitKind::maximum ? Index{1} : Index{0});
      hash.add(unit.first_row);
      hash.add(unit.row_count);
      hash.add(unit.function);
      hash.add(unit.only_if);
      hash.add(unit.only_state);
    }
    for (const Index value : stage.carried) hash.add(value);
  }
  add(hash, form.output());
  for (const PiecewiseFunction& function : form.functions()) {
    hash.add(function.breakpoints());
    hash.add(function.slopes());
    hash.add(function.intercepts());
  }
}

void add(Hash& hash, const FreeSpace& space) {
  hash.add(Matrix(space.origin()));
  hash.add(space.basis());
  const BoxedRows& constraints = space.constraints();
  hash.add(Matrix(constraints.low));
  hash.add(Matrix(constraints.high));
  hash.add(constraints.rows);
}

}  // namespace

std::uint64_t fingerprint(const NormalForm& form, const FreeSpace& space,
                          const SubdivisionOptions& options) {
  Hash hash;
  hash.add(kTreeVersion);
  add(hash, form);
  add(hash, space);
  hash.add(static_cast<Index>(options.cell));
  hash.add(static_cast<Index>(options.exactness));
  for (const Index state : options.goal.required) hash.add(state);
  hash.add(options.goal.differ_first);
  hash.add(options.goal.differ_second);
  const Tolerances& t = options.tolerances;
  for (const double tolerance :
       {t.cut, t.on_hyperplane, t.zero_gradient, t.simplex_pivot, t.ratio_test}) {
    hash.add(tolerance);
  }
  return hash.value();
}

}  // namespace facetry
