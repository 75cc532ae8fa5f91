// A thread that searches, a queue of batches, and the caller that empties it.
#include "search/region_stream.hpp"

#include <utility>

namespace facetry {

RegionStream::RegionStream(std::shared_ptr<const NormalForm> form,
                           std::shared_ptr<const FreeSpace> space, StreamOptions options)
    : form_(std::move(form)), space_(std::move(space)), options_(std::move(options)) {
  check_stream(*form_, *space_, options_);
  options_.search.control.keep_going = [this](const Progress& progress) {
    const std::lock_guard<std::mutex> lock(mutex_);
    progress_ = progress;
    return !cancelled_;
  };
  thread_ = std::thread([this] { run(); });
}

RegionStream::~RegionStream() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    cancelled_ = true;
    ready_.clear();
  }
  changed_.notify_all();
  thread_.join();
}

void RegionStream::run() {
  StreamEnd end;
  std::exception_ptr failure;
  try {
    end = enumerate(*form_, *space_, options_,
                    [this](RegionBatch&& batch) { return deliver(std::move(batch)); });
  } catch (...) {
    failure = std::current_exception();
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  end_ = std::move(end);
  failure_ = failure;
  finished_ = true;
  changed_.notify_all();
}

bool RegionStream::deliver(RegionBatch&& batch) {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [&] { return cancelled_ || size_of(ready_) < kWaiting; });
  ready_.push_back(std::move(batch));
  changed_.notify_all();
  return !cancelled_;
}

std::optional<RegionBatch> RegionStream::next(std::chrono::milliseconds patience) {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait_for(lock, patience, [&] { return finished_ || !ready_.empty(); });
  if (!ready_.empty()) {
    RegionBatch batch = std::move(ready_.front());
    ready_.pop_front();
    changed_.notify_all();
    return batch;
  }
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  return std::nullopt;
}

bool RegionStream::ended() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return finished_ && ready_.empty() && !failure_;
}

void RegionStream::cancel() {
  const std::lock_guard<std::mutex> lock(mutex_);
  cancelled_ = true;
  changed_.notify_all();
}

Progress RegionStream::progress() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return progress_;
}

}  // namespace facetry
