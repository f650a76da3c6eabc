// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/admin/desk.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace cachefiles::daemon::admin {

Desk::Desk(const Clock& clock, Log& log, std::function<void()> look)
    : clock_(clock), look_(std::move(look)), worker_(log, "administration") {}

void Desk::start() {
    worker_.start({{},
                   [this] { turn(); },
                   [this] {
                       wait();
                   }});
}

void Desk::stop() {
    worker_.stop();
    std::deque<Question> left;
    std::vector<std::function<void()>> looked;
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        left.swap(questions_);
        looked.swap(looked_);
    }
    for (const std::function<void()>& each : looked)
        each();
    for (const Question& question : left)
        question.refuse({Refusal::Kind::not_online, "the daemon is about to end"});
}

void Desk::ask(Question question) {
    {
        const std::lock_guard lock(mutex_);
        if (!closed_) {
            questions_.push_back(std::move(question));
            worker_.wake();
            return;
        }
    }
    question.refuse({Refusal::Kind::not_online, "the daemon is about to end"});
}

void Desk::hurry(std::function<void()> looked) {
    {
        const std::lock_guard lock(mutex_);
        if (!closed_) {
            if (looked)
                looked_.push_back(std::move(looked));
            hurry_ = true;
            worker_.wake();
            return;
        }
    }
    if (looked)
        looked();
}

void Desk::turn() {
    if (due())
        look();
    if (std::optional<Question> question = take())
        step(*std::move(question));
}

void Desk::look() {
    std::vector<std::function<void()>> looked;
    {
        const std::lock_guard lock(mutex_);
        hurry_ = false; // before: what changes during the look is for the next one
        looked.swap(looked_);
    }
    looked_at_ = clock_.monotonic();
    const auto tell = [&looked] {
        for (const std::function<void()>& each : looked)
            each();
    };
    try {
        look_();
    } catch (...) {
        tell(); // what was changed is so, though it cannot be seen
        throw;
    }
    tell();
}

void Desk::step(Question question) {
    try {
        if (question.step())
            put_back(std::move(question));
    } catch (const std::exception& error) {
        question.refuse({Refusal::Kind::failed, error.what()});
    }
}

void Desk::wait() {
    {
        const std::lock_guard lock(mutex_);
        if (!questions_.empty())
            return;
    }
    const auto rest = *looked_at_ + interval - clock_.monotonic();
    worker_.wait(-1, std::max<std::chrono::nanoseconds>(rest, std::chrono::nanoseconds(0)));
}

bool Desk::due() const {
    return hurry_ || !looked_at_ || clock_.monotonic() - *looked_at_ >= interval;
}

std::optional<Desk::Question> Desk::take() {
    const std::lock_guard lock(mutex_);
    if (questions_.empty())
        return std::nullopt;
    Question question = std::move(questions_.front());
    questions_.pop_front();
    return question;
}

/// In front: the others wait for their turn.
void Desk::put_back(Question question) {
    const std::lock_guard lock(mutex_);
    questions_.push_front(std::move(question));
}

} // namespace cachefiles::daemon::admin
