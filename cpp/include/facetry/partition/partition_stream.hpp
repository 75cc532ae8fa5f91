// A search as a source of batches, each a partition of its own: it runs on a thread of its own and
// waits when nobody takes what it found, so that only a few batches are ever held.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "facetry/partition/partition.hpp"
#include "facetry/regions/interval.hpp"

namespace facetry {

class RegionStream;

struct PartitionStreamOptions : ListOptions {
  Index batch = 65536;                // regions per batch, at most
  bool ordered = true;                // batches in order; else as they are found
  Index run_ahead = Index{64} << 20;  // ordered: bytes that may wait for earlier regions
  Frontier start;                     // where to go on from; empty: at the beginning
};

struct PartitionBatch {
  // In order within itself; find, locate and neighbours know the regions of this batch only. Its
  // termination is region_limit, or complete if it holds all regions that there are.
  std::shared_ptr<Partition> regions;
  Frontier frontier;        // what is left once this batch and those before it are done with
  double share_done = 0.0;  // an estimate: see Progress
};

class PartitionStream {
 public:
  // Starts the search. Throws InvalidInput for bad options, before anything is started.
  // `options.control.keep_going` is not used: see progress() and cancel().
  PartitionStream(std::shared_ptr<const NormalForm> form, std::shared_ptr<const FreeSpace> space,
                  const PartitionStreamOptions& options = {});
  // Cancels the search and waits for it.
  ~PartitionStream();
  PartitionStream(const PartitionStream&) = delete;
  PartitionStream& operator=(const PartitionStream&) = delete;

  // The next batch, if one comes within `patience`. Nothing: see ended(). Throws, once, what the
  // search threw, after the batches that came before.
  [[nodiscard]] std::optional<PartitionBatch> next(std::chrono::milliseconds patience);
  // Have all batches been taken?
  [[nodiscard]] bool ended() const;
  // How the search ended, and what it left. REQUIRES ended().
  [[nodiscard]] Termination termination() const;
  [[nodiscard]] const Frontier& frontier() const;

  // Stops the search soon; batches that wait can still be taken. Thread-safe.
  void cancel();
  [[nodiscard]] Progress progress() const;

 private:
  std::shared_ptr<const NormalForm> form_;
  std::shared_ptr<const FreeSpace> space_;
  Exactness exactness_;
  bool from_beginning_;  // have no regions come before the next batch?
  std::unique_ptr<RegionStream> stream_;
};

}  // namespace facetry
