// paths.js PORT - two services on one port, told by the path; any other upgrade finds its socket destroyed.
'use strict';

const http = require('node:http');
const { WebSocketServer } = require('ws');

// The path as it was sent: `new URL` would resolve dots.
const pathOf = (target) => target.replace(/^[a-z]+:\/\/[^/?]*/i, '').replace(/\?.*/, '');

const services = new Map();
for (const name of ['foo', 'bar']) {
  const service = new WebSocketServer({ noServer: true });
  service.on('connection', (socket) => socket.send(name));
  services.set(`/${name}`, service);
}

const server = http.createServer();
server.on('upgrade', (request, socket, head) => {
  const service = services.get(pathOf(request.url));
  if (!service) {
    socket.destroy();
    return;
  }
  service.handleUpgrade(request, socket, head, (client) => service.emit('connection', client, request));
});
server.listen(Number(process.argv[2]), '127.0.0.1');
