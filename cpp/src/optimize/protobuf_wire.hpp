// The little of protobuf's wire format that MathOpt's messages need: varints, doubles, and fields
// with a length [protobuf.dev, "Encoding"].
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace facetry::wire {

// Appends fields to a message.
class Writer {
 public:
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

  void varint(std::uint64_t value);
  void number(double value);  // 8 bytes, lowest first
  void field_varint(int field, std::uint64_t value);
  void field_number(int field, double value);
  void field_bytes(int field, std::string_view content);

 private:
  std::string bytes_;
};

// One field of a message. Which of the members counts follows from its type.
struct Field {
  int number = 0;
  std::uint64_t varint = 0;  // also the bits of a fixed number
  std::string_view content;  // of a field with a length

  [[nodiscard]] double as_double() const { return std::bit_cast<double>(varint); }
};

// Reads a message field by field. Throws SolverError where the bytes are no message.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] std::optional<Field> next();
  [[nodiscard]] bool at_end() const { return bytes_.empty(); }
  [[nodiscard]] std::uint64_t varint();
  [[nodiscard]] double number();

 private:
  [[nodiscard]] std::uint64_t fixed(int size);
  [[nodiscard]] std::string_view take(std::uint64_t size);

  std::string_view bytes_;
};

}  // namespace facetry::wire
