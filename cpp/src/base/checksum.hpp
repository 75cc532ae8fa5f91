// Checksums that tell damaged memory: what a disk or a transfer changed, not what a forger did.
#pragma once

#include <cstddef>
#include <cstdint>

namespace facetry {

// A 64-bit checksum of some bytes, going on from `start` (that of the bytes before). A change
// within one aligned word of 8 bytes is always told, any other almost surely. Part of the format of
// files: it never changes. Depends on the machine's byte order. Cost: several bytes a cycle.
[[nodiscard]] std::uint64_t checksum(const void* data, std::size_t bytes, std::uint64_t start = 0);

}  // namespace facetry
