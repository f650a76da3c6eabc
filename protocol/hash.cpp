// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/hash.hpp"

#include "protocol/bytes.hpp"

#include <string>

namespace cachefiles::protocol {
namespace {

/// The state after some words; the names are the specification's.
class Mixer final {
public:
    explicit Mixer(std::uint32_t salt) : y_(salt) {}

    void add(std::uint32_t word) {
        x_ ^= word;
        y_ ^= x_;
        x_ = std::rotl(x_, 7) + y_;
        y_ = std::rotl(y_, 20) * 9;
    }
    [[nodiscard]] std::uint32_t result() const {
        constexpr std::uint32_t golden_ratio = 0x61C88647;
        return (y_ ^ (x_ * golden_ratio)) * golden_ratio;
    }

private:
    std::uint32_t x_ = 0;
    std::uint32_t y_;
};

} // namespace

std::uint32_t fscache_hash(std::uint32_t salt, std::string_view bytes) {
    Mixer mixer(salt);
    for (std::size_t offset = 0; offset < bytes.size(); offset += 4) {
        char word[4] = {};
        bytes.copy(word, sizeof word, offset);
        mixer.add(load<std::endian::little, std::uint32_t>({word, sizeof word}, 0));
    }
    return mixer.result();
}

std::uint32_t volume_hash(std::string_view volume_key) {
    std::string counted(1, static_cast<char>(volume_key.size()));
    counted += volume_key;
    counted += '\0'; // at least one, which makes another word when the rest fills its last one
    return fscache_hash(0, counted);
}

std::uint32_t cookie_hash(std::uint32_t volume_hash, std::string_view cookie_key) {
    return fscache_hash(volume_hash, cookie_key);
}

} // namespace cachefiles::protocol
