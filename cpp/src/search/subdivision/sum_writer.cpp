// The sums of a stage's values through the next map. Most values are those of ReLUs that are on:
// then they are rows as they stand, and one pass of a kernel adds many. Others are computed one by
// one.
#include "search/subdivision/sum_writer.hpp"

#include "kernels/row_kernels.hpp"

namespace facetry {

SumWriter::SumWriter(const SearchPlan& plan, PathRows& rows, StackMemory& memory, bool with_outputs)
    : plan_(plan),
      rows_(rows),
      memory_(memory),
      k_(plan.dimension()),
      stages_with_sums_(plan.stage_count() - (with_outputs ? 0 : 1)),
      value_(static_cast<std::size_t>(k_ + 1)) {
  Index most_values = 0;
  for (Index s = 0; s < plan.stage_count(); ++s)
    most_values = std::max(most_values, plan.stage(s).stage->width());
  settled_.resize(static_cast<std::size_t>(most_values));
  settled_values_.resize(settled_.size());
  settled_rows_.resize(static_cast<std::size_t>(most_values * (k_ + 1)));
  direct_.ensure(padded(most_values) + kRowBlock);
}

void SumWriter::add_value(NextSums& sums, Index stage, Index unit, Index piece) {
  if (is_nothing(plan_.stage(stage).units[unit], piece)) return;
  add_pending(sums, stage);
  rows_.value(stage, unit, piece, value_.data());
  grow(sums.scale, value_.data(), k_);
  sums.scale.error = std::max(sums.scale.error, rows_.stage(stage).value_error);
  double* out = own_sums(sums, stage);
  const double* value = value_.data();
  plan_.stage(stage).next->add(sums.planes, out, {&unit, &value, 1, 1}, columns_);
  sums.planes = out;
  sums.own = true;
}

void SumWriter::begin_stage(NextSums& sums, Index stage) {
  sums.scale = {};
  settled_count_ = 0;
  direct_count_ = 0;
  marked_ = nullptr;
  carry_values(stage);
}

void SumWriter::carry_values(Index stage) {
  const std::vector<Index>& carried = plan_.stage(stage).stage->carried;
  if (carried.empty()) return;
  double* out = memory_.take<double>(size_of(carried) * (k_ + 1));
  rows_.stage(stage).carried = out;
  for (const Index from : carried) {
    if (stage == 0) {
      std::copy_n(plan_.inputs() + from * (k_ + 1), k_ + 1, out);
    } else {
      rows_.decided_value(stage - 1, from, out);
    }
    out += k_ + 1;
  }
}

void SumWriter::settle_marked(NextSums& sums, Index stage, const std::uint64_t* above,
                              const RowScale& scale) {
  const StagePlan& plan = plan_.stage(stage);
  const Index words = (plan.into->stride() + 63) / 64;
  for (Index w = 0; w < words; ++w) {
    StateLayout::set_bits(rows_.state().data(), plan.first_unit + w * 64, above[w]);
  }
  const bool any = std::any_of(above, above + words, [](std::uint64_t word) { return word != 0; });
  if (plan.next->has_one_row()) {
    marked_ = above;
  } else {
    direct_count_ = row_kernels().bit_numbers(above, plan.into->stride(), direct_.data());
  }
  sums.scale = scale;
  if (any) sums.scale.error = rows_.stage(stage).value_error;
}

void SumWriter::add_settled(NextSums& sums, Index stage) {
  sums.own = false;
  if (!wants_sums(stage)) return;
  const StagePlan& plan = plan_.stage(stage);
  const StageRows& rows = rows_.stage(stage);
  for (Index c = 0; c < size_of(plan.stage->carried); ++c) {
    double* value = list_value(size_of(plan.units) + c);
    std::copy_n(rows.carried + c * (k_ + 1), k_ + 1, value);
    grow(sums.scale, value, k_);
    sums.scale.error = std::max(sums.scale.error, rows.scale.error);
  }
  double* out = memory_.take<double>(plan.next->size());
  const double* from = plan.next->bias();
  if (marked_ != nullptr) {
    plan.next->add_marked(from, out, rows.pre, plan.into->stride(), marked_);
    from = out;
  }
  if (marked_ == nullptr || direct_count_ > 0) {
    plan.next->add_rows(from, out, rows.pre, plan.into->stride(), direct_.data(), direct_count_);
  }
  if (settled_count_ > 0) {
    plan.next->add(out, out, {settled_.data(), settled_values_.data(), 1, settled_count_},
                   columns_);
  }
  sums.planes = out;
  sums.own = true;
}

void SumWriter::begin_part(const NextSums& sums) {
  direct_count_ = sums.pending_count;
  std::copy_n(sums.pending.data(), sums.pending_count, direct_.data());
  settled_count_ = 0;
}

void SumWriter::add_settled_open(NextSums& sums, Index stage) {
  if (direct_count_ + settled_count_ == 0) return;
  sums.pending_count = 0;
  const StagePlan& plan = plan_.stage(stage);
  double* out = own_sums(sums, stage);
  plan.next->add_rows(sums.planes, out, rows_.stage(stage).pre, plan.into->stride(), direct_.data(),
                      direct_count_);
  for (Index i = 0; i < settled_count_; ++i) grow(sums.scale, settled_values_[i], k_);
  if (settled_count_ > 0) {
    sums.scale.error = std::max(sums.scale.error, rows_.stage(stage).value_error);
    plan.next->add(out, out, {settled_.data(), settled_values_.data(), 1, settled_count_},
                   columns_);
  }
  sums.planes = out;
  sums.own = true;
}

void SumWriter::write_outputs(NextSums& sums, double* out) {
  const MapColumns& output = plan_.output();
  const Index last = plan_.stage_count() - 1;
  if (sums.pending_count > 0 && !output.is_dense()) add_pending(sums, last);
  const double* pre = last < 0 ? nullptr : rows_.stage(last).pre;
  const Index stride = last < 0 ? 0 : plan_.stage(last).into->stride();
  output.write_rows(sums.planes, pre, stride, sums.pending.data(), sums.pending_count, out);
}

}  // namespace facetry
