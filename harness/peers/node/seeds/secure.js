// secure.js PORT CERTIFICATE KEY - the greeting over TLS.
'use strict';

const fs = require('node:fs');
const https = require('node:https');
const { WebSocketServer } = require('ws');

const [port, certificate, key] = process.argv.slice(2);
const server = https.createServer({
  cert: fs.readFileSync(certificate),
  key: fs.readFileSync(key),
  minVersion: 'TLSv1.3',
});
const sockets = new WebSocketServer({ server });

sockets.on('connection', (socket) => {
  socket.send('ho!');
  socket.on('message', (message) => console.log(message));
  socket.on('error', (error) => console.error(error.message));
});
server.listen(Number(port), '127.0.0.1');
