// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/temporary_directory.hpp"

#include "base/error.hpp"

#include <stdlib.h>

#include <exception>
#include <iostream>
#include <string>

namespace cachefiles::tests {

TemporaryDirectory::TemporaryDirectory() : exceptions_(std::uncaught_exceptions()) {
    std::string name = std::filesystem::temp_directory_path() / "cachefilesd-test-XXXXXX";
    if (mkdtemp(name.data()) == nullptr)
        throw SystemError("cannot make " + name);
    path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
    if (std::uncaught_exceptions() > exceptions_) {
        std::cerr << "kept: " << path_ << '\n';
        return;
    }
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

} // namespace cachefiles::tests
