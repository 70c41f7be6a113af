#include <memory>

#include <boost/asio/system_executor.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/detail/utf8_checker.hpp>
#include <boost/beast/zlib/inflate_stream.hpp>

#include "bench.h"

namespace
{

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;

// The next layer of a websocket::stream: reads from the source, writes into nothing.
struct layer {
    using executor_type = asio::system_executor;
    bench_source source{};

    executor_type get_executor() const noexcept
    {
        return {};
    }

    template <class Buffers> std::size_t read_some(const Buffers &buffers, error_code &ec)
    {
        std::size_t total = 0;
        for (auto it = asio::buffer_sequence_begin(buffers);
             it != asio::buffer_sequence_end(buffers) && total < source.read; ++it) {
            asio::mutable_buffer b(*it);
            total += bench_read(&source, b.data(), b.size());
        }
        ec = total == 0 ? error_code(asio::error::eof) : error_code();
        return total;
    }
    template <class Buffers> std::size_t read_some(const Buffers &buffers)
    {
        error_code ec;
        return read_some(buffers, ec);
    }
    template <class Buffers> std::size_t write_some(const Buffers &buffers, error_code &ec)
    {
        ec = {};
        return beast::buffer_bytes(buffers);
    }
    template <class Buffers> std::size_t write_some(const Buffers &buffers)
    {
        return beast::buffer_bytes(buffers);
    }
};

void teardown(beast::role_type, layer &, error_code &ec)
{
    ec = {};
}

struct state {
    websocket::stream<layer> ws;
    beast::flat_buffer buffer;
};

void *open_state()
{
    auto s = std::make_unique<state>();
    s->ws.read_message_max(BENCH_MESSAGE_MAX);
    s->ws.next_layer().source = {reinterpret_cast<const std::uint8_t *>(bench_request),
                                 std::strlen(bench_request), BENCH_READ};
    s->ws.accept();
    return s.release();
}

void close_state(void *p)
{
    delete static_cast<state *>(p);
}

void frames(void *p, const bench_stream *stream, bench_seen *seen)
{
    state &s = *static_cast<state *>(p);
    s.ws.next_layer().source = {stream->bytes, stream->len, stream->read};
    for (std::size_t i = 0; i < stream->messages; i++) {
        error_code ec;
        s.ws.read(s.buffer, ec);
        if (ec)
            return;
        bench_see(seen, s.buffer.data().data(), s.buffer.size(), true);
        s.buffer.clear();
    }
}

bool utf8(const std::uint8_t *data, std::size_t len)
{
    websocket::detail::utf8_checker checker;
    return checker.write(data, len) && checker.finish();
}

bool handshake(const std::uint8_t *data, std::size_t len, std::uint64_t *fields)
{
    http::request_parser<http::empty_body> parser;
    error_code ec;
    parser.put(asio::buffer(data, len), ec);
    if (fields != nullptr)
        for (const auto &field : parser.get())
            bench_field(fields, field.name_string().data(), field.name_string().size(),
                        field.value().data(), field.value().size());
    return !ec && parser.is_done() && websocket::is_upgrade(parser.get());
}

std::size_t inflate(const std::uint8_t *data, std::size_t len, std::uint8_t *out, std::size_t size)
{
    static beast::zlib::inflate_stream stream;
    static const std::uint8_t tail[] = {0, 0, 0xff, 0xff};
    beast::zlib::z_params z{};
    error_code ec;
    stream.reset(15);
    z.next_in = data;
    z.avail_in = len;
    z.next_out = out;
    z.avail_out = size;
    stream.write(z, beast::zlib::Flush::sync, ec);
    z.next_in = tail;
    z.avail_in = sizeof tail;
    stream.write(z, beast::zlib::Flush::sync, ec);
    return z.total_out;
}

} // namespace

extern "C" const bench_contender bench_beast = {"Beast", open_state, close_state, frames,
                                                utf8,    handshake,  inflate};
