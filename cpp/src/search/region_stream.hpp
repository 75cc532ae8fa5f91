// A search as a source of batches: it runs on a thread of its own and waits when nobody takes what
// it found, so that only a few batches are ever held.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "search/subdivision.hpp"

namespace facetry {

class RegionStream {
 public:
  // Starts the search. Throws InvalidInput for bad options, before anything is started.
  // `options.search.control.keep_going` is not used: see progress() and cancel().
  RegionStream(std::shared_ptr<const NormalForm> form, std::shared_ptr<const FreeSpace> space,
               StreamOptions options);
  // Cancels the search and waits for it.
  ~RegionStream();
  RegionStream(const RegionStream&) = delete;
  RegionStream& operator=(const RegionStream&) = delete;

  // The next batch, if one comes within `patience`. Nothing: see ended(). Throws, once, what the
  // search threw, after the batches that came before.
  [[nodiscard]] std::optional<RegionBatch> next(std::chrono::milliseconds patience);
  // Have all batches been taken?
  [[nodiscard]] bool ended() const;
  // How the search ended. REQUIRES ended().
  [[nodiscard]] const StreamEnd& end() const { return end_; }

  // Stops the search soon; batches that wait can still be taken. Thread-safe.
  void cancel();
  [[nodiscard]] Progress progress() const;

 private:
  void run();
  bool deliver(RegionBatch&& batch);

  static constexpr Index kWaiting = 2;  // batches

  std::shared_ptr<const NormalForm> form_;
  std::shared_ptr<const FreeSpace> space_;
  StreamOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<RegionBatch> ready_;
  bool cancelled_ = false;
  bool finished_ = false;
  StreamEnd end_;
  std::exception_ptr failure_;
  Progress progress_;
  std::thread thread_;
};

}  // namespace facetry
