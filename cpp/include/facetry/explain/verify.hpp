// Is there an input in a box where the outputs fulfil conditions? A counterexample, or a proof that
// there is none. Boxes and conditions are closed.
#pragma once

#include <limits>
#include <vector>

#include "facetry/base/linear_algebra.hpp"
#include "facetry/network/normal_form.hpp"
#include "facetry/search/search_options.hpp"

namespace facetry {

// Linear conditions on the outputs y that all hold: weights y >= thresholds. None at all: every
// output fulfils them.
struct Conjunction {
  Matrix weights;  // c x n
  Vector thresholds;
};

// A box of inputs, and alternatives for the outputs there: one of them must hold.
struct PropertyCase {
  Vector low;
  Vector high;
  std::vector<Conjunction> alternatives;
};

// SearchOptions: the deadline is for all of it; what is not decided yet shares the time that is
// left evenly.
struct VerifyOptions : SearchOptions {
  double quick_seconds = 2.0;  // of exact search for each alternative, before many points climb
  Index climbers = 32;         // points that climb before any exact search
  Index samples = 4096;        // random points of each box

  // Throws InvalidInput that names the field.
  void validate() const;
};

struct Verification {
  enum class Answer { sat, unsat, unknown };
  Answer answer = Answer::unknown;
  Vector witness;  // sat: a point of a box where NormalForm::evaluate fulfils an alternative,
  Vector outputs;  // and what it gives there
  // No input fulfils its conditions by more than this (in units of their left sides): proven. Below
  // 0 if unsat; minus infinity if there was nothing to look at.
  double bound = std::numeric_limits<double>::infinity();
  // unknown: why, unless `touches`: conditions are reached to within Tolerances::touching_margin,
  // and no point was found where the network, with its rounding, fulfils them.
  Termination termination = Termination::complete;
  bool touches = false;
  Index cells = 0;  // that were visited; 0 if points decided it
};

// First points are tried, and moved uphill from one linear model to the next. Then each alternative
// is searched exactly: the smallest margin of its conditions is maximised until it reaches 0 or is
// proven to stay below. Where that is not done in `quick_seconds`, many more points climb before it
// goes on.
//
// Guarantees, numbered as the tests are:
//  1. sat: the witness lies in its box, and the conditions hold on `outputs` without any rounding.
//  2. unsat: no input fulfils the conditions, at the level of options.exactness.
//  3. The same result for any number of threads, if no limit or cancellation ended it.
// REQUIRES: sizes that fit, finite numbers, low <= high; else InvalidInput.
// Cost: that of maximise() for each alternative, and of some thousand points.
[[nodiscard]] Verification verify(const NormalForm& form, const std::vector<PropertyCase>& cases,
                                  const VerifyOptions& options = {});

}  // namespace facetry
