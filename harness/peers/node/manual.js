// manual.js PORT CASE [CERTIFICATE KEY] - does what the example CASE of docs/notation.md says of its server.
'use strict';

const { randomUUID } = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');
const https = require('node:https');
const { WebSocketServer } = require('ws');

const [port, example, certificate, key] = process.argv.slice(2);
const tls = certificate && { cert: fs.readFileSync(certificate), key: fs.readFileSync(key) };
const server = (tls ? https : http).createServer({ ...tls }, (request, response) => {
  const { status, ...more } = pages[request.url] || { status: 404, error: 'nobody here' };
  response.writeHead(status, { 'Content-Type': request.headers.accept || 'text/plain', 'Set-Cookie': 'id=1' });
  response.end(JSON.stringify(more));
});
const pages = {
  '/login': { status: 200, ticket: randomUUID(), more: true },
  '/index': { status: 200 },
  '/form': { status: 200 },
};
const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: { threshold: 0, serverMaxWindowBits: 15 } });

// ---- what is served ----

const say = (socket, value) => socket.send(typeof value === 'string' ? value : JSON.stringify(value));
const echo = (socket) => socket.on('message', (data, binary) => socket.send(data, { binary }));
const others = (socket, path) => [...sockets.clients].filter((other) => other !== socket && other.path === path);
const room = (socket, path) =>
  socket.on('message', (data) => others(socket, path).forEach((other) => other.send(String(data))));

const services = {
  'events/join': (socket) => socket.on('message', (data, binary) => {
    const joins = String(data) === '{"name": "join"}';
    if (joins) say(socket, { data: { a: '123' }, name: 'hello' });
    else socket.send(data, { binary });
  }),
  'examples/clauses': (socket) => {
    say(socket, 'welcome to the lobby');
    echo(socket);
  },
  'examples/broadcast': room,
  'examples/captures': (socket) => {
    const name = randomUUID();
    say(socket, { user: { name, age: 7 }, more: 1 });
    socket.on('message', () => say(socket, `hello ${name}`));
  },
  'examples/blocks': (socket, path) => {
    say(socket, { user: {} });
    room(socket, path);
  },
  'examples/secret': (socket) => {
    const key = randomUUID();
    say(socket, { key, more: 1 });
    socket.on('message', (data) => say(socket, String(data) === key ? 'welcome' : 'go away'));
  },
  'examples/pushes': (socket) => {
    const timer = setInterval(() => say(socket, 'tick'), 3000);
    socket.on('close', () => clearInterval(timer));
  },
  'examples/payloads': (socket) => socket.on('message', (data, binary) => {
    if (binary) say(socket, { data: [1.0, 2, {}], name: 'hello' });
    else say(socket, 'café costs 3');
  }),
};

server.on('upgrade', (request, socket, head) => {
  const path = request.url.replace(/\?.*/, '');
  if (path === '/missing' || request.httpVersion === '1.0') {
    const body = '{"error": "nobody here", "more": 1}';
    const fields = `Content-Type: text/plain\r\nContent-Length: ${body.length}\r\nConnection: close\r\n`;
    socket.end(`HTTP/1.1 404 Not Found\r\n${fields}\r\n${body}`);
    return;
  }
  sockets.handleUpgrade(request, socket, head, (client) => {
    client.path = path;
    if (example !== 'examples/goes-away') client.on('error', () => {});
    (services[example] || echo)(client, path);
  });
});
server.on('secureConnection', (socket) => socket.disableRenegotiation());
server.on('tlsClientError', (error, socket) => socket.destroy());
process.on('SIGTERM', () => {
  server.close();
  for (const client of sockets.clients) client.close(1001);
  setTimeout(() => process.exit(0), 500);
});
server.listen(Number(port), '127.0.0.1');
