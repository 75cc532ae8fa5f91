// Verification: points first, then an exact search of each alternative for the largest margin, in
// two rounds: a quick one, and one for what it left, with many more points in between. Time is
// shared evenly by what is left.
#include "facetry/explain/verify.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <memory>
#include <numeric>
#include <optional>

#include "base/infinity.hpp"
#include "base/rounding.hpp"
#include "explain/margin_points.hpp"
#include "facetry/base/error.hpp"
#include "facetry/explain/optimise.hpp"
#include "facetry/partition/partition.hpp"
#include "network/input_check.hpp"
#include "network/output_units.hpp"
#include "search/subdivision.hpp"

namespace facetry {

void VerifyOptions::validate() const {
  SearchOptions::validate();
  if (!(quick_seconds >= 0.0)) throw InvalidInput("quick_seconds must be a number >= 0");
  if (climbers < 0) throw InvalidInput("climbers must not be negative");
  if (samples < 0) throw InvalidInput("samples must not be negative");
}

namespace {

using Clock = Control::Clock;
using Seconds = std::optional<double>;  // none: no limit

constexpr double kClimbingParts =
    4.0;                          // many points climb for at most one of so many parts of the time
constexpr Index kTogether = 256;  // so many of them at once

// One alternative of one box, with sample points.
struct Part {
  const PropertyCase* box;
  std::shared_ptr<const FreeSpace>* space;  // of the box, once a search needs it
  const Conjunction* conjunction;
  std::shared_ptr<const Matrix> points;  // of the box
  std::vector<Index> promising;
};

// What is known of it.
struct Outcome {
  std::optional<Witness> witness;
  double bound = kInfinity;
  Termination termination = Termination::time_limit;
  bool touches = false;
};

// What the exact search found, in terms of the margin.
struct Found {
  Vector point;
  double bound = kInfinity;
  Termination termination = Termination::complete;
};

Matrix rows_of(const Matrix& points, const std::vector<Index>& which) {
  Matrix rows(size_of(which), points.cols());
  for (Index i = 0; i < size_of(which); ++i) rows.row(i) = points.row(which[i]);
  return rows;
}

class Verifier {
 public:
  Verifier(const NormalForm& form, const VerifyOptions& options) : form_(form), options_(options) {}

  Verification run(const std::vector<PropertyCase>& cases) {
    for (const PropertyCase& box : cases) {
      if (try_samples(box)) return result();
    }
    for (const Part& part : parts_) {
      if (try_climbing(part, part.promising)) return result();
    }
    outcomes_.resize(parts_.size());
    if (search_all(options_.quick_seconds) || try_many_points()) return result();
    if (seconds_left() != 0.0) static_cast<void>(search_all({}));
    return result();
  }

 private:
  // Time and cancellation
  // ------------------------------------------------------------------------------

  [[nodiscard]] Seconds seconds_left() const {
    if (!options_.control.deadline) return {};
    return std::max(
        0.0, std::chrono::duration<double>(*options_.control.deadline - Clock::now()).count());
  }
  // An even share of the time that is left, at most `most`.
  [[nodiscard]] Seconds share(double parts, Seconds most) const {
    const Seconds left = seconds_left();
    if (!left) return most;
    return most ? std::min(*most, *left / parts) : *left / parts;
  }
  [[nodiscard]] static std::optional<Clock::time_point> end_of(Seconds seconds) {
    if (!seconds) return {};
    return Clock::now() +
           std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(*seconds));
  }
  // Asked before every step of points that climb.
  [[nodiscard]] bool go_on() {
    const auto& keep_going = options_.control.keep_going;
    cancelled_ = cancelled_ || (keep_going && !keep_going({}));
    return !cancelled_ && seconds_left() != 0.0;
  }

  // Points
  // -----------------------------------------------------------------------------------------------

  // True: one of the box's samples is a witness. Else its parts are kept.
  bool try_samples(const PropertyCase& box) {
    const auto points = std::make_shared<const Matrix>(starting_points(box, options_.samples));
    const Matrix outputs = form_.evaluate(*points);
    for (const Conjunction& conjunction : box.alternatives) {
      witness_ = first_witness(form_, conjunction, *points, outputs, options_.tolerances);
      if (witness_) return true;
      parts_.push_back({&box, &spaces_[&box], &conjunction, points,
                        most_promising(margins(conjunction, outputs), options_.climbers)});
    }
    return false;
  }

  bool try_climbing(const Part& part, const std::vector<Index>& which) {
    if (which.empty() || cancelled_) return false;
    witness_ = climb(form_, *part.box, *part.conjunction, rows_of(*part.points, which),
                     options_.control.threads, options_.tolerances, [this] { return go_on(); });
    return witness_.has_value();
  }

  // From all samples of what is undecided, in the order of sampling: those with large margins often
  // climb to the same place.
  bool try_many_points() {
    const auto end = end_of(share(kClimbingParts, {}));
    Index most = 0;
    for (const Part& part : parts_) most = std::max(most, static_cast<Index>(part.points->rows()));
    for (Index start = 0; start < most; start += kTogether) {
      for (std::size_t i = 0; i < parts_.size(); ++i) {
        if (outcomes_[i].termination != Termination::time_limit) continue;
        if (cancelled_ || (end && Clock::now() >= *end)) return false;
        const Index count =
            std::min(kTogether, static_cast<Index>(parts_[i].points->rows()) - start);
        std::vector<Index> which(static_cast<std::size_t>(std::max(count, Index{0})));
        std::iota(which.begin(), which.end(), start);
        if (try_climbing(parts_[i], which)) return true;
      }
    }
    return false;
  }

  // The exact search
  // -------------------------------------------------------------------------------------

  // Searches what is undecided, each for at most so long. True: there is no need to go on.
  bool search_all(Seconds most) {
    std::vector<std::size_t> left;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      if (outcomes_[i].termination == Termination::time_limit) left.push_back(i);
    }
    for (std::size_t done = 0; done < left.size(); ++done) {
      if (seconds_left() == 0.0) return false;  // what is not searched is left open
      Outcome& outcome = outcomes_[left[done]];
      const double before = outcome.bound;
      outcome = search(parts_[left[done]], share(static_cast<double>(left.size() - done), most));
      outcome.bound = std::min(outcome.bound, before);
      if (outcome.witness) witness_ = outcome.witness;
      cancelled_ = cancelled_ || outcome.termination == Termination::cancelled;
      if (witness_ || cancelled_) return true;
    }
    return left.empty();
  }

  // Decides one alternative. Where it is touched from below, several conditions are searched once
  // more, up to 0.
  Outcome search(const Part& part, Seconds seconds) {
    if (*part.space == nullptr) {
      const Vector& low = part.box->low;
      *part.space = std::make_shared<const FreeSpace>(
          InputPolytope{low, part.box->high, Matrix(0, low.size()), Vector(0)},
          options_.tolerances);
    }
    const std::shared_ptr<const FreeSpace>& space = *part.space;
    const auto end = end_of(seconds);
    const bool one = part.conjunction->thresholds.size() == 1;
    Outcome outcome;
    for (const bool closest : {false, true}) {
      const NormalForm* form = &form_;
      std::optional<NormalForm> joined;
      if (!one) {
        joined = with_largest_of(form_, -part.conjunction->weights, part.conjunction->thresholds);
        form = &*joined;
      }
      const Found found = largest_margin(*form, *space, *part.conjunction, end, closest);
      outcome.bound = std::min(outcome.bound, found.bound);
      outcome.termination = found.termination;
      if (outcome.bound < 0.0) {
        outcome.termination = Termination::complete;
        return outcome;
      }
      outcome.witness = witness_near(*form, space, part, found);
      if (outcome.witness || found.termination != Termination::complete) return outcome;
      if (one) break;
    }
    outcome.touches = true;
    return outcome;
  }

  // Looks for a point with a margin from 0, or for a proof that there is none: a bound below 0. A
  // single condition is searched on the network itself, so that nothing is rounded on the way; of
  // several, the largest of what they lack.
  Found largest_margin(const NormalForm& form, const FreeSpace& space,
                       const Conjunction& conjunction, const std::optional<Clock::time_point>& end,
                       bool closest) {
    const bool one = conjunction.thresholds.size() == 1;
    const double room =
        one ? touching(conjunction, options_.tolerances) : room_of(space, conjunction);
    OptimiseOptions search;
    search.take(options_);
    search.control.deadline = end;
    search.gap = options_.tolerances.touching_margin;
    search.target = one ? conjunction.thresholds[0] : (closest ? 0.0 : -room);
    const Vector objective =
        one ? Vector(conjunction.weights.row(0).transpose()) : Vector::Constant(1, -1.0);
    const Optimum optimum = maximise(form, space, objective, search);
    cells_ += optimum.cells;
    const double margin = one ? optimum.bound - conjunction.thresholds[0] : optimum.bound;
    const bool proven = one ? optimum.bound < conjunction.thresholds[0] : optimum.bound < -room;
    return {optimum.point, proven ? margin : std::max(margin, 0.0), optimum.termination};
  }

  // How far below 0 several margins must stay for a proof: their weights were multiplied into the
  // last map and rounded there, which moves them by roundings of what the outputs are added up
  // from.
  [[nodiscard]] double room_of(const FreeSpace& space, const Conjunction& conjunction) const {
    const Vector terms = conjunction.weights.cwiseAbs() * largest_outputs(form_, space);
    const double most = (terms + conjunction.thresholds.cwiseAbs()).maxCoeff();
    return std::max(touching(conjunction, options_.tolerances),
                    2.0 * rounding_of(form_.output_size() + 8) * most);
  }

  // A witness at the point that the exact search found, or at the corners of its region: the margin
  // is linear there and largest at a corner, so what is only touched is touched there.
  std::optional<Witness> witness_near(const NormalForm& form,
                                      const std::shared_ptr<const FreeSpace>& space,
                                      const Part& part, const Found& found) {
    if (found.point.size() == 0) return std::nullopt;
    const Matrix point = found.point.cwiseMax(part.box->low).cwiseMin(part.box->high).transpose();
    if (auto witness = check(part, point)) return witness;
    if (space->dimension() < 1 || space->dimension() > kMostVolumeDimensions) return std::nullopt;
    Matrix corners;
    try {
      SearchOptions one = options_;
      one.control = {};
      corners = validity_regions(std::make_shared<const NormalForm>(form), space,
                                 found.point.transpose(), one)
                    ->vertices(0);
    } catch (const NumericalError&) {  // too thin for double precision: nothing is claimed
      return std::nullopt;
    }
    for (Index i = 0; i < corners.rows(); ++i) {
      corners.row(i) =
          corners.row(i).cwiseMax(part.box->low.transpose()).cwiseMin(part.box->high.transpose());
    }
    return check(part, corners);
  }

  std::optional<Witness> check(const Part& part, const Matrix& points) {
    return first_witness(form_, *part.conjunction, points, form_.evaluate(points),
                         options_.tolerances);
  }

  [[nodiscard]] Verification result() const {
    Verification result;
    result.cells = cells_;
    if (witness_) {
      result.answer = Verification::Answer::sat;
      result.witness = witness_->point;
      result.outputs = witness_->outputs;
      return result;
    }
    result.bound = outcomes_.empty() && parts_.empty() ? -kInfinity : kInfinity;
    if (!outcomes_.empty()) result.bound = -kInfinity;
    for (const Outcome& outcome : outcomes_) result.bound = std::max(result.bound, outcome.bound);
    result.answer = Verification::Answer::unsat;
    for (const Outcome& outcome : outcomes_) {
      if (outcome.termination == Termination::complete && !outcome.touches) continue;
      result.answer = Verification::Answer::unknown;
      result.termination = cancelled_ ? Termination::cancelled : outcome.termination;
      result.touches = outcome.touches && !cancelled_;
      break;
    }
    return result;
  }

  const NormalForm& form_;
  const VerifyOptions& options_;
  std::map<const PropertyCase*, std::shared_ptr<const FreeSpace>> spaces_;
  std::vector<Part> parts_;
  std::vector<Outcome> outcomes_;  // of the parts
  std::optional<Witness> witness_;
  Index cells_ = 0;
  bool cancelled_ = false;
};

void check_case(const NormalForm& form, const PropertyCase& box) {
  const auto require = [](bool condition, const char* message) {
    if (!condition) throw InvalidInput(message);
  };
  require(box.low.size() == form.input_size() && box.high.size() == form.input_size(),
          "a box needs a low and a high limit for each input");
  require(box.low.allFinite() && box.high.allFinite(),
          "the limits of a box must be finite numbers");
  require((box.low.array() <= box.high.array()).all(), "a box has a low limit above its high one");
  for (const Conjunction& conjunction : box.alternatives) {
    require(conjunction.weights.rows() == conjunction.thresholds.size(),
            "a condition needs one threshold");
    require(conjunction.thresholds.size() == 0 || conjunction.weights.cols() == form.output_size(),
            "a condition needs one weight for each output");
    require(conjunction.weights.allFinite() && conjunction.thresholds.allFinite(),
            "the weights and thresholds of conditions must be finite numbers");
  }
}

}  // namespace

Verification verify(const NormalForm& form, const std::vector<PropertyCase>& cases,
                    const VerifyOptions& options) {
  options.validate();
  for (const PropertyCase& box : cases) check_case(form, box);
  return Verifier(form, options).run(cases);
}

}  // namespace facetry
