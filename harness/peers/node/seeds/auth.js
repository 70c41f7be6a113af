// auth.js PORT TOKEN - asks who it is before the upgrade; a stranger gets a bare 401 and is cut off.
'use strict';

const http = require('node:http');
const { WebSocketServer } = require('ws');

const [port, token] = process.argv.slice(2);
const server = http.createServer();
const sockets = new WebSocketServer({ noServer: true });

sockets.on('connection', (socket) => socket.send('something'));
server.on('upgrade', (request, socket, head) => {
  if (request.headers.authorization !== `Bearer ${token}`) {
    socket.write('HTTP/1.1 401 Unauthorized\r\n\r\n');
    socket.destroy();
    return;
  }
  sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request));
});
server.listen(Number(port), '127.0.0.1');
