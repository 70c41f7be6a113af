// team.js PORT [CERTIFICATE KEY] - a server as a team writes it, with `ws`: what the kits ask for, all of it.
// With REQUIRED in its environment it refuses who offers none of its sub-protocols.
'use strict';

const fs = require('node:fs');
const http = require('node:http');
const https = require('node:https');
const { WebSocketServer } = require('ws');

const [port, certificate, key] = process.argv.slice(2);
const tls = certificate && { cert: fs.readFileSync(certificate), key: fs.readFileSync(key), minVersion: 'TLSv1.2' };
const limits = { message: 65536, clients: 20, idle: 1500, head: 8192, handshake: 1500 };
const admitted = (request) => {
  const { authorization = '', cookie = '' } = request.headers;
  const query = request.url.split('?')[1] || '';
  return authorization === 'Bearer team-token' || authorization === `Basic ${btoa('team:password')}`
    || cookie.split('; ').includes('session=team-token') || query.split('&').includes('token=team-token');
};
const pathOf = (target) => target.replace(/^https?:\/\/[^/?]*/i, '').replace(/\?.*/, '');

// ---- services ----

const echo = (socket) => socket.on('message', (data, binary) => socket.send(data, { binary }));
const services = {
  '/': (socket) => socket.on('message', (data, binary) => {
    const text = String(data);
    if (text === 'bye') socket.close(4000, 'as you wish');
    else if (text === 'forbidden') socket.close(1008);
    else socket.send(data, { binary });
  }),
  '/news': (socket) => { socket.send('news'); echo(socket); },
  '/chat': (socket) => { socket.send('chat'); echo(socket); },
  '/private': echo,
  '/idle': (socket) => setTimeout(() => socket.close(4008), limits.idle),
};
const closing = (code) => (socket) => socket.close(code);
const serviceOf = (path) => {
  const code = /^\/close\/(1000|1001|1008|1009|1011|[34]\d\d\d)$/.exec(path);
  return code ? closing(Number(code[1])) : services[path];
};

// ---- the door ----

const server = (tls ? https : http).createServer({ ...tls, maxHeaderSize: limits.head, headersTimeout: limits.handshake,
  requestTimeout: limits.handshake, connectionsCheckingInterval: 200 }, (request, response) => {
  const found = pathOf(request.url) === '/page';
  const post = request.method !== 'GET' && request.method !== 'HEAD';
  response.writeHead(post ? 405 : found ? 200 : 404, { 'Content-Type': 'text/plain', ...(post && { Allow: 'GET, HEAD' }) });
  response.end(found ? 'a page' : 'nobody here');
});
const sockets = new WebSocketServer({ noServer: true, maxPayload: limits.message, handleProtocols });

function handleProtocols(offered) {
  return ['v2.team', 'v1.team'].find((name) => offered.has(name)) || false;
}

const refuse = (socket, status, fields = '') =>
  socket.end(`HTTP/1.1 ${status}\r\n${fields}Content-Length: 0\r\nConnection: close\r\n\r\n`);
const offers = (request) => /\bv[12]\.team\b/.test(request.headers['sec-websocket-protocol'] || '');
const isForeign = (origin) => origin !== undefined && origin !== 'http://team.example';

server.on('secureConnection', (socket) => socket.disableRenegotiation());
server.on('upgrade', (request, socket, head) => {
  const path = pathOf(request.url);
  const service = serviceOf(path);
  socket.on('error', () => {});
  if (leaving || sockets.clients.size >= limits.clients) return refuse(socket, '503 Service Unavailable');
  if (request.method !== 'GET') return refuse(socket, '405 Method Not Allowed', 'Allow: GET\r\n');
  if (!service) return refuse(socket, '404 Not Found');
  if (process.env.REQUIRED && !offers(request)) return refuse(socket, '400 Bad Request');
  if (isForeign(request.headers.origin)) return refuse(socket, '403 Forbidden');
  if (path === '/private' && !admitted(request)) return refuse(socket, '401 Unauthorized', 'WWW-Authenticate: Bearer realm="team"\r\n');
  return sockets.handleUpgrade(request, socket, head, (client) => {
    client.on('error', () => {});
    service(client);
  });
});

// ---- the end ----

let leaving = false;
process.on('SIGTERM', () => {
  leaving = true;
  server.close(() => process.exit(0));
  server.closeIdleConnections();
  for (const client of sockets.clients) client.close(1001, 'going away');
  setTimeout(() => process.exit(0), 3000).unref();
});
server.listen(Number(port), '127.0.0.1');
