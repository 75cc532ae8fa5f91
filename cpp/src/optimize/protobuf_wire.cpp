// Varints, tags and packed fields, written and read byte by byte.
#include "optimize/protobuf_wire.hpp"

#include "facetry/base/error.hpp"

namespace facetry::wire {

namespace {

// Types of fields.
constexpr int kVarint = 0;
constexpr int kFixed64 = 1;
constexpr int kLength = 2;
constexpr int kFixed32 = 5;

[[noreturn]] void damaged() { throw SolverError("the solver's answer is damaged"); }

}  // namespace

void Writer::varint(std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<char>(value | 0x80));
  bytes_.push_back(static_cast<char>(value));
}

void Writer::number(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  for (int shift = 0; shift < 64; shift += 8) bytes_.push_back(static_cast<char>(bits >> shift));
}

void Writer::field_varint(int field, std::uint64_t value) {
  varint(static_cast<std::uint64_t>(field << 3 | kVarint));
  varint(value);
}

void Writer::field_number(int field, double value) {
  varint(static_cast<std::uint64_t>(field << 3 | kFixed64));
  number(value);
}

void Writer::field_bytes(int field, std::string_view content) {
  varint(static_cast<std::uint64_t>(field << 3 | kLength));
  varint(content.size());
  bytes_ += content;
}

std::string_view Reader::take(std::uint64_t size) {
  if (size > bytes_.size()) damaged();
  const std::string_view taken = bytes_.substr(0, size);
  bytes_.remove_prefix(size);
  return taken;
}

std::uint64_t Reader::varint() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const auto byte = static_cast<unsigned char>(take(1).front());
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  damaged();
}

std::uint64_t Reader::fixed(int size) {
  std::uint64_t bits = 0;
  int shift = 0;
  for (const char c : take(static_cast<std::uint64_t>(size))) {
    bits |= static_cast<std::uint64_t>(static_cast<unsigned char>(c)) << shift;
    shift += 8;
  }
  return bits;
}

double Reader::number() { return std::bit_cast<double>(fixed(8)); }

std::optional<Field> Reader::next() {
  if (at_end()) return std::nullopt;
  const std::uint64_t tag = varint();
  Field field;
  field.number = static_cast<int>(tag >> 3);
  switch (static_cast<int>(tag & 7)) {
    case kVarint: field.varint = varint(); break;
    case kFixed64: field.varint = fixed(8); break;
    case kLength: field.content = take(varint()); break;
    case kFixed32: field.varint = fixed(4); break;
    default: damaged();
  }
  return field;
}

}  // namespace facetry::wire
