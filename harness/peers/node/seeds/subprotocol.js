// subprotocol.js PORT - the `websocket` package: upgrades for the sub-protocol example-echo, pages for / and /index.
// Any other page is never answered.
'use strict';

const http = require('node:http');
const { server: WebSocketServer } = require('websocket');

const server = http.createServer((request, response) => {
  if (request.url !== '/' && request.url !== '/index') return;
  response.writeHead(200, { 'Content-Type': 'text/html' });
  response.write('<!doctype html><title>echo</title>');
  response.end('<p>example-echo');
});
const sockets = new WebSocketServer({ httpServer: server, autoAcceptConnections: false });

sockets.on('request', (request) => {
  if (!request.requestedProtocols.includes('example-echo')) {
    request.reject(404, 'only example-echo is spoken here');
    return;
  }
  const connection = request.accept('example-echo', request.origin);
  connection.on('message', (message) => {
    if (message.type === 'utf8') connection.sendUTF(message.utf8Data);
    else connection.sendBytes(message.binaryData);
  });
});
server.listen(Number(process.argv[2]), '127.0.0.1');
