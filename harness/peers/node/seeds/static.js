// static.js PORT - Express and WebSocket on one port: pages for GET, an upgrade for everything else that asks.
// A client's id is its Sec-WebSocket-Key; what it says is only logged.
'use strict';

const http = require('node:http');
const path = require('node:path');
const express = require('express');
const { WebSocketServer } = require('ws');

const app = express();
app.use(express.static(path.join(__dirname, 'public')));

const server = http.createServer(app);
const sockets = new WebSocketServer({ server });

sockets.on('connection', (socket, request) => {
  const id = request.headers['sec-websocket-key'];
  socket.on('message', (message) => console.log(`${id} ${message}`));
  socket.on('close', () => console.log(`${id} close`));
});
server.listen(Number(process.argv[2]), '127.0.0.1');
