// Batches of a stream of regions as partitions.
#include "facetry/partition/partition_stream.hpp"

#include <utility>

#include "search/region_stream.hpp"

namespace facetry {

namespace {

StreamOptions options_of(const PartitionStreamOptions& options) {
  StreamOptions stream;
  stream.search.take(options);
  stream.batch = options.batch;
  stream.ordered = options.ordered;
  stream.run_ahead = options.run_ahead;
  stream.start = options.start;
  return stream;
}

}  // namespace

PartitionStream::PartitionStream(std::shared_ptr<const NormalForm> form,
                                 std::shared_ptr<const FreeSpace> space,
                                 const PartitionStreamOptions& options)
    : form_(std::move(form)),
      space_(std::move(space)),
      exactness_(options.exactness),
      from_beginning_(options.start.empty()),
      stream_(std::make_unique<RegionStream>(form_, space_, options_of(options))) {}

PartitionStream::~PartitionStream() = default;

std::optional<PartitionBatch> PartitionStream::next(std::chrono::milliseconds patience) {
  std::optional<RegionBatch> batch = stream_->next(patience);
  if (!batch) return std::nullopt;
  SubdivisionResult found;
  found.regions = std::move(batch->regions);
  found.exactness = exactness_;
  // What is missing from a batch must be looked for: only one that is all there is is complete.
  const bool is_all = from_beginning_ && batch->frontier.empty();
  found.termination = is_all ? Termination::complete : Termination::region_limit;
  if (found.regions.count > 0) from_beginning_ = false;
  const bool ordered = found.regions.ascending();
  auto regions = std::make_shared<Partition>(form_, space_, std::move(found), ordered);
  return PartitionBatch{std::move(regions), std::move(batch->frontier), batch->share_done};
}

bool PartitionStream::ended() const { return stream_->ended(); }
Termination PartitionStream::termination() const { return stream_->end().termination; }
const Frontier& PartitionStream::frontier() const { return stream_->end().frontier; }
void PartitionStream::cancel() { stream_->cancel(); }
Progress PartitionStream::progress() const { return stream_->progress(); }

}  // namespace facetry
