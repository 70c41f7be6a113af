#include <cstdlib>
#include <memory>

#include <websocketpp/config/core.hpp>
#include <websocketpp/processors/hybi13.hpp>
#include <websocketpp/utf8_validator.hpp>

#include "bench.h"

namespace
{

struct config : websocketpp::config::core {
    static const bool enable_extensions = false;
};
using processor = websocketpp::processor::hybi13<config>;

struct state {
    config::con_msg_manager_type::ptr manager = std::make_shared<config::con_msg_manager_type>();
    config::rng_type rng;
    processor decoder{false, true, manager, rng};
    std::uint8_t in[BENCH_READ];
};

void *open_state()
{
    auto s = std::make_unique<state>();
    s->decoder.set_max_message_size(BENCH_MESSAGE_MAX);
    return s.release();
}

void close_state(void *p)
{
    delete static_cast<state *>(p);
}

void frames(void *p, const bench_stream *stream, bench_seen *seen)
{
    state &s = *static_cast<state *>(p);
    bench_source source = {stream->bytes, stream->len, stream->read};
    std::size_t n;
    while ((n = bench_read(&source, s.in, sizeof s.in)) != 0) {
        for (std::size_t at = 0; at < n;) {
            websocketpp::lib::error_code ec;
            at += s.decoder.consume(s.in + at, n - at, ec);
            if (ec)
                return;
            if (s.decoder.ready()) {
                auto message = s.decoder.get_message();
                const std::string &payload = message->get_payload();
                bench_see(seen, payload.data(), payload.size(), true);
            }
        }
    }
}

bool utf8(const std::uint8_t *data, std::size_t len)
{
    websocketpp::utf8_validator::validator validator;
    return validator.decode(data, data + len) && validator.complete();
}

bool handshake(const std::uint8_t *data, std::size_t len, std::uint64_t *fields)
{
    websocketpp::http::parser::request request;
    std::size_t used = request.consume(reinterpret_cast<const char *>(data), len);
    if (fields != nullptr)
        for (const auto &header : request.get_headers())
            bench_field(fields, header.first.data(), header.first.size(), header.second.data(),
                        header.second.size());
    return used == len && request.ready() &&
           websocketpp::processor::is_websocket_handshake(request);
}

} // namespace

extern "C" const bench_contender bench_websocketpp = {
    "websocketpp", open_state, close_state, frames, utf8, handshake, nullptr};
