// Where outputs are the same on a whole region a search finds one order of them; this lists the
// others.
#pragma once

#include <optional>

#include "explain/query_writer.hpp"
#include "facetry/partition/partition.hpp"
#include "search/subdivision.hpp"

namespace facetry {

// The regions of an answer and, beside each, the same region with every other order of the outputs
// that tie there and fit the query; nothing if there are no ties. `first`: the number of the first
// unit that the writer added.
// REQUIRES: query.all_ties, and found is what a search for it found.
[[nodiscard]] std::optional<SubdivisionResult> with_all_ties(const Partition& found,
                                                             const Query& query,
                                                             const QueryWriter& writer, Index first,
                                                             int threads);

}  // namespace facetry
