// The errors of the core. A broken contract is an exception; a limit that was reached is a value
// (see termination.hpp). Messages say what is wrong and what to do; the bindings map each class to
// one Python exception (bindings/errors.cpp holds the table).
#pragma once

#include <stdexcept>
#include <string>

namespace facetry {

// Base of all errors thrown on purpose.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// An argument breaks a documented REQUIRES: a shape, an index, a NaN.
class InvalidInput : public Error {
 public:
  using Error::Error;
};

// An analysis region is empty, unbounded, or otherwise not a bounded polytope.
class RegionError : public InvalidInput {
 public:
  using InvalidInput::InvalidInput;
};

// What was read from a file is damaged.
class FileFormatError : public Error {
 public:
  using Error::Error;
};

// A library that is loaded at run time is not there, is too old, or is another one.
class MissingLibrary : public Error {
 public:
  using Error::Error;
};

// A solver did not come to an answer: numerical trouble, a crash report, a model that it refuses.
// It says nothing about the problem that was asked, least of all that it has no solution.
class SolverError : public Error {
 public:
  using Error::Error;
};

// Double precision was not enough for a step that needs it.
class NumericalError : public Error {
 public:
  using Error::Error;
};

}  // namespace facetry
